"""Hookline's records as the SDK's, and the requests that its exporters make of them, one attempt each.

Ids and times are the record's, so that a replay gives the same bytes. One resource stands for all records of an agent, one
scope for all of a relay; the encoder groups by them, so they are made once.
"""

from __future__ import annotations

import functools
import getpass
import platform
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from opentelemetry._logs import LogRecord as SdkLogRecord
from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, set_span_in_context

from hookline.contract import semconv
from hookline.contract.scopes import AGENT_SCOPE
from hookline.export.result import ExportResult
from hookline.records import LogRecord, SpanRecord
from hookline.version import VERSION

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

    from hookline.export.transport import Exporters

ResourceOf = Callable[[str], Resource]
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


class KnownResource(Resource):
    """A resource whose hash is worked out once: encoders ask for it with each record, and it is that of a JSON text."""

    def __hash__(self) -> int:
        """Return the hash of its attributes."""
        found: int | None = self.__dict__.get("_known_hash")
        if found is None:
            found = self.__dict__["_known_hash"] = super().__hash__()
        return found


def make_resource(service: str, user: str = "") -> Resource:
    """Return who sends: the agent as service, this machine and this person."""
    attributes = {
        semconv.SERVICE_NAME: service,
        semconv.HOST_NAME: socket.gethostname(),
        semconv.USER_NAME: user or login_name(),
        semconv.OS_TYPE: platform.system().lower(),
        semconv.DISTRO_NAME: "hookline",
        semconv.DISTRO_VERSION: VERSION,
        semconv.SDK_LANGUAGE: "python",
        semconv.SDK_NAME: "opentelemetry",
    }
    return KnownResource(attributes, semconv.SCHEMA_URL)


def resources_of(user: str = "") -> ResourceOf:
    """Return what gives the resource of a service's records, each made once."""
    return functools.lru_cache(maxsize=64)(lambda service: make_resource(service, user))


def login_name() -> str:
    """Return the login name, also where the user database does not know the user (containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


@functools.lru_cache(maxsize=8)
def make_scope(name: str) -> InstrumentationScope:
    """Return the instrumentation scope of that name, with Hookline's version and the pinned schema."""
    return InstrumentationScope(name, VERSION, semconv.SCHEMA_URL)


def to_sdk_span(span: SpanRecord, resource: Resource, scope: InstrumentationScope) -> ReadableSpan:
    """Return the span as the SDK's exporters take it."""
    return ReadableSpan(
        name=span.name,
        context=SpanContext(span.trace_id, span.span_id, is_remote=False, trace_flags=_SAMPLED),
        parent=SpanContext(span.trace_id, span.parent_id, is_remote=False, trace_flags=_SAMPLED) if span.parent_id else None,
        resource=resource,
        attributes=span.attributes,
        kind=SpanKind.INTERNAL,
        status=Status(StatusCode.UNSET) if span.error is None else Status(StatusCode.ERROR, span.error),
        start_time=span.start_ns,
        end_time=span.end_ns,
        instrumentation_scope=scope,
    )


def to_sdk_log(log: LogRecord, resource: Resource, scope: InstrumentationScope) -> ReadableLogRecord:
    """Return the log event as the SDK's exporters take it."""
    failed = semconv.ERROR_TYPE in log.attributes
    record = SdkLogRecord(
        timestamp=log.time_ns,
        observed_timestamp=log.time_ns,
        context=_context(log),
        severity_text="ERROR" if failed else "INFO",
        severity_number=SeverityNumber.ERROR if failed else SeverityNumber.INFO,
        body=log.body or None,
        attributes=dict(log.attributes),
        event_name=log.event_name,
    )
    return ReadableLogRecord(record, resource, scope)


def _context(log: LogRecord) -> Context:
    """Return the turn that the event belongs to, as the SDK's log record takes it; none is a context without a span."""
    if not log.trace_id:
        return Context()
    return set_span_in_context(NonRecordingSpan(SpanContext(log.trace_id, log.span_id, is_remote=False, trace_flags=_SAMPLED)), Context())


class Transmit(Protocol):
    """What delivery needs: attempts, with their results."""

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
