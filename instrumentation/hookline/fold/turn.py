"""Turns: one prompt each, from its submission to its end, and the root span that each becomes.

A turn is opened by its prompt, or by the first event of the main conversation that names it. It is closed by its own end, else by the
next prompt (a person interrupted it, which fires no hook), by the client's word that it is idle, by the session's end, by the process's
end, or by time. A turn that goes on after its end (a Stop hook of somebody else's may want that) is sent again with the later end.
"""

from __future__ import annotations

from typing import Final

from hookline.agent_event import AgentEvent
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanName, SpanOutcome
from hookline.fold import subagent
from hookline.fold.call import calls_of, close_call, cut_call
from hookline.fold.known_by import DERIVED, by_event
from hookline.fold.liveness import goes_on_with, later, marked_alive, reopened
from hookline.fold.model import Call, OpenSession, RuleClosing, Sign, Subagent, Turn
from hookline.fold.question import close_questions
from hookline.fold.span import Values, common, ending_of, given, make_span, message, required, sent_of, turn_span_id
from hookline.fold.transition import Transition
from hookline.records import SpanRecord
from hookline.system.evolve import evolve

FAILING_CLOSINGS: Final = frozenset({"next_prompt", "next_event", "session_end", "process_gone", "timed_out", "request_failed"})


def open_for(work: Transition, event: AgentEvent, prompt_id: str, uids: tuple[str, ...]) -> None:
    """Make sure that the turn of an event of the main conversation is known, and note that it lives."""
    if event.agent_id:
        return
    if prompt_id in work.session.turns:
        mark_alive(work, event, prompt_id, uids, opens=True)
        return
    work.session.turns[prompt_id] = Turn(prompt_id, event, uids, Sign(event.time_ns, uids))
    close_older(work, event, prompt_id, "next_prompt", SpanOutcome.INTERRUPTED)


def mark_alive(work: Transition, event: AgentEvent, prompt_id: str, uids: tuple[str, ...], opens: bool) -> None:
    """Note a sign of life of a prompt's turn; `opens` it also where it had ended, unless a person stopped it."""
    turn = work.session.turns.get(prompt_id)
    if turn is None:
        return
    if turn.is_open:
        work.session.turns[prompt_id] = marked_alive(turn, event, uids)
        return
    is_stopped = turn.ended is not None and turn.ended.kind is EventKind.TURN_INTERRUPTED  # for good: only a prompt goes on, with a turn of its own
    if opens and goes_on_with(turn, event) and not is_stopped:
        work.session.turns[prompt_id] = reopened(turn, event, uids)
    elif turn.closing and turn.closing.end_ns < event.time_ns <= turn.closing.seen_ns:
        moved = marked_alive(turn, event, uids)  # a straggler from before the rule moves the end that the rule gave
        send(work, evolve(moved, closing=turn.closing.at(moved.last)))


def last_sign(work: Transition, turn: Turn) -> Sign:
    """Return the last sign of life of a turn: its own, or that of a subagent that it waits for."""
    agents = [agent for agent in work.session.agents.values() if agent.prompt_id == turn.prompt_id and not agent.is_background]
    return max([turn.last, *(agent.last for agent in agents)], key=lambda sign: sign.time_ns)


