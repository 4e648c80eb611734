"""Turns: one prompt each, from its submission to its end.

A turn is opened by its prompt, or by the first event of the main conversation that names it. It is closed by its own end, else by the
next prompt (a person interrupted it, which fires no hook), by the client's word that it is idle, by the session's end, by the process's
end, or by time. A turn that goes on after its end (a Stop hook of somebody else's may want that) is sent again with the later end.
"""

from __future__ import annotations

from hookline.agents.event import AgentEvent
from hookline.contract.events import SpanOutcome
from hookline.fold import agents, pending
from hookline.fold.closing import calls_of, close_call, cut_call
from hookline.fold.forgetting import forget
from hookline.fold.model import Call, OpenSession, RuleClosing, Sign, Subagent, Turn
from hookline.fold.signs import last_sign, later, touch
from hookline.fold.spans import sent_of, turn_span
from hookline.fold.transition import Transition
from hookline.system.evolve import evolve


def open_for(work: Transition, event: AgentEvent, prompt_id: str, uids: tuple[str, ...]) -> None:
    """Make sure that the turn of an event of the main conversation is known, and note that it lives."""
    if event.agent_id:
        return
    if prompt_id in work.session.turns:
        touch(work, event, prompt_id, uids, opens=True)
        return
    work.session.turns[prompt_id] = Turn(prompt_id, event, uids, Sign(event.time_ns, uids))
    close_older(work, event, prompt_id, "next_prompt", SpanOutcome.INTERRUPTED)


