"""Simple ways to say where a series will be some steps after its last value. Each returns None of a series that it has nothing to say about."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import mul
from statistics import median

Method = Callable[[Sequence[float], int, int | None], float | None]
"""Of values, the number of steps ahead, and the length of the series' rhythm where it has one."""
LINE_POINTS = 20


def theil_sen(values: Sequence[float], steps: int) -> float:
    """Return where a robust line leads: the median of the slopes between at most LINE_POINTS points, through the median of what they leave."""
    count = len(values)
    stride = max(1, -(-count // LINE_POINTS))
    xs = range((count - 1) % stride, count, stride)
    chosen = [values[x] for x in xs]
    slope = median([(chosen[b] - chosen[a]) / ((b - a) * stride) for a in range(len(xs)) for b in range(a + 1, len(xs))])
    return median([value - slope * x for x, value in enumerate(values)]) + slope * (count - 1 + steps)


def _last(values: Sequence[float], steps: int, period: int | None) -> float:
    del steps, period
    return values[-1]


def _drift(values: Sequence[float], steps: int, period: int | None) -> float:
    del period
    span = min(len(values) - 1, max(8, 2 * steps))
    return values[-1] + steps * (values[-1] - values[-1 - span]) / span


def _line(values: Sequence[float], steps: int, period: int | None) -> float:
    del period
    return theil_sen(values, steps)


def _newer_line(values: Sequence[float], steps: int, period: int | None) -> float:
    del period
    return theil_sen(values[-max(10, 2 * steps) :], steps)


def _newest_line(values: Sequence[float], steps: int, period: int | None) -> float:
    del period
    return theil_sen(values[-max(8, steps) :], steps)


def _middle(values: Sequence[float], steps: int, period: int | None) -> float:
    del period
    return median(values[-max(10, 2 * steps) :])


def _smooth(values: Sequence[float], steps: int, period: int | None) -> float:
    del steps, period
    level = values[0]
    for value in values:
        level += 0.3 * (value - level)
    return level


def _damped(values: Sequence[float], steps: int, period: int | None) -> float:
    """Holt's smoothing with a trend that fades."""
    del period
    level, trend, fade = values[0], 0.0, 0.9
    for value in values[1:]:
        before = level
        level = 0.5 * value + 0.5 * (level + fade * trend)
        trend = 0.2 * (level - before) + 0.8 * fade * trend
    return level + trend * fade * (1 - fade**steps) / (1 - fade)


def _levelling_off(values: Sequence[float], steps: int, period: int | None) -> float | None:
    """An approach to a limit: how much less the last third rose above the second than that above the first."""
    del period
    third = len(values) // 3
    first, second, last = (median(values[len(values) - (3 - at) * third : len(values) - (2 - at) * third]) for at in range(3))
    before, after = second - first, last - second
    share = after / before if before else 0.0
    if not 0.05 < share < 0.95:
        return None
    limit = last + after * share / (1 - share)
    return limit - (limit - last) * float(share ** ((third / 2 + steps) / third))


def _season(values: Sequence[float], steps: int, period: int | None) -> float | None:
    """The value a season ago, and what a season adds."""
    if period is None or len(values) < period + period // 2:
        return None
    seasons = (steps - 1) // period + 1
    return values[len(values) - 1 + steps - seasons * period] + _growth_of_a_season(values, period) * seasons


def _mean_season(values: Sequence[float], steps: int, period: int | None) -> float | None:
    """The mean of what was at this point of all seasons, on the line that they lie on."""
    if period is None or len(values) < 2 * period:
        return None
    slope, at = _growth_of_a_season(values, period) / period, len(values) - 1 + steps
    same = [values[each] - slope * each for each in range(at % period, len(values), period)]
    return sum(same) / len(same) + slope * at


def _growth_of_a_season(values: Sequence[float], period: int) -> float:
    return median([values[at + period] - values[at] for at in range(len(values) - period)])


def _compound(values: Sequence[float], steps: int, period: int | None) -> float | None:
    """A line through the logarithms of the newer part: growth by a share of itself."""
    del period
    newer = values[-max(10, 2 * steps) :]
    if min(newer) <= 0:
        return None
    return math.exp(min(700.0, theil_sen([math.log(value) for value in newer], steps)))


def period_of(values: Sequence[float]) -> int | None:
    """Return the lag at which what a straight line leaves of the series is most like itself, after having been unlike itself before that."""
    count = len(values)
    x_middle, middle = (count - 1) / 2, sum(values) / count
    slope = sum((x - x_middle) * (value - middle) for x, value in enumerate(values)) / sum((x - x_middle) ** 2 for x in range(count))
    rest = [value - middle - slope * (x - x_middle) for x, value in enumerate(values)]
    power = sum(map(mul, rest, rest))
    if power <= 1e-12:
        return None
    likeness = [sum(map(mul, rest, rest[lag:])) / power * count / (count - lag) for lag in range(count // 2 + 1)]
    unlike = next((lag for lag, value in enumerate(likeness) if value < 0), len(likeness))
    best = max(range(max(4, unlike), len(likeness)), key=lambda lag: likeness[lag], default=0)
    return best if best and likeness[best] > 0.5 else None


SEASON, MEAN_SEASON, LEVELLING_OFF, COMPOUND, MIDDLE = "season", "mean season", "levelling off", "compound growth", "middle"
METHODS: dict[str, Method] = {
    "last value": _last,
    "drift": _drift,
    "line": _line,
    "newer line": _newer_line,
    "newest line": _newest_line,
    MIDDLE: _middle,
    "smoothed": _smooth,
    "damped trend": _damped,
    SEASON: _season,
    MEAN_SEASON: _mean_season,
    LEVELLING_OFF: _levelling_off,
    COMPOUND: _compound,
}
