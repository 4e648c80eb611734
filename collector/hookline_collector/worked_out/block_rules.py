"""Blocks out of spells, as `read_blocks.sql` makes them: the spells of years are read sooner than that statement is planned. Pure.

Where blocks are cut follows from when spells begin and end, which is little to read (`pieces_of`). What blocks name is most of what there is: the
engine adds it up, with the clocks, for the spells of each piece. What comes of that is a spell again, and of these blocks are made
(`blocks_of_spells`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from hookline.system.clock import NS_PER_S

NAMES = ("projects", "branches", "sessions", "prompts", "commits")
_NEVER_NS = 2**63
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


class SpellBounds(NamedTuple):
    """When spells of a person, of one project or of all, begin and end, in any order, and how many prompts each names."""

    user: str
    project: str
    from_ns: Sequence[int]
    to_ns: Sequence[int]
    prompts: Sequence[int]


class Piece(NamedTuple):
    """What of a block begins on one day: when its first spell does, how long its spells are together, and how many prompts they name.

    `day` counts from 1; 0 lies before the period.
    """

    user: str
    project: str
    from_ns: int
    day: int
    length_ns: int
    prompts: int


def pieces_of(bounds: Iterable[SpellBounds], edges: Sequence[int], idle_s: int) -> list[Piece]:
    """Return the pieces of which blocks are made, those of each person's project in their order."""
    return [piece for each in bounds for piece in _pieces(each, edges, idle_s * NS_PER_S)]


def _pieces(bounds: SpellBounds, edges: Sequence[int], gap_ns: int) -> Iterator[Piece]:
    user, project, *columns = bounds
    day, until_ns, joined_until_ns = 0, _NEVER_NS, 0
    first_ns = length_ns = prompts = 0
    for from_ns, to_ns, named in sorted(zip(*columns, strict=True)):
        if from_ns > joined_until_ns or from_ns >= until_ns:
            if first_ns:
                yield Piece(user, project, first_ns, day, length_ns, prompts)
            day = bisect_right(edges, from_ns)
            until_ns = edges[day] if day < len(edges) else _NEVER_NS
            first_ns, length_ns, prompts = from_ns, 0, 0
        length_ns += to_ns - from_ns
        prompts += named
        joined_until_ns = max(joined_until_ns, to_ns + gap_ns)
    if first_ns:
        yield Piece(user, project, first_ns, day, length_ns, prompts)


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
