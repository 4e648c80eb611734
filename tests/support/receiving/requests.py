"""OTLP requests to send: small ones of each signal, and bodies that say one thing each."""

from collections.abc import Callable
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline_collector.signal import Signal

TIME_NS = 1_790_000_000_000_000_000
PAST_2262 = 2**63


def traces(count: int = 1, scope: str = "app", first: int = 1, **fields: Any) -> ExportTraceServiceRequest:
    """Return a request of `count` spans with ids counted from `first`; `fields` replace those of every span."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "shop"
    part = resource.scope_spans.add()
    part.scope.name = scope
    for number in range(first, first + count):
        values = {
            "trace_id": number.to_bytes(16, "big"),
            "span_id": number.to_bytes(8, "big"),
            "name": "work",
            "start_time_unix_nano": TIME_NS,
            "end_time_unix_nano": TIME_NS + number,
        }
        span = part.spans.add(**(values | fields))
        span.attributes.add(key="session.id").value.string_value = "s-1"
    return request


def logs(count: int = 1, scope: str = "app", uid: str = "", **fields: Any) -> ExportLogsServiceRequest:
    """Return a request of `count` log records; with `uid` they carry log.record.uid, numbered."""
    request = ExportLogsServiceRequest()
    part = request.resource_logs.add().scope_logs.add()
    part.scope.name = scope
    for number in range(count):
        record = part.log_records.add(**({"time_unix_nano": TIME_NS} | fields))
        record.body.string_value = "hello"
        if uid:
            record.attributes.add(key="log.record.uid").value.string_value = f"{uid}-{number}"
    return request


def metrics(count: int = 1, scope: str = "app", **fields: Any) -> ExportMetricsServiceRequest:
    """Return a request of one gauge with `count` data points."""
    request = ExportMetricsServiceRequest()
    part = request.resource_metrics.add().scope_metrics.add()
    part.scope.name = scope
    gauge = part.metrics.add(name="load").gauge
    for _ in range(count):
        gauge.data_points.add(**({"time_unix_nano": TIME_NS, "as_double": 0.5} | fields))
    return request


def small(signal: Signal) -> Any:
    """Return a request of one item."""
    make: dict[Signal, Callable[[], Any]] = {Signal.TRACES: traces, Signal.LOGS: logs, Signal.METRICS: metrics}
    return make[signal]()


def framed(field: int, content: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """Return a varint."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def empty_spans(count: int) -> bytes:
    """Return a request of spans that hold nothing: two bytes each."""
    return framed(1, framed(2, b"\x12\x00" * count))


def nested_lists(levels: int) -> bytes:
    """Return a request with one attribute whose value is a list in a list in a list."""
    value = b"\x18\x01"
    for _ in range(levels):
        value = framed(5, framed(1, value))
    ids = framed(1, bytes([1] * 16)) + framed(2, bytes([1] * 8))
    return framed(1, framed(2, framed(2, ids + framed(9, framed(2, value)))))
