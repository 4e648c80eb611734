"""Spans as rows, as `otlp_traces_mv` flattens them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from hookline.system.clock import NS_PER_S
from hookline_collector.store.insert.direct.attribute_texts import Pairs, Texts, moment_ns, strings
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, array, moment, pairs, second, text, uint64

SPANS = RowLayout(
    "otel_traces",
    {
        "Timestamp": moment,
        "TraceId": text,
        "SpanId": text,
        "ParentSpanId": text,
        "TraceState": text,
        "SpanName": text,
        "SpanKind": text,
        "ServiceName": text,
        "ResourceAttributes": pairs,
        "ScopeName": text,
        "ScopeVersion": text,
        "SpanAttributes": pairs,
        "Duration": uint64,
        "StatusCode": text,
        "StatusMessage": text,
        "Events.Timestamp": array(moment),
        "Events.Name": array(text),
        "Events.Attributes": array(pairs),
        "Links.TraceId": array(text),
        "Links.SpanId": array(text),
        "Links.TraceState": array(text),
        "Links.Attributes": array(pairs),
    },
)
TRACES = RowLayout("otel_traces_trace_id_ts", {"TraceId": text, "Start": second, "End": second})
_KINDS = ("Unspecified", "Internal", "Server", "Client", "Producer", "Consumer")
_CODES = ("Unset", "Ok", "Error")


def span_rows(request: ExportTraceServiceRequest) -> Iterator[Values]:
    """Yield a row a span. Raises Odd."""
    for entry in request.resource_spans:
        resource = strings(entry.resource.attributes)
        service = Texts.of(resource)["service.name"]
        for scoped in entry.scope_spans:
            for span in scoped.spans:
                yield _span_row(span, scoped.scope.name, scoped.scope.version, resource, service)


def _span_row(span: Span, scope: str, version: str, resource: Pairs, service: str) -> dict[str, Any]:
    return {
        "Timestamp": moment_ns(span.start_time_unix_nano),
        "TraceId": span.trace_id.hex(),
        "SpanId": span.span_id.hex(),
        "ParentSpanId": span.parent_span_id.hex(),
        "TraceState": span.trace_state,
        "SpanName": span.name,
        "SpanKind": _named(_KINDS, span.kind),
        "ServiceName": service,
        "ResourceAttributes": resource,
        "ScopeName": scope,
        "ScopeVersion": version,
        "SpanAttributes": strings(span.attributes),
        "Duration": max(0, span.end_time_unix_nano - span.start_time_unix_nano),
        "StatusCode": _named(_CODES, span.status.code),
        "StatusMessage": span.status.message,
        "Events.Timestamp": [moment_ns(event.time_unix_nano) for event in span.events],
        "Events.Name": [event.name for event in span.events],
        "Events.Attributes": [strings(event.attributes) for event in span.events],
        "Links.TraceId": [link.trace_id.hex() for link in span.links],
        "Links.SpanId": [link.span_id.hex() for link in span.links],
        "Links.TraceState": [link.trace_state for link in span.links],
        "Links.Attributes": [strings(link.attributes) for link in span.links],
    }


def _named(names: tuple[str, ...], number: int) -> str:
    return names[number] if 0 <= number < len(names) else ""


def trace_rows(spans: Iterable[Values]) -> list[Values]:
    """Return from when to when each trace lasted, as `otel_traces_trace_id_ts_mv` does."""
    found: dict[str, tuple[int, int]] = {}
    for span in spans:
        if trace := span["TraceId"]:
            at = span["Timestamp"] // NS_PER_S
            start, end = found.get(trace, (at, at))
            found[trace] = (min(start, at), max(end, at))
    return [{"TraceId": trace, "Start": start, "End": end} for trace, (start, end) in found.items()]
