"""Find the weights of `forecast_width.py` again: a quantile regression over the series of `alerts/forecast_series.py`, with numpy.

python tests/benchmarks/forecast_weights.py [--lots N]

Half of the lots make the weights; of the other half it is printed how often the interval holds the truth, by kind and horizon. Kinds that only show
(`alerts/shown_series.py`) are not looked at here.
"""

from __future__ import annotations

import argparse
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from alerts.forecast_series import CHOSEN_BY
from hookline_collector.alerts.forecast import LEAST_POINTS, best_of, studied
from hookline_collector.alerts.forecast_width import WEIGHTS, Signs, signs_of

Numbers = NDArray[np.float64]
AIM = 0.825
"""The middle of 75 to 90 %."""
HORIZONS = ((60, 12), (60, 12), (60, 12), (60, 15), (60, 20), (60, 22), (60, 30), (60, 30), (72, 12), (72, 36), (0, 0), (0, 0))
"""Points and steps ahead; 0 is drawn."""
WEIGHT_OF_MIXED = 3
SOFT, EVEN, SMALL, ROUNDS = 0.1, 6.0, 0.005, 2_500


@dataclass(frozen=True, slots=True)
class Sample:
    """Signs of series, the logarithm of their errors against the mean error, and the kind and horizon that each is of."""

    signs: Numbers
    errors: Numbers
    weights: Numbers
    cells: tuple[NDArray[np.intp], ...]
    names: tuple[str, ...]


def main() -> None:
    """Print weights, and what they are worth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=900, help="series of each kind")
    lots = parser.parse_args().lots
    learned, kept = drawn(range(lots // 2)), drawn(range(lots // 2, lots))
    weights = fitted(learned)
    for name, weight in zip(Signs._fields, weights, strict=True):
        print(f"    {name}={weight:.3g},")
    for title, each in (("found now", weights), ("in the code", np.array(WEIGHTS))):
        holds = (kept.errors < kept.signs @ each).astype(float)
        shares = [float(holds[cell].mean()) for cell in kept.cells]
        print(f"{title}: {100 * holds.mean():.1f} %; by kind and horizon {100 * min(shares):.0f} to {100 * max(shares):.0f} %")
        print("  " + ", ".join(f"{name} {100 * share:.0f}" for name, share in zip(kept.names, shares, strict=True)))


def drawn(lots: range) -> Sample:
    """Return what is known of series that are drawn by these lots."""
    rows: list[tuple[Signs, float, float, str]] = []
    for kind, draw in CHOSEN_BY.items():
        times = 5 if kind == "mixed" else 1
        share = (WEIGHT_OF_MIXED if kind == "mixed" else 1) / (times * len(lots))
        for lot in range(lots.start * times, lots.stop * times):
            dice = random.Random(f"{kind} {lot}")
            count, steps = dice.choice(HORIZONS)
            count = count or dice.randint(LEAST_POINTS + 4, 72)
            steps = steps or dice.randint(2, count // 2)
            series = draw(dice, count + steps)
            values = series[:count]
            period, tried = studied(values, steps)
            if not tried:
                continue
            best = best_of(tried, values)
            error = float(np.log(max(abs(series[-1] - best.value) / best.size, 1e-9)))
            rows.append((signs_of(values, steps, period, tried, best), error, share, f"{kind}, {'near' if 4 * steps <= count else 'far'}"))
    names = tuple(dict.fromkeys(name for *_, name in rows))
    cells = tuple(np.array([at for at, row in enumerate(rows) if row[3] == name]) for name in names)
    shares = np.array([row[2] for row in rows])
    return Sample(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]), shares / shares.mean(), cells, names)


def fitted(sample: Sample) -> Numbers:
    """Return weights that make the interval hold AIM of all, and of each kind and horizon as nearly as they can (by Adam's descent)."""
    middles, spreads = sample.signs.mean(0), sample.signs.std(0)
    middles[0], spreads[0] = 0.0, 1.0
    signs = (sample.signs - middles) / np.where(spreads > 0, spreads, 1.0)
    found, speed, power = np.zeros(signs.shape[1]), np.zeros(signs.shape[1]), np.zeros(signs.shape[1])
    found[0] = np.quantile(sample.errors, AIM)
    for turn in range(1, ROUNDS + 1):
        left = sample.errors - signs @ found
        slope = -(signs.T @ (sample.weights * (AIM - (left < 0)))) / len(left)
        holds = 1 / (1 + np.exp(np.clip(left / SOFT, -30, 30)))
        steep = holds * (1 - holds) / SOFT
        for cell in sample.cells:
            slope += EVEN * 2 * (holds[cell].mean() - AIM) * (signs[cell] * steep[cell][:, None]).mean(0) / len(sample.cells)
        slope[1:] += SMALL * found[1:] / len(found)
        speed, power = 0.9 * speed + 0.1 * slope, 0.999 * power + 0.001 * slope**2
        pace = 0.01 if turn < 0.6 * ROUNDS else 0.002
        found -= pace * (speed / (1 - 0.9**turn)) / (np.sqrt(power / (1 - 0.999**turn)) + 1e-8)
    weights: Numbers = found / np.where(spreads > 0, spreads, 1.0)
    weights[0] = found[0] - float(np.sum(weights[1:] * middles[1:]))
    return weights


if __name__ == "__main__":
    main()
