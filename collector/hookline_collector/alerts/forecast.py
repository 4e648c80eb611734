"""Where a series will be: a value, an interval that is meant honestly, and when it crosses a limit.

Several simple methods forecast (the last value, its drift, robust lines through all or the newer part of the history, growth by a share, a damped
trend, an approach to a limit, the last season). Each is tried from earlier points of the history, over the same horizon, where the truth is known
(rolling origin); the one that erred least is used, what it did lately counting more. Its errors there are the interval: that in which four fifths of
the truths lay, the wider the more alike neighbouring errors are. Where what disturbs a series stays in it (a random walk, growth by shares) they are
nearly the same error told again and again, so they say less than as many that come and go.

Nothing is said under LEAST_POINTS points, or over a horizon of more than half of the history. Where a series falls sharply back (a log was rotated, a
table cleaned), what was before does not count. `bench_alert_forecast` prints how often the interval holds the truth, for series that were not used to
choose all this.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

LEAST_POINTS = 20
ORIGINS = 16
_NS = 1e9
Points = Sequence[tuple[int, float]]
Method = Callable[[Sequence[float], int], float]


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
    name, errors = best_method(values, steps)
    value = METHODS[name](values, steps)
    below, above = interval(errors)
    now, seconds = values[-1], within_ns / _NS
    low, high = value + below, value + above
    told = CrossingForecast(now, value, low, high, (value - now) / seconds, name)
    return told if limit is None else _with_crossing(told, limit, seconds)


def _with_crossing(told: CrossingForecast, limit: float, seconds: float) -> CrossingForecast:
    def crossing(end: float) -> float | None:
        is_past = told.now == limit or (told.now < limit) != (end < limit)
        return seconds * (limit - told.now) / (end - told.now) if is_past and end != told.now else None

    moments = [crossing(end) for end in (told.low, told.high)]
    known = [moment for moment in moments if moment is not None]
    latest = max(known) if len(known) == 2 else None
    return CrossingForecast(
        told.now,
        told.value,
        told.low,
        told.high,
        told.slope_per_s,
        told.method,
        crossing(told.value),
        min(known, default=None),
        latest,
    )


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


def best_method(values: Sequence[float], steps: int) -> tuple[str, list[float]]:
    """Return the method that erred least from earlier origins, and its errors there (truth less forecast), as large as they would be now.

    Where a series has grown to a multiple of itself, what is left over usually has too: its errors count as shares of the level that it had.
    """
    first = max(LEAST_POINTS // 2, len(values) // 3)
    last = len(values) - steps
    stride = max(1, (last - first) // ORIGINS)
    origins = range(last, first - 1, -stride)
    levels = _levels(values)
    errors = {
        name: [(values[at + steps - 1] - method(values[:at], steps)) * levels[-1] / levels[at - 1] for at in origins]
        for name, method in METHODS.items()
    }
    chosen = min(errors, key=lambda name: sum(abs(error) * FADES**age for age, error in enumerate(errors[name])))
    return chosen, errors[chosen]


def _levels(values: Sequence[float]) -> list[float]:
    third = len(values) // 3
    early, late = median(values[:third]), median(values[-third:])
    return list(values) if min(values) > 0 and not 0.5 < early / late < 2 else [1.0] * len(values)


def interval(errors: Sequence[float]) -> tuple[float, float]:
    """Return what to add to a forecast for the ends of its interval; the newest error comes first.

    The method was chosen for the smallness of its errors, so a quantile of their sizes is made wider: the more, up to twofold, the more alike
    neighbouring errors are.
    """
    sizes = sorted((abs(error), FADES**age) for age, error in enumerate(errors))
    wanted, weights = QUANTILE * sum(weight for _, weight in sizes), accumulate(weight for _, weight in sizes)
    size = next(size for (size, _), weight in zip(sizes, weights, strict=True) if weight >= wanted)
    reach = size * (WIDTH + ALIKE * _likeness(errors) ** 2)
    return -reach, reach


def _likeness(errors: Sequence[float]) -> float:
    """Return how alike neighbouring errors are: 0 where they come and go, towards 1 where each is nearly the one before."""
    power, count = sum(error * error for error in errors), len(errors)
    if power <= 0 or count < 2:
        return 0.0
    return max(0.0, min(0.95, sum(a * b for a, b in pairwise(errors)) / power * count / (count - 1)))


QUANTILE, WIDTH, ALIKE, FADES = 0.85, 0.9, 0.9, 0.95
"""Chosen by series of kinds that the benchmark tells apart from those that were not used for it."""


def _last(values: Sequence[float], steps: int) -> float:
    del steps
    return values[-1]


def _drift(values: Sequence[float], steps: int) -> float:
    span = min(len(values) - 1, max(8, 2 * steps))
    return values[-1] + steps * (values[-1] - values[-1 - span]) / span


def _line(values: Sequence[float], steps: int) -> float:
    """Theil-Sen, over at most forty points: the median of all slopes, through the median of what they leave."""
    stride = max(1, len(values) // 40)
    xs = list(range(len(values) - 1, -1, -stride))[::-1]
    slope = median((values[b] - values[a]) / (b - a) for at, a in enumerate(xs) for b in xs[at + 1 :])
    return median(values[x] - slope * x for x in xs) + slope * (len(values) - 1 + steps)


def _newer_line(values: Sequence[float], steps: int) -> float:
    return _line(values[-max(10, 2 * steps) :], steps)


def _middle(values: Sequence[float], steps: int) -> float:
    return median(values[-max(10, 2 * steps) :])


def _damped(values: Sequence[float], steps: int) -> float:
    """Holt's smoothing with a trend that fades."""
    level, trend, fade = values[0], 0.0, 0.9
    for value in values[1:]:
        before = level
        level = 0.5 * value + 0.5 * (level + fade * trend)
        trend = 0.2 * (level - before) + 0.8 * fade * trend
    return level + trend * fade * (1 - fade**steps) / (1 - fade)


