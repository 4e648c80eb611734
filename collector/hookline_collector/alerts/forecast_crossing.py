"""When a series first crosses a limit: at the earliest, as expected, at the latest.

Not when its forecast does: what is noisy or has a rhythm touches a limit before its line gets there. So what is forecast here is the extreme, how far
towards the limit a series will have come within a time. For some times up to the horizon the method that was chosen says it, its errors are those of
earlier points (their middle is the noise that no method says, and is added), and their size, by the same multiple as at the horizon, makes the
bounds. A multiple that is less than a normal distribution's is of errors that lone points made large, or that grow smaller; an extreme has those
points in it, so that is the least here. A bound crosses the limit when its extreme reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from hookline_collector.alerts.forecast_methods import MEAN_SEASON, METHODS, SEASON

TRIES = 10
LEAST_TIMES = 1.6
"""Of the mean of normal errors: so far do four of five reach."""
RHYTHMIC = frozenset({SEASON, MEAN_SEASON})
_Knot = tuple[int, float, float, float]


class FirstCrossing(NamedTuple):
    """Steps until a limit is crossed; None is not within the horizon."""

    earliest: float | None
    expected: float | None
    latest: float | None


def first_crossing(
    values: Sequence[float], steps: int, limit: float, method: str, period: int | None, times: float, scales: Sequence[float]
) -> FirstCrossing:
    """Return when a series first reaches a limit within `steps`; `times` is how many times their mean size errors reach, `scales` how
    much larger an error after each value would be now."""
    now, times = values[-1], max(times, LEAST_TIMES)
    if now == limit:
        return FirstCrossing(0.0, 0.0, 0.0)
    towards = values if now < limit else [-value for value in values]
    goal = abs(limit - now)
    knots = [(ahead, *_extreme(towards, ahead, method, period, scales)) for ahead in sorted({1, max(1, steps // 4), max(1, steps // 2), steps})]
    path = [(0, 0.0, 0.0, 0.0)]
    for ahead, said, noise, size in _each_step(knots, towards, method, period) if method in RHYTHMIC else knots:
        come = said + noise - towards[-1]
        _, high, expected, low = path[-1]
        path.append((ahead, max(high, come + times * size), max(expected, come), max(low, come - times * size)))
    soonest, likely, latest = (_reached([(ahead, bounds[at]) for ahead, *bounds in path], goal) for at in range(3))
    return FirstCrossing(soonest, likely, latest)


def _extreme(values: Sequence[float], ahead: int, method: str, period: int | None, scales: Sequence[float]) -> tuple[float, float, float]:
    """Return how high a method says that a series will have been within `ahead` steps, the middle of the errors of that, and their mean size."""
    newest, oldest = len(values) - ahead, max(10, len(values) // 3)
    count = max(1, min(TRIES, newest - oldest + 1))
    origins = {round(newest - (newest - oldest) * at / max(1, count - 1)) for at in range(count)}
    said = [(at, _said(values[:at], ahead, method, period)) for at in origins]
    errors = [(max(values[at : at + ahead]) - each) * scales[at - 1] for at, each in said if each is not None]
    now = _said(values, ahead, method, period)
    if now is None or not errors:
        return values[-1], 0.0, 0.0
    noise = median(errors)
    return now, noise, sum(abs(error - noise) for error in errors) / len(errors)


def _each_step(knots: Sequence[_Knot], values: Sequence[float], method: str, period: int | None) -> Iterator[_Knot]:
    """Yield each step of a rhythm: its heights lie where they lie, what is known of errors between two times lies between these."""
    highest = -math.inf
    for (before, _, noise, size), (after, _, later_noise, later_size) in pairwise(((0, 0.0, knots[0][2], knots[0][3]), *knots)):
        for ahead in range(before + 1, after + 1):
            share = (ahead - before) / (after - before)
            said = METHODS[method](values, ahead, period)
            highest = max(highest, values[-1] if said is None else said)
            yield ahead, highest, noise + share * (later_noise - noise), size + share * (later_size - size)


def _said(values: Sequence[float], ahead: int, method: str, period: int | None) -> float | None:
    """Return the highest value that a method says of the next steps: of all where it has a rhythm, else of the first or the last."""
    asked = range(1, ahead + 1) if method in RHYTHMIC else {1, ahead}
    said = [METHODS[method](values, each, period) for each in asked]
    return max((each for each in said if each is not None), default=None)


def _reached(path: Sequence[tuple[int, float]], goal: float) -> float | None:
    for (before, was), (after, now) in pairwise(path):
        if now >= goal:
            return before + (after - before) * (goal - was) / (now - was)
    return None
