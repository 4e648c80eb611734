"""Kept requests and calls as spans and log records of OpenTelemetry. What leaves is redacted here, in the background."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any, Final

from opentelemetry._logs import LogRecord as SdkLogRecord
from opentelemetry._logs import SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags, set_span_in_context

from hookline.contract import semconv
from hookline.contract import services as names
from hookline.privacy.redact import Redactor
from hookline.services.calls import ServiceCall, shown_file, time_in
from hookline.services.kept_request import repeated, sentence, told_calls
from hookline.services.moments import Moments
from hookline.services.served_request import NotedException, ServedRequest, new_span_id, new_trace_id
from hookline.version import VERSION

SCOPE: Final = InstrumentationScope(names.SERVICES_SCOPE, VERSION, semconv.SCHEMA_URL)
MAX_STACK_CHARS: Final = 8_000
MAX_MESSAGE_CHARS: Final = 1_000
_SAMPLED: Final = TraceFlags(TraceFlags.SAMPLED)
_REDACTOR: Final = Redactor()


@dataclass(frozen=True, slots=True)
class BackgroundWork:
    """What ran on after an answer had gone, on the clock of its request."""

    started_ns: int
    ended_ns: int
    exception: NotedException | None


@dataclass(frozen=True, slots=True)
class KeptItem:
    """What waits to be told: a request, its background work, or a call without one. `wants_log` for the slow-request log; `offset_ns` is Unix time
    less the clock of the others.
    """

    request: ServedRequest | None
    call: ServiceCall | None
    wants_log: bool
    offset_ns: int
    suppressed: int = 0
    wants_spans: bool = True
    background: BackgroundWork | None = None


def clock_offset_ns() -> int:
    """Return what makes a moment of `time.perf_counter_ns` one of Unix time."""
    return time.time_ns() - time.perf_counter_ns()


@dataclass(frozen=True, slots=True)
class KeptTold:
    """What is sent of one item."""

    spans: list[ReadableSpan]
    logs: list[ReadableLogRecord]


class KeptTelling:
    """Makes spans and records of kept items, under the service's resource."""

    def __init__(self, resource: Resource, pauses: Moments, lags: Moments) -> None:
        self._resource = resource
        self._pauses = pauses
        self._lags = lags

    def told(self, item: KeptItem) -> KeptTold:
        """Return what is sent of an item."""
        request = item.request
        if request is None:
            call = item.call
            assert call is not None  # noqa: S101 - one of the two is there
            return KeptTold([self._call_span(call, call.parent_trace or new_trace_id(), call.parent_span, item.offset_ns)], [])
        request.identify()
        if item.background is not None:
            return KeptTold([self._background_span(request, item.background, item.offset_ns)], [])
        calls = request.calls or []
        for call in calls:
            call.span_id = call.span_id or new_span_id()
        spans = []
        if item.wants_spans:
            spans = [self._request_span(request, item.offset_ns)]
            spans += [self._call_span(call, request.trace_id, request.span_id, item.offset_ns) for call in calls]
        return KeptTold(spans, [self._log(request, item)] if item.wants_log else [])

    def _request_span(self, request: ServedRequest, offset_ns: int) -> ReadableSpan:
        attributes = request_attributes(request)
        events = [Event("exception", exception_attributes(request.exception), request.ended_ns + offset_ns)] if request.exception else []
        fault = request.is_servers_fault
        return ReadableSpan(
            name=request.name,
            context=SpanContext(request.trace_id, request.span_id, False, _SAMPLED),
            parent=SpanContext(request.trace_id, request.parent_id, True, _SAMPLED) if request.parent_id else None,
            resource=self._resource,
            attributes=attributes,
            events=events,
            kind=SpanKind.SERVER,
            status=Status(StatusCode.ERROR, request.error_type or None) if fault else Status(StatusCode.UNSET),
            start_time=request.started_ns + offset_ns,
            end_time=request.ended_ns + offset_ns,
            instrumentation_scope=SCOPE,
        )

    def _background_span(self, request: ServedRequest, work: BackgroundWork, offset_ns: int) -> ReadableSpan:
        noted = work.exception
        return ReadableSpan(
            name=f"{names.BACKGROUND_SPAN} {request.name}",
            context=SpanContext(request.trace_id, new_span_id(), False, _SAMPLED),
            parent=SpanContext(request.trace_id, request.span_id, False, _SAMPLED),
            resource=self._resource,
            attributes={names.ERROR_TYPE: noted.kind} if noted else {},
            events=[Event("exception", exception_attributes(noted), work.ended_ns + offset_ns)] if noted else [],
            kind=SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR, noted.kind) if noted else Status(StatusCode.UNSET),
            start_time=work.started_ns + offset_ns,
            end_time=work.ended_ns + offset_ns,
            instrumentation_scope=SCOPE,
        )

    def _call_span(self, call: ServiceCall, trace_id: int, parent_id: int, offset_ns: int) -> ReadableSpan:
        call.span_id = call.span_id or new_span_id()
        return ReadableSpan(
            name=call.words.summary or call.target.system,
            context=SpanContext(trace_id, call.span_id, False, _SAMPLED),
            parent=SpanContext(trace_id, parent_id, False, _SAMPLED) if parent_id else None,
            resource=self._resource,
            attributes=call_attributes(call),
            kind=SpanKind.CLIENT,
            status=Status(StatusCode.ERROR, call.error_type) if call.error_type else Status(StatusCode.UNSET),
            start_time=call.started_ns + offset_ns,
            end_time=(call.ended_ns or time.perf_counter_ns()) + offset_ns,
            instrumentation_scope=SCOPE,
        )

    def _log(self, request: ServedRequest, item: KeptItem) -> ReadableLogRecord:
        calls = request.calls or []
        again = repeated(calls)
        db_ns = time_in((call for call in calls if call.kind == "db"), request.ended_ns)
        attributes: dict[str, Any] = {
            **request_attributes(request),
            names.REQUEST_DURATION: request.ns / 1e9,
            names.REQUEST_DB_CALLS: sum(call.kind == "db" for call in calls) + request.calls_left_out,
            names.REQUEST_DB_TIME: db_ns / 1e9,
            names.REQUEST_LOOP_LAG: self._lags.within(request.started_ns, request.ended_ns)[1] / 1e9,
            names.REQUEST_GC_PAUSE: self._pauses.within(request.started_ns, request.ended_ns)[0] / 1e9,
        }
        if request.threshold_ns:
            attributes[names.REQUEST_THRESHOLD] = request.threshold_ns / 1e9
        if calls:
            attributes[names.REQUEST_CALLS] = told_calls(calls, request.started_ns)
        if request.calls_left_out:
            attributes[names.REQUEST_CALLS_LEFT_OUT] = request.calls_left_out
        if again:
            attributes[names.REQUEST_REPEATED] = json.dumps([one.told for one in again], ensure_ascii=False, separators=(",", ":"))
            attributes[names.REQUEST_REPEATED_MOST] = again[0].count
        if item.suppressed:
            attributes[names.REQUEST_SUPPRESSED] = item.suppressed
        if request.exception:
            attributes |= exception_attributes(request.exception)
        body = sentence(request.name, request.ns, request.reason, request.threshold_ns, calls, request.calls_left_out, db_ns, again)
        severity = SeverityNumber.ERROR if request.is_servers_fault else SeverityNumber.INFO if request.reason == "sampled" else SeverityNumber.WARN
        record = SdkLogRecord(
            timestamp=request.ended_ns + item.offset_ns,
            observed_timestamp=request.ended_ns + item.offset_ns,
            context=context_of(request.trace_id, request.span_id),
            severity_text=severity.name,
            severity_number=severity,
            body=body,
            attributes=attributes,
            event_name=names.SLOW_REQUEST_RECORD,
        )
        return ReadableLogRecord(record, self._resource, SCOPE)

    def loop_blocked(self, seconds: float, place: tuple[str, int, str] | None, stack: str, time_ns: int) -> ReadableLogRecord:
        """Return the record of a callback that holds up the event loop."""
        attributes: dict[str, Any] = {names.LOOP_BLOCKED_FOR: seconds, **place_attributes(place), names.CODE_STACKTRACE: stack[-MAX_STACK_CHARS:]}
        at = f" in {shown_file(place[0])}:{place[1]} ({place[2]})" if place else ""
        record = SdkLogRecord(
            timestamp=time_ns,
            observed_timestamp=time_ns,
            context=Context(),
            severity_text="WARN",
            severity_number=SeverityNumber.WARN,
            body=f"the event loop has been held up for {seconds * 1e3:,.0f} ms{at}",
            attributes=attributes,
            event_name=names.LOOP_BLOCKED_RECORD,
        )
        return ReadableLogRecord(record, self._resource, SCOPE)


