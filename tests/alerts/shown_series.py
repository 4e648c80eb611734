"""Series by which forecasts are shown to be honest: the reference's kinds and others, drawn in other ways than those that chose the method.

Nothing here may be used to choose anything: what is changed because of a figure of these is chosen by `forecast_series.py`, and drawn anew here.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from itertools import accumulate

ShownDraw = Callable[[random.Random, int], list[float]]


def _laplace(dice: random.Random, size: float) -> float:
    return size * (dice.expovariate(1) - dice.expovariate(1)) / math.sqrt(2)


def _noise(dice: random.Random, count: int) -> list[float]:
    """A straight line, rising, level or falling, and independent noise."""
    level, size = dice.uniform(0, 500), dice.uniform(0.5, 20)
    slope = dice.choice([0.0, dice.uniform(-0.3, 0.3) * size])
    return [level + slope * at + dice.gauss(0, size) for at in range(count)]


def _autoregressive(dice: random.Random, count: int) -> list[float]:
    share, size = dice.uniform(0.86, 0.94), dice.uniform(0.5, 5)
    value, slope = dice.gauss(0, size / math.sqrt(1 - share**2)), dice.uniform(-0.2, 0.2) * size
    found = []
    for at in range(count):
        value = share * value + dice.gauss(0, size)
        found.append(300 + slope * at + value)
    return found


def _walk(dice: random.Random, count: int) -> list[float]:
    """Some with steps of heavier tails, with and without a drift."""
    size, drift, is_heavy = dice.uniform(0.2, 8), dice.choice([0.0, dice.uniform(-0.4, 0.4)]), dice.random() < 0.5
    steps = (size * drift + (_laplace(dice, size) if is_heavy else dice.gauss(0, size)) for _ in range(count))
    return list(accumulate(steps, initial=dice.uniform(50, 500)))[1:]


def _bursts(dice: random.Random, count: int) -> list[float]:
    """What grows slowly, and now and then by a batch."""
    often, size, slow = dice.uniform(0.06, 0.2), dice.uniform(10, 60), dice.uniform(0.2, 2)
    steps = (dice.uniform(0, slow) + (dice.lognormvariate(math.log(size), 0.6) if dice.random() < often else 0) for _ in range(count))
    return list(accumulate(steps, initial=20.0))[1:]


def _sawtooth(dice: random.Random, count: int) -> list[float]:
    """What fills and is emptied; how high each tooth goes varies."""
    period, height = dice.randint(6, 14), dice.uniform(15, 100)
    at, found, tooth = dice.randrange(period), list[float](), height
    for _ in range(count):
        if at == 0:
            tooth = height * dice.uniform(0.9, 1.1)
        found.append(40 + tooth * at / period + dice.gauss(0, 0.03 * height))
        at = (at + 1) % period
    return found


def _season(dice: random.Random, count: int) -> list[float]:
    """Rhythms that are no sine: with a second wave in the first, with flat nights, or with a narrow peak."""
    period, shift, kind, size = dice.choice([10, 12, 16, 24]), dice.random(), dice.randrange(3), dice.uniform(10, 60)
    noise, slope = dice.uniform(0.05, 0.2) * size, dice.choice([0.0, dice.uniform(-0.02, 0.02) * size])

    def shape(turn: float) -> float:
        wave = math.sin(2 * math.pi * turn)
        if kind == 0:
            return wave + 0.4 * math.sin(4 * math.pi * turn + 1)
        return max(-0.2, wave) if kind == 1 else math.exp(4 * (wave - 1)) * 2

    return [200 + slope * at + size * shape(at / period + shift) + dice.gauss(0, noise) for at in range(count)]


def _outliers(dice: random.Random, count: int) -> list[float]:
    """One point in twenty is far off, above, below or either."""
    signs = dice.choice([(1,), (-1,), (-1, 1)])
    size, slope = dice.uniform(1, 10), dice.choice([0.0, dice.uniform(-1, 1)])
    far = [dice.choice(signs) * dice.uniform(6, 20) * size if dice.random() < 0.05 else 0.0 for _ in range(count)]
    return [150 + slope * at + dice.gauss(0, size) + far[at] for at in range(count)]


def _bend(dice: random.Random, count: int) -> list[float]:
    """A slope that becomes another one: begins, stops, doubles, turns round."""
    bend, before = dice.uniform(0.35, 0.85) * 60, dice.choice([0.0, dice.uniform(-2, 2)])
    after, size = dice.choice([0.0, dice.uniform(-3, 3), 2 * before + 1]), dice.uniform(0.5, 4)
    return [200 + before * min(at, bend) + after * max(0.0, at - bend) + dice.gauss(0, size) for at in range(count)]


def _levelling_off(dice: random.Random, count: int) -> list[float]:
    """A logistic curve's later part, or a square root's."""
    speed, reach, size = dice.uniform(8, 20), dice.uniform(50, 300), dice.uniform(0.003, 0.02)
    if dice.random() < 0.5:
        return [reach * (1 / (1 + math.exp(-(at - 10) / speed)) + dice.gauss(0, size)) for at in range(count)]
    return [reach * (math.sqrt((at + 1) / 60) + dice.gauss(0, size)) for at in range(count)]


def _days(dice: random.Random, count: int) -> list[float]:
    """A load by the hour: high by day, low by night, how high differs from day to day."""
    low, high, begins, lasts = dice.uniform(2, 20), dice.uniform(40, 120), dice.randint(0, 23), dice.randint(7, 14)
    found, today = list[float](), high
    for at in range(count):
        if at % 24 == 0:
            today = high * dice.uniform(0.85, 1.15)
        busy = (at + begins) % 24 < lasts
        found.append(max(0.0, (today if busy else low) * (1 + dice.gauss(0, 0.08))))
    return found


def _filling_by_day(dice: random.Random, count: int) -> list[float]:
    """A disk on which people work by day, and a backup writes every night."""
    begins, pace, backup = dice.randint(0, 23), dice.uniform(1, 5), dice.choice([0.0, dice.uniform(5, 20)])
    steps = (
        (max(0.0, dice.gauss(pace, pace / 2)) if 8 <= (at + begins) % 24 < 18 else dice.uniform(0, 0.1 * pace))
        + (backup if (at + begins) % 24 == 3 else 0.0)
        for at in range(count)
    )
    return list(accumulate(steps, initial=500.0))[1:]


def _shares(dice: random.Random, count: int) -> list[float]:
    """What grows by a share of itself, or wanders by shares."""
    growth, size = dice.choice([0.0, dice.uniform(0.003, 0.03)]), dice.uniform(0.01, 0.06)
    return [math.exp(each) for each in accumulate((dice.gauss(growth, size) for _ in range(count)), initial=5.0)][1:]


def _steps(dice: random.Random, count: int) -> list[float]:
    """Level for a while, then at another level."""
    often, size, value, found = dice.uniform(0.03, 0.1), dice.uniform(5, 40), 100.0, list[float]()
    for _ in range(count):
        value += dice.gauss(0, size) if dice.random() < often else 0.0
        found.append(value + dice.gauss(0, 0.05 * size))
    return found


def _counts(dice: random.Random, count: int) -> list[float]:
    """Whole numbers, small ones: jobs, errors, sessions."""
    usual = dice.uniform(1, 20)

    def drawn() -> float:
        time, seen = dice.expovariate(usual), 0
        while time < 1:
            time, seen = time + dice.expovariate(usual), seen + 1
        return float(seen)

    return [drawn() for _ in range(count)]


def _wandering_level(dice: random.Random, count: int) -> list[float]:
    """A level that wanders, seen through noise."""
    size, ratio = dice.uniform(0.5, 5), dice.uniform(1, 5)
    level = accumulate((dice.gauss(0, size) for _ in range(count)), initial=400.0)
    return [each + dice.gauss(0, ratio * size) for each in level][1:]


def _on_and_off(dice: random.Random, count: int) -> list[float]:
    """There or not, for a time each, as long as it likes."""
    high, found, stays = dice.random() < 0.5, list[float](), dice.uniform(0.8, 0.95)
    low, top = dice.uniform(0, 30), dice.uniform(50, 100)
    for _ in range(count):
        high = high if dice.random() < stays else not high
        found.append((top if high else low) + dice.gauss(0, 2))
    return found


REFERENCE: dict[str, ShownDraw] = {
    "white noise": _noise,
    "autoregressive 0.9": _autoregressive,
    "random walk": _walk,
    "bursts": _bursts,
    "sawtooth": _sawtooth,
    "season": _season,
    "5 % outliers": _outliers,
    "slope change": _bend,
}
FURTHER: dict[str, ShownDraw] = {
    "levelling off": _levelling_off,
    "load of days": _days,
    "filling by day": _filling_by_day,
    "by shares": _shares,
    "steps": _steps,
    "counts": _counts,
    "wandering level": _wandering_level,
    "on and off": _on_and_off,
}
