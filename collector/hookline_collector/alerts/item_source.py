"""The series of an item measure: windows over what was accepted in the last minutes, kept in memory and bounded.

A series is there while something of it is in its window. Past MAX_SERIES new ones are not begun, and counted. What is worst in the window (of those
that are counted: what came last) is remembered, three items a series, to show what an alert is about.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hookline_collector.alerts.alert import Evidence, Witness
from hookline_collector.alerts.baseline import BaselineTable
from hookline_collector.alerts.forecast import CrossingForecast, forecast
from hookline_collector.alerts.item_reading import MeasuredItem
from hookline_collector.alerts.measure_sql import PointShape, statement
from hookline_collector.alerts.reading import Series, SeriesReading
from hookline_collector.alerts.rule import Aggregate, AlertRule, Baseline, BurnRate, Condition, Forecast, ItemMeasure
from hookline_collector.alerts.sliding import SlidingWindow, changes

MAX_SERIES = 1_000
MAX_POINTS = 60
WORST = 3


@dataclass(slots=True)
class _ItemSeries:
    """One series: its windows (one; or two a pair of a burn rate), what came in a row, the worst, and the course of its values."""

    windows: list[SlidingWindow]
    has_buckets: bool = False
    in_a_row: int = 0
    same: str | None = None
    last_ns: int = 0
    worst: list[MeasuredItem] = field(default_factory=list)
    points: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=MAX_POINTS))
    history: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=MAX_POINTS))


class ItemSource:
    """The series of one rule over metrics, spans or log records."""

    def __init__(self, rule: AlertRule, since_ns: int, baselines: BaselineTable | None = None) -> None:
        assert isinstance(rule.measure, ItemMeasure)  # noqa: S101 - who makes it looks at the measure
        self._rule = rule
        self._measure: ItemMeasure = rule.measure
        self._since_ns = since_ns
        self._series: dict[Series, _ItemSeries] = {}
        self.baselines = baselines or BaselineTable()
        self.turned_away = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the labels."""
        return tuple(label for label, _ in self._measure.by)

    def add(self, item: MeasuredItem, now_ns: int) -> None:
        """Take an item in."""
        series = self._series.get(item.labels)
        if series is None:
            if len(self._series) >= MAX_SERIES:
                self._forget(now_ns)
            if len(self._series) >= MAX_SERIES:
                self.turned_away += 1
                return
            series = self._series[item.labels] = _ItemSeries(self._windows())
        for window in series.windows:
            window.add(item.at_ns, item.value, now_ns, weight=item.weight, is_match=item.is_match)
        series.has_buckets = item.is_bucket
        self._follow(series, item)
        self._remember(series, item, now_ns)

    def read(self, now_ns: int) -> Mapping[Series, SeriesReading]:
        """Return the readings of the series that have something in their window."""
        self._forget(now_ns)
        return {key: self._reading(key, series, now_ns) for key, series in self._series.items()}

    def is_whole(self, now_ns: int) -> bool:
        """Whether the window was watched from its beginning."""
        return now_ns - self._since_ns >= self._measure.over_ns

    def next_change_ns(self, now_ns: int) -> int | None:
        """Return when something leaves a window, or the next point of a forecast is due; what is missing begins to be missing."""
        moments = [changes(window for series in self._series.values() for window in series.windows)]
        if isinstance(self._rule.outlook, Forecast):
            spacing_ns = self._rule.outlook.history_ns // MAX_POINTS
            moments += [series.history[-1][0] + spacing_ns for series in self._series.values() if series.history]
        if not self.is_whole(now_ns):
            moments.append(self._since_ns + self._measure.over_ns)
        return max(now_ns + self._rule.interval_ns, min(known)) if (known := [at_ns for at_ns in moments if at_ns is not None]) else None

    def evidence(self, series: Series, now_ns: int) -> Evidence:
        """Return the course of a series, its worst items, and the statement that reproduces it."""
        kind = self._measure.kind.value
        found = self._series.get(series)
        points = PointShape.ANY if found is None else PointShape.BUCKETS if found.has_buckets else PointShape.NUMBERS
        query = statement(self._measure, now_ns - self._measure.over_ns, now_ns, dict(zip(self.names, series, strict=True)), points=points)
        if found is None:
            return Evidence(query=query)
        worst = [Witness(kind, each.name, each.value, each.at_ns, each.session_id, each.trace_id, each.span_id) for each in found.worst]
        return Evidence(tuple(found.points), tuple(worst), query)

    def _windows(self) -> list[SlidingWindow]:
        if isinstance(self._rule.outlook, BurnRate):
            return [SlidingWindow(over_ns) for pair in self._rule.outlook.windows for over_ns in (pair.long_ns, pair.short_ns)]
        return [SlidingWindow(self._measure.over_ns, with_sketch=self._measure.aggregate.quantile is not None)]

    def _follow(self, series: _ItemSeries, item: MeasuredItem) -> None:
        if self._measure.aggregate is not Aggregate.IN_A_ROW or item.at_ns < series.last_ns:
            return
        series.last_ns = item.at_ns
        goes_on = item.is_match if self._measure.match else item.same == series.same
        series.in_a_row = series.in_a_row + 1 if goes_on else int(not self._measure.match)
        series.same = item.same

    def _remember(self, series: _ItemSeries, item: MeasuredItem, now_ns: int) -> None:
        measure = self._measure
        if measure.match and not item.is_match:
            return
        by_time = measure.aggregate in (Aggregate.COUNT, Aggregate.RATE, Aggregate.LAST, Aggregate.IN_A_ROW, Aggregate.SHARE)
        sign = -1.0 if self._rule.condition.below is not None else 1.0
        kept = [item, *(each for each in series.worst if each.at_ns > now_ns - measure.over_ns)]
        kept.sort(key=lambda each: float(each.at_ns) if by_time else sign * each.value, reverse=True)
        series.worst = (_once_a_point(kept) if item.is_bucket else kept)[:WORST]

    def _reading(self, key: Series, series: _ItemSeries, now_ns: int) -> SeriesReading:
        value, is_partial = self._value(series, now_ns)
        if value is not None:
            series.points.append((now_ns, value))
        if isinstance(self._rule.outlook, Forecast):
            return self._forecast(series, value, self._rule.outlook, now_ns)
        if isinstance(self._rule.outlook, Baseline):
            return self.baselines.judge(key, value, self._rule.outlook, now_ns)
        return SeriesReading(value, is_partial)

    def _value(self, series: _ItemSeries, now_ns: int) -> tuple[float | None, bool]:
        measure = self._measure
        if isinstance(self._rule.outlook, BurnRate):
            return self._burn(series, self._rule.outlook, now_ns)
        window = series.windows[0]
        value = float(series.in_a_row) if measure.aggregate is Aggregate.IN_A_ROW else window.value(measure.aggregate, now_ns)
        if window.count() < measure.at_least:
            value = None
        return value, not self.is_whole(now_ns) and (value is None or measure.aggregate.grows)

    def _burn(self, series: _ItemSeries, outlook: BurnRate, now_ns: int) -> tuple[float | None, bool]:
        budget, rates = 100 - outlook.objective, []
        for at, pair in enumerate(outlook.windows):
            shares = [window.value(Aggregate.SHARE, now_ns) or 0.0 for window in series.windows[2 * at : 2 * at + 2]]
            rates.append(min(shares) / budget / pair.factor)
        enough = series.windows[0].count() >= self._measure.at_least
        return (max(rates) if enough else None), now_ns - self._since_ns < max(pair.long_ns for pair in outlook.windows)

    def _forecast(self, series: _ItemSeries, value: float | None, outlook: Forecast, now_ns: int) -> SeriesReading:
        spacing_ns = outlook.history_ns // MAX_POINTS
        if value is not None and (not series.history or now_ns - series.history[-1][0] >= spacing_ns):
            series.history.append((now_ns, value))
        return forecast_reading(list(series.history), outlook, self._rule.condition)

    def _forget(self, now_ns: int) -> None:
        for key, series in list(self._series.items()):
            for window in series.windows:
                window.trim(now_ns)
            if not any(window.count() for window in series.windows) and not self._is_wanted_later(series, now_ns):
                del self._series[key]

    def _is_wanted_later(self, series: _ItemSeries, now_ns: int) -> bool:
        """Whether a series with an empty window is kept for its history."""
        outlook = self._rule.outlook
        return isinstance(outlook, Forecast) and bool(series.history) and now_ns - series.history[-1][0] < outlook.history_ns // 4


