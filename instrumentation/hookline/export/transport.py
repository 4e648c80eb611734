"""The SDK's OTLP exporters, one attempt at a time.

The SDK's exporters retry by themselves for a few seconds and then say FAILURE, whatever the reason. Delivery needs to
know the reason and does the waiting itself, so each exporter is opened so that it makes one attempt and leaves the
endpoint's answer behind as an `ExportResult`: over gRPC by watching the stub, over HTTP by the session that it is given.
Only the protocol in use is imported: gRPC and requests weigh 15-20 MB each.

`OTEL_*` variables of the person's environment are for the programs they work on; Hookline's settings alone say where
its data goes. They are hidden while the exporters are opened.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hookline.errors import ConfigInvalid
from hookline.export.attempt import AttemptResult, Exporter, SdkExporter
from hookline.export.endpoint import OtlpEndpoint
from hookline.export.result import ExportResult

if TYPE_CHECKING:
    from opentelemetry.sdk._logs import ReadableLogRecord
    from opentelemetry.sdk.metrics.export import MetricsData
    from opentelemetry.sdk.trace import ReadableSpan


@dataclass(frozen=True, slots=True)
class Exporters:
    """The three signals of one endpoint."""

    traces: Exporter
    logs: Exporter
    metrics: Exporter

    def send_spans(self, spans: Sequence[ReadableSpan]) -> ExportResult:
        """Send spans in one request."""
        return self.traces.send(spans)

    def send_logs(self, logs: Sequence[ReadableLogRecord]) -> ExportResult:
        """Send log records in one request."""
        return self.logs.send(logs)

    def send_metrics(self, metrics: MetricsData) -> ExportResult:
        """Send metrics in one request."""
        return self.metrics.send(metrics)

    def close(self) -> None:
        """End the connections, and over gRPC also a call in flight."""
        for exporter in (self.traces, self.logs, self.metrics):
            with contextlib.suppress(Exception):
                exporter.sdk.shutdown()


def open_exporters(endpoint: OtlpEndpoint) -> Exporters:
    """Open the three exporters of an endpoint. Nothing is connected yet.

    Raises ConfigInvalid where the CA file cannot be read.
    """
    if endpoint.certificate and not os.access(endpoint.certificate, os.R_OK):
        raise ConfigInvalid([("relay.certificate", f"{endpoint.certificate} cannot be read")])
    open_one = _opener(endpoint)
    with _without_otel_environment():
        return Exporters(*(Exporter(*open_one(signal, endpoint)) for signal in ("traces", "logs", "metrics")))


def _opener(endpoint: OtlpEndpoint) -> Callable[[str, OtlpEndpoint], tuple[SdkExporter, AttemptResult]]:
    if endpoint.is_grpc:
        from hookline.export.grpc import open_grpc  # noqa: PLC0415

        return open_grpc
    from hookline.export.http import open_http  # noqa: PLC0415

    return open_http


@contextlib.contextmanager
def _without_otel_environment() -> Iterator[None]:
    hidden = {name: value for name, value in os.environ.items() if name.startswith(("OTEL_", "_OTEL_"))}
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