def _levelling_off(values: Sequence[float], steps: int) -> float:
    """An approach to a limit: how much less the last third rose above the second than that above the first."""
    third = len(values) // 3
    first, second, last = (median(values[len(values) - (3 - at) * third : len(values) - (2 - at) * third]) for at in range(3))
    before, after = second - first, last - second
    share = after / before if before else 0.0
    if not 0.05 < share < 0.95:
        return values[-1]
    limit = last + after * share / (1 - share)
    return limit - (limit - last) * float(share ** ((third / 2 + steps) / third))


def _season(values: Sequence[float], steps: int) -> float:
    """The value a season ago, moved by how far the last season is from the one before; the season is the lag at which the series is most like
    itself."""
    period = _period(values)
    if period is None:
        return values[-1]
    back = -period * ((steps - 1) // period + 1) + steps - 1
    moved = sum(values[-period:]) / period - sum(values[-2 * period : -period]) / period
    return values[back] + moved * ((steps - 1) // period + 1)


def _period(values: Sequence[float]) -> int | None:
    """Return the lag at which what a straight line leaves of the series is most like itself, after having been unlike itself before that."""
    count = len(values)
    xs = range(count)
    x_middle, middle = (count - 1) / 2, sum(values) / count
    slope = sum((x - x_middle) * (value - middle) for x, value in zip(xs, values, strict=True)) / sum((x - x_middle) ** 2 for x in xs)
    rest = [value - middle - slope * (x - x_middle) for x, value in zip(xs, values, strict=True)]
    power = sum(value * value for value in rest)
    if power <= 1e-12:
        return None
    likeness = [sum(a * b for a, b in zip(rest, rest[lag:], strict=False)) / power * count / (count - lag) for lag in range(count // 2 + 1)]
    unlike = next((lag for lag, value in enumerate(likeness) if value < 0), len(likeness))
    lags = range(max(4, unlike), len(likeness))
    best = max(lags, key=lambda lag: likeness[lag], default=0)
    return best if best and likeness[best] > 0.5 else None


def _compound(values: Sequence[float], steps: int) -> float:
    """A line through the logarithms of the newer part: growth by a share of itself."""
    newer = values[-max(10, 2 * steps) :]
    if min(newer) <= 0:
        return values[-1]
    return math.exp(min(700.0, _line([math.log(value) for value in newer], steps)))


METHODS: dict[str, Method] = {
    "last value": _last,
    "drift": _drift,
    "line": _line,
    "newer line": _newer_line,
    "middle": _middle,
    "damped trend": _damped,
    "season": _season,
    "levelling off": _levelling_off,
    "compound growth": _compound,
}
