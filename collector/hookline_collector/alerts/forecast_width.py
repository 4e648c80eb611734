"""How wide an interval is, as a multiple of what a method erred on the same series.

A multiple that is the same for all series is wrong for each kind: errors from earlier points say much where what disturbs a series comes and goes,
little where it stays in it (then they are nearly one error told again and again), and too much where a method was still learning a rhythm. So
`Signs` of the series say which it is, and the multiple is the exponential of their weighted sum. The weights are a quantile regression of the errors
at the true end of many made series (`tests/benchmarks/forecast_weights.py` finds them again), evened out between kinds of series and horizons.
Which kinds were used for that, and how often the interval holds the truth of others, stands in docs/forecasts.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import mul
from statistics import median
from typing import NamedTuple

from hookline_collector.alerts.forecast_methods import COMPOUND, LEVELLING_OFF, MEAN_SEASON, MIDDLE, SEASON

MOST = 2.5
"""A sign that is a logarithm of a ratio says no more than this."""


class TriedMethod(NamedTuple):
    """A method that was tried from earlier points: what it says now, how large its errors there were (the newest first) and their weighted mean."""

    name: str
    value: float
    errors: Sequence[float]
    size: float


class Signs(NamedTuple):
    """What of a series says how far its errors can be trusted; the fields of WEIGHTS, in this order."""

    one: float
    likeness: float
    """Of neighbouring steps: about -0.5 where noise comes and goes, 0 where it stays."""
    likeness_2: float
    spreading_2: float
    """By which power of time the series gets away from itself, squared: 0 for noise, 0.5 for a walk."""
    newest: float
    """The newest errors against all."""
    disagreement: float
    """Of the methods that erred little."""
    few: float
    """How few errors there are."""
    has_rhythm: float
    largest_step: float
    noise_levelling: float
    """The series' noise, where a method that levels off was chosen: its early errors were larger than the next one."""
    noise_season: float
    """The difference between seasons, where one was chosen."""
    alike_far: float
    """How alike neighbouring errors are, by the share of the history that the horizon takes."""
    spreading_far: float
    seasons_ahead: float
    compound: float
    middle: float


def multiple(signs: Signs) -> float:
    """Return how many times the mean error an interval reaches to either side."""
    return math.exp(math.fsum(map(mul, signs, WEIGHTS)))


def signs_of(values: Sequence[float], steps: int, period: int | None, tried: Sequence[TriedMethod], best: TriedMethod) -> Signs:
    """Return the signs of a series of which `best` erred least of what was tried."""
    size, errors, count = best.size, best.errors, len(values)

    def against(amount: float) -> float:
        return max(-MOST, min(MOST, math.log(max(amount, 1e-12) / size)))

    steps_taken = [after - before for before, after in pairwise(values)]
    usual = sum(steps_taken) / len(steps_taken)
    rest = [each - usual for each in steps_taken]
    power = sum(map(mul, rest, rest))
    likeness = sum(map(mul, rest, rest[1:])) / power if power > 0 else 0.0
    lag = max(2, min(steps, count // 3))
    away = sum(abs(values[at + lag] - values[at] - lag * usual) for at in range(count - lag)) / (count - lag)
    a_step = sum(map(abs, rest)) / len(rest)
    spreading = math.log((away + 1e-12) / (a_step + 1e-12)) / math.log(lag)
    newest = errors[: max(2, len(errors) // 4)]
    agreeing = [each.value for each in tried if each.size <= 1.5 * size]
    disagreement = sum(abs(each - best.value) for each in agreeing) / len(agreeing)
    is_season = best.name in {SEASON, MEAN_SEASON} and period is not None
    seasonal = median([abs(values[at + period] - values[at]) for at in range(count - period)]) if is_season and period else 0.0
    noise = median([abs(c - 2 * b + a) for a, b, c in zip(values, values[1:], values[2:], strict=False)]) / 2.4
    return Signs(
        one=1.0,
        likeness=likeness,
        likeness_2=likeness**2,
        spreading_2=spreading**2,
        newest=against(sum(map(abs, newest)) / len(newest)),
        disagreement=math.log(1 + disagreement / size),
        few=1 / math.sqrt(len(errors)),
        has_rhythm=float(period is not None),
        largest_step=against(max(map(abs, steps_taken))),
        noise_levelling=against(noise) if best.name == LEVELLING_OFF else 0.0,
        noise_season=against(seasonal) if is_season else 0.0,
        alike_far=steps / count * _alike(errors),
        spreading_far=math.log(steps) * spreading,
        seasons_ahead=steps / period if is_season and period else 0.0,
        compound=float(best.name == COMPOUND),
        middle=float(best.name == MIDDLE),
    )


def _alike(errors: Sequence[float]) -> float:
    """Return how alike neighbouring errors are: 0 where they come and go, towards 1 where each is nearly the one before."""
    power, count = sum(map(mul, errors, errors)), len(errors)
    if power <= 0 or count < 2:
        return 0.0
    likeness: float = sum(map(mul, errors, errors[1:])) / power * count / (count - 1)
    return max(0.0, min(0.95, likeness))


WEIGHTS = Signs(
    one=-0.585,
    likeness=1.01,
    likeness_2=-0.151,
    spreading_2=-1.21,
    newest=0.125,
    disagreement=0.816,
    few=2.9,
    has_rhythm=-0.783,
    largest_step=0.431,
    noise_levelling=0.471,
    noise_season=0.193,
    alike_far=1.26,
    spreading_far=0.438,
    seasons_ahead=-0.112,
    compound=0.416,
    middle=0.303,
)
