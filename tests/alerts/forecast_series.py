"""Series by which the method of forecasts was chosen; those by which it is shown to be honest are `shown_series.py`."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

LENGTH, AHEAD = 60, 12
Draw = Callable[[random.Random, int], list[float]]


def _noise(dice: random.Random, count: int) -> list[float]:
    slope = dice.uniform(-1, 2)
    return [100 + slope * at + dice.gauss(0, 5) for at in range(count)]


def _autoregressive(dice: random.Random, count: int) -> list[float]:
    value, found = 0.0, []
    for at in range(count):
        value = 0.9 * value + dice.gauss(0, 3)
        found.append(100 + 0.5 * at + value)
    return found


def _walk(dice: random.Random, count: int) -> list[float]:
    value, found = 100.0, []
    for _ in range(count):
        value += dice.gauss(0.3, 3)
        found.append(value)
    return found


def _bursts(dice: random.Random, count: int) -> list[float]:
    value, found = 50.0, []
    for _ in range(count):
        value += dice.expovariate(1 / 30) if dice.random() < 0.1 else dice.uniform(0, 1)
        found.append(value)
    return found


def _sawtooth(dice: random.Random, count: int) -> list[float]:
    period, height = dice.randint(7, 15), dice.uniform(20, 80)
    return [100 + height * (at % period) / period + dice.gauss(0, 2) for at in range(count)]


def _season(dice: random.Random, count: int) -> list[float]:
    period, shift = dice.choice([12, 15, 20, 24]), dice.random()
    return [100 + 0.3 * at + 20 * math.sin(2 * math.pi * (at / period + shift)) + dice.gauss(0, 3) for at in range(count)]


def _outliers(dice: random.Random, count: int) -> list[float]:
    return [value + (dice.choice([-1, 1]) * 60 if dice.random() < 0.05 else 0) for value in _noise(dice, count)]


def _bend(dice: random.Random, count: int) -> list[float]:
    bend, slope = dice.randint(25, 50), dice.uniform(1, 3)
    return [100 + slope * max(0, at - bend) + dice.gauss(0, 2) for at in range(count)]


def _saturating(dice: random.Random, count: int) -> list[float]:
    speed = dice.uniform(15, 40)
    return [100 * (1 - math.exp(-at / speed)) + dice.gauss(0, 1.5) for at in range(count)]


def _compound(dice: random.Random, count: int) -> list[float]:
    growth, value, found = dice.uniform(1.005, 1.03), 100.0, []
    for _ in range(count):
        value *= growth * math.exp(dice.gauss(0, 0.02))
        found.append(value)
    return found


def _steps(dice: random.Random, count: int) -> list[float]:
    """Seldom and far, or often and less."""
    often, size, value, found = dice.uniform(0.02, 0.12), dice.uniform(5, 40), 100.0, list[float]()
    is_even, noise = dice.random() < 0.5, dice.uniform(0.02, 0.1) * size
    for _ in range(count):
        if dice.random() < often:
            value += dice.choice([-size, 1.3 * size]) if is_even else dice.gauss(0, size)
        found.append(value + dice.gauss(0, noise))
    return found


def _workdays(dice: random.Random, count: int) -> list[float]:
    """A disk that fills in working hours: twelve points a day, half of them at work."""
    value, found, shift = 200.0, [], dice.randint(0, 11)
    for at in range(count):
        value += max(0.0, dice.gauss(4, 2)) if (at + shift) % 12 < 6 else max(0.0, dice.gauss(0.2, 0.2))
        found.append(value)
    return found


def _heavy_tails(dice: random.Random, count: int) -> list[float]:
    slope = dice.uniform(0, 2)
    return [100 + slope * at + 3 * dice.gauss(0, 1) / math.sqrt(max(0.05, dice.gammavariate(1.5, 1 / 1.5))) for at in range(count)]


def _counts(dice: random.Random, count: int) -> list[float]:
    level = dice.uniform(2, 12)
    return [float(sum(dice.random() < level * (1 + at / 100) / 40 for _ in range(40))) for at in range(count)]


def _local_level(dice: random.Random, count: int) -> list[float]:
    """A level that wanders, measured with noise."""
    level, found = 100.0, []
    for _ in range(count):
        level += dice.gauss(0, 1)
        found.append(level + dice.gauss(0, 3))
    return found


def _queue(dice: random.Random, count: int) -> list[float]:
    """A queue: what comes less what is done, never under nothing."""
    value, found = 20.0, []
    for _ in range(count):
        value = max(0.0, value + dice.gauss(0, 4))
        found.append(value)
    return found


def _two_seasons(dice: random.Random, count: int) -> list[float]:
    shift = dice.random()
    return [100 + 15 * math.sin(2 * math.pi * (at / 24 + shift)) + 6 * math.sin(2 * math.pi * at / 8) + dice.gauss(0, 3) for at in range(count)]


def _ramp_and_plateau(dice: random.Random, count: int) -> list[float]:
    """Something that fills, and stopped some time ago."""
    stop, slope = dice.randint(20, 45), dice.uniform(1, 3)
    return [100 + slope * min(at, stop) + dice.gauss(0, 2) for at in range(count)]


def _log_walk(dice: random.Random, count: int) -> list[float]:
    size, growth, value, found = dice.uniform(0.01, 0.08), dice.choice([0.0, dice.uniform(-0.02, 0.03)]), 100.0, list[float]()
    for _ in range(count):
        value *= math.exp(dice.gauss(growth, size))
        found.append(value)
    return found


def _any_rhythm(dice: random.Random, count: int) -> list[float]:
    """A rhythm of any shape: three waves, of which some are cut off below."""
    period, size, floor = dice.choice([8, 10, 12, 18, 24]), dice.uniform(10, 50), dice.choice([-9.0, dice.uniform(-0.5, 0.5)])
    waves = [(turns, dice.gauss(0, 1) / turns, dice.random()) for turns in (1, 2, 3)]
    noise, slope = dice.uniform(0.03, 0.3) * size, dice.choice([0.0, dice.uniform(-0.5, 0.5)])

    def shape(at: int) -> float:
        return max(floor, sum(share * math.sin(2 * math.pi * (turns * at / period + shift)) for turns, share, shift in waves))

    return [100 + slope * at + size * shape(at) + dice.gauss(0, noise) for at in range(count)]


def _shifts(dice: random.Random, count: int) -> list[float]:
    """A load in shifts of about a length, each as high as it likes about its usual."""
    period, busy, low, high = dice.choice([10, 12, 16, 24]), dice.uniform(0.25, 0.7), dice.uniform(0, 30), dice.uniform(40, 150)
    shift, varies, noise, found = dice.randrange(24), dice.uniform(0.02, 0.25), dice.uniform(0.02, 0.15), list[float]()
    level, ends = low, 0.0
    for at in range(count):
        turn = (at + shift) % period
        if turn == 0 or at == 0:
            level, ends = high * (1 + dice.gauss(0, varies)), busy * period + dice.gauss(0, 0.5)
        found.append((level if turn < ends else low) * (1 + dice.gauss(0, noise)))
    return found


def _on_and_off(dice: random.Random, count: int) -> list[float]:
    """A load that is there or not, for a while each."""
    high, found, stays, top = dice.random() < 0.5, list[float](), dice.uniform(0.8, 0.97), dice.uniform(40, 100)
    for _ in range(count):
        high = high if dice.random() < stays else not high
        found.append((top if high else 20.0) + dice.gauss(0, 4))
    return found


def _mixed(dice: random.Random, count: int) -> list[float]:
    """Some of everything at once: a trend that may bend, a rhythm, a level that wanders, batches, noise with tails."""

    def some(most: float) -> float:
        return dice.choice([0.0, dice.uniform(0, most)])

    slope, turn, bend = some(2) * dice.choice([-1, 1]), some(2) * dice.choice([-1, 1]), dice.uniform(0.2, 0.9) * LENGTH
    period, shift, wave, second = dice.choice([8, 12, 20, 24]), dice.random(), some(30), some(10)
    wander, stays, batch = some(3), dice.choice([1.0, dice.uniform(0.5, 0.98)]), some(30)
    noise, tails = dice.uniform(0.2, 5), dice.choice([3.0, 30.0])
    value, level, found = 0.0, 100.0, list[float]()
    for at in range(count):
        value = stays * value + dice.gauss(0, wander)
        level += dice.expovariate(1 / batch) if batch and dice.random() < 0.1 else 0.0
        angle = 2 * math.pi * (at / period + shift)
        spread = noise / math.sqrt(max(0.05, dice.gammavariate(tails / 2, 2 / tails)))
        rhythm = wave * math.sin(angle) + second * math.cos(2 * angle)
        found.append(level + slope * at + turn * max(0.0, at - bend) + rhythm + value + dice.gauss(0, spread))
    return found


def _turns(dice: random.Random, count: int) -> list[float]:
    """From any slope to any other, early or late: begins, ends, turns round, doubles."""
    bend, noise, scale = dice.uniform(0.25, 0.9) * LENGTH, dice.uniform(0.3, 5), dice.uniform(0.5, 4)
    before, after = (dice.choice([0.0, dice.gauss(0, scale)]) for _ in range(2))
    after = -before if before and dice.random() < 0.2 else after
    return [100 + before * min(at, bend) + after * max(0.0, at - bend) + dice.gauss(0, noise) for at in range(count)]


def _long_days(dice: random.Random, count: int) -> list[float]:
    """Two or three days are known, no two of the same height."""
    period, high, varies = dice.choice([18, 20, 24, 28]), dice.uniform(30, 200), dice.uniform(0.03, 0.2)
    low, busy, noise, shift = high * dice.uniform(0.03, 0.4), dice.uniform(0.25, 0.65), dice.uniform(0.02, 0.12), dice.randrange(28)
    heights = [high * (1 + dice.gauss(0, varies)) for _ in range(count // period + 3)]
    levels = ((heights[(at + shift) // period] if (at + shift) % period < busy * period else low) for at in range(count))
    return [level * (1 + dice.gauss(0, noise)) for level in levels]


def _wandering_slope(dice: random.Random, count: int) -> list[float]:
    """A trend that wanders, as economies' do; some grow by shares."""
    slope, turns, noise, is_share = dice.gauss(0, 1), dice.uniform(0.02, 0.4), dice.uniform(0, 2), dice.random() < 0.5
    value, found = 0.0, list[float]()
    for _ in range(count):
        slope += dice.gauss(0, turns)
        value += slope + dice.gauss(0, noise)
        found.append(100 * math.exp(value / 100) if is_share else 100 + value)
    return found


