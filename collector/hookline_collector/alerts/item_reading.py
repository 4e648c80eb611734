"""From accepted requests to the items of measures.

`ItemIndex` is made of all item measures that run; it looks at each span, log record and point once, by its name, and reads of it only the attributes
that somebody asks for. What nobody measures is not looked at: a request of a scope to which no measure is bound passes by as a whole.

Names beside attributes: `name`, `scope`; of a span `duration_s`, `status` (ok, error, unset), `kind`; of a record `severity`, `severity_number`,
`body`; of a point `value`, `unit`. An attribute of the item is taken before one of its resource.

A monotonic sum that is told cumulatively is read as its increase for `rate` and `sum`; the first point of a series says nothing yet, a smaller
one is a restart. For `share`, and for the errors of a burn rate, a point of a monotonic sum is as many items as it grew by. A histogram's points give
its buckets' middles, each as often as it was counted since the point before. For percentiles each bucket is spread evenly, so that they do not jump
from middle to middle. A bucket's exemplar says which trace it was.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from hookline.contract import semconv
from hookline_collector.alerts.matchers import Matcher, number_of, text_of
from hookline_collector.alerts.measure_sql import COUNTED, PARTS
from hookline_collector.alerts.rule import Aggregate, ItemKind, ItemMeasure
from hookline_collector.observe.announcements import Accepted
from hookline_collector.signal import Signal

KINDS = {Signal.METRICS: ItemKind.METRIC, Signal.TRACES: ItemKind.SPAN, Signal.LOGS: ItemKind.LOG}
MAX_COUNTERS = 20_000
MAX_LABEL = 256
_STATUS = ("unset", "ok", "error")
_SPAN_KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE


@dataclass(frozen=True, slots=True)
class MeasuredItem:
    """One item as a measure sees it: when, its value and how often, whether it is one that the measure counts, and the labels of its series.

    `same` is what `in_a_row` compares; `name`, `session_id`, `trace_id` and `span_id` say which it was.
    """

    at_ns: int
    value: float
    labels: tuple[str, ...]
    weight: float = 1.0
    is_match: bool = False
    is_bucket: bool = False
    same: str = ""
    name: str = ""
    session_id: str = ""
    trace_id: str = ""
    span_id: str = ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """The measures of one name, and the attributes that any of them reads."""

    measures: tuple[tuple[str, ItemMeasure], ...]
    attributes: frozenset[str]


class Bucket(NamedTuple):
    """What a bucket of a histogram counted, and the trace and span of one of it, where the sender told one."""

    low: float
    high: float
    times: float
    trace_id: bytes = b""
    span_id: bytes = b""


class ItemIndex:
    """Which measures want which items; made anew when the rules change, with the counters of before."""

    def __init__(self, measures: Mapping[str, ItemMeasure], counters: CumulativeCounters | None = None) -> None:
        self.counters = counters or CumulativeCounters()
        self._wanted: dict[ItemKind, dict[str, _Wanted]] = {kind: _by_name(kind, measures) for kind in ItemKind}
        self._scopes = {kind: _scopes(kind, measures) for kind in ItemKind}

    def wants(self, accepted: Accepted) -> bool:
        """Whether something in a request may be measured."""
        kind = KINDS[accepted.signal]
        scopes = self._scopes[kind]
        return bool(self._wanted[kind]) and (scopes is None or bool(scopes & accepted.scopes))

    def read(self, accepted: Accepted) -> Iterator[tuple[str, MeasuredItem]]:
        """Yield the items of a request, each with the key of the measure that wants it."""
        kind = KINDS[accepted.signal]
        if not self._wanted[kind]:
            return iter(())
        readers = {ItemKind.SPAN: self._spans, ItemKind.LOG: self._logs, ItemKind.METRIC: self._points}
        return readers[kind](accepted.message, self._wanted[kind])

    def _find(self, wanted: dict[str, _Wanted], name: str) -> Iterator[_Wanted]:
        for key in {name, name.partition(" ")[0], ""}:
            if found := wanted.get(key):
                yield found

    def _bound(self, kind: ItemKind, scope: str) -> bool:
        scopes = self._scopes[kind]
        return scopes is None or scope in scopes

    def _spans(self, message: Any, wanted: dict[str, _Wanted]) -> Iterator[tuple[str, MeasuredItem]]:
        for resource in message.resource_spans:
            for part in resource.scope_spans:
                if not self._bound(ItemKind.SPAN, part.scope.name):
                    continue
                for span in part.spans:
                    for found in self._find(wanted, span.name):
                        read = _attributes(found.attributes, resource.resource.attributes, span.attributes)
                        read["name"], read["scope"] = span.name, part.scope.name
                        read["duration_s"] = max(0, span.end_time_unix_nano - span.start_time_unix_nano) / 1e9
                        read["status"] = _STATUS[span.status.code] if span.status.code < len(_STATUS) else "unset"
                        read["kind"] = _SPAN_KINDS[span.kind] if span.kind < len(_SPAN_KINDS) else "unspecified"
                        for key, measure in found.measures:
                            if item := item_of(measure, read, span.end_time_unix_nano, span.trace_id, span.span_id):
                                yield key, item

    def _logs(self, message: Any, wanted: dict[str, _Wanted]) -> Iterator[tuple[str, MeasuredItem]]:
        for resource in message.resource_logs:
            for part in resource.scope_logs:
                if not self._bound(ItemKind.LOG, part.scope.name):
                    continue
                for record in part.log_records:
                    name = record.event_name or _named(record.attributes)
                    for found in self._find(wanted, name):
                        read = _attributes(found.attributes, resource.resource.attributes, record.attributes)
                        read["name"], read["scope"], read["body"] = name, part.scope.name, record.body.string_value
                        read["severity"], read["severity_number"] = record.severity_text, record.severity_number
                        at_ns = record.time_unix_nano or record.observed_time_unix_nano
                        for key, measure in found.measures:
                            if item := item_of(measure, read, at_ns, record.trace_id, record.span_id):
                                yield key, item

    def _points(self, message: Any, wanted: dict[str, _Wanted]) -> Iterator[tuple[str, MeasuredItem]]:
        for resource in message.resource_metrics:
            for part in resource.scope_metrics:
                if not self._bound(ItemKind.METRIC, part.scope.name):
                    continue
                for metric in part.metrics:
                    for found in self._find(wanted, metric.name):
                        yield from self._of_metric(metric, found, resource.resource.attributes, part.scope.name)

    def _of_metric(self, metric: Any, found: _Wanted, shared: Any, scope: str) -> Iterator[tuple[str, MeasuredItem]]:
        kind = metric.WhichOneof("data")
        if kind not in ("gauge", "sum", "histogram"):
            return
        data = getattr(metric, kind)
        is_cumulative = kind != "gauge" and data.aggregation_temporality == _CUMULATIVE
        counts = kind == "sum" and data.is_monotonic
        for point in data.data_points:
            read = _attributes(found.attributes, shared, point.attributes)
            read["name"], read["scope"], read["unit"] = metric.name, scope, metric.unit
            series = (metric.name, scope, _identity(shared), _identity(point.attributes)) if is_cumulative else None
            if kind == "histogram":
                buckets = self._histogram(point, series)
                for key, measure in found.measures:
                    yield from ((key, item) for item in items_of_buckets(measure, read, point.time_unix_nano, buckets))
                continue
            value = read["value"] = _number(point)
            grown = self.counters.increase(series, value) if series and counts else value
            for key, measure in found.measures:
                item = item_of_counter(measure, read, point.time_unix_nano, grown) if counts else item_of(measure, read, point.time_unix_nano)
                if item is not None:
                    yield key, item

    def _histogram(self, point: Any, series: tuple[Any, ...] | None) -> list[Bucket]:
        """Return the buckets that were counted since the point before."""
        counts = [float(count) for count in point.bucket_counts]
        if series is not None:
            counts = [self.counters.increase((*series, at), count) or 0.0 for at, count in enumerate(counts)]
        least, most = (point.min if point.HasField("min") else None), (point.max if point.HasField("max") else None)
        found = buckets_of(list(point.explicit_bounds), counts, least, most)
        return [Bucket(*each[:3], *_example(point, each.low, each.high)) for each in found] if point.exemplars else found


class CumulativeCounters:
    """The last value of each counter that is told cumulatively; the longest unheard is forgotten first."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[Any, ...], float] = OrderedDict()

    def increase(self, series: tuple[Any, ...], value: float) -> float | None:
        """Return by how much a counter grew since it was last read; None at its first reading. One that fell began anew."""
        before = self._last.get(series)
        self._last[series] = value
        self._last.move_to_end(series)
        if len(self._last) > MAX_COUNTERS:
            self._last.popitem(last=False)
        if before is None:
            return None
        return value - before if value >= before else value


