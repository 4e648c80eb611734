"""What a series usually is at this hour: the median of the same hour of past weeks, and how far from it they usually are.

The hours come from the store (`measure_sql.statement` by the hour), asked once an hour by whoever owns the table. The usual deviation is the median
of the distances from the median, scaled so that it is the standard deviation where values are normal: one bad week does not move it. The hours
before and after count too, since people do not keep to the hour. Without three hours nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.reading import Series, SeriesReading
from hookline_collector.alerts.rule import Baseline

HOUR_NS = 3600 * NS_PER_S
WEEK_NS = 7 * 24 * HOUR_NS
LEAST_HOURS = 3
_NORMAL = 1.4826


@dataclass(frozen=True, slots=True)
class UsualValue:
    """The median of comparable hours, the robust deviation from it, and of how many hours."""

    middle: float
    deviation: float
    hours: int


class BaselineTable:
    """The hours of the series of one rule."""

    def __init__(self, hours: Iterable[tuple[Series, int, float]] = (), asked_ns: int = 0) -> None:
        self.asked_ns = asked_ns
        self._hours: dict[Series, dict[int, float]] = {}
        for series, at_ns, value in hours:
            self._hours.setdefault(series, {})[at_ns // HOUR_NS] = value

    @staticmethod
    def stretches(now_ns: int, weeks: int) -> list[tuple[int, int]]:
        """Return the parts of past weeks that say what is usual in the hour from a moment on."""
        begin_ns = now_ns // HOUR_NS * HOUR_NS - HOUR_NS
        return [(begin_ns - week * WEEK_NS, begin_ns - week * WEEK_NS + 4 * HOUR_NS) for week in range(1, weeks + 1)]

    def usual(self, series: Series, now_ns: int, weeks: int) -> UsualValue | None:
        """Return what a series usually is at this hour; None where too little is known."""
        known, hour = self._hours.get(series, {}), now_ns // HOUR_NS
        values = [known[at] for week in range(1, weeks + 1) for beside in (-1, 0, 1) if (at := hour - week * (WEEK_NS // HOUR_NS) + beside) in known]
        if len(values) < LEAST_HOURS:
            return None
        middle = median(values)
        return UsualValue(middle, _NORMAL * median(abs(value - middle) for value in values), len(values))

    def judge(self, series: Series, value: float | None, outlook: Baseline, now_ns: int) -> SeriesReading:
        """Return how far a value is from what is usual; no value where nothing is known."""
        usual = self.usual(series, now_ns, outlook.weeks) if value is not None else None
        if usual is None or value is None:
            return SeriesReading(None, is_partial=True)
        return SeriesReading(_distance(value, usual, outlook), more={"baseline": _words(usual), "measured": value})


def _distance(value: float, usual: UsualValue, outlook: Baseline) -> float:
    is_small = abs(value - usual.middle) < outlook.least
    if outlook.kind == "ratio":
        return 1.0 if is_small or not usual.middle else value / usual.middle
    spread = max(usual.deviation, abs(usual.middle) * 1e-3, 1e-9)  # hours that were all the same would make anything endless
    return 0.0 if is_small else (value - usual.middle) / spread


def _words(usual: UsualValue) -> Mapping[str, float]:
    return {"usual": usual.middle, "deviation": usual.deviation, "hours": float(usual.hours)}