def _lone_outliers(dice: random.Random, count: int) -> list[float]:
    """Points far off, seldom or often, above, below or either, on noise that may wander."""
    size, slope, often, far = dice.uniform(0.5, 10), dice.choice([0.0, dice.uniform(-1, 1)]), dice.uniform(0.02, 0.12), dice.uniform(4, 25)
    tails, signs, stays = dice.uniform(0.1, 0.6), dice.choice([(1,), (-1,), (-1, 1)]), dice.uniform(0.5, 1)
    wander, value, found = dice.choice([0.0, 0.0, dice.uniform(0, 0.4)]), 0.0, list[float]()
    for at in range(count):
        value = stays * value + dice.gauss(0, wander * size)
        off = dice.choice(signs) * far * size * dice.lognormvariate(0, tails) if dice.random() < often else 0.0
        found.append(200 + slope * at + value + dice.gauss(0, size) + off)
    return found


def _level_shifts(dice: random.Random, count: int) -> list[float]:
    """A level that jumps by what four distributions say, with and without noise."""
    often, size, noise = dice.uniform(0.015, 0.14), dice.uniform(5, 60), dice.choice([0.0, dice.uniform(0, 0.25)])
    jumps: list[Callable[[], float]] = [
        lambda: dice.gauss(0, 1),
        lambda: dice.choice([-1, 1]) * dice.expovariate(1),
        lambda: dice.uniform(-1.5, 1.5),
        lambda: dice.choice([-1, 1]) * dice.lognormvariate(-0.2, 0.6),
    ]
    jump = dice.choice(jumps)
    value, found = 300.0, list[float]()
    for _ in range(count):
        value += size * jump() if dice.random() < often else 0.0
        found.append(value + dice.gauss(0, noise * size))
    return found