def submit(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A prompt is submitted; it ends whatever turn is still open. One that the open turn took in begins and ends nothing."""
    if event.is_absorbed:
        return
    known = work.session.turns.get(prompt_id) or _taken_over(work, event, prompt_id)
    if known is None:
        work.session.turns[prompt_id] = Turn(prompt_id, event, (), Sign(event.time_ns, (event.uid,)), prompt=event)
        close_older(work, event, prompt_id, "next_prompt", SpanOutcome.INTERRUPTED)
    elif known.prompt is None:
        turn = evolve(known, prompt=event, first=event, first_uids=())
        work.session.turns[prompt_id] = turn
        if not turn.is_open:
            send(work, turn)


def end(work: Transition, event: AgentEvent, prompt_id: str) -> bool:
    """The agent has answered, or the API has failed it. What the turn still has open ends with it. Say whether a known turn ended."""
    turn = work.session.turns.get(prompt_id)
    if event.agent_id or (turn is None and event.is_beside):
        return False
    if turn is None:
        _await_prompt(work, event, prompt_id)
        return False
    if turn.ended and turn.ended.time_ns > event.time_ns:
        return False
    outcome = SpanOutcome.INTERRUPTED if event.outcome is SpanOutcome.INTERRUPTED else SpanOutcome.UNKNOWN
    closing = RuleClosing("turn_end", event.time_ns, 0, outcome, (event.uid,)).at(turn.last)
    _close_parts(work, prompt_id, closing, event.running_agents)
    close_older(work, event, prompt_id, "turn_end", SpanOutcome.UNKNOWN)
    turn = work.session.turns[prompt_id]
    last = Sign(event.time_ns, (event.uid,)) if event.time_ns >= turn.last.time_ns else turn.last
    history = (*turn.history, turn.ended.uid) if turn.ended else turn.history
    send(work, evolve(turn, ended=event, closing=None, history=history, last=last))
    return True


def interrupt(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A person stopped the turn: it and what it still had open ended then, whatever a rule has guessed since."""
    turn = work.session.turns.get(prompt_id)
    if turn is None or event.agent_id or event.time_ns < turn.first.time_ns or (turn.ended and turn.ended.time_ns >= event.time_ns):
        return
    closing = RuleClosing(
        "interrupted", event.time_ns, event.time_ns, SpanOutcome.INTERRUPTED, (event.uid,), "interrupted", source=by_event(event).source
    )
    _cut_parts(work, prompt_id, closing)
    turn = work.session.turns[prompt_id]
    history = (*turn.history, turn.ended.uid) if turn.ended else turn.history
    send(work, evolve(turn, ended=event, closing=None, history=history, last=later(turn.last, event, (event.uid,))))


def fall_quiet(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """The client of a turn that was thinking stopped drawing and reported no end: a person stopped it. Whatever comes of it later opens it again."""
    turn = work.session.turns.get(prompt_id)
    if turn and is_thinking(work.session, turn) and event.time_ns >= turn.last.time_ns:
        mark_alive(work, event, prompt_id, (event.uid,), opens=False)
        turn = work.session.turns[prompt_id]
        close(work, turn, RuleClosing("quiet", event.time_ns, 0, SpanOutcome.INTERRUPTED, (event.uid,)))


def end_request(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A request to the model ended: a sign of life, also of a turn that a rule had closed. If it failed and nothing follows, the turn failed."""
    turn = work.session.turns.get(prompt_id)
    if turn is None:
        return
    mark_alive(work, event, prompt_id, (event.uid,), opens=turn.closing is not None)
    if event.outcome is SpanOutcome.FAILURE:
        work.session.turns[prompt_id] = evolve(work.session.turns[prompt_id], failing=event)


def is_thinking(session: OpenSession, turn: Turn) -> bool:
    """Whether an open turn has nothing under way that could be heard of: no call, no subagent, no question."""
    parts: list[Call | Subagent] = [*session.calls.values(), *(agent for agent in session.agents.values() if not agent.is_background)]
    asked = (*session.permissions.values(), *session.elicitations.values(), *session.compactions.values())
    is_busy = any(part.is_open and part.prompt_id == turn.prompt_id for part in parts) or any(known.prompt_id == turn.prompt_id for known in asked)
    return turn.is_open and not is_busy


def turn_span(session: OpenSession, turn: Turn) -> SpanRecord:
    """Return the root span of a closed turn."""
    first = turn.first
    ending = ending_of(turn.ended) if turn.ended else required(turn.closing)
    attributes = common(session, first, turn.prompt_id) | ending.attributes
    attributes[semconv.OPERATION_NAME] = SpanName.INVOKE_AGENT
    if turn.prompt:
        attributes |= _prompt_attributes(turn.prompt)
    else:
        attributes[semconv.EVIDENCE_START] = DERIVED  # by the first that was heard of it
    if turn.ended and turn.ended.answer_text:
        attributes[semconv.OUTPUT_MESSAGES] = message("assistant", turn.ended.answer_text)
    own_id = turn_span_id(session, turn.prompt_id)
    name = f"{SpanName.INVOKE_AGENT} {session.agent}"
    return make_span(session, turn.prompt_id, own_id, None, name, first.time_ns, ending, attributes, turn.sent)


def _taken_over(work: Transition, prompt: AgentEvent, prompt_id: str) -> Turn | None:
    """Return the open turn that nothing named and that what a prompt brought about has opened before it was read; from now on it is that prompt's.

    So is all that it has and that was not sent yet.
    """
    session = work.session
    unnamed = session.turns.get("")
    if unnamed is None or not unnamed.is_open or unnamed.prompt or unnamed.first.time_ns < prompt.time_ns:
        return None
    session.calls |= {key: evolve(call, prompt_id=prompt_id) for key, call in session.calls.items() if not call.prompt_id and not call.sent}
    session.agents |= {key: evolve(agent, prompt_id=prompt_id) for key, agent in session.agents.items() if not agent.prompt_id and not agent.sent}
    for asked in (session.permissions, session.elicitations, session.compactions):
        asked |= {key: evolve(question, prompt_id=prompt_id) for key, question in asked.items() if not question.prompt_id}
    session.turns[prompt_id] = evolve(session.turns.pop(""), prompt_id=prompt_id)
    return session.turns[prompt_id]


def _await_prompt(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """Remember the end of a turn that nothing was heard of: its prompt, which no hook reported, may be in the transcript. Nothing is sent before."""
    _close_parts(work, prompt_id, RuleClosing("turn_end", event.time_ns, 0, SpanOutcome.UNKNOWN, (event.uid,)), event.running_agents)
    if event.prompt_id:
        work.session.turns[prompt_id] = Turn(prompt_id, event, (event.uid,), Sign(event.time_ns, (event.uid,)), ended=event)


def _cut_parts(work: Transition, prompt_id: str, closing: RuleClosing) -> None:
    """Close what a turn had open in the main conversation when it was stopped, and the subagents that it waited for."""
    for agent in list(work.session.agents.values()):
        if agent.prompt_id == prompt_id and not agent.is_background:
            subagent.cut(work, agent, closing)
    for call in calls_of(work, ""):
        if call.prompt_id == prompt_id:
            cut_call(work, call, closing)
    close_questions(work, prompt_id, closing)


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
    send(work, evolve(work.session.turns[turn.prompt_id], closing=_as_failed(turn, closing).at(last)))


def _as_failed(turn: Turn, closing: RuleClosing) -> RuleClosing:
    """Return a turn's closing with the failure of its last request, if nothing came after that."""
    if turn.failing is None or not turn.is_failing or closing.by not in FAILING_CLOSINGS:
        return closing
    return evolve(closing, outcome=SpanOutcome.FAILURE, error_type=turn.failing.error_type or "request_failed")


def send(work: Transition, turn: Turn) -> None:
    """Send the root of a closed turn and keep the turn, as it may go on."""
    span = turn_span(work.session, turn)
    work.spans.append(span)
    work.session.turns[turn.prompt_id] = evolve(turn, sent=sent_of(span, turn.sent))


def _close_parts(work: Transition, prompt_id: str, closing: RuleClosing, running: tuple[str, ...]) -> None:
    """Close what a turn has open in the main conversation, and the subagents that do not go on without it."""
    for agent in list(work.session.agents.values()):
        if agent.prompt_id == prompt_id and (not agent.is_open or not (agent.is_background or agent.id in running)):
            subagent.close(work, agent, closing)
    for call in calls_of(work, ""):
        if call.prompt_id == prompt_id:
            close_call(work, call, closing)
    close_questions(work, prompt_id, closing)


def _waits_for_person(work: Transition, prompt_id: str) -> bool:
    session = work.session
    asking = any(
        call.is_open and call.prompt_id == prompt_id and (call.asked or (call.first.tool and call.first.tool.asks_person))
        for call in session.calls.values()
    )
    return asking or any(known.prompt_id == prompt_id for known in (*session.permissions.values(), *session.elicitations.values()))


def _prompt_attributes(prompt: AgentEvent) -> Values:
    values = given(
        {
            semconv.PROMPT_LENGTH: prompt.prompt_length,
            semconv.PROMPT_HASH: prompt.prompt_hash,
            semconv.PROMPT_SOURCE: prompt.prompt_source,
        }
    )
    return values | ({semconv.INPUT_MESSAGES: message("user", prompt.prompt_text)} if prompt.prompt_text else {})
