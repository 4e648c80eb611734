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
from hookline_collector.alerts.alert import Evidence
from hookline_collector.alerts.item_reading import MAX_LABEL
from hookline_collector.alerts.item_source import MAX_POINTS, MAX_SERIES, forecast_reading
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
        self._names = tuple(map(label_of, names))
        self._series = {key: sorted(points)[-MAX_POINTS * 4 :] for key, points in found.items()}
        self._is_answered = True

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
        """Return the course of a series and the statement."""
        del now_ns
        return Evidence(tuple(self._series.get(series, [])[-MAX_POINTS:]), query=self.sql)


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
