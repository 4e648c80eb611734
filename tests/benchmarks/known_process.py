"""What could be found of a statement that became slower if all about it were known: the bound that the test of `hookline.slowdowns` is measured by.

python tests/benchmarks/known_process.py [--days N]

By the likelihood ratio of a change by half against none, added up over when it may have begun (Shiryaev and Roberts): of tests that give a false
alarm as seldom, hardly any finds a change sooner. It knows the process, its mean, scale and tails, by how much calls became slower, and in "by day"
how much slower each hour is; its limit is the one that gives a false alarm in a hundred days of that very process.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from support.statement_series import A_DAY, statement_series

Numbers = NDArray[np.float64]
MEAN_MS, DEVIATION, SLOW = 10.0, 0.15, 0.95
DEGREES = 4
WITHIN, BEFORE, TRIES, DAYS = 30, 240, 600, 300
AT_ONCE, BLOCK = 50, 120
"""Days whose evidence is worked out together; false alarms in an hour are one."""


@dataclass(frozen=True, slots=True)
class KnownProcess:
    """A process: how much of its state stays, how much of what was left of the last interval is taken back, the deviation of what is left."""

    keeps: float
    takes_back: float
    deviation: float
    has_tails: bool

    def left(self, logs: Numbers) -> Numbers:
        """Return what it does not foretell of series, one a row."""
        found, left = np.empty_like(logs), logs[:, 0] * self.deviation / DEVIATION
        found[:, 0] = left
        for at in range(1, logs.shape[1]):
            left = logs[:, at] - self.keeps * logs[:, at - 1] + self.takes_back * left
            found[:, at] = left
        return found

    def evidence(self, logs: Numbers) -> Numbers:
        """Return the logarithm of the sum of likelihood ratios at each interval, for changes by half in the last WITHIN intervals."""
        left = self.left(logs)
        marks = [1.0]
        while len(marks) < WITHIN:
            marks.append(1 - self.keeps + self.takes_back * marks[-1])
        since = [self._ratio(left, math.log(1.5) * mark) for mark in marks]
        found = np.full_like(left, -np.inf)
        for age in range(1, WITHIN + 1):
            told = sum(since[at][:, at : left.shape[1] - age + 1 + at] for at in range(age))
            found[:, age - 1 :] = np.logaddexp(found[:, age - 1 :], told)
        return found

    def _ratio(self, left: Numbers, mark: float) -> Numbers:
        if not self.has_tails:
            return mark * (left - mark / 2) / self.deviation**2
        spread = (DEGREES - 2) * self.deviation**2
        ratio: Numbers = (DEGREES + 1) / 2 * np.log((spread + left**2) / (spread + (left - mark) ** 2))
        return ratio


def known(dependence: float, kind: str) -> KnownProcess:
    """Return the process by which `statement_series` draws."""
    if kind != "mixed":
        return KnownProcess(dependence, 0.0, DEVIATION * math.sqrt(1 - dependence**2), kind == "outliers")
    with_next = SLOW / (1 - SLOW**2 + 1 + SLOW**2)
    takes_back = (1 - math.sqrt(1 - 4 * with_next**2)) / (2 * with_next)
    return KnownProcess(SLOW, takes_back, DEVIATION * math.sqrt(SLOW / 2 / takes_back), has_tails=False)


def most_found_percent(name: str, dependence: float, kind: str, days: int = DAYS) -> float:
    """Return how often the best test finds a change by half within fifteen minutes, of a kind of statement."""
    process, chance = known(dependence, kind), random.Random(f"known, {name}")
    drawn = "first order" if kind == "by day" else kind
    peaks: list[float] = []
    for _ in range(days // AT_ONCE):
        evidence = process.evidence(_logs([_means(chance, dependence, drawn, A_DAY) for _ in range(AT_ONCE)]))
        peaks += evidence.reshape(AT_ONCE, A_DAY // BLOCK, BLOCK).max(axis=2).ravel().tolist()
    limit = sorted(peaks, reverse=True)[len(peaks) * BLOCK // A_DAY // 100]
    slower = _logs([_means(chance, dependence, drawn, BEFORE + WITHIN, BEFORE) for _ in range(TRIES)])
    return 100 * float((process.evidence(slower)[:, BEFORE:].max(axis=1) >= limit).mean())


def _means(chance: random.Random, dependence: float, kind: str, count: int, slower_at: int | None = None) -> list[float]:
    return [each.mean_ms for each in statement_series(chance, dependence, count, slower_at=slower_at, kind=kind)]


def _logs(times: list[list[float]]) -> Numbers:
    logs: Numbers = np.log(np.array(times) / MEAN_MS)
    return logs


def main() -> None:
    """Print the bound of each kind."""
    from benchmarks.bench_regressions import KINDS  # it asks this file

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS, help="statement-days of each kind by which the limit is found")
    days = parser.parse_args().days
    for name, dependence, kind in KINDS:
        print(f"{name}: {most_found_percent(name, dependence, kind, days):.0f} %", flush=True)


if __name__ == "__main__":
    main()