def _unlike_days(dice: random.Random, count: int) -> list[float]:
    """Days that rise and fall or stand, each as high as it likes by a share of the usual."""
    period, high, varies = dice.choice([16, 18, 20, 24, 24, 26, 28, 30]), dice.uniform(20, 300), dice.uniform(0.02, 0.25)
    low = high * dice.choice([dice.uniform(0.0, 0.1), dice.uniform(0.1, 0.5)])
    busy, noise, shift, is_round = dice.uniform(0.2, 0.7) * period, dice.uniform(0.01, 0.15), dice.randrange(period), dice.random() < 0.35
    heights = [high * math.exp(dice.gauss(0, varies)) for _ in range(count // period + 3)]
    found = list[float]()
    for at in range(count):
        day, turn = divmod(at + shift, period)
        share = (math.sin(math.pi * (turn + 0.5) / busy) if is_round else 1.0) if turn < busy else 0.0
        found.append(max(0.0, (low + (heights[day] - low) * share) * (1 + dice.gauss(0, noise))))
    return found


def _batches(dice: random.Random, count: int) -> list[float]:
    """What grows a little, and by batches of which most are alike or few are most of it."""
    often, size, tails, slow = dice.uniform(0.04, 0.25), dice.uniform(10, 80), dice.uniform(0.2, 1.0), dice.uniform(0.0, 0.08)
    value, found = 30.0, list[float]()
    for _ in range(count):
        value += dice.uniform(0, slow * size) + (size * dice.lognormvariate(0, tails) if dice.random() < often else 0.0)
        found.append(value)
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
    "local level": _local_level,
    "queue": _queue,
    "two seasons": _two_seasons,
    "ramp and plateau": _ramp_and_plateau,
    "log walk": _log_walk,
    "on and off": _on_and_off,
    "any rhythm": _any_rhythm,
    "shifts": _shifts,
    "mixed": _mixed,
    "turns": _turns,
    "long days": _long_days,
    "wandering slope": _wandering_slope,
    "lone outliers": _lone_outliers,
    "level shifts": _level_shifts,
    "unlike days": _unlike_days,
    "batches": _batches,
}
