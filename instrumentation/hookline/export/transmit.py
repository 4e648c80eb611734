"""Records to requests: the last step before the wire, one attempt each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from hookline.contract.scopes import AGENT_SCOPE
from hookline.export.result import ExportResult
from hookline.export.sdk import ResourceOf, make_scope, to_sdk_log, to_sdk_span
from hookline.records import LogRecord, SpanRecord

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

    from hookline.export.transport import Exporters


class Transmit(Protocol):
    """What delivery needs: attempts, with their verdicts."""

    def spans(self, spans: Sequence[SpanRecord]) -> ExportResult:
        """Send spans; an empty request asks whether the endpoint takes traces."""

    def logs(self, logs: Sequence[LogRecord]) -> ExportResult:
        """Send log records; an empty request asks whether the endpoint takes logs."""

    def metrics(self, batch: Sequence[MetricsData]) -> ExportResult:
        """Send several collections of metrics in one request."""

    def close(self) -> None:
        """End the connections, and where possible a call in flight."""


class OtlpTransmit:
    """Transmit by the SDK's exporters, for one scope. `resource_of` gives the resource of a record's service."""

    def __init__(self, exporters: Exporters, resource_of: ResourceOf, scope: str = AGENT_SCOPE) -> None:
        self._exporters = exporters
        self._resource_of = resource_of
        self._scope = make_scope(scope)

    def spans(self, spans: Sequence[SpanRecord]) -> ExportResult:
        """Send spans in one request."""
        return self._exporters.send_spans([to_sdk_span(span, self._resource_of(span.service), self._scope) for span in spans])

    def logs(self, logs: Sequence[LogRecord]) -> ExportResult:
        """Send log records in one request."""
        return self._exporters.send_logs([to_sdk_log(log, self._resource_of(log.service), self._scope) for log in logs])

    def metrics(self, batch: Sequence[MetricsData]) -> ExportResult:
        """Send several collections in one request."""
        from hookline.export.merge import merge  # noqa: PLC0415 - senders without metrics need not load the SDK's

        return self._exporters.send_metrics(merge(batch))

    def close(self) -> None:
        """End the connections."""
        self._exporters.close()
