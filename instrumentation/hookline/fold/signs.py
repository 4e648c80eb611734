"""Signs of life: the last event of each turn and of each subagent.

A span that a rule closes ends at the last sign of life, not when the rule noticed. So the event that gave that sign is needed until a later
one comes, with everything that makes it the same event again: for a call's end that is the whole call.
"""

from __future__ import annotations

from typing import TypeVar

from hookline.agents.event import AgentEvent
from hookline.contract.events import EventKind
from hookline.fold.model import Call, RuleClosing, Sign, Subagent, Turn
from hookline.fold.spans import sent_of, turn_span
from hookline.fold.transition import Transition
from hookline.system.evolve import evolve

UnitT = TypeVar("UnitT", Turn, Subagent)


def later(known: Sign, event: AgentEvent, uids: tuple[str, ...]) -> Sign:
    """Return the later of what is known and an event."""
    return Sign(event.time_ns, uids) if event.time_ns >= known.time_ns else known


def last_sign(work: Transition, turn: Turn) -> Sign:
    """Return the last sign of life of a turn: its own, or that of a subagent that it waits for."""
    agents = [agent for agent in work.session.agents.values() if agent.prompt_id == turn.prompt_id and not agent.is_background]
    return max([turn.last, *(agent.last for agent in agents)], key=lambda sign: sign.time_ns)


def store_call(work: Transition, call: Call) -> None:
    """Keep a call as it now is, and whole wherever one of its events is needed."""
    session = work.session
    session.calls[call.id] = call
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


def touch(work: Transition, event: AgentEvent, prompt_id: str, uids: tuple[str, ...], opens: bool) -> None:
    """Note a sign of life of the turn or subagent that an event belongs to. `opens` also for a turn that had ended."""
    if event.agent_id:
        if agent := work.session.agents.get(event.agent_id):
            work.session.agents[agent.id] = _touched_agent(agent, event, uids, opens)
    elif turn := work.session.turns.get(prompt_id):
        work.session.turns[prompt_id] = _touched_turn(work, turn, event, uids, opens)


def _touched_agent(agent: Subagent, event: AgentEvent, uids: tuple[str, ...], opens: bool) -> Subagent:
    if agent.is_open:
        return evolve(agent, last=later(agent.last, event, uids))
    closed_ns = agent.ended.time_ns if agent.ended else agent.closing.seen_ns if agent.closing else 0
    if not opens or event.time_ns <= closed_ns:
        return agent
    history = (*_end_uids(agent), *uids)
    return evolve(agent, ended=None, closing=None, history=history, last=later(agent.last, event, uids))


def _touched_turn(work: Transition, turn: Turn, event: AgentEvent, uids: tuple[str, ...], opens: bool) -> Turn:
    if turn.is_open:
        return evolve(turn, last=later(turn.last, event, uids))
    closed_ns = turn.ended.time_ns if turn.ended else turn.closing.seen_ns if turn.closing else 0
    is_stopped = turn.ended is not None and turn.ended.kind is EventKind.TURN_INTERRUPTED  # for good: only a prompt goes on, with a turn of its own
    if opens and event.time_ns > closed_ns and not is_stopped:
        history = (*_end_uids(turn), *uids)
        return evolve(turn, ended=None, closing=None, history=history, last=later(turn.last, event, uids))
    return _reclosed(work, turn, event, uids)


def _reclosed(work: Transition, turn: Turn, event: AgentEvent, uids: tuple[str, ...]) -> Turn:
    """A straggler from before the rule moves the end that the rule gave."""
    if turn.closing is None or event.time_ns <= turn.closing.end_ns or event.time_ns > turn.closing.seen_ns:
        return turn
    last = later(turn.last, event, uids)
    moved = evolve(turn, last=last, closing=turn.closing.at(last))
    span = turn_span(work.session, moved)
    work.spans.append(span)
    return evolve(moved, sent=sent_of(span, turn.sent))


def _end_uids(unit: Turn | Subagent) -> tuple[str, ...]:
    ended = (unit.ended.uid,) if unit.ended else ()
    return (*ended, *(unit.closing.uids if unit.closing else ()))
