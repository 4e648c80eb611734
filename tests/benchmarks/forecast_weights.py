"""Find the weights of `forecast_width.py` again, and write them: a quantile regression over the series of `alerts/forecast_series.py`, with numpy.

python tests/benchmarks/forecast_weights.py [--lots N] [--write]

Three quarters of the lots make the weights; of the others it is printed how often the interval holds the truth, by kind and horizon. Kinds that only
show (`alerts/shown_series.py`) are not looked at here.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.forecast_series import CHOSEN_BY
from hookline_collector.alerts.forecast import LEAST_POINTS, best_of, since_reset, studied
from hookline_collector.alerts.forecast_width import MOST_SPREADS, WEIGHTS_FILE, Signs, WidthWeights, signs_of

Numbers = NDArray[np.float64]
AIM = 0.825
"""The middle of 75 to 90 %."""
HORIZONS = ((60, 12), (60, 12), (60, 12), (60, 15), (60, 20), (60, 22), (60, 30), (60, 30), (72, 12), (72, 36), (0, 0), (0, 0))
"""Points and steps ahead; 0 is drawn."""
WEIGHT_OF_MIXED, TIMES_MIXED = 3, 4
UNITS = 8
SOFT, EVEN, SMALL, ROUNDS, PACE = 0.15, 30.0, 0.03, 1_500, 0.015
_Row = tuple[Signs, float, float, str]


@dataclass(frozen=True, slots=True)
class Sample:
    """Signs of series, the logarithm of their errors against the mean error, their weights, and the kind and horizon that each is of."""

    signs: Numbers
    errors: Numbers
    weights: Numbers
    cells: NDArray[np.intp]
    names: tuple[str, ...]


def main() -> None:
    """Print what weights are worth, those found now and those in the code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=2_000, help="series of each kind")
    parser.add_argument("--write", action="store_true", help="write them")
    options = parser.parse_args()
    split = 3 * options.lots // 4
    learned, kept = drawn(range(split)), drawn(range(split, options.lots))
    found = fitted(learned)
    _tell("found now", kept, found)
    if WEIGHTS_FILE.exists():
        _tell("in the code", kept, json.loads(WEIGHTS_FILE.read_text(encoding="utf-8")))
    if options.write:
        WEIGHTS_FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def _tell(title: str, kept: Sample, told: dict[str, object]) -> None:
    weights = WidthWeights.of(told)
    holds = [error < np.log(weights.multiple(Signs(*row))) for row, error in zip(kept.signs, kept.errors, strict=True)]
    shares = np.bincount(kept.cells, holds) / np.bincount(kept.cells)
    print(f"{title}: {100 * np.mean(holds):.1f} %; by kind and horizon {100 * min(shares):.0f} to {100 * max(shares):.0f} %")
    print("  " + ", ".join(f"{name} {100 * share:.0f}" for name, share in zip(kept.names, shares, strict=True)))


def drawn(lots: range) -> Sample:
    """Return what is known of series that are drawn by these lots."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        rows = [row for rows in pool.starmap(_of_kind, [(kind, lots) for kind in CHOSEN_BY], chunksize=1) for row in rows]
    names = tuple(dict.fromkeys(name for *_, name in rows))
    weights = np.array([row[2] for row in rows])
    cells = np.array([names.index(row[3]) for row in rows])
    return Sample(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]), weights / weights.mean(), cells, names)


def _of_kind(kind: str, lots: range) -> list[_Row]:
    times, rows = TIMES_MIXED if kind == "mixed" else 1, list[_Row]()
    share = (WEIGHT_OF_MIXED if kind == "mixed" else 1) / (times * len(lots))
    for lot in range(lots.start * times, lots.stop * times):
        dice = random.Random(f"learned from, {kind} {lot}")
        count, steps = dice.choice(HORIZONS)
        count = count or dice.randint(LEAST_POINTS + 4, 72)
        steps = steps or dice.randint(2, count // 2)
        series = CHOSEN_BY[kind](dice, count + steps)
        values = [value for _, value in since_reset(list(enumerate(series[:count])))]
        if len(values) < LEAST_POINTS or steps > len(values) // 2:
            continue
        period, tried = studied(values, steps)
        if tried:
            best = best_of(tried, values)
            error = float(np.log(max(abs(series[-1] - best.value) / best.size, 1e-9)))
            rows.append((signs_of(values, steps, period, tried, best), error, share, f"{kind}, {_how_far(steps / count)}"))
    return rows


def _how_far(share: float) -> str:
    return "near" if share <= 0.25 else "far" if share < 0.45 else "farthest"


def fitted(sample: Sample) -> dict[str, object]:
    """Return weights that make the interval hold AIM of all, and of each kind and horizon as nearly as they can (by Adam's descent)."""
    middles, spreads = sample.signs.mean(0), np.maximum(sample.signs.std(0), 1e-6)
    signs = np.clip((sample.signs - middles) / spreads, -MOST_SPREADS, MOST_SPREADS)
    count, width = signs.shape
    counts = np.bincount(sample.cells)
    found: list[Numbers] = [
        np.zeros(width),
        np.array([np.quantile(sample.errors, AIM)]),
        np.random.default_rng(0).normal(size=(width, UNITS)) / np.sqrt(width),
        np.zeros(UNITS),
        np.zeros(UNITS),
    ]
    speeds, powers = [np.zeros_like(each) for each in found], [np.zeros_like(each) for each in found]
    for turn in range(1, ROUNDS + 1):
        straight, constant, inner, thresholds, shares = found
        seen = np.tanh(signs @ inner + thresholds)
        left = sample.errors - (signs @ straight + constant + seen @ shares)
        holds = 1 / (1 + np.exp(np.clip(left / SOFT, -30, 30)))
        off = (np.bincount(sample.cells, holds) / counts - AIM) / counts / len(counts)
        slope = -sample.weights * (AIM - (left < 0)) / count + EVEN * 2 * off[sample.cells] * holds * (1 - holds) / SOFT
        back = np.outer(slope, shares) * (1 - seen**2)
        slopes = [
            signs.T @ slope + SMALL * straight / width,
            np.array([slope.sum()]),
            signs.T @ back + SMALL * inner / width,
            back.sum(0),
            seen.T @ slope + SMALL * shares / UNITS,
        ]
        pace = PACE if turn < 0.6 * ROUNDS else PACE / 5
        for at, each in enumerate(slopes):
            speeds[at] = 0.9 * speeds[at] + 0.1 * each
            powers[at] = 0.999 * powers[at] + 0.001 * each**2
            found[at] = found[at] - pace * (speeds[at] / (1 - 0.9**turn)) / (np.sqrt(powers[at] / (1 - 0.999**turn)) + 1e-8)
    straight, constant, inner, thresholds, shares = found
    return {
        "signs": list(Signs._fields),
        "middles": _short(middles),
        "spreads": _short(spreads),
        "constant": _short(constant)[0],
        "straight": _short(straight),
        "units": [
            {"share": share, "constant": threshold, "weights": _short(weights)}
            for share, threshold, weights in zip(_short(shares), _short(thresholds), inner.T, strict=True)
        ],
    }


def _short(numbers: Numbers) -> list[float]:
    return [float(f"{number:.4g}") for number in numbers]


if __name__ == "__main__":
    main()
