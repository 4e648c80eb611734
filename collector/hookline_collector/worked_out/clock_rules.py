"""What people and agents did in each half hour, added up so that half hours can be added up further. Pure.

What runs side by side counts once within a key, so sums over stretches cannot be added; but a union's share of each half hour can. Local days of
nearly all zones begin on one, and so do hours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from hookline_collector.worked_out.flat_tables import Row, day_of
from hookline_collector.worked_out.part_rules import AGENT, ANSWER, AT_MOST, HUMAN, PERMISSION, PROMPT, WAITING

SLOT_NS = 1_800_000_000_000
AT_MOST_S = 300
SPELL_GAP_NS = AT_MOST_S * 1_000_000_000
ALL, BY_PROJECT, BY_BRANCH, BY_SESSION, BY_PROJECT_AND_SESSION, BY_AGENT, BY_PROJECT_AND_AGENT, BY_BRANCH_AND_AGENT = range(8)
OF_AGENTS = {ALL: BY_AGENT, BY_PROJECT: BY_PROJECT_AND_AGENT, BY_BRANCH: BY_BRANCH_AND_AGENT}
"""The grain in which each agent has a row of what several did; a session is of one."""
GrainKey = tuple[int, str, str, str]


class Stretch(NamedTuple):
    """A part of a person's day as the table of parts has it."""

    user: str
    kind: int
    reason: int
    from_ns: int
    to_ns: int
    agents: int
    act_ns: int
    project: str
    branch: str
    revision: str
    session_id: str
    prompt_id: str
    agent: str


def slots_of(from_ns: int, to_ns: int) -> range:
    """Return the half hours that a stretch touches, by their first moments."""
    return range(from_ns - from_ns % SLOT_NS, to_ns, SLOT_NS)


def counts_from(kind: int, from_ns: int, to_ns: int, act_ns: int) -> int:
    """Return from when on a stretch counts: what may have been done before an act counts for the last minutes before it, whenever it began."""
    return max(from_ns, min(to_ns, act_ns - AT_MOST_S * 1_000_000_000)) if kind == AT_MOST else from_ns


def within(parts: Iterable[Stretch], slots: Iterable[int]) -> dict[int, list[Stretch]]:
    """Return the pieces of parts that lie in each of the half hours, in order."""
    return {at_ns: pieces_of(found, at_ns) for at_ns, found in by_slot(parts, slots).items()}


def by_slot(parts: Iterable[Stretch], slots: Iterable[int]) -> dict[int, list[Stretch]]:
    """Return the parts that count in each of the half hours, whole and in order."""
    found: dict[int, list[Stretch]] = {at_ns: [] for at_ns in slots}
    for part in sorted(parts, key=_beginning):
        for at_ns in slots_of(counts_from(part.kind, part.from_ns, part.to_ns, part.act_ns), part.to_ns):
            if at_ns in found:
                found[at_ns].append(part)
    return found


def pieces_of(parts: Iterable[Stretch], at_ns: int) -> list[Stretch]:
    """Return what of parts lies in a half hour, in the order in which the parts began."""
    return [part._replace(from_ns=max(part.from_ns, at_ns), to_ns=min(part.to_ns, at_ns + SLOT_NS)) for part in sorted(parts, key=_beginning)]


def _beginning(part: Stretch) -> int:
    return part.from_ns


def clocks_of(user: str, at_ns: int, pieces: Sequence[Stretch]) -> Iterator[Row]:
    """Yield a row for each key of each grain in a half hour, and where several agents worked within a key, one for each of them."""
    groups: defaultdict[GrainKey, list[Stretch]] = defaultdict(list)
    for piece in pieces:
        for key in _keys(piece):
            groups[key].append(piece)
    for key, found in groups.items():
        of_agents = _by_agent(found)
        yield _clock(user, at_ns, key, "" if len(of_agents) > 1 else found[0].agent, found, mixed=int(len(of_agents) > 1))
        if len(of_agents) > 1 and key[0] in OF_AGENTS:
            for agent, own in of_agents.items():
                yield _clock(user, at_ns, (OF_AGENTS[key[0]], *key[1:]), agent, own, mixed=0)


def spells_of(user: str, at_ns: int, pieces: Sequence[Stretch]) -> Iterator[Row]:
    """Yield the runs of work in a half hour, of everything and of each project; where several agents worked, those of each as well."""
    work = [piece for piece in pieces if piece.kind < WAITING]
    yield from _spells_by_agent(user, at_ns, work, "", of_project=0)
    for project in sorted({piece.project for piece in work}):
        yield from _spells_by_agent(user, at_ns, [piece for piece in work if piece.project == project], project, of_project=1)


