"""Log records as rows, as `otlp_logs_mv` flattens them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from hookline_collector.store.insert.direct.attribute_texts import Texts, moment_ns, strings, value_text
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, moment, pairs, text, uint8

LOGS = RowLayout(
    "otel_logs",
    {
        "Timestamp": moment,
        "TraceId": text,
        "SpanId": text,
        "TraceFlags": uint8,
        "SeverityText": text,
        "SeverityNumber": uint8,
        "ServiceName": text,
        "Body": text,
        "ResourceSchemaUrl": text,
        "ResourceAttributes": pairs,
        "ScopeSchemaUrl": text,
        "ScopeName": text,
        "ScopeVersion": text,
        "ScopeAttributes": pairs,
        "LogAttributes": pairs,
        "EventName": text,
    },
)


def log_rows(request: ExportLogsServiceRequest) -> Iterator[Values]:
    """Yield a row a record. Raises Odd."""
    for entry in request.resource_logs:
        resource = strings(entry.resource.attributes)
        of_resource = {
            "ServiceName": Texts.of(resource)["service.name"],
            "ResourceSchemaUrl": entry.schema_url,
            "ResourceAttributes": resource,
        }
        for scoped in entry.scope_logs:
            of_scope = {
                **of_resource,
                "ScopeSchemaUrl": scoped.schema_url,
                "ScopeName": scoped.scope.name,
                "ScopeVersion": scoped.scope.version,
                "ScopeAttributes": strings(scoped.scope.attributes),
            }
            for record in scoped.log_records:
                yield {**of_scope, **_own(record)}


def _own(record: LogRecord) -> dict[str, Any]:
    return {
        "Timestamp": moment_ns(record.time_unix_nano or record.observed_time_unix_nano),
        "TraceId": record.trace_id.hex(),
        "SpanId": record.span_id.hex(),
        "TraceFlags": record.flags & 255,
        "SeverityText": record.severity_text,
        "SeverityNumber": max(0, min(255, record.severity_number)),
        "Body": value_text(record.body),
        "LogAttributes": strings(record.attributes),
        "EventName": record.event_name,
    }
