"""Blocks out of spells, as `read_blocks.sql` makes them: the spells of years are read sooner than that statement is planned. Pure.

When blocks begin and end is little to tell (`Spans`), and says how long they are. What they name is most of what there is: the engine adds it up,
with the clocks, for the spells of a block on a day. What comes of that is a spell again, and of these blocks are made (`blocks_of_spells`).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol, TypeVar

from hookline.system.clock import NS_PER_S

NAMES = ("projects", "branches", "sessions", "prompts", "commits")
_SUMS = ("wall_ns", "human_ns", "agent_ns", "agent_once_ns")


class StoredSpell(NamedTuple):
    """A run of a person's work, of one project or of all: of a half hour, as the store has it, or of several that follow each other.

    Names are in order.
    """

    user: str
    project: str
    from_ns: int
    to_ns: int
    wall_ns: int
    human_ns: int
    agent_ns: int
    agent_once_ns: int
    projects: Sequence[str]
    branches: Sequence[str]
    sessions: Sequence[str]
    prompts: Sequence[str]
    commits: Sequence[str]


class SpellRange(NamedTuple):
    """From when to when somebody worked."""

    from_ns: int
    to_ns: int


class _Ranging(Protocol):
    """What has a range."""

    @property
    def from_ns(self) -> int: ...

    @property
    def to_ns(self) -> int: ...


R = TypeVar("R", bound=_Ranging)


class Spans(NamedTuple):
    """When the blocks of a person begin and when they end, of one project or of all, in order.

    And of how many spells they are, and how many prompts these name.
    """

    of_project: int
    user: str
    project: str
    spells: int
    prompts: int
    from_ns: Sequence[int]
    to_ns: Sequence[int]


def lengths_of_spans(spans: Iterable[Spans], live: Iterable[Mapping[str, Any]], asked: Mapping[str, Any]) -> dict[tuple[int, str], int]:
    """Return how long blocks are within a period in nanoseconds, by reading and key, with spells in which something goes on."""
    going_on: defaultdict[tuple[int, str, str], list[SpellRange]] = defaultdict(list)
    for spell in live:
        going_on[spell["of_project"], spell["user"], spell["project"] if spell["of_project"] else ""].append(
            SpellRange(spell["from_ns"], spell["to_ns"])
        )
    stored = {(each.of_project, each.user, each.project): (each.from_ns, each.to_ns) for each in spans}
    found = Counter[tuple[int, str]]()
    for whose in {**stored, **going_on}:
        begins, ends = stored.get(whose, ((), ()))
        if whose in going_on:
            runs = list(_runs(sorted([*map(SpellRange, begins, ends), *going_on[whose]]), asked["idle_s"] * NS_PER_S))
            begins, ends = [run[0].from_ns for run in runs], [max(each.to_ns for each in run) for run in runs]
        of_project, user, project = whose
        key = {"project": project, "user": user, "day": asked["days"][0], "hour": asked["days"][0]}.get(asked["by"], "")
        found[of_project, key] += _length_within(begins, ends, asked["cuts"])
    return dict(found)


def _length_within(begins: Sequence[int], ends: Sequence[int], period: Sequence[int]) -> int:
    """Return how long ranges are together within a period; they lie apart, in order."""
    begin_ns, end_ns = period
    first, last = bisect_right(ends, begin_ns), bisect_left(begins, end_ns)
    if first >= last:
        return 0
    return sum(ends[first:last]) - sum(begins[first:last]) - max(0, begin_ns - begins[first]) - max(0, ends[last - 1] - end_ns)


def blocks_of_spells(spells: Iterable[StoredSpell], days: Sequence[str], edges: Sequence[int], idle_s: int) -> list[tuple[Any, ...]]:
    """Return blocks in their order: runs with no gap longer than `idle_s`, cut at the edges of days; what lies outside of the days is left out."""
    found: list[tuple[Any, ...]] = []
    for (user, project), own in groupby(sorted(spells, key=lambda each: each[:3]), key=lambda each: each[:2]):
        for block in _runs(own, idle_s * NS_PER_S):
            first_ns, last_ns = block[0].from_ns, max(each.to_ns for each in block)
            for of_day, pieces in groupby(block, key=lambda each: bisect_right(edges, each.from_ns)):
                if 0 < of_day < len(edges):
                    cut = max(first_ns, edges[of_day - 1]), min(last_ns, edges[of_day])
                    found.append((user, project, days[of_day - 1], *cut, *_added(list(pieces))))
    return sorted(found, key=lambda each: (each[3], each[4], each[0], each[1]))


def _runs(spells: Iterable[R], gap_ns: int) -> Iterator[list[R]]:
    """Yield what lies no farther apart than a gap that counts, of ranges in order of their beginnings."""
    run: list[R] = []
    reached_ns = 0
    for spell in spells:
        if run and spell.from_ns > reached_ns + gap_ns:
            yield run
            run = []
        reached_ns = max(reached_ns, spell.to_ns)
        run.append(spell)
    if run:
        yield run


def _added(pieces: Sequence[StoredSpell]) -> tuple[Any, ...]:
    """Return sums in seconds, and names in order."""
    if len(pieces) == 1:
        _, _, _, _, wall_ns, human_ns, agent_ns, agent_once_ns, *names = pieces[0]
        return wall_ns / 1e9, human_ns / 1e9, agent_ns / 1e9, agent_once_ns / 1e9, *names
    seconds = (sum(getattr(each, name) for each in pieces) / 1e9 for name in _SUMS)
    return (*seconds, *(sorted({word for each in pieces for word in getattr(each, name)}) for name in NAMES))


def spell_of(given: Mapping[str, Any]) -> StoredSpell:
    """Return a spell that was worked out just now."""
    return StoredSpell(*(given[name] for name in StoredSpell._fields))