def _by_name(kind: ItemKind, measures: Mapping[str, ItemMeasure]) -> dict[str, _Wanted]:
    found: dict[str, list[tuple[str, ItemMeasure]]] = {}
    for key, measure in measures.items():
        if measure.kind is kind:
            found.setdefault(measure.name, []).append((key, measure))
    return {name: _Wanted(tuple(pairs), frozenset(attribute for _, each in pairs for attribute in _read_of(each))) for name, pairs in found.items()}


def _read_of(measure: ItemMeasure) -> Iterator[str]:
    yield from (matcher.name for matcher in (*measure.filter, *measure.match))
    yield from (attribute for _, attribute in measure.by)
    yield measure.of
    yield semconv.SESSION_ID


def _scopes(kind: ItemKind, measures: Mapping[str, ItemMeasure]) -> frozenset[str] | None:
    """Return the scopes to which all measures of a kind are bound; None where one of them is bound to none."""
    found: set[str] = set()
    for measure in measures.values():
        if measure.kind is kind:
            bound = [matcher for matcher in measure.filter if matcher.name == "scope" and matcher.operator == "="]
            if not bound:
                return None
            found.update(bound[0].values)
    return frozenset(found)


def _attributes(names: frozenset[str], shared: Any, own: Any) -> dict[str, Any]:
    """Return the attributes of these names, an item's own before its resource's."""
    found = {}
    for attributes in (shared, own):
        for pair in attributes:
            if pair.key in names:
                kind = pair.value.WhichOneof("value")
                found[pair.key] = getattr(pair.value, kind) if kind in ("string_value", "int_value", "double_value", "bool_value") else None
    return found


