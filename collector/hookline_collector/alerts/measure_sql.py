"""A measure as SQL over the stored tables: what reproduces an alert's value, what a baseline is worked out from, and what a backtest reads.

The statements are text that people run again, so values stand in them, written as ClickHouse writes literals. What a statement reads is what
`item_reading` reads of a request: an attribute of the item before one of its resource, the same further names.
"""

from __future__ import annotations

from collections.abc import Mapping

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.matchers import Matcher, number_of
from hookline_collector.alerts.rule import Aggregate, ItemKind, ItemMeasure

_TABLES = {ItemKind.SPAN: ("otel_traces", "Timestamp"), ItemKind.LOG: ("otel_logs", "Timestamp")}
_METRICS = ("otel_metrics_gauge", "otel_metrics_sum")
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


def statement(measure: ItemMeasure, from_ns: int, to_ns: int, series: Mapping[str, str] | None = None, hours: int = 0) -> str:
    """Return a SELECT of a measure's value by its labels; with `hours` one for each so many hours, with a column `at`."""
    table, time = _table(measure)
    labels = [f"{column(measure.kind, attribute)} AS {name}" for name, attribute in measure.by]
    at = [f"toStartOfInterval({time}, INTERVAL {hours} HOUR) AS at"] if hours else []
    wanted = [f"{column(measure.kind, attribute)} = {literal((series or {})[name])}" for name, attribute in measure.by if series and name in series]
    where = [*conditions(measure, from_ns, to_ns), *wanted]
    groups = [*(["at"] if hours else []), *(name for name, _ in measure.by)]
    lines = [
        f"SELECT {', '.join([*at, *labels, f'{_aggregate(measure, to_ns - from_ns if not hours else hours * 3600 * NS_PER_S)} AS value'])}",
        f"FROM {table}",
        "WHERE " + "\n  AND ".join(where),
    ]
    return "\n".join(lines + ([f"GROUP BY {', '.join(groups)}"] if groups else []))


def items(measure: ItemMeasure, from_ns: int, to_ns: int) -> str:
    """Return a SELECT of a measure's items in order: moment, value, whether it is counted, what must be the same, and the labels.

    A counter's item is its increase since the point before, where that is what the measure reads.
    """
    table, time = _table(measure)
    where = "\n  AND ".join(conditions(measure, from_ns, to_ns))
    value = "toFloat64(1)" if not measure.of else f"toFloat64OrNull(toString({column(measure.kind, measure.of)}))"
    if measure.kind is ItemKind.METRIC and measure.aggregate in (Aggregate.RATE, Aggregate.SUM):
        table, where = _increases(where), "number > 1 OR AggregationTemporality != 2"
        value = "if(AggregationTemporality != 2, Value, if(Value >= before, Value - before, Value))"
    match = _all(measure.kind, measure.match) if measure.match else "0"
    same = f"toString({column(measure.kind, measure.of)})" if measure.of else "''"
    at = f"toUnixTimestamp64Nano({time})" + (" + Duration" if measure.kind is ItemKind.SPAN else "")
    labels = [f"toString({column(measure.kind, attribute)}) AS {name}" for name, attribute in measure.by]
    chosen = ", ".join([f"{at} AS at_ns", f"{value} AS item_value", f"({match}) AS is_match", f"{same} AS same", *labels])
    return f"SELECT {chosen}\nFROM {table}\nWHERE {where}\nORDER BY at_ns"


def _increases(where: str) -> str:
    """Return the points of sums, each with the one before it in its series."""
    series = "PARTITION BY MetricName, Attributes, ResourceAttributes ORDER BY TimeUnix"
    window = f"lagInFrame(Value) OVER ({series}) AS before, row_number() OVER ({series}) AS number"
    return f"(SELECT *, {window}\n  FROM otel_metrics_sum\n  WHERE {where})"  # noqa: S608 - literals are quoted


def conditions(measure: ItemMeasure, from_ns: int, to_ns: int) -> list[str]:
    """Return what a row must be to be one of a measure's items."""
    _, time = _table(measure)
    found = [f"{time} > {moment(from_ns)}", f"{time} <= {moment(to_ns)}"]
    if measure.name and measure.kind is ItemKind.SPAN:
        found.append(f"(SpanName = {literal(measure.name)} OR splitByChar(' ', SpanName)[1] = {literal(measure.name)})")
    elif measure.name:
        found.append(f"{_NAMES[measure.kind]} = {literal(measure.name)}")
    return found + [_condition(measure.kind, matcher) for matcher in measure.filter]


def _table(measure: ItemMeasure) -> tuple[str, str]:
    if measure.kind is not ItemKind.METRIC:
        return _TABLES[measure.kind]
    shared = "TimeUnix, MetricName, MetricUnit, ScopeName, Attributes, ResourceAttributes, Value"
    return "(" + " UNION ALL ".join(f"SELECT {shared} FROM {table}" for table in _METRICS) + ")", "TimeUnix"  # noqa: S608 - names of ours


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


def _aggregate(measure: ItemMeasure, over_ns: int) -> str:
    value = f"toFloat64OrNull(toString({column(measure.kind, measure.of)}))" if measure.of else "1"
    _, time = _table(measure)
    if measure.aggregate.quantile is not None:
        return f"quantile({measure.aggregate.quantile})({value})"
    match, seconds = _all(measure.kind, measure.match), over_ns / NS_PER_S
    count = f"countIf({match})" if match else "count()"
    is_metric = measure.kind is ItemKind.METRIC
    made = {
        Aggregate.COUNT: count,
        Aggregate.IN_A_ROW: count,
        Aggregate.SHARE: f"100 * {count} / count()",
        Aggregate.RATE: f"(max({value}) - min({value})) / {seconds!r}" if is_metric else f"count() / {seconds!r}",
        Aggregate.LAST: f"argMax({value}, {time})",
    }
    return made.get(measure.aggregate, f"{measure.aggregate.value}({value})")
