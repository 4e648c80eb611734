"""Signs of life: the last event of each turn and of each subagent.

A span that a rule closes ends at the last sign of life, not when the rule noticed. So the event that gave that sign is needed until a later
one comes, with everything that makes it the same event again: for a call's end that is the whole call.
"""

from __future__ import annotations

from dataclasses import replace

from hookline.agents.event import AgentEvent
from hookline.fold.spans import turn_span
from hookline.fold.units import Agent, Call, Evidence, Turn
from hookline.fold.work import Work


def later(known: Evidence, event: AgentEvent, uids: tuple[str, ...]) -> Evidence:
    """Return the later of what is known and an event."""
    return Evidence(event.time_ns, uids) if event.time_ns >= known.time_ns else known


def root_end_ns(work: Work, turn: Turn) -> int:
    """Return the last sign of life of a turn: its own, and that of the subagents that it waits for."""
    agents = [agent for agent in work.session.agents.values() if agent.prompt_id == turn.prompt_id and not agent.is_background]
    return max([turn.last.time_ns, *(agent.last.time_ns for agent in agents)])


def store_call(work: Work, call: Call) -> None:
    """Keep a call as it now is, in the session and wherever it is evidence."""
    session = work.session
    session.calls[call.id] = call
    uids = frozenset(call.uids)
    turn = session.turns.get(call.prompt_id)
    if turn and not uids.isdisjoint((*turn.last.uids, *turn.first_uids)):
        session.turns[turn.prompt_id] = replace(turn, first_uids=_whole(turn.first_uids, call), last=_resting_on(turn.last, call))
    agent = session.agents.get(call.first.agent_id)
    if agent and not uids.isdisjoint((*agent.last.uids, *agent.first_uids)):
        session.agents[agent.id] = replace(agent, first_uids=_whole(agent.first_uids, call), last=_resting_on(agent.last, call))


def _whole(uids: tuple[str, ...], call: Call) -> tuple[str, ...]:
    """Return all of a call's events if these are some of them."""
    return uids if frozenset(uids).isdisjoint(call.uids) else call.uids


def _resting_on(evidence: Evidence, call: Call) -> Evidence:
    return Evidence(evidence.time_ns, _whole(evidence.uids, call))


def touch(work: Work, event: AgentEvent, prompt_id: str, uids: tuple[str, ...], opens: bool) -> None:
    """Note a sign of life of the turn or subagent that an event belongs to. `opens` also for a turn that had ended."""
    if event.agent_id:
        if agent := work.session.agents.get(event.agent_id):
            work.session.agents[agent.id] = _touched_agent(agent, event, uids, opens)
    elif turn := work.session.turns.get(prompt_id):
        work.session.turns[prompt_id] = _touched_turn(work, turn, event, uids, opens)


def _touched_agent(agent: Agent, event: AgentEvent, uids: tuple[str, ...], opens: bool) -> Agent:
    if agent.is_open:
        return replace(agent, last=later(agent.last, event, uids))
    closed_ns = agent.ended.time_ns if agent.ended else agent.closing.seen_ns if agent.closing else 0
    if not opens or event.time_ns <= closed_ns:
        return agent
    ends = (*agent.earlier_ends, *_end_uids(agent))
    return replace(agent, ended=None, closing=None, earlier_ends=ends, last=later(agent.last, event, uids))


def _touched_turn(work: Work, turn: Turn, event: AgentEvent, uids: tuple[str, ...], opens: bool) -> Turn:
    if turn.is_open:
        return replace(turn, last=later(turn.last, event, uids))
    closed_ns = turn.ended.time_ns if turn.ended else turn.closing.seen_ns if turn.closing else 0
    if opens and event.time_ns > closed_ns:
        ends = (*turn.earlier_ends, *_end_uids(turn))
        return replace(turn, ended=None, closing=None, earlier_ends=ends, last=later(turn.last, event, uids))
    return _reclosed(work, turn, event, uids)


def _reclosed(work: Work, turn: Turn, event: AgentEvent, uids: tuple[str, ...]) -> Turn:
    """A straggler from before the rule moves the end that the rule gave."""
    if turn.closing is None or event.time_ns <= turn.closing.end_ns or event.time_ns > turn.closing.seen_ns:
        return turn
    moved = replace(turn, last=later(turn.last, event, uids), closing=replace(turn.closing, end_ns=event.time_ns))
    span = turn_span(work.session, moved)
    work.spans.append(span)
    return replace(moved, sent_ns=span.end_ns)


def _end_uids(unit: Turn | Agent) -> tuple[str, ...]:
    return tuple(uid for uid in (unit.ended.uid if unit.ended else "", unit.closing.uid if unit.closing else "") if uid)
