"""Intervals of time and what can be done with them: union, runs, cutting, and a partition of a day. Pure, in Unix nanoseconds.

An interval is half open: [start, end). One without length says nothing and is dropped everywhere.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from hookline_collector.work.period import LocalDay

Kind = Literal["human", "agent", "waiting", "gap"]
PRECEDENCE: tuple[Kind, ...] = ("agent", "human", "waiting")
"""What a moment counts as in wall time when several hold: a person who reads while an agent works is not a second hour."""


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A stretch of time of one kind."""

    start_ns: int
    end_ns: int
    kind: Kind = "agent"

    @property
    def length_ns(self) -> int:
        """From start to end."""
        return max(0, self.end_ns - self.start_ns)


def union(intervals: Iterable[Interval]) -> list[tuple[int, int]]:
    """Return the disjoint stretches that at least one interval covers, in order; touching ones are one."""
    return runs(intervals, 0)


def runs(intervals: Iterable[Interval], idle_ns: int) -> list[tuple[int, int]]:
    """Return the maximal runs in which no gap is longer than `idle_ns`."""
    found: list[tuple[int, int]] = []
    for interval in sorted(i for i in intervals if i.length_ns):
        if found and interval.start_ns <= found[-1][1] + idle_ns:
            found[-1] = (found[-1][0], max(found[-1][1], interval.end_ns))
        else:
            found.append((interval.start_ns, interval.end_ns))
    return found


def cut(intervals: Iterable[Interval], days: Sequence[LocalDay]) -> Iterator[tuple[LocalDay, Interval]]:
    """Yield each interval's pieces with the day they fall into."""
    for interval in intervals:
        for day in days:
            start, end = max(interval.start_ns, day.start_ns), min(interval.end_ns, day.end_ns)
            if start < end:
                yield day, Interval(start, end, interval.kind)


def partition(intervals: Iterable[Interval], start_ns: int, end_ns: int) -> list[Interval]:
    """Return what each moment from `start_ns` to `end_ns` counts as: human, agent, waiting or gap.

    The answer covers the span exactly, without overlap, and neighbours differ in kind. Where several hold, PRECEDENCE decides.
    """
    counts = dict.fromkeys(PRECEDENCE, 0)
    found: list[Interval] = []
    cursor = start_ns
    for at, kind, step in _edges(intervals, start_ns, end_ns):
        _append(found, cursor, at, counts)
        counts[kind] += step
        cursor = at
    _append(found, cursor, end_ns, counts)
    return found


def _edges(intervals: Iterable[Interval], start_ns: int, end_ns: int) -> list[tuple[int, Kind, int]]:
    edges: list[tuple[int, Kind, int]] = []
    for interval in intervals:
        start, end = max(interval.start_ns, start_ns), min(interval.end_ns, end_ns)
        if start < end and interval.kind in PRECEDENCE:
            edges += [(start, interval.kind, 1), (end, interval.kind, -1)]
    return sorted(edges)


def _append(found: list[Interval], start_ns: int, end_ns: int, counts: dict[Kind, int]) -> None:
    if end_ns <= start_ns:
        return
    kind: Kind = next((kind for kind in PRECEDENCE if counts[kind]), "gap")
    if found and found[-1].kind == kind:
        found[-1] = Interval(found[-1].start_ns, end_ns, kind)
    else:
        found.append(Interval(start_ns, end_ns, kind))
