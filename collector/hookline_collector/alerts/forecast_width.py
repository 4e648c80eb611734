"""How wide an interval is, as a multiple of what a method erred on the same series.

A multiple that is the same for all series is wrong for each kind: errors from earlier points say much where what disturbs a series comes and goes,
little where it stays in it (then they are nearly one error told again and again), and too much where a method was still learning a rhythm or where
one point far off made their mean. So `Signs` of the series say which it is, and a small network of them gives the logarithm of the multiple: a
weighted sum, and units that see what only two signs together say (jumps that come back are noise, jumps that stay are a walk).

Its weights (`forecast_width.json`) are a quantile regression of the errors at the true end of many made series, evened out between kinds of series
and horizons (`tests/benchmarks/forecast_weights.py` finds them again and writes them). Which kinds were used for that, and how often the interval
holds the truth of others, stands in docs/forecasts.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import mul
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from hookline_collector.alerts.forecast_methods import COMPOUND, LEVELLING_OFF, MEAN_SEASON, MIDDLE, SEASON

WEIGHTS_FILE = Path(__file__).with_suffix(".json")
MOST = 3.0
"""A sign that is a logarithm of a ratio says no more than this."""
MOST_SPREADS = 4.0
"""Nor does any sign say more than so many of its standard deviations: no series is taken for more unlike those that were learned from."""
JUMP = 5.0
"""A step of so many usual ones is a jump."""


class TriedMethod(NamedTuple):
    """A method that was tried from earlier points: what it says now, how large its errors there were (the newest first) and their weighted mean."""

    name: str
    value: float
    errors: Sequence[float]
    size: float


class Signs(NamedTuple):
    """What of a series says how far its errors can be trusted, in the order of the weights."""

    likeness: float
    """Of neighbouring steps: about -0.5 where noise comes and goes, 0 where it stays."""
    spreading: float
    """By which power of time the series gets away from itself: 0 for noise, 0.5 for a walk."""
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
    middle_error: float
    """The median of the errors against their mean: small where few of them are large."""
    high_error: float
    """The same of the error that four of five do not exceed."""
    uneven: float
    """The mean step against the usual one: large where the series jumps."""
    jumps_back: float
    """How often a jump is taken back by the next step, as a lone outlier's is."""
    jumps_stay: float
    """How often it is not, as of a level that changed."""
    rhythm_there: float
    """How unlike seasons are at the point of the rhythm that is asked for."""
    rhythm_differs: float
    """How unlike they are at all points, on average."""
    rhythm_denied: float
    """How far the method's value is from what earlier seasons were at that point: far where the history was too short to try a rhythm's method."""


@dataclass(frozen=True, slots=True)
class WidthWeights:
    """The network: what a sign is usually and how far it deviates, the sum's constant and weights, each unit's share, constant and weights."""

    middles: Sequence[float]
    spreads: Sequence[float]
    constant: float
    straight: Sequence[float]
    units: Sequence[tuple[float, float, Sequence[float]]]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> WidthWeights:
        """Return the weights of a file. Raises ValueError where they are of other signs."""
        if tuple(told["signs"]) != Signs._fields:
            raise ValueError(f"{WEIGHTS_FILE.name} has weights of other signs: run tests/benchmarks/forecast_weights.py --write")
        units = tuple((each["share"], each["constant"], tuple(each["weights"])) for each in told["units"])
        return cls(told["middles"], told["spreads"], told["constant"], told["straight"], units)

    def multiple(self, signs: Signs) -> float:
        """Return how many times the mean error an interval reaches to either side."""
        told = [
            max(-MOST_SPREADS, min(MOST_SPREADS, (sign - middle) / spread))
            for sign, middle, spread in zip(signs, self.middles, self.spreads, strict=True)
        ]
        seen = (share * math.tanh(constant + sum(map(mul, told, weights))) for share, constant, weights in self.units)
        return math.exp(self.constant + sum(map(mul, told, self.straight)) + sum(seen))


