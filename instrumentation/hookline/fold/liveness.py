"""Signs of life: the last event of each turn and of each subagent.

A span that a rule closes ends at the last sign of life, not when the rule noticed. So the event that gave that sign is needed until a later
one comes, with everything that makes it the same event again: for a call's end that is the whole call.
"""

from __future__ import annotations

from typing import TypeVar

from hookline.agent_event import AgentEvent
from hookline.fold.model import Call, OpenSession, RuleClosing, Sign, Subagent, Turn
from hookline.system.evolve import evolve

UnitT = TypeVar("UnitT", Turn, Subagent)


def later(known: Sign, event: AgentEvent, uids: tuple[str, ...]) -> Sign:
    """Return the later of what is known and an event."""
    return Sign(event.time_ns, uids) if event.time_ns >= known.time_ns else known


def marked_alive(unit: UnitT, event: AgentEvent, uids: tuple[str, ...]) -> UnitT:
    """Return a turn or subagent with one more sign of life."""
    return evolve(unit, last=later(unit.last, event, uids))


def goes_on_with(unit: Turn | Subagent, event: AgentEvent) -> bool:
    """Whether an event came after a turn or subagent was closed."""
    closed_ns = unit.ended.time_ns if unit.ended else unit.closing.seen_ns if unit.closing else 0
    return event.time_ns > closed_ns


def reopened(unit: UnitT, event: AgentEvent, uids: tuple[str, ...]) -> UnitT:
    """Return a closed turn or subagent that goes on after all, with the end that it had in its history."""
    closed: tuple[str, ...] = (unit.ended.uid,) if unit.ended else unit.closing.uids if unit.closing else ()
    return evolve(unit, ended=None, closing=None, history=(*closed, *uids), last=later(unit.last, event, uids))


def keep_whole(session: OpenSession, call: Call) -> None:
    """Make whatever needs one event of a call need all of them."""
    uids = call.uids
    members = frozenset(uids)
    for turn in session.turns.values():
        session.turns[turn.prompt_id] = _with_whole(turn, uids, members)
    for agent in session.agents.values():
        session.agents[agent.id] = _with_whole(agent, uids, members)
    for other in session.calls.values():
        if other.closing and other.id != call.id:
            session.calls[other.id] = evolve(other, closing=_closing_with(other.closing, uids, members))


def _with_whole(unit: UnitT, call: tuple[str, ...], members: frozenset[str]) -> UnitT:
    """Return a turn or subagent that needs all of a call's events if it needs one of them."""
    alone = members.isdisjoint
    if alone(unit.first_uids) and alone(unit.history) and alone(unit.last.uids) and (unit.closing is None or alone(unit.closing.uids)):
        return unit
    first, history = _whole(unit.first_uids, call, members), _whole(unit.history, call, members)
    last = _whole(unit.last.uids, call, members)
    closing = _closing_with(unit.closing, call, members) if unit.closing else None
    if first is unit.first_uids and history is unit.history and last is unit.last.uids and closing is unit.closing:
        return unit
    return evolve(unit, first_uids=first, history=history, last=Sign(unit.last.time_ns, last), closing=closing)


def _closing_with(closing: RuleClosing, call: tuple[str, ...], members: frozenset[str]) -> RuleClosing:
    whole = _whole(closing.uids, call, members)
    return closing if whole is closing.uids else evolve(closing, uids=whole)


def _whole(uids: tuple[str, ...], call: tuple[str, ...], members: frozenset[str]) -> tuple[str, ...]:
    """Return the uids with all of a call's if they hold one of them; themselves if that adds none."""
    if not uids or members.isdisjoint(uids):
        return uids
    whole = tuple(dict.fromkeys((*call, *uids)))
    return uids if whole == uids else whole
