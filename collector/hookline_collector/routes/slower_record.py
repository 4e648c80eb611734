"""What is told of a route that became slower: a log event under the service's name, as its own records are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber

from hookline.contract import semconv
from hookline.contract import services as names
from hookline.system.clock import NS_PER_S
from hookline.version import VERSION
from hookline_collector.routes.route_book import SlowerRoute
from hookline_collector.routes.route_points import GRPC


def slower_record(found: SlowerRoute, beside: Sequence[Mapping[str, Any]]) -> ExportLogsServiceRequest:
    """Return the event as a request."""
    slower, (service, method, route) = found.slower, found.route
    of_route = {names.RPC_METHOD: route} if method == GRPC else {names.HTTP_METHOD: method, names.HTTP_ROUTE: route}
    attributes: dict[str, str | float | int] = {
        **{name: word for name, word in of_route.items() if word},
        names.ROUTE_RATIO: round(slower.ratio, 3),
        names.ROUTE_BEFORE_MS: round(slower.before_ms, 4),
        names.ROUTE_AFTER_MS: round(slower.after_ms, 4),
        names.ROUTE_SINCE: slower.since_ns,
        names.ROUTE_P: float(f"{slower.p:.2g}"),
        names.ROUTE_PARTS: json.dumps(found.parts, separators=(",", ":")),
        names.ROUTE_BESIDE: json.dumps(list(beside), separators=(",", ":"), ensure_ascii=False),
        semconv.LOG_RECORD_UID: sha256(f"{found.route}\0{found.at_ns}".encode("utf-8", "replace")).hexdigest()[:32],
    }
    request = ExportLogsServiceRequest()
    resource = request.resource_logs.add(schema_url=semconv.SCHEMA_URL)
    resource.resource.attributes.extend(_pairs({semconv.SERVICE_NAME: service}))
    scope = resource.scope_logs.add(schema_url=semconv.SCHEMA_URL)
    scope.scope.name, scope.scope.version = names.SERVICES_SCOPE, VERSION
    scope.log_records.add(
        time_unix_nano=found.at_ns,
        observed_time_unix_nano=found.at_ns,
        event_name=names.ROUTE_REGRESSION_RECORD,
        severity_number=SeverityNumber.SEVERITY_NUMBER_WARN,
        severity_text="WARN",
        body=AnyValue(string_value=sentence(found, beside)),
        attributes=_pairs(attributes),
    )
    return request


def sentence(found: SlowerRoute, beside: Sequence[Mapping[str, Any]]) -> str:
    """Say in one line what a person should know of it."""
    slower, parts = found.slower, found.parts
    since = datetime.fromtimestamp(slower.since_ns / NS_PER_S, UTC).strftime("%H:%M")
    times = f"{slower.ratio:.1f} times as long as before ({slower.before_ms:,.1f} ms)"
    said = f"{f'{found.route.method} {found.route.route}'.strip()} takes {slower.after_ms:,.1f} ms since about {since} UTC, {times}"
    split = [
        f"{words} {parts[name][0]:,.1f} → {parts[name][1]:,.1f}{unit}"
        for name, words, unit in (("db_ms", "in databases", " ms"), ("db_calls", "database calls", ""), ("rest_ms", "the rest", " ms"))
        if name in parts
    ]
    changed = [f"{each['kind']} {each['name']}" for each in beside]
    return "; ".join((said, *split, *([f"at that time: {', '.join(changed)}"] if changed else [])))


def _pairs(attributes: Mapping[str, str | float | int]) -> list[KeyValue]:
    return [KeyValue(key=name, value=_value(value)) for name, value in attributes.items()]


def _value(value: str | float) -> AnyValue:
    if isinstance(value, str):
        return AnyValue(string_value=value)
    return AnyValue(int_value=value) if isinstance(value, int) else AnyValue(double_value=value)
