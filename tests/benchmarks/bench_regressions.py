"""Statements that became slower: how often nothing is taken for something, and how soon half as long again is found.

python tests/benchmarks/bench_regressions.py [--days N]

Series are made: half a minute an interval, means that deviate by 15 % and depend on the one before by 0, 0.5, 0.8 and 0.95; and others that are not
of first order: with outliers, with a slow part, by day.
"""

import argparse
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.figures import tell
from benchmarks.known_process import most_found_percent
from benchmarks.sureness import of_count, of_share
from hookline.slowdowns.call_history import CallHistory
from support.statement_series import A_DAY, INTERVAL_S, statement_series

TRIES, TRIES_OF_A_DAY, DAYS = 400, 100, 20
BEFORE = 240
CAUSES = ("rows", "blocks")
WITHIN_S = 900
KINDS = (
    *((f"dependence {dependence:g}", dependence, "first order") for dependence in (0.0, 0.5, 0.8, 0.95)),
    ("outliers, 0.5", 0.5, "outliers"),
    ("outliers, 0.8", 0.8, "outliers"),
    ("half of it slow", 0.0, "mixed"),
    ("by day, 0.5", 0.5, "by day"),
)


@dataclass(frozen=True, slots=True)
class RegressionScore:
    """Of one kind of statement: alarms in days without change, what was found in time, with two hours known of it and with most of a day, and what
    would be by a test that knows all about it."""

    name: str
    days: int
    alarms: int
    found_percent: float
    found_known_percent: float
    most_percent: float
    us: float

    @property
    def alarms_of_hundred(self) -> float:
        """In 100 days of one statement."""
        return 100 * self.alarms / self.days

    @property
    def sure(self) -> tuple[float, float]:
        """Between which rates the true one lies, 19 times of 20, in 100 days."""
        low, high = of_count(self.alarms)
        return 100 * low / self.days, 100 * high / self.days


def scores(days: int = DAYS) -> list[RegressionScore]:
    """Count alarms over days in which nothing changes, and find changes."""
    return [scored(name, dependence, kind, days) for name, dependence, kind in KINDS]


def scored(name: str, dependence: float, kind: str, days: int) -> RegressionScore:
    """Do so for one kind."""
    chance, alarms, taken = random.Random(f"shown, {name}"), 0, 0.0
    for _ in range(days):
        history, series = CallHistory(CAUSES), statement_series(chance, dependence, A_DAY, kind=kind)
        began = time.process_time()
        alarms += sum(history.step(each) is not None for each in series)
        taken += time.process_time() - began
    found = [_found_after_s(chance, dependence, kind, BEFORE) <= WITHIN_S for _ in range(TRIES)]
    known = [_found_after_s(chance, dependence, kind, 8 * BEFORE) <= WITHIN_S for _ in range(TRIES_OF_A_DAY)]
    soon, later = (100 * sum(each) / len(each) for each in (found, known))
    return RegressionScore(name, days, alarms, soon, later, most_found_percent(name, dependence, kind), 1e6 * taken / days / A_DAY)


def _found_after_s(chance: random.Random, dependence: float, kind: str, before: int) -> float:
    """Return how long after a statement became slower that is found, endless where it is not in fifteen minutes."""
    history = CallHistory(CAUSES)
    for n, each in enumerate(statement_series(chance, dependence, before + WITHIN_S // INTERVAL_S, slower_at=before, kind=kind)):
        if history.step(each) is not None and n >= before:
            return (n - before + 1) * INTERVAL_S
    return float("inf")


def table(found: list[RegressionScore]) -> list[str]:
    """Return the table of the documentation."""
    days, alarms = sum(each.days for each in found), sum(each.alarms for each in found)
    two, sixteen = (of_share(round(0.9 * tries), tries) for tries in (TRIES, TRIES_OF_A_DAY))
    return [
        "| kind of statement | alarms in 100 unchanged days | 1.5 times as slow, found in 15 minutes: 2 hours known | 16 hours known | all known |",
        "|---|---|---|---|---|",
        *(
            f"| {each.name} | {each.alarms_of_hundred:.1f} (in {each.days} days {each.alarms}: {each.sure[0]:.1f} to {each.sure[1]:.1f}) "
            f"| {each.found_percent:.0f} % | {each.found_known_percent:.0f} % | {each.most_percent:.0f} % |"
            for each in found
        ),
        f"| all of them | {100 * alarms / days:.1f} (in {days} days {alarms}) | | | |",
        "",
        "In brackets: between which rates the true one lies, 19 times of 20. "
        f"What is found is of {TRIES} and {TRIES_OF_A_DAY} changes: 90 % there is "
        f"{two[0]:.0f} to {two[1]:.0f} and {sixteen[0]:.0f} to {sixteen[1]:.0f} %.",
    ]


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=DAYS, help="statement-days of each kind")
    found = scores(parser.parse_args().days)
    print("\n".join(table(found)))
    for each in found:
        tell(f"regressions: alarms in 100 unchanged statement-days, {each.name}", each.alarms_of_hundred, "alarms", "size")
        tell(f"regressions: 1.5 times as slow, found within 15 minutes, {each.name}", each.found_percent, "%", "size", "more")
        name = f"regressions: 1.5 times as slow, found within 15 minutes, {each.name}, known for 16 hours"
        tell(name, each.found_known_percent, "%", "size", "more")
    tell("regressions: an interval of one statement", sum(each.us for each in found) / len(found), "us", "processor")


if __name__ == "__main__":
    main()
