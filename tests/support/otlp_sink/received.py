"""What a sink received, decoded, with the deduplication that the collector does."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TYPES: dict[str, tuple[Any, Any]] = {
    "traces": (ExportTraceServiceRequest, ExportTraceServiceResponse),
    "logs": (ExportLogsServiceRequest, ExportLogsServiceResponse),
    "metrics": (ExportMetricsServiceRequest, ExportMetricsServiceResponse),
}


class SpanKey(NamedTuple):
    """What makes two spans the same for the collector."""

    span_id: str
    start_ns: int
    end_ns: int


class Received:
    """Everything accepted, in the order of arrival."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, Any]] = []
        self.attempts: list[tuple[str, dict[str, str]]] = []
        self.changed = threading.Condition()

    def attempt(self, signal: str, headers: dict[str, str]) -> None:
        """Note a request before it is answered."""
        with self.changed:
            self.attempts.append((signal, headers))
            self.changed.notify_all()

    def accept(self, signal: str, body: bytes) -> None:
        """Keep an accepted request."""
        with self.changed:
            self.requests.append((signal, TYPES[signal][0].FromString(body)))
            self.changed.notify_all()

    def wait_for(self, done: Any, timeout_s: float = 10.0) -> None:
        """Wait until `done()` holds; fail the test otherwise."""
        with self.changed:
            assert self.changed.wait_for(done, timeout_s), f"not in {timeout_s} s; attempts: {len(self.attempts)}, accepted: {len(self.requests)}"

    def of(self, signal: str) -> list[Any]:
        """Return the accepted requests of a signal."""
        return [request for name, request in self.requests if name == signal]

    @property
    def all_spans(self) -> list[Span]:
        """Every span, repetitions too."""
        return [span for r in self.of("traces") for group in r.resource_spans for scope in group.scope_spans for span in scope.spans]

    @property
    def all_logs(self) -> list[LogRecord]:
        """Every log record, repetitions too."""
        return [log for r in self.of("logs") for group in r.resource_logs for scope in group.scope_logs for log in scope.log_records]

    @property
    def metrics(self) -> list[Metric]:
        """Every metric of every collection."""
        return [m for r in self.of("metrics") for group in r.resource_metrics for scope in group.scope_metrics for m in scope.metrics]

    @property
    def spans(self) -> dict[SpanKey, Span]:
        """Spans after the collector's deduplication."""
        return {SpanKey(span.span_id.hex(), span.start_time_unix_nano, span.end_time_unix_nano): span for span in self.all_spans}

    @property
    def logs(self) -> dict[str, LogRecord]:
        """Log records after the collector's deduplication."""
        return {text(log, "log.record.uid"): log for log in self.all_logs}


def text(record: Any, key: str) -> str:
    """Return a text attribute, empty when it is not there."""
    return next((pair.value.string_value for pair in record.attributes if pair.key == key), "")
