"""The series of an SQL measure: what the last answer said.

The statement runs as a person's query does: read-only, limited in time, memory and rows, and after what was acknowledged was stored. A column
`value` is the value, a column `at` a moment (then the newest row of a series counts and the rest is its history), every other one a label.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hookline.errors import Rejected
from hookline.system.clock import parse_iso
from hookline_collector.alerts.alert import Evidence, Witness
from hookline_collector.alerts.item_reading import MAX_LABEL
from hookline_collector.alerts.item_source import MAX_POINTS, MAX_SERIES, WORST, forecast_reading
from hookline_collector.alerts.matchers import number_of, text_of
from hookline_collector.alerts.reading import Series, SeriesReading
from hookline_collector.alerts.rule import AlertRule, Forecast, SqlMeasure
from hookline_collector.alerts.rule_files import label_of
from hookline_collector.store.rows import Rows

VALUE, AT = "value", "at"
Points = list[tuple[int, float]]


class SqlSource:
    """The last answer to the statement of one rule."""

    def __init__(self, rule: AlertRule) -> None:
        assert isinstance(rule.measure, SqlMeasure)  # noqa: S101 - who makes it looks at the measure
        self._rule = rule
        self.sql = rule.measure.sql
        self._names: tuple[str, ...] = ()
        self._series: Mapping[Series, Points] = {}
        self._is_answered = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels: the columns of the last answer."""
        return self._names

    def take(self, rows: Rows, now_ns: int) -> None:
        """Take an answer in. Raises Rejected where it is not what a rule can use."""
        columns = list(rows.columns)
        if VALUE not in columns:
            raise Rejected(f"the statement must give a column `value`, not only {', '.join(columns)[:200]}")
        if len(rows) > MAX_SERIES * (MAX_POINTS if AT in columns else 1):
            raise Rejected(f"the statement gives {len(rows)} rows: a rule may have {MAX_SERIES} series")
        names = [column for column in columns if column not in (VALUE, AT)]
        found: dict[Series, Points] = {}
        for row in rows.as_dicts():
            value = number_of(row[VALUE])
            if value is None:
                continue
            key = tuple(text_of(row[name])[:MAX_LABEL] for name in names)
            if AT not in columns and key in found:
                raise Rejected(f"two rows have the same labels: {dict(zip(names, key, strict=True))}")
            found.setdefault(key, []).append((moment_of(row[AT]) if AT in columns else now_ns, value))
        labels = tuple(map(label_of, names))
        before = {} if AT in columns or labels != self._names else self._series
        self._series = {key: sorted([*before.get(key, ()), *points])[-MAX_POINTS * 4 :] for key, points in found.items()}
        self._names, self._is_answered = labels, True

    def read(self, now_ns: int) -> Mapping[Series, SeriesReading]:
        """Return the newest value of each series, or where it will be."""
        del now_ns
        outlook = self._rule.outlook
        if isinstance(outlook, Forecast):
            return {key: forecast_reading(points, outlook, self._rule.condition) for key, points in self._series.items()}
        return {key: SeriesReading(points[-1][1]) for key, points in self._series.items()}

    def is_whole(self, now_ns: int) -> bool:
        """Whether the store answered once."""
        del now_ns
        return self._is_answered

    def next_change_ns(self, now_ns: int) -> int | None:
        """Return None: nothing changes but by an answer."""
        del now_ns
        return None

    def evidence(self, series: Series, now_ns: int) -> Evidence:
        """Return the course of a series, its worst moments, and the statement. What columns call a session, a trace or a span is one."""
        del now_ns
        points, labels = self._series.get(series, [])[-MAX_POINTS:], dict(zip(self._names, series, strict=False))
        sign = 1.0 if self._rule.condition.below is not None else -1.0
        session_id, trace_id, span_id = (labels.get(name, "") for name in ("session_id", "trace_id", "span_id"))
        name = ", ".join(f"{label}={value}" for label, value in labels.items())
        worst = sorted(points, key=lambda point: (sign * point[1], -point[0]))[:WORST]
        told = tuple(Witness("row", name, value, at_ns, session_id, trace_id, span_id) for at_ns, value in worst)
        return Evidence(tuple(points), told, self.sql)


def moment_of(value: Any) -> int:
    """Return the Unix nanoseconds of what the store calls a moment. Raises Rejected."""
    if isinstance(value, int | float):
        return int(value * 1e9)
    if isinstance(value, datetime):
        return int((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1e9)
    found = parse_iso(str(value))
    if found is None:
        raise Rejected(f"`at` must be a moment, not {str(value)[:50]!r}")
    return found
