"""Blocks out of spells, as `read_blocks.sql` makes them: for as many spells as are read sooner than that statement is planned. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from hookline.system.clock import NS_PER_S

NAMES = ("projects", "branches", "sessions", "prompts", "commits")
_SUMS = ("wall_ns", "human_ns", "agent_ns", "agent_once_ns")


class StoredSpell(NamedTuple):
    """A run of a person's work in a half hour, of one project or of all, as the store has it."""

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
    seconds = (sum(getattr(each, name) for each in pieces) / 1e9 for name in _SUMS)
    return (*seconds, *(sorted({word for each in pieces for word in getattr(each, name)}) for name in NAMES))


def spell_of(given: Mapping[str, Any]) -> StoredSpell:
    """Return a spell that was worked out just now."""
    return StoredSpell(*(given[name] for name in StoredSpell._fields))