def _named(attributes: Any) -> str:
    return next((pair.value.string_value for pair in attributes if pair.key == "event.name"), "")


def item_of(
    measure: ItemMeasure,
    read: Mapping[str, Any],
    at_ns: int,
    trace_id: bytes = b"",
    span_id: bytes = b"",
    weight: float = 1.0,
    *,
    is_bucket: bool = False,
) -> MeasuredItem | None:
    """Return what a measure sees of an item whose attributes are read; None where it does not want it."""
    if not passes(measure.filter, read):
        return None
    value = _value_of(measure, read)
    if value is None or not math.isfinite(value):
        return None
    return MeasuredItem(
        at_ns=at_ns,
        value=value,
        labels=tuple(text_of(read.get(attribute))[:MAX_LABEL] for _, attribute in measure.by),
        weight=weight,
        is_match=bool(measure.match) and passes(measure.match, read),
        is_bucket=is_bucket,
        same=text_of(read.get(measure.of)) if measure.aggregate is Aggregate.IN_A_ROW else "",
        name=str(read["name"]),
        session_id=text_of(read.get(semconv.SESSION_ID)),
        trace_id=trace_id.hex(),
        span_id=span_id.hex(),
    )


def _value_of(measure: ItemMeasure, read: Mapping[str, Any]) -> float | None:
    """Return the value of an item: what `of` says; where items are only counted, one that has none is 1."""
    value = number_of(read.get(measure.of)) if measure.of else None
    if measure.aggregate is Aggregate.RATE and measure.kind is not ItemKind.METRIC:
        return 1.0
    is_counted = measure.aggregate in (Aggregate.COUNT, Aggregate.SHARE, Aggregate.IN_A_ROW)
    return 1.0 if value is None and is_counted else value


def passes(matchers: tuple[Matcher, ...], read: Mapping[str, Any]) -> bool:
    """Whether an item passes all matchers."""
    return all(matcher.matches(read.get(matcher.name)) for matcher in matchers)


def item_of_counter(measure: ItemMeasure, read: dict[str, Any], at_ns: int, grown: float | None) -> MeasuredItem | None:
    """Return what a measure sees of a point of a counter, whose value is read and which `grown` since the point before; None where that is not known
    and asked for."""
    if measure.aggregate is Aggregate.SHARE:
        return item_of(measure, read, at_ns, weight=grown) if grown else None
    if measure.aggregate not in COUNTED:
        return item_of(measure, read, at_ns)
    return item_of(measure, read | {"value": grown}, at_ns) if grown is not None else None


def buckets_of(bounds: Sequence[float], counts: Sequence[float], least: float | None = None, most: float | None = None) -> list[Bucket]:
    """Return the buckets of a histogram in which something was counted; `least` and `most` are the smallest and largest value, if known."""
    found = []
    for at, count in enumerate(counts):
        if count:
            low = bounds[at - 1] if at else least if least is not None else 0.0 if bounds and bounds[0] > 0 else bounds[0] if bounds else 0.0
            found.append(Bucket(low, bounds[at] if at < len(bounds) else most if most is not None else low, count))
    return found


def items_of_buckets(measure: ItemMeasure, read: dict[str, Any], at_ns: int, buckets: Sequence[Bucket]) -> Iterator[MeasuredItem]:
    """Yield the items that a histogram's buckets are for a measure."""
    parts = PARTS if measure.aggregate.quantile is not None else 1
    for bucket in buckets:
        for part in range(parts):
            read["value"] = bucket.low + (bucket.high - bucket.low) * (part + 0.5) / parts
            if item := item_of(measure, read, at_ns, bucket.trace_id, bucket.span_id, bucket.times / parts, is_bucket=True):
                yield item


def _example(point: Any, low: float, high: float) -> tuple[bytes, bytes]:
    """Return the trace and span of the newest exemplar in a bucket."""
    inside = [each for each in point.exemplars if each.trace_id and low <= _number(each) <= high]
    newest = max(inside, key=lambda each: each.time_unix_nano, default=None)
    return (newest.trace_id, newest.span_id) if newest is not None else (b"", b"")


def _number(point: Any) -> float:
    return float(point.as_int if point.WhichOneof("value") == "as_int" else point.as_double)


def _identity(attributes: Any) -> frozenset[tuple[str, bytes]]:
    return frozenset((pair.key, pair.value.SerializeToString()) for pair in attributes)
