"""A measure as SQL over the stored tables: what reproduces an alert's value, what a baseline is worked out from, and what a backtest reads.

The statements are text that people run again, so values stand in them, written as ClickHouse writes literals. What a statement reads is what
`item_reading` reads of a request: an attribute of the item before one of its resource, the same further names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.matchers import Matcher, number_of
from hookline_collector.alerts.rule import Aggregate, ItemKind, ItemMeasure

COUNTED = (Aggregate.RATE, Aggregate.SUM)
"""Aggregates for which a counter is its increase."""
PARTS = 10
"""Of so many values, evenly spread, a bucket of a histogram consists where a percentile is asked for."""
BEFORE_NS = 15 * 60 * NS_PER_S
"""So long before a period the point is looked for from which a counter grew."""
_POINT = "TimeUnix, MetricName, MetricUnit, ScopeName, Attributes, ResourceAttributes"
_TABLES = {ItemKind.SPAN: ("otel_traces", "Timestamp"), ItemKind.LOG: ("otel_logs", "Timestamp"), ItemKind.METRIC: ("", "TimeUnix")}
_OWN = {ItemKind.SPAN: "SpanAttributes", ItemKind.LOG: "LogAttributes", ItemKind.METRIC: "Attributes"}
_EVENT = "if(EventName = '', LogAttributes['event.name'], EventName)"  # older senders name a record by an attribute
_NAMES = {ItemKind.SPAN: "SpanName", ItemKind.LOG: _EVENT, ItemKind.METRIC: "MetricName"}
_BUILTIN = {
    ItemKind.SPAN: {
        "name": "SpanName",
        "scope": "ScopeName",
        "duration_s": "Duration / 1e9",
        "status": "lower(StatusCode)",
        "kind": "lower(SpanKind)",
    },
    ItemKind.LOG: {"name": _EVENT, "scope": "ScopeName", "body": "Body", "severity": "SeverityText", "severity_number": "SeverityNumber"},
    ItemKind.METRIC: {"name": "MetricName", "scope": "ScopeName", "value": "Value", "unit": "MetricUnit"},
}


class PointShape(StrEnum):
    """How the points of a metric are stored: as numbers, as a histogram's buckets, or nobody knows."""

    NUMBERS = "numbers"
    BUCKETS = "buckets"
    ANY = "any"


def literal(text: str) -> str:
    """Return a text as ClickHouse writes it."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def moment(at_ns: int) -> str:
    """Return Unix nanoseconds as a moment of ClickHouse."""
    return f"fromUnixTimestamp64Nano({at_ns})"


def column(kind: ItemKind, attribute: str) -> str:
    """Return the expression of an attribute."""
    if attribute in _BUILTIN[kind]:
        return _BUILTIN[kind][attribute]
    own, name = _OWN[kind], literal(attribute)
    return f"if(mapContains({own}, {name}), {own}[{name}], ResourceAttributes[{name}])"


def statement(
    measure: ItemMeasure,
    from_ns: int,
    to_ns: int,
    series: Mapping[str, str] | None = None,
    hours: int = 0,
    points: PointShape = PointShape.ANY,
) -> str:
    """Return a SELECT of a measure's value by its labels; with `hours` one for each so many hours, with a column `at`.

    `points` says how a metric's points are stored.
    """
    table, time = _table(measure, from_ns, to_ns, points)
    labels = [f"{column(measure.kind, attribute)} AS {name}" for name, attribute in measure.by]
    at = [f"toStartOfInterval({time}, INTERVAL {hours} HOUR) AS at"] if hours else []
    wanted = [f"{column(measure.kind, attribute)} = {literal((series or {})[name])}" for name, attribute in measure.by if series and name in series]
    where = [*conditions(measure, from_ns, to_ns), *wanted]
    groups = [*(["at"] if hours else []), *(name for name, _ in measure.by)]
    value = _aggregate(measure, hours * 3600 * NS_PER_S if hours else to_ns - from_ns, is_weighed=_is_weighed(measure, points))
    lines = [f"SELECT {', '.join([*at, *labels, f'{value} AS value'])}", f"FROM {table}", "WHERE " + "\n  AND ".join(where)]
    return "\n".join(lines + ([f"GROUP BY {', '.join(groups)}"] if groups else []))


def items(measure: ItemMeasure, from_ns: int, to_ns: int) -> str:
    """Return a SELECT of a measure's items in order: moment, value, how often, whether it is counted, what must be the same, and the labels.

    What a metric's points give is what `item_reading` makes of them: a counter's increase, a histogram's buckets.
    """
    table, time = _table(measure, from_ns, to_ns, PointShape.ANY)
    where = "\n  AND ".join(conditions(measure, from_ns, to_ns))
    value = "toFloat64(1)" if not measure.of else f"toFloat64OrNull(toString({column(measure.kind, measure.of)}))"
    weight = "Weight" if measure.kind is ItemKind.METRIC else "toFloat64(1)"
    match = _all(measure.kind, measure.match) if measure.match else "0"
    same = f"toString({column(measure.kind, measure.of)})" if measure.of else "''"
    at = f"toUnixTimestamp64Nano({time})" + (" + Duration" if measure.kind is ItemKind.SPAN else "")
    labels = [f"toString({column(measure.kind, attribute)}) AS {name}" for name, attribute in measure.by]
    chosen = ", ".join([f"{at} AS at_ns", f"{value} AS item_value", f"{weight} AS weight", f"({match}) AS is_match", f"{same} AS same", *labels])
    return f"SELECT {chosen}\nFROM {table}\nWHERE {where}\nORDER BY at_ns"


def conditions(measure: ItemMeasure, from_ns: int, to_ns: int) -> list[str]:
    """Return what a row must be to be one of a measure's items."""
    _, time = _TABLES[measure.kind]
    found = [_within(time, from_ns, to_ns)]
    if measure.name and measure.kind is ItemKind.SPAN:
        found.append(f"(SpanName = {literal(measure.name)} OR splitByChar(' ', SpanName)[1] = {literal(measure.name)})")
    elif measure.name:
        found.append(f"{_NAMES[measure.kind]} = {literal(measure.name)}")
    return found + [_condition(measure.kind, matcher) for matcher in measure.filter]


