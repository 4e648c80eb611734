"""Blocks out of spells, as `read_blocks.sql` makes them: the spells of years are read sooner than that statement is planned. Pure.

When blocks begin and end is little to tell (`Spans`), and says how long they are. What they name is most of what there is: the engine adds it up,
with the clocks, for the spells of a block on a day. What comes of that is a spell again, and of these blocks are made (`blocks_of_spells`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

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
    begin_ns, end_ns = asked["cuts"]
    ranges: defaultdict[tuple[int, str, str], list[tuple[int, int]]] = defaultdict(list)
    for each in spans:
        ranges[each.of_project, each.user, each.project] += zip(each.from_ns, each.to_ns, strict=True)
    for spell in live:
        ranges[spell["of_project"], spell["user"], spell["project"] if spell["of_project"] else ""].append((spell["from_ns"], spell["to_ns"]))
    found = Counter[tuple[int, str]]()
    for (of_project, user, project), own in ranges.items():
        key = {"project": project, "user": user, "day": asked["days"][0], "hour": asked["days"][0]}.get(asked["by"], "")
        for from_ns, to_ns in _with_gaps(sorted(own), asked["idle_s"] * NS_PER_S):
            found[of_project, key] += max(0, min(to_ns, end_ns) - max(from_ns, begin_ns))
    return dict(found)


def _with_gaps(ranges: Iterable[tuple[int, int]], gap_ns: int) -> Iterator[tuple[int, int]]:
    """Yield ranges in order of their beginnings, those as one that lie no farther apart than a gap that counts."""
    first_ns = last_ns = 0
    for from_ns, to_ns in ranges:
        if first_ns and from_ns > last_ns + gap_ns:
            yield first_ns, last_ns
            first_ns = 0
        first_ns = first_ns or from_ns
        last_ns = max(last_ns, to_ns)
    if first_ns:
        yield first_ns, last_ns


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


def _runs(spells: Iterable[StoredSpell], gap_ns: int) -> Iterable[list[StoredSpell]]:
    run: list[StoredSpell] = []
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
