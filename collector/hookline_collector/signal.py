"""The three signals of OTLP and what differs between them."""

from enum import StrEnum
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse


class Signal(StrEnum):
    """A signal; its value names folders, metrics' attributes and log lines."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"

    @property
    def request_class(self) -> type[Any]:
        """Export<Signal>ServiceRequest."""
        return _REQUESTS[self]

    @property
    def response_class(self) -> type[Any]:
        """Export<Signal>ServiceResponse."""
        return _RESPONSES[self]

    @property
    def rejected_field(self) -> str:
        """Field of the partial success that counts what was rejected."""
        return {Signal.TRACES: "rejected_spans", Signal.LOGS: "rejected_log_records", Signal.METRICS: "rejected_data_points"}[self]

    @property
    def grpc_service(self) -> str:
        """Full name of the gRPC service; its only method is Export."""
        service = {Signal.TRACES: "trace.v1.TraceService", Signal.LOGS: "logs.v1.LogsService", Signal.METRICS: "metrics.v1.MetricsService"}[self]
        return f"opentelemetry.proto.collector.{service}"

    @property
    def http_path(self) -> str:
        """Path under OTLP/HTTP."""
        return f"/v1/{self.value}"


_REQUESTS: dict[Signal, type[Message]] = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}
_RESPONSES: dict[Signal, type[Message]] = {
    Signal.TRACES: ExportTraceServiceResponse,
    Signal.LOGS: ExportLogsServiceResponse,
    Signal.METRICS: ExportMetricsServiceResponse,
}
