"""Requests for tests of measures, as a sender sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from hookline_collector.observe.announcements import Accepted
from hookline_collector.signal import Signal

SCOPE = "tests"
Attributes = Mapping[str, str | int | float | bool]


def pairs(attributes: Attributes) -> list[KeyValue]:
    """Return attributes as OTLP has them."""

    def value(of: str | int | float | bool) -> AnyValue:
        if isinstance(of, bool):
            return AnyValue(bool_value=of)
        if isinstance(of, int):
            return AnyValue(int_value=of)
        return AnyValue(double_value=of) if isinstance(of, float) else AnyValue(string_value=of)

    return [KeyValue(key=key, value=value(of)) for key, of in attributes.items()]


def spans(*given: tuple[str, int, float, Attributes], resource: Attributes | None = None, scope: str = SCOPE, failed: bool = False) -> Accepted:
    """Return a request of spans: name, end, seconds, attributes."""
    message = ExportTraceServiceRequest()
    part = message.resource_spans.add()
    part.resource.attributes.extend(pairs(resource or {}))
    inner = part.scope_spans.add()
    inner.scope.name = scope
    for at, (name, end_ns, seconds, attributes) in enumerate(given, 1):
        span = inner.spans.add(name=name, trace_id=bytes(15) + b"\1", span_id=at.to_bytes(8, "big"))
        span.start_time_unix_nano, span.end_time_unix_nano = end_ns - int(seconds * 1e9), end_ns
        span.attributes.extend(pairs(attributes))
        if failed:
            span.status.code = Status.STATUS_CODE_ERROR
    return Accepted(Signal.TRACES, message, frozenset({scope}))


def logs(*given: tuple[str, int, Attributes], scope: str = SCOPE) -> Accepted:
    """Return a request of log records: event, time, attributes."""
    message = ExportLogsServiceRequest()
    inner = message.resource_logs.add().scope_logs.add()
    inner.scope.name = scope
    for name, at_ns, attributes in given:
        record = inner.log_records.add(event_name=name, time_unix_nano=at_ns, severity_text="INFO", severity_number=9)
        record.attributes.extend(pairs(attributes))
    return Accepted(Signal.LOGS, message, frozenset({scope}))


def metric(kind: str, name: str, *points: tuple[int, Any, Attributes], cumulative: bool = True, scope: str = SCOPE) -> Accepted:
    """Return a request of one metric: gauge or sum with numbers, histogram with (bounds, counts)."""
    message = ExportMetricsServiceRequest()
    inner = message.resource_metrics.add().scope_metrics.add()
    inner.scope.name = scope
    made = inner.metrics.add(name=name, unit="By")
    data = getattr(made, kind)
    if kind != "gauge":
        names = AggregationTemporality
        data.aggregation_temporality = names.AGGREGATION_TEMPORALITY_CUMULATIVE if cumulative else names.AGGREGATION_TEMPORALITY_DELTA
    if kind == "sum":
        data.is_monotonic = True
    for at_ns, value, attributes in points:
        point = data.data_points.add(time_unix_nano=at_ns)
        point.attributes.extend(pairs(attributes))
        if kind == "histogram":
            point.explicit_bounds.extend(value[0])
            point.bucket_counts.extend(value[1])
        else:
            point.as_double = value
    return Accepted(Signal.METRICS, message, frozenset({scope}))