def context_of(trace_id: int, span_id: int) -> Context:
    """Return a context with a span of these ids."""
    return set_span_in_context(NonRecordingSpan(SpanContext(trace_id, span_id, False, _SAMPLED)), Context())


def request_attributes(request: ServedRequest) -> dict[str, Any]:
    """Return the attributes of a request's span."""
    found = request.own_attributes()
    if request.reason:
        found[names.REQUEST_REASON] = str(request.reason)
    if request.first_byte_ns or request.is_answered:  # an answer in one piece has its first byte with its last
        found[names.REQUEST_FIRST_BYTE] = ((request.first_byte_ns or request.ended_ns) - request.started_ns) / 1e9
    if request.is_disconnected:
        found[names.REQUEST_DISCONNECTED] = True
    return found


def call_attributes(call: ServiceCall) -> dict[str, Any]:
    """Return the attributes of a call's span."""
    found: dict[str, Any] = {**call.target.attributes, **call.words.attributes, **place_attributes(call.place)}
    if call.target.pid:
        found[names.DB_BACKEND_PID] = call.target.pid
    if call.status:
        found[names.DB_STATUS if call.kind == "db" else names.RPC_STATUS] = call.status
    if call.error_type:
        found[names.ERROR_TYPE] = call.error_type
    if call.rows >= 0:
        found[names.DB_ROWS] = call.rows
    if call.batch > 1:
        found[names.DB_BATCH_SIZE] = call.batch
    if call.plan:
        found[names.DB_QUERY_PLAN] = call.plan
    if call.plan_hash:
        found[names.DB_PLAN_HASH] = call.plan_hash
    return found


def place_attributes(place: tuple[str, int, str] | None) -> dict[str, Any]:
    """Return where in the code something is."""
    return {} if place is None else {names.CODE_FILE: shown_file(place[0]), names.CODE_LINE: place[1], names.CODE_FUNCTION: place[2]}


def exception_attributes(noted: NotedException) -> dict[str, Any]:
    """Return an exception without the secrets that its words may hold."""
    return {
        names.EXCEPTION_TYPE: noted.kind,
        names.EXCEPTION_MESSAGE: _REDACTOR.cut(noted.message, MAX_MESSAGE_CHARS),
        names.EXCEPTION_STACKTRACE: _REDACTOR.text(noted.stack),
    }
