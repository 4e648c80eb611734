"""Spans by the process's own tracer, where it has one: its sampler decides at the start, and the application's own spans are their children."""

from __future__ import annotations

from typing import Any

from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, SpanKind, Status, StatusCode, get_current_span, set_span_in_context

from hookline.services.calls import ServiceCall
from hookline.services.kept_spans import call_attributes, clock_offset_ns, request_attributes
from hookline.services.served_request import ServedRequest


class SdkSpans:
    """Starts and ends spans of requests, and makes those of calls when they have ended."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    def entered(self, request: ServedRequest, base: Context) -> Context:
        """Start the span of a request; return the context to run it in."""
        outer = base if get_current_span(base) is not INVALID_SPAN else propagate.extract(request.headers(), base)
        started_ns = request.started_ns + clock_offset_ns()
        span = self._tracer.start_span(request.name, outer, SpanKind.SERVER, request.own_attributes(), start_time=started_ns)
        request.sdk_span, request.is_odd = span, True
        request.context = set_span_in_context(span, outer)
        return request.context

    def ended(self, request: ServedRequest) -> None:
        """End the span of a request."""
        span = request.sdk_span
        if span.is_recording():
            span.update_name(request.name)
            span.set_attributes(request_attributes(request))
            if request.error is not None:
                span.record_exception(request.error)
            if request.is_servers_fault:
                span.set_status(Status(StatusCode.ERROR, request.error_type or None))
        span.end(request.ended_ns + clock_offset_ns())

    def calling(self, call: ServiceCall) -> Context:
        """Start the span of a call that tells another service of it; return the context to tell from."""
        started_ns = call.started_ns + clock_offset_ns()
        call.sdk_span = self._tracer.start_span(call.words.summary, None, SpanKind.CLIENT, call_attributes(call), start_time=started_ns)
        call.span_id = call.sdk_span.get_span_context().span_id
        return set_span_in_context(call.sdk_span)

    def called(self, call: ServiceCall, context: Context) -> None:
        """Make the span of a call that has ended, or end the one that it has."""
        parent, span, offset_ns = get_current_span(context), call.sdk_span, clock_offset_ns()
        if span is None:
            if parent is not INVALID_SPAN and not parent.is_recording() and not parent.get_span_context().trace_flags.sampled:
                return
            name = call.words.summary or call.target.system
            span = self._tracer.start_span(name, context, SpanKind.CLIENT, call_attributes(call), start_time=call.started_ns + offset_ns)
            call.span_id = span.get_span_context().span_id
        else:
            span.set_attributes(call_attributes(call))
        if call.error_type:
            span.set_status(Status(StatusCode.ERROR, call.error_type))
        span.end(call.ended_ns + offset_ns)