def _within(time: str, from_ns: int, to_ns: int) -> str:
    return f"{time} > {moment(from_ns)} AND {time} <= {moment(to_ns)}"


def _table(measure: ItemMeasure, from_ns: int, to_ns: int, points: PointShape) -> tuple[str, str]:
    name, time = _TABLES[measure.kind]
    if measure.kind is not ItemKind.METRIC:
        return name, time
    counted = measure.aggregate in COUNTED or measure.aggregate is Aggregate.SHARE
    plain = [_levels("otel_metrics_gauge"), _totals(measure, from_ns, to_ns) if counted else _levels("otel_metrics_sum")]
    read = {
        PointShape.NUMBERS: plain,
        PointShape.BUCKETS: [_buckets(measure, from_ns, to_ns)],
        PointShape.ANY: [*plain, _buckets(measure, from_ns, to_ns)],
    }[points]
    return "(" + "\n  UNION ALL ".join(read) + ")", time


def _levels(table: str) -> str:
    return f"SELECT {_POINT}, Value, toFloat64(1) AS Weight FROM {table}"  # noqa: S608 - names of ours


def _totals(measure: ItemMeasure, from_ns: int, to_ns: int) -> str:
    """Return the points of sums: of those that are told as totals, by how much they grew; for a share each as often as it grew."""
    chosen = "Value, IsMonotonic, AggregationTemporality = 2 AND IsMonotonic AS is_total"
    inner = _before(measure, from_ns, to_ns, chosen, "Value", "otel_metrics_sum")
    grown = "if(is_total, if(Value >= before, Value - before, Value), Value)"
    value, weight = ("Value", f"if(IsMonotonic, {grown}, 1)") if measure.aggregate is Aggregate.SHARE else (grown, "toFloat64(1)")
    return f"SELECT {_POINT}, {value} AS Value, {weight} AS Weight FROM ({inner}) WHERE (number > 1 OR NOT is_total) AND Weight > 0"  # noqa: S608 - names of ours