def _once_a_point(items: list[MeasuredItem]) -> list[MeasuredItem]:
    """Return the first of those that stand for the same request, or, where nobody knows which it was, for the same point of a histogram."""
    found: dict[tuple[int, str], MeasuredItem] = {}
    for item in items:
        found.setdefault((item.at_ns, item.trace_id), item)
    return list(found.values())


def forecast_reading(history: list[tuple[int, float]], outlook: Forecast, condition: Condition) -> SeriesReading:
    """Return where a series will be, with what templates may tell of it; no value where that cannot be said."""
    limit = condition.above if condition.above is not None else condition.below
    found = forecast(history, outlook.within_ns, limit if outlook.kind == "value" else None)
    if found is None:
        return SeriesReading(None, is_partial=True)
    return SeriesReading(found.value if outlook.kind == "value" else _growth(found, outlook.least), more={"forecast": words_of(found)})


def _growth(found: CrossingForecast, least: float) -> float:
    """Return a forecast as a ratio to what there is now; 1 where the difference is small, or where nothing is there to grow."""
    return 1.0 if abs(found.value - found.now) < least or found.now <= 0 else found.value / found.now


def words_of(found: CrossingForecast) -> dict[str, Any]:
    """Return a forecast as templates see it: seconds from now, an empty text where the limit is not reached."""
    told = {
        name: "" if moment is None else moment
        for name, moment in (("in_s", found.in_s), ("earliest_s", found.earliest_s), ("latest_s", found.latest_s))
    }
    return {"low": found.low, "high": found.high, "slope_per_h": found.slope_per_s * 3600, "now": found.now, **told}
