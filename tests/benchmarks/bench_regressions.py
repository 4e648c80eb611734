"""Statements that became slower: how often nothing is taken for something, and how soon half as long again is found.

python tests/benchmarks/bench_regressions.py [--days N]

Series are made: half a minute an interval, means that deviate by 15 % and depend on the one before by 0, 0.5, 0.8 and 0.95.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.figures import tell
from hookline.databases.judging.regressions import StatementHistory
from support.statement_series import A_DAY, INTERVAL_S, statement_series

TRIES = 60
BEFORE = 240
WITHIN_S = 900


def main() -> None:
    """Count alarms over days in which nothing changes, and find changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=20, help="statement-days of each kind")
    options = parser.parse_args()
    chance = random.Random(1)
    for dependence in (0.0, 0.5, 0.8, 0.95):
        alarms = 0
        for _ in range(options.days):
            history = StatementHistory()
            alarms += sum(history.step(each) is not None for each in statement_series(chance, dependence, A_DAY))
        tell(f"regressions: alarms in 100 unchanged statement-days, dependence {dependence:g}", 100 * alarms / options.days, "alarms", "size")
        found = [_found_after_s(chance, dependence) for _ in range(TRIES)]
        soon = sum(after_s <= WITHIN_S for after_s in found)
        tell(f"regressions: 1.5 times as slow, found within 15 minutes, dependence {dependence:g}", 100 * soon / TRIES, "%", "size", "more")


def _found_after_s(chance: random.Random, dependence: float) -> float:
    """Return how long after a statement became slower that is found, endless where it is not in 20 minutes."""
    history = StatementHistory()
    for n, each in enumerate(statement_series(chance, dependence, BEFORE + 40, slower_at=BEFORE)):
        if history.step(each) is not None and n >= BEFORE:
            return (n - BEFORE + 1) * INTERVAL_S
    return float("inf")


if __name__ == "__main__":
    main()
