"""Where a series will be: a value, an interval that is meant honestly, and when it crosses a limit.

Several simple methods forecast (`forecast_methods.py`). Each is tried from earlier points of the history, over the same horizon, where the truth is
known (rolling origin); the one that erred least is used, what it did lately counting more. Its errors there, made as much larger as series with such
signs need (`forecast_width.py`), are the interval.

Nothing is said under LEAST_POINTS points, over a horizon of more than half of the history, or where no method could be tried often enough. Where a
series falls sharply back (a log was rotated, a table cleaned), what was before does not count. `make backtest` prints how often the interval holds
the truth, of series that were not used to choose all this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from hookline_collector.alerts.forecast_crossing import first_crossing
from hookline_collector.alerts.forecast_methods import METHODS, period_of
from hookline_collector.alerts.forecast_width import WEIGHTS, TriedMethod, signs_of

LEAST_POINTS = 20
ORIGINS, LEAST_TRIES = 16, 4
FADES = 0.95
_NS = 1e9
Points = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class CrossingForecast:
    """The value at the horizon with its 80 % interval, the slope, and in how many seconds the limit is crossed: when at the earliest, expected, at
    the latest; None is never within the horizon."""

    now: float
    value: float
    low: float
    high: float
    slope_per_s: float
    method: str
    in_s: float | None = None
    earliest_s: float | None = None
    latest_s: float | None = None


def forecast(points: Points, within_ns: int, limit: float | None = None) -> CrossingForecast | None:
    """Return where a series will be after `within_ns`; None where that cannot be said. Points lie about evenly, the oldest first."""
    points = since_reset(points)
    if len(points) < LEAST_POINTS:
        return None
    step_ns = (points[-1][0] - points[0][0]) / (len(points) - 1)
    steps = round(within_ns / step_ns) if step_ns > 0 else 0
    if not 1 <= steps <= len(points) // 2:
        return None
    values = [value for _, value in points]
    period, tried = studied(values, steps)
    if not tried:
        return None
    best = best_of(tried, values)
    times = WEIGHTS.multiple(signs_of(values, steps, period, tried, best))
    reach = best.size * times
    now, seconds = values[-1], within_ns / _NS
    told = CrossingForecast(now, best.value, best.value - reach, best.value + reach, (best.value - now) / seconds, best.name)
    if limit is None:
        return told
    earliest, expected, latest = first_crossing(values, steps, limit, best.name, period, times, _scales(values))
    a_step = step_ns / _NS
    return replace(told, in_s=_times(expected, a_step), earliest_s=_times(earliest, a_step), latest_s=_times(latest, a_step))


def _times(steps: float | None, seconds: float) -> float | None:
    return None if steps is None else steps * seconds


def since_reset(points: Points) -> Points:
    """Return what came after the last sharp fall: to less than half of the range, in one step that is unlike all others."""
    if len(points) < 3:
        return points
    values = [value for _, value in points]
    drops = [earlier - later for earlier, later in pairwise(values)]
    usual = median(abs(drop) for drop in drops)
    reach = max(values) - min(values)
    cuts = [at + 1 for at, drop in enumerate(drops) if drop > 0.5 * reach and drop > 10 * usual and _stays(values, at)]
    return points[cuts[-1] :] if len(cuts) == 1 else points  # several are a rhythm


def _stays(values: Sequence[float], at: int) -> bool:
    """Whether a series stays down after a fall: a lone peak before it, or a lone dip, is no reset."""
    before, after = values[max(0, at - 3) : at + 1], values[at + 1 : at + 5]
    return min(before) > max(after)


def studied(values: Sequence[float], steps: int) -> tuple[int | None, list[TriedMethod]]:
    """Return the series' rhythm, and each method that could be tried from at least LEAST_TRIES earlier points.

    Where a series has grown to a multiple of itself, what is left over usually has too: its errors count as shares of the level that it had.
    """
    period, scales = period_of(values), _scales(values)
    newest, oldest = len(values) - steps, max(LEAST_POINTS // 2, len(values) // 3)
    count = min(ORIGINS, newest - oldest + 1)
    origins = [round(newest - (newest - oldest) * at / max(1, count - 1)) for at in range(count)]
    tried = []
    for name, method in METHODS.items():
        value = method(values, steps, period)
        if value is None:
            continue
        said = [(at, age, method(values[:at], steps, period)) for age, at in enumerate(origins)]
        errors = [((values[at + steps - 1] - each) * scales[at - 1], FADES**age) for at, age, each in said if each is not None]
        if len(errors) >= min(LEAST_TRIES, count):
            size = sum(abs(error) * weight for error, weight in errors) / sum(weight for _, weight in errors)
            tried.append(TriedMethod(name, value, [error for error, _ in errors], size))
    return period, tried


def _scales(values: Sequence[float]) -> Sequence[float]:
    """Return by how much an error after each value counts more now."""
    third = len(values) // 3
    early, late = median(values[:third]), median(values[-third:])
    return [values[-1] / value for value in values] if min(values) > 0 and not 0.5 < early / late < 2 else [1.0] * len(values)


def best_of(tried: Sequence[TriedMethod], values: Sequence[float]) -> TriedMethod:
    """Return what erred least; no error counts as smaller than numbers can be told apart."""
    best = min(tried, key=lambda each: each.size)
    return best._replace(size=max(best.size, 1e-9 * max(map(abs, values)), 1e-12))