def _buckets(measure: ItemMeasure, from_ns: int, to_ns: int) -> str:
    """Return the buckets of histograms, each as a value that was counted so often since the point before: its middle; where a percentile is asked
    for, PARTS values that lie evenly in it.

    The clause ARRAY JOIN makes blocks of the usual size; the function makes one of a hundred and fifty times as many rows, with all their attributes.
    """
    chosen = "BucketCounts, ExplicitBounds, Min, Max, AggregationTemporality = 2 AS is_total"
    inner = _before(measure, from_ns, to_ns, chosen, "BucketCounts", "otel_metrics_histogram")
    was = "if(length(before) = length(BucketCounts), before, arrayResize([toUInt64(0)], length(BucketCounts)))"
    grown = f"if(is_total, arrayMap((now, was) -> toFloat64(if(now >= was, now - was, now)), BucketCounts, {was}), arrayMap(toFloat64, BucketCounts))"
    low = "if(empty(ExplicitBounds), Min, if(Min > 0, least(Min, ExplicitBounds[1]), least(0, ExplicitBounds[1])))"
    lows = f"arrayPushFront(ExplicitBounds, {low})"
    highs = "arrayPushBack(ExplicitBounds, greatest(Max, if(empty(ExplicitBounds), Max, ExplicitBounds[-1])))"
    parts = PARTS if measure.aggregate.quantile is not None else 1
    value = f"bucket.1 + (bucket.2 - bucket.1) * (part + 0.5) / {parts}"
    return (
        f"SELECT {_POINT}, {value} AS Value, bucket.3 / {parts} AS Weight\n"  # noqa: S608 - names of ours
        f"    FROM (SELECT {_POINT}, bucket FROM ({inner})\n"
        f"      ARRAY JOIN arrayZip({lows}, {highs}, {grown}) AS bucket WHERE (number > 1 OR NOT is_total) AND bucket.3 > 0)\n"
        f"    ARRAY JOIN range({parts}) AS part"
    )


def _before(measure: ItemMeasure, from_ns: int, to_ns: int, chosen: str, of: str, table: str) -> str:
    """Return points of a measure, each with the one `before` it in its series and its `number` there; since somewhat before the period."""
    series = "PARTITION BY MetricName, ScopeName, Attributes, ResourceAttributes ORDER BY TimeUnix"
    rank = f"lagInFrame({of}) OVER ({series}) AS before, row_number() OVER ({series}) AS number"
    bare = replace(measure, filter=tuple(each for each in measure.filter if each.name != "value"))
    where = " AND ".join(conditions(bare, from_ns - BEFORE_NS, to_ns))
    return f"SELECT {_POINT}, {chosen}, {rank} FROM {table} WHERE {where}"  # noqa: S608 - literals are quoted


def _is_weighed(measure: ItemMeasure, points: PointShape) -> bool:
    return measure.kind is ItemKind.METRIC and (points is not PointShape.NUMBERS or measure.aggregate is Aggregate.SHARE)


def _all(kind: ItemKind, matchers: tuple[Matcher, ...]) -> str:
    return " AND ".join(_condition(kind, matcher) for matcher in matchers)


def _condition(kind: ItemKind, matcher: Matcher) -> str:
    expression = column(kind, matcher.name)
    if matcher.operator in (">", ">=", "<", "<="):
        return f"toFloat64OrNull(toString({expression})) {matcher.operator} {number_of(matcher.values[0])!r}"
    if matcher.operator in ("=~", "!~"):
        return f"{'NOT ' if matcher.operator == '!~' else ''}match(toString({expression}), {literal(f'^(?:{matcher.values[0]})$')})"
    if matcher.operator == "!=":
        return f"toString({expression}) != {literal(matcher.values[0])}"
    return f"toString({expression}) IN ({', '.join(map(literal, matcher.values))})"


def _aggregate(measure: ItemMeasure, over_ns: int, *, is_weighed: bool) -> str:
    value = f"toFloat64OrNull(toString({column(measure.kind, measure.of)}))" if measure.of else "1"
    _, time = _TABLES[measure.kind]
    if measure.aggregate.quantile is not None:
        weighed = f"quantileExactWeighted({measure.aggregate.quantile})({value}, toUInt64(round({PARTS} * Weight)))"
        return weighed if is_weighed else f"quantile({measure.aggregate.quantile})({value})"
    match, seconds = _all(measure.kind, measure.match), over_ns / NS_PER_S
    every, total = ("sum(Weight)", f"sum({value} * Weight)") if is_weighed else ("count()", f"sum({value})")
    count = every if not match else f"sumIf(Weight, {match})" if is_weighed else f"countIf({match})"
    made = {
        Aggregate.COUNT: count,
        Aggregate.IN_A_ROW: count,
        Aggregate.SHARE: f"100 * {count} / {every}",
        Aggregate.SUM: total,
        Aggregate.AVG: f"{total} / {every}",
        Aggregate.RATE: f"{total if measure.kind is ItemKind.METRIC else every} / {seconds!r}",
        Aggregate.LAST: f"argMax({value}, {time})",
    }
    return made.get(measure.aggregate, f"{measure.aggregate.value}({value})")
