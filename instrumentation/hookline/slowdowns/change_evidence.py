"""How much better a lasting change explains the newest intervals of a statement than no change does.

By each process that is likely (`call_processes.py`), for each number of intervals AGES since the change and each of SIZES: the likelihood of what the
process leaves unexplained after the change was taken away, against that without one. They are added up (Shiryaev and Roberts), weighed by how likely
the process is if nothing changed, the newest intervals included. So a rise that a slow process explains counts for little as long as that process may
be the one, a jump that heavy tails explain counts for what lasts of it, and no part needs a limit of its own.

Where deviations stay for a while, two or three large steps look like a change for as long as they need to go. A change goes on saying so: what is
half as long again mostly passes the limit late, as its evidence grows up to the last of AGES. So a change counts by how long it has been seen
(AGE_COUNTS): what is told sooner must be surer, and chance has to look like a change for a quarter of an hour.

If nothing changes and the process is one of the family, such a sum grows by one an interval and age at most on average, whatever the process, and by
less at those that count less. So the number of intervals in which one false alarm is allowed is the limit. That holds for what a sum may be; how
often it passes the limit depends on how far it jumps beyond. Without noise beside the state a change stands out in its first interval and the sum
jumps far; with noise it creeps up to the limit, and passes it more often: what such a process says counts NOISY_COUNTS as much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from hookline.slowdowns.call_processes import FAMILY, CallProcess, CallProcesses

AGES = (3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30)
"""So many intervals ago a change may have been; one that is between two of them now will be at the next soon."""
RECENT = AGES[-1]
SIZES = ((math.log(1.5), 0.7), (math.log(2.2), 0.3))
"""Logarithms of by how much it is slower, and how likely each is."""
LEAST_EVIDENCE = math.log(100 * 2_880)
"""A logarithm: one false alarm in the intervals of a hundred days."""
NOISY_COUNTS = 1 / 3
"""Of the evidence by processes with noise beside their state."""
AGE_COUNTS = {age: 2 * math.log(age / RECENT) for age in AGES}
"""Logarithms of how much a change counts that has been seen for so many intervals: by the square of their share of the most."""
MOST_BY_CHANCE = math.fsum(math.exp(each) for each in AGE_COUNTS.values())
"""So much the sum is at most on average, if nothing changes."""
_Marks = tuple[float, ...]


def change_in(recent: Sequence[float], processes: CallProcesses) -> tuple[float, int]:
    """Return the evidence for a change in the newest deviations, a logarithm, and how many intervals ago it most likely was."""
    told = [_told_by(each, list(each.lefts(recent, processes.before))) for each in processes.likely()]
    fits = [fit for fit, _ in told]
    evidence = _log_sum([fit + weight for fit, ages in told for weight, _ in ages]) - _log_sum(fits)
    _, length = max((fit + weight, age) for fit, ages in told for weight, age in ages)
    return evidence, length


def _told_by(process: CallProcess, lefts: Sequence[float]) -> tuple[float, list[tuple[float, int]]]:
    """Return how likely all is by a process without a change, and the evidence for one by size and age."""
    spread, power = process.degrees * process.scale, (process.degrees + 1) / 2
    ages = [age for age in AGES if age <= len(lefts)]
    without = {age: math.prod([spread + left * left for left in lefts[-age:]]) for age in ages}
    told = []
    for marks, weight in _MARKS[process.keeps, process.takes_back]:
        for age in ages:
            with_change = math.prod([spread + (left - mark) ** 2 for left, mark in zip(lefts[-age:], marks, strict=False)])
            told.append((power * math.log(without[age] / with_change) + weight + AGE_COUNTS[age], age))
    return process.fit_of(lefts), told


def _marks(keeps: float, takes_back: float, size: float) -> _Marks:
    """Return what a change leaves unexplained in its first interval and in those after."""
    marks = [1.0]
    while len(marks) < RECENT:
        marks.append(1 - keeps + takes_back * marks[-1])
    return tuple(size * each for each in marks)


def _log_sum(logs: Sequence[float]) -> float:
    most = max(logs)
    return most + math.log(math.fsum(math.exp(each - most) for each in logs))


_MARKS: dict[tuple[float, float], list[tuple[_Marks, float]]] = {
    (keeps, takes_back): [(_marks(keeps, takes_back, size), math.log(share * (NOISY_COUNTS if takes_back else 1.0))) for size, share in SIZES]
    for keeps, takes_back, _ in FAMILY
}