def submit(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A prompt is submitted; it ends whatever turn is still open. One that the open turn took in begins and ends nothing."""
    if event.is_absorbed:
        return
    known = work.session.turns.get(prompt_id)
    if known is None:
        work.session.turns[prompt_id] = Turn(prompt_id, event, (), Sign(event.time_ns, (event.uid,)), prompt=event)
        close_older(work, event, prompt_id, "next_prompt", SpanOutcome.INTERRUPTED)
    elif known.prompt is None:
        turn = evolve(known, prompt=event, first=event, first_uids=())
        work.session.turns[prompt_id] = turn
        if not turn.is_open:
            send(work, turn)


def end(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """The agent has answered, or the API has failed it. What the turn still has open ends with it."""
    turn = work.session.turns.get(prompt_id)
    if event.agent_id or (turn is None and event.is_beside):
        return
    if turn is None:
        _await_prompt(work, event, prompt_id)
        return
    if turn.ended and turn.ended.time_ns > event.time_ns:
        return
    closing = RuleClosing("turn_end", event.time_ns, 0, SpanOutcome.UNKNOWN, (event.uid,)).at(turn.last)
    _close_parts(work, prompt_id, closing, event.running_agents)
    close_older(work, event, prompt_id, "turn_end", SpanOutcome.UNKNOWN)
    turn = work.session.turns[prompt_id]
    last = Sign(event.time_ns, (event.uid,)) if event.time_ns >= turn.last.time_ns else turn.last
    history = (*turn.history, turn.ended.uid) if turn.ended else turn.history
    send(work, evolve(turn, ended=event, closing=None, history=history, last=last))
    _forget_settled_parts(work, prompt_id)


def interrupt(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A person stopped the turn: it and what it still had open ended then, whatever a rule has guessed since."""
    turn = work.session.turns.get(prompt_id)
    if turn is None or event.agent_id or event.time_ns < turn.first.time_ns or (turn.ended and turn.ended.time_ns >= event.time_ns):
        return
    closing = RuleClosing("interrupted", event.time_ns, event.time_ns, SpanOutcome.INTERRUPTED, (event.uid,), "interrupted")
    _cut_parts(work, prompt_id, closing)
    turn = work.session.turns[prompt_id]
    history = (*turn.history, turn.ended.uid) if turn.ended else turn.history
    send(work, evolve(turn, ended=event, closing=None, history=history, last=later(turn.last, event, (event.uid,))))


def fall_quiet(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """The client of a turn that was thinking stopped drawing and told no end: a person stopped it. Whatever is heard of it later opens it again."""
    turn = work.session.turns.get(prompt_id)
    if turn and is_thinking(work.session, turn) and event.time_ns >= turn.last.time_ns:
        touch(work, event, prompt_id, (event.uid,), opens=False)
        turn = work.session.turns[prompt_id]
        close(work, turn, RuleClosing("quiet", event.time_ns, 0, SpanOutcome.INTERRUPTED, (event.uid,)))


def is_thinking(session: OpenSession, turn: Turn) -> bool:
    """Whether an open turn has nothing under way that could be heard of: no call, no subagent, no question."""
    parts: list[Call | Subagent] = [*session.calls.values(), *(agent for agent in session.agents.values() if not agent.is_background)]
    asked = (*session.permissions.values(), *session.elicitations.values(), *session.compactions.values())
    is_busy = any(part.is_open and part.prompt_id == turn.prompt_id for part in parts) or any(known.prompt_id == turn.prompt_id for known in asked)
    return turn.is_open and not is_busy


def _await_prompt(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """Remember the end of a turn that nothing was heard of: its prompt, which no hook told, may be read in the transcript. Nothing is sent before."""
    _close_parts(work, prompt_id, RuleClosing("turn_end", event.time_ns, 0, SpanOutcome.UNKNOWN, (event.uid,)), event.running_agents)
    if event.prompt_id:
        work.session.turns[prompt_id] = Turn(prompt_id, event, (event.uid,), Sign(event.time_ns, (event.uid,)), ended=event)


def _cut_parts(work: Transition, prompt_id: str, closing: RuleClosing) -> None:
    """Close what a turn had open in the main conversation when it was stopped, and the subagents that it waited for."""
    for agent in list(work.session.agents.values()):
        if agent.prompt_id == prompt_id and not agent.is_background:
            agents.cut(work, agent, closing)
    for call in calls_of(work, ""):
        if call.prompt_id == prompt_id:
            cut_call(work, call, closing)
    pending.close(work, prompt_id, closing)


def notice_idle(work: Transition, event: AgentEvent) -> None:
    """The client says that it waits for a prompt: what is open was interrupted, unless it waits for an answer."""
    for turn in list(work.session.turns.values()):
        if turn.is_open and not _waits_for_person(work, turn.prompt_id):
            close(work, turn, RuleClosing("next_event", event.time_ns, 0, SpanOutcome.INTERRUPTED, (event.uid,)))


def close_older(work: Transition, event: AgentEvent, prompt_id: str, by: str, outcome: SpanOutcome) -> None:
    """Close the open turns that began before the turn of a prompt: a conversation works on one prompt at a time."""
    began_ns = work.session.turns[prompt_id].first.time_ns
    for turn in list(work.session.turns.values()):
        if turn.prompt_id != prompt_id and turn.is_open and turn.first.time_ns <= began_ns:
            close(work, turn, RuleClosing(by, event.time_ns, 0, outcome, (event.uid,)))


def close(work: Transition, turn: Turn, closing: RuleClosing) -> None:
    """Close a turn, and what it has open, by a rule: it ends at its last sign of life."""
    last = last_sign(work, turn)
    _close_parts(work, turn.prompt_id, closing.at(turn.last), ())
    send(work, evolve(work.session.turns[turn.prompt_id], closing=closing.at(last)))


def send(work: Transition, turn: Turn) -> None:
    """Send the root of a closed turn and keep the turn, as it may go on."""
    span = turn_span(work.session, turn)
    work.spans.append(span)
    work.session.turns[turn.prompt_id] = evolve(turn, sent=sent_of(span, turn.sent))


def _close_parts(work: Transition, prompt_id: str, closing: RuleClosing, running: tuple[str, ...]) -> None:
    """Close what a turn has open in the main conversation, and the subagents that do not go on without it."""
    for agent in list(work.session.agents.values()):
        if agent.prompt_id == prompt_id and (not agent.is_open or not (agent.is_background or agent.id in running)):
            agents.close(work, agent, closing)
    for call in calls_of(work, ""):
        if call.prompt_id == prompt_id:
            close_call(work, call, closing)
    pending.close(work, prompt_id, closing)


def _forget_settled_parts(work: Transition, prompt_id: str) -> None:
    """After a turn's own end nothing more is heard of the subagents that had ended."""
    session = work.session
    ended = [agent for agent in session.agents.values() if agent.prompt_id == prompt_id and agent.ended and agent.sent]
    forget(work, ended)


def _waits_for_person(work: Transition, prompt_id: str) -> bool:
    session = work.session
    asking = any(
        call.is_open and call.prompt_id == prompt_id and (call.asked or (call.first.tool and call.first.tool.asks_person))
        for call in session.calls.values()
    )
    return asking or any(known.prompt_id == prompt_id for known in (*session.permissions.values(), *session.elicitations.values()))
