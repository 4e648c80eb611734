"""Series of which forecasts are tried: kinds by which the method was chosen, and others that it never saw."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

LENGTH, AHEAD = 60, 12
Draw = Callable[[random.Random], list[float]]


def _noise(dice: random.Random) -> list[float]:
    slope = dice.uniform(-1, 2)
    return [100 + slope * at + dice.gauss(0, 5) for at in range(LENGTH + AHEAD)]


def _autoregressive(dice: random.Random) -> list[float]:
    value, found = 0.0, []
    for at in range(LENGTH + AHEAD):
        value = 0.9 * value + dice.gauss(0, 3)
        found.append(100 + 0.5 * at + value)
    return found


def _walk(dice: random.Random) -> list[float]:
    value, found = 100.0, []
    for _ in range(LENGTH + AHEAD):
        value += dice.gauss(0.3, 3)
        found.append(value)
    return found


def _bursts(dice: random.Random) -> list[float]:
    value, found = 50.0, []
    for _ in range(LENGTH + AHEAD):
        value += dice.expovariate(1 / 30) if dice.random() < 0.1 else dice.uniform(0, 1)
        found.append(value)
    return found


def _sawtooth(dice: random.Random) -> list[float]:
    period, height = dice.randint(7, 15), dice.uniform(20, 80)
    return [100 + height * (at % period) / period + dice.gauss(0, 2) for at in range(LENGTH + AHEAD)]


def _season(dice: random.Random) -> list[float]:
    period, shift = dice.choice([12, 15, 20, 24]), dice.random()
    return [100 + 0.3 * at + 20 * math.sin(2 * math.pi * (at / period + shift)) + dice.gauss(0, 3) for at in range(LENGTH + AHEAD)]


def _outliers(dice: random.Random) -> list[float]:
    return [value + (dice.choice([-1, 1]) * 60 if dice.random() < 0.05 else 0) for value in _noise(dice)]


def _bend(dice: random.Random) -> list[float]:
    bend, slope = dice.randint(25, 50), dice.uniform(1, 3)
    return [100 + slope * max(0, at - bend) + dice.gauss(0, 2) for at in range(LENGTH + AHEAD)]


def _saturating(dice: random.Random) -> list[float]:
    speed = dice.uniform(15, 40)
    return [100 * (1 - math.exp(-at / speed)) + dice.gauss(0, 1.5) for at in range(LENGTH + AHEAD)]


def _compound(dice: random.Random) -> list[float]:
    growth, value, found = dice.uniform(1.005, 1.03), 100.0, []
    for _ in range(LENGTH + AHEAD):
        value *= growth * math.exp(dice.gauss(0, 0.02))
        found.append(value)
    return found


def _steps(dice: random.Random) -> list[float]:
    value, found = 100.0, []
    for _ in range(LENGTH + AHEAD):
        value += dice.choice([-15, 20]) if dice.random() < 0.06 else 0
        found.append(value + dice.gauss(0, 1))
    return found


def _workdays(dice: random.Random) -> list[float]:
    """A disk that fills in working hours: twelve points a day, half of them at work."""
    value, found, shift = 200.0, [], dice.randint(0, 11)
    for at in range(LENGTH + AHEAD):
        value += max(0.0, dice.gauss(4, 2)) if (at + shift) % 12 < 6 else max(0.0, dice.gauss(0.2, 0.2))
        found.append(value)
    return found


def _heavy_tails(dice: random.Random) -> list[float]:
    slope = dice.uniform(0, 2)
    return [100 + slope * at + 3 * dice.gauss(0, 1) / math.sqrt(max(0.05, dice.gammavariate(1.5, 1 / 1.5))) for at in range(LENGTH + AHEAD)]


def _counts(dice: random.Random) -> list[float]:
    level = dice.uniform(2, 12)
    return [float(sum(dice.random() < level * (1 + at / 100) / 40 for _ in range(40))) for at in range(LENGTH + AHEAD)]


def _local_level(dice: random.Random) -> list[float]:
    """A level that wanders, measured with noise."""
    level, found = 100.0, []
    for _ in range(LENGTH + AHEAD):
        level += dice.gauss(0, 1)
        found.append(level + dice.gauss(0, 3))
    return found


def _queue(dice: random.Random) -> list[float]:
    """A queue: what comes less what is done, never under nothing."""
    value, found = 20.0, []
    for _ in range(LENGTH + AHEAD):
        value = max(0.0, value + dice.gauss(0, 4))
        found.append(value)
    return found


def _two_seasons(dice: random.Random) -> list[float]:
    shift = dice.random()
    return [
        100 + 15 * math.sin(2 * math.pi * (at / 24 + shift)) + 6 * math.sin(2 * math.pi * at / 8) + dice.gauss(0, 3) for at in range(LENGTH + AHEAD)
    ]


def _ramp_and_plateau(dice: random.Random) -> list[float]:
    """Something that fills, and stopped some time ago."""
    stop, slope = dice.randint(20, 45), dice.uniform(1, 3)
    return [100 + slope * min(at, stop) + dice.gauss(0, 2) for at in range(LENGTH + AHEAD)]


def _log_walk(dice: random.Random) -> list[float]:
    value, found = 100.0, []
    for _ in range(LENGTH + AHEAD):
        value *= math.exp(dice.gauss(0, 0.05))
        found.append(value)
    return found


def _on_and_off(dice: random.Random) -> list[float]:
    """A load that is there or not, for a while each."""
    high, found = dice.random() < 0.5, []
    for _ in range(LENGTH + AHEAD):
        high = high if dice.random() < 0.9 else not high
        found.append((60.0 if high else 20.0) + dice.gauss(0, 4))
    return found


CHOSEN_BY: dict[str, Draw] = {
    "white noise": _noise,
    "autoregressive 0.9": _autoregressive,
    "random walk": _walk,
    "bursts": _bursts,
    "sawtooth": _sawtooth,
    "season": _season,
    "outliers": _outliers,
    "slope change": _bend,
    "saturating": _saturating,
    "compound growth": _compound,
    "steps": _steps,
    "working hours": _workdays,
    "heavy tails": _heavy_tails,
    "counts": _counts,
}
HELD_OUT: dict[str, Draw] = {
    "local level": _local_level,
    "queue": _queue,
    "two seasons": _two_seasons,
    "ramp and plateau": _ramp_and_plateau,
    "log walk": _log_walk,
    "on and off": _on_and_off,
}
