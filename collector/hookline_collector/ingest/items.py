"""The items of a parsed request (spans, log records, data points): how many there are, and which cannot be stored.

Protobuf's parser has seen to form and UTF-8. What is left: ids that are not ids (OTLP calls a span without a valid trace id
and span id invalid), and times past the year 2262, which no DateTime64(9) holds. Such items are taken out, counted by reason
and told to the sender; the rest of the request is stored. Attributes are not looked at: that would cost more than all the
rest, and the store takes any of them.

The hot path is one comprehension a scope with four reads a span (0.3 µs).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hookline_collector.signal import Signal

MAX_TIME_NS = 2**63 - 1  # 2262-04-11, the end of DateTime64(9)
_NO_TRACE, _NO_SPAN = bytes(16), bytes(8)
_PARENT_LENGTHS = (0, 8)

BAD_TRACE_ID = "trace_id"
BAD_SPAN_ID = "span_id"
BAD_PARENT_ID = "parent_span_id"
BAD_TIME = "time"
REASONS = {
    BAD_TRACE_ID: "trace_id is not 16 bytes, or all zeros",
    BAD_SPAN_ID: "span_id is not 8 bytes, or all zeros",
    BAD_PARENT_ID: "parent_span_id is neither empty nor 8 bytes",
    BAD_TIME: "a time lies past 2262-04-11",
}


@dataclass(slots=True)
class Examined:
    """What an examination found: items left, items taken out by reason, and remarks that reject nothing."""

    items: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    def message(self, item_name: str) -> str:
        """Say for the sender what was rejected and why; empty when all was taken."""
        parts = [f"{count} {item_name} rejected: {REASONS[reason]}" for reason, count in sorted(self.rejected.items())]
        return "; ".join(parts + self.remarks)


def examine(signal: Signal, message: Any, found: Examined | None = None) -> Examined:
    """Count the items of a request and take out those that cannot be stored; added to `found`, what was found in pieces before it."""
    found = Examined() if found is None else found
    {Signal.TRACES: _examine_spans, Signal.LOGS: _examine_logs, Signal.METRICS: _examine_metrics}[signal](message, found)
    return found


def count(signal: Signal, message: Any) -> int:
    """Return how many items a request holds."""
    if signal is Signal.TRACES:
        return sum(len(part.spans) for resource in message.resource_spans for part in resource.scope_spans)
    if signal is Signal.LOGS:
        return sum(len(part.log_records) for resource in message.resource_logs for part in resource.scope_logs)
    return sum(len(points) for points in _all_points(message))


def scope_names(signal: Signal, message: Any) -> set[str]:
    """Return the names of the scopes in a request."""
    resources, parts = {
        Signal.TRACES: ("resource_spans", "scope_spans"),
        Signal.LOGS: ("resource_logs", "scope_logs"),
        Signal.METRICS: ("resource_metrics", "scope_metrics"),
    }[signal]
    return {part.scope.name for resource in getattr(message, resources) for part in getattr(resource, parts)}


def replace(records: Any, kept: list[Any]) -> None:
    """Let a repeated field hold `kept`, some of its own elements, and nothing else."""
    del records[:]  # the elements live on in their arena; extend copies them
    records.extend(kept)


def _examine_spans(message: Any, found: Examined) -> None:
    for resource in message.resource_spans:
        for part in resource.scope_spans:
            spans = part.spans
            suspects = [
                span
                for span in spans
                if len(trace_id := span.trace_id) != 16  # each look into a message costs more than what is done with it
                or len(span_id := span.span_id) != 8
                or trace_id == _NO_TRACE
                or span_id == _NO_SPAN
                or ((parent_length := len(span.parent_span_id)) != 8 and parent_length)
                or span.start_time_unix_nano > MAX_TIME_NS
                or span.end_time_unix_nano > MAX_TIME_NS
            ]
            if suspects:
                _keep_good(spans, _span_fault, found)
            found.items += len(spans)


def _span_fault(span: Any) -> str | None:
    if len(span.trace_id) != 16 or span.trace_id == _NO_TRACE:
        return BAD_TRACE_ID
    if len(span.span_id) != 8 or span.span_id == _NO_SPAN:
        return BAD_SPAN_ID
    if len(span.parent_span_id) not in _PARENT_LENGTHS:
        return BAD_PARENT_ID
    return BAD_TIME if max(span.start_time_unix_nano, span.end_time_unix_nano) > MAX_TIME_NS else None


def _examine_logs(message: Any, found: Examined) -> None:
    """A log record with ids that are none is a record without a trace (OTLP says so), so only its times count."""
    for resource in message.resource_logs:
        for part in resource.scope_logs:
            records = part.log_records
            if any(record.time_unix_nano > MAX_TIME_NS or record.observed_time_unix_nano > MAX_TIME_NS for record in records):
                _keep_good(records, _log_fault, found)
            found.items += len(records)


def _log_fault(record: Any) -> str | None:
    return BAD_TIME if max(record.time_unix_nano, record.observed_time_unix_nano) > MAX_TIME_NS else None


def _examine_metrics(message: Any, found: Examined) -> None:
    for points in _all_points(message, found.remarks):
        if any(point.time_unix_nano > MAX_TIME_NS or point.start_time_unix_nano > MAX_TIME_NS for point in points):
            _keep_good(points, _point_fault, found)
        found.items += len(points)


def _point_fault(point: Any) -> str | None:
    return BAD_TIME if max(point.time_unix_nano, point.start_time_unix_nano) > MAX_TIME_NS else None


def _all_points(message: Any, remarks: list[str] | None = None) -> Iterator[Any]:
    """Yield the data points of each metric; note the first metric that has none of the five kinds."""
    for resource in message.resource_metrics:
        for part in resource.scope_metrics:
            for metric in part.metrics:
                kind = metric.WhichOneof("data")
                if kind:
                    yield getattr(metric, kind).data_points
                elif remarks == []:
                    remarks.append(f"metric {metric.name[:100]!r} is of none of the five kinds and holds no data points")


def _keep_good(records: Any, fault: Any, found: Examined) -> None:
    kept = []
    for record in records:
        reason = fault(record)
        if reason:
            found.rejected[reason] += 1
        else:
            kept.append(record)
    if len(kept) < len(records):
        replace(records, kept)