def signs_of(values: Sequence[float], steps: int, period: int | None, tried: Sequence[TriedMethod], best: TriedMethod) -> Signs:
    """Return the signs of a series of which `best` erred least of what was tried."""
    size, errors, count = best.size, best.errors, len(values)

    def against(amount: float) -> float:
        return _ratio(amount, size)

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
    seasonal = [abs(values[at + period] - values[at]) for at in range(count - period)] if period else []
    noise = median([abs(c - 2 * b + a) for a, b, c in zip(values, values[1:], values[2:], strict=False)]) / 2.4
    sizes = sorted(map(abs, errors))
    uneven, jumps_back, jumps_stay = _jumps(steps_taken)
    return Signs(
        likeness=likeness,
        spreading=spreading,
        newest=against(sum(map(abs, newest)) / len(newest)),
        disagreement=math.log(1 + disagreement / size),
        few=1 / math.sqrt(len(errors)),
        has_rhythm=float(period is not None),
        largest_step=against(max(map(abs, steps_taken))),
        noise_levelling=against(noise) if best.name == LEVELLING_OFF else 0.0,
        noise_season=against(median(seasonal)) if is_season else 0.0,
        alike_far=steps / count * _alike(errors),
        spreading_far=math.log(steps) * spreading,
        seasons_ahead=steps / period if is_season and period else 0.0,
        compound=float(best.name == COMPOUND),
        middle=float(best.name == MIDDLE),
        middle_error=against(sizes[len(sizes) // 2]),
        high_error=against(sizes[4 * len(sizes) // 5]),
        uneven=uneven,
        jumps_back=jumps_back,
        jumps_stay=jumps_stay,
        rhythm_there=against(_unlike_there(values, steps, period)) if period else 0.0,
        rhythm_differs=against(sum(seasonal) / len(seasonal)) if period else 0.0,
        rhythm_denied=min(MOST, math.log(1 + abs(best.value - _usual_there(values, steps, period)) / size)) if period else 0.0,
    )


def _ratio(amount: float, size: float) -> float:
    return max(-MOST, min(MOST, math.log(max(amount, 1e-12) / size)))


def _alike(errors: Sequence[float]) -> float:
    """Return how alike neighbouring errors are: 0 where they come and go, towards 1 where each is nearly the one before."""
    power, count = sum(map(mul, errors, errors)), len(errors)
    if power <= 0 or count < 2:
        return 0.0
    likeness: float = sum(map(mul, errors, errors[1:])) / power * count / (count - 1)
    return max(0.0, min(0.95, likeness))


def _jumps(steps_taken: Sequence[float]) -> tuple[float, float, float]:
    """Return how uneven steps are, a logarithm, and how many of ten are jumps that the next takes back, and jumps that it leaves."""
    middle = median(steps_taken)
    rest = [each - middle for each in steps_taken]
    usual = median(map(abs, rest)) + 1e-12
    back = stay = 0
    for step, after in pairwise(rest):
        if abs(step) > JUMP * usual:
            back += abs(step + after) < 0.4 * abs(step)
            stay += abs(after) < 0.5 * abs(step)
    return _ratio(sum(map(abs, rest)) / len(rest), usual), 10 * back / len(rest), 10 * stay / len(rest)


def _unlike_there(values: Sequence[float], steps: int, period: int) -> float:
    """Return the mean difference from season to season, about the point that is asked for."""
    count, found = len(values), list[float]()
    for there in range(count - 2 + steps, count + 1 + steps):
        found += [abs(values[at] - values[at - period]) for at in range(period + there % period, count, period)]
    return sum(found) / len(found) if found else 0.0


def _usual_there(values: Sequence[float], steps: int, period: int) -> float:
    """Return the mean of what was at the point of the rhythm that is asked for."""
    same = values[(len(values) - 1 + steps) % period :: period]
    return sum(same) / len(same)


WEIGHTS = WidthWeights.of(json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