def _by_agent(pieces: Sequence[Stretch]) -> dict[str, Sequence[Stretch]]:
    """Return pieces by agent, in order; those of one agent as they are, as nearly all are."""
    names = {piece.agent for piece in pieces}
    return {name: pieces if len(names) == 1 else [piece for piece in pieces if piece.agent == name] for name in sorted(names)}


def _clock(user: str, at_ns: int, key: GrainKey, agent: str, found: Sequence[Stretch], *, mixed: int) -> Row:
    grain, project, branch, session_id = key
    return {
        "grain": grain,
        "user": user,
        "day": day_of(at_ns),
        "at_ns": at_ns,
        "project": project,
        "branch": branch,
        "session_id": session_id,
        "agent": agent,
        "mixed": mixed,
        "human_ns": _union(_spans(found, (HUMAN,))),
        "human_at_most_ns": _union(sorted(chain(_spans(found, (HUMAN,)), _at_most(found)))),
        "agent_ns": sum((piece.to_ns - piece.from_ns) * piece.agents for piece in found if piece.kind == AGENT),
        "agent_once_ns": _union(_spans(found, (AGENT,))),
        "wall_ns": _union(_spans(found, (AGENT, HUMAN))),
        "permission_wait_ns": _sum(found, (HUMAN, WAITING), PERMISSION),
        "answer_wait_ns": _sum(found, (HUMAN, WAITING), ANSWER),
        "prompt_wait_ns": _sum(found, (WAITING,), PROMPT),
    }


def _keys(piece: Stretch) -> tuple[GrainKey, ...]:
    return (
        (ALL, "", "", ""),
        (BY_PROJECT, piece.project, "", ""),
        (BY_BRANCH, piece.project, piece.branch, ""),
        (BY_SESSION, "", "", piece.session_id),
        (BY_PROJECT_AND_SESSION, piece.project, "", piece.session_id),
    )


def _spans(pieces: Iterable[Stretch], kinds: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    return ((piece.from_ns, piece.to_ns) for piece in pieces if piece.kind in kinds)


def _at_most(pieces: Iterable[Stretch]) -> Iterator[tuple[int, int]]:
    for piece in pieces:
        if piece.kind == AT_MOST:
            yield counts_from(piece.kind, piece.from_ns, piece.to_ns, piece.act_ns), piece.to_ns


def _sum(pieces: Iterable[Stretch], kinds: tuple[int, ...], reason: int) -> int:
    return sum(piece.to_ns - piece.from_ns for piece in pieces if piece.reason == reason and piece.kind in kinds)


def _union(spans: Iterable[tuple[int, int]]) -> int:
    """Return how much time spans cover that come in the order of their beginnings."""
    covered, reached = 0, 0
    for from_ns, to_ns in spans:
        covered += max(0, to_ns - max(from_ns, reached))
        reached = max(reached, to_ns)
    return covered


def _spells_by_agent(user: str, at_ns: int, pieces: Sequence[Stretch], project: str, *, of_project: int) -> Iterator[Row]:
    of_agents = _by_agent(pieces)
    common = {"of_project": of_project, "user": user, "day": day_of(at_ns), "project": project}
    is_mixed = len(of_agents) > 1
    if is_mixed:
        yield from ({**common, "of_agent": 0, "agent": "", "mixed": 1, **run} for run in _spells(pieces))
    for agent, own in of_agents.items():
        yield from ({**common, "of_agent": int(is_mixed), "agent": agent, "mixed": 0, **run} for run in _spells(own))


def _spells(pieces: Iterable[Stretch]) -> Iterator[Row]:
    run: list[Stretch] = []
    reached = 0
    for piece in pieces:
        if run and piece.from_ns > reached + SPELL_GAP_NS:
            yield _spell(run)
            run = []
        run.append(piece)
        reached = max(reached, piece.to_ns)
    if run:
        yield _spell(run)


def _spell(run: Sequence[Stretch]) -> Row:
    return {
        "from_ns": run[0].from_ns,
        "at_ns": run[0].from_ns - run[0].from_ns % SLOT_NS,
        "to_ns": max(piece.to_ns for piece in run),
        "human_ns": _union(_spans(run, (HUMAN,))),
        "agent_ns": sum((piece.to_ns - piece.from_ns) * piece.agents for piece in run if piece.kind == AGENT),
        "agent_once_ns": _union(_spans(run, (AGENT,))),
        "wall_ns": _union(_spans(run, (AGENT, HUMAN))),
        "projects": _named(piece.project for piece in run),
        "branches": _named(piece.branch for piece in run),
        "sessions": _named(piece.session_id for piece in run),
        "prompts": _named(piece.prompt_id for piece in run),
        "commits": _named(piece.revision for piece in run),
    }


def _named(names: Iterable[str]) -> list[str]:
    return sorted(set(filter(None, names)))
