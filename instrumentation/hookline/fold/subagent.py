"""Subagents: what opens and closes one, and its span, under the call that started it, also where it outlives that call and its turn.

A subagent's first event does not name its call. It is known from the client's file (`parent_call_id`), from the response of the Agent call
(at once for one in the background, at the end for one in the foreground), else by type and order when the turn closes. A
subagent that ended before its call is known waits for it, so that its parent never changes.
"""

from __future__ import annotations

from hookline.agent_event import AgentEvent
from hookline.contract import semconv
from hookline.contract.events import SpanName, SpanOutcome
from hookline.contract.ids import span_id
from hookline.fold.call import calls_of, close_call, cut_call
from hookline.fold.known_by import DERIVED
from hookline.fold.liveness import goes_on_with, later, marked_alive, reopened
from hookline.fold.model import Call, OpenSession, RuleClosing, Sign, Subagent
from hookline.fold.placing import unmarked_id
from hookline.fold.span import agent_span_id, common, ending_of, given, make_span, message, required, sent_of, turn_span_id
from hookline.fold.transition import Transition
from hookline.records import SpanRecord
from hookline.system.evolve import evolve


def open_for(work: Transition, event: AgentEvent, prompt_id: str, uids: tuple[str, ...]) -> None:
    """Make sure that the subagent of an event is known, and note that it lives."""
    if not event.agent_id or event.is_beside:
        return
    if event.agent_id not in work.session.agents:
        work.session.agents[event.agent_id] = Subagent(event.agent_id, prompt_id, event, uids, Sign(event.time_ns, uids))
    else:
        mark_alive(work, event, uids, opens=True)


def mark_alive(work: Transition, event: AgentEvent, uids: tuple[str, ...], opens: bool) -> None:
    """Note a sign of life of the subagent of an event; `opens` it also where it had ended."""
    agent = work.session.agents.get(event.agent_id)
    if agent is None:
        return
    if event.agent_type and not agent.type:  # of one that is known by its call alone, whatever it does may name it first
        agent = evolve(agent, first=evolve(agent.first, agent_type=event.agent_type))
    if agent.is_open:
        work.session.agents[agent.id] = marked_alive(agent, event, uids)
    elif opens and goes_on_with(agent, event):
        work.session.agents[agent.id] = reopened(agent, event, uids)


def start(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A subagent starts; one that ended before and starts again for another prompt is another run."""
    if not event.agent_id:
        return
    known = work.session.agents.get(event.agent_id)
    own_prompt = event.prompt_id or prompt_id
    if known and known.prompt_id != own_prompt and not known.is_open:
        _let_go(work, known)
        known = None
    if known is None:
        work.session.agents[event.agent_id] = Subagent(event.agent_id, own_prompt, event, (), Sign(event.time_ns, (event.uid,)), started=event)
    elif known.started is None:
        last = later(known.last, event, (event.uid,))
        work.session.agents[event.agent_id] = evolve(known, started=event, first=event, first_uids=(), last=last)
    else:
        mark_alive(work, event, (event.uid,), opens=True)


def end(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A subagent ends; what it had open is closed with it."""
    agent = work.session.agents.get(event.agent_id)
    if agent is None or (agent.ended and event.is_beside):
        return
    closing = RuleClosing("turn_end", event.time_ns, 0, SpanOutcome.UNKNOWN, (event.uid,)).at(agent.last)
    for call in calls_of(work, agent.id):
        close_call(work, call, closing)
    agent = work.session.agents[agent.id]
    ended = evolve(agent, ended=event, closing=None, last=later(agent.last, event, (event.uid,)))
    work.session.agents[agent.id] = ended
    if ended.call_id or not _candidates(work, ended):
        send(work, ended)


def link_call(work: Transition, call: Call) -> None:
    """An Agent call ended: its response says which subagent it ran."""
    tool = call.ended.tool if call.ended else None
    if tool is None or not tool.starts_agent:
        return
    if (unmarked := work.session.agents.get(unmarked_id(call))) is not None:
        end_unmarked(work, unmarked, call)
        return
    agent = work.session.agents.get(tool.agent_id) if tool.agent_id else _oldest_unclaimed(work, call)
    if agent is None and tool.agent_id and tool.is_launch and call.ended:
        agent = Subagent(tool.agent_id, call.prompt_id, call.ended, call.uids, Sign(call.ended.time_ns, call.uids))
    if agent is None or (agent.call and agent.call.id != call.id):
        return
    claimed = evolve(agent, call=call)
    work.session.agents[agent.id] = claimed
    if claimed.ended and not claimed.sent:
        send(work, claimed)
    elif claimed.is_open and call.ended and call.ended.outcome is not SpanOutcome.SUCCESS:
        close(work, claimed, RuleClosing("next_event", call.ended.time_ns, 0, call.ended.outcome or SpanOutcome.UNKNOWN, (call.ended.uid,)))


def start_unmarked(work: Transition, call: Call) -> None:
    """A call begins that runs a subagent of which nothing says what it does: it is there as long as its call is open."""
    agent_id, tool = unmarked_id(call), call.first.tool
    first = evolve(call.first, agent_id=agent_id, agent_type=tool.wanted_agent_type if tool else "", parent_call_id=call.id)
    work.session.agents[agent_id] = Subagent(agent_id, call.prompt_id, first, call.uids, Sign(call.first.time_ns, call.uids))


def end_unmarked(work: Transition, agent: Subagent, call: Call) -> None:
    """The call of such a subagent ended: so did the subagent, if it has not said so itself, and everything in it."""
    agent = work.session.agents[agent.id] = evolve(agent, call=call)
    if agent.ended and not agent.sent:
        send(work, agent)
    if call.ended is None or not agent.is_open:
        return
    closing = RuleClosing("call_end", call.ended.time_ns, call.ended.time_ns, SpanOutcome.UNKNOWN, call.uids)
    for own in calls_of(work, agent.id):
        close_call(work, own, closing)
    agent = work.session.agents[agent.id]
    outcome = call.ended.outcome or SpanOutcome.SUCCESS
    send(work, evolve(agent, closing=evolve(closing, outcome=outcome, error_type=call.ended.error_type)))


def close(work: Transition, agent: Subagent, closing: RuleClosing) -> None:
    """Close a subagent and what it has open by a rule."""
    for call in calls_of(work, agent.id):
        close_call(work, call, closing.at(agent.last))
    agent = work.session.agents[agent.id]
    if agent.is_open:
        agent = _claim(work, evolve(agent, closing=closing.at(agent.last)))
        send(work, agent)
    elif not agent.sent:
        send(work, _claim(work, agent))


def cut(work: Transition, agent: Subagent, closing: RuleClosing) -> None:
    """Close a subagent where its turn was seen to be stopped: it ended with it, also where a rule had guessed another end."""
    for call in calls_of(work, agent.id):
        cut_call(work, call, closing)
    agent = work.session.agents[agent.id]
    if agent.is_open or (agent.closing and agent.closing.evidence.rank < closing.evidence.rank):
        send(work, _claim(work, evolve(agent, closing=evolve(closing, end_ns=max(closing.end_ns, agent.first.time_ns)))))


def send(work: Transition, agent: Subagent) -> None:
    """Send the span of a closed subagent and keep it, as it may go on."""
    span = agent_span(work.session, agent)
    work.spans.append(span)
    work.session.agents[agent.id] = evolve(agent, sent=sent_of(span, agent.sent))


def agent_span(session: OpenSession, agent: Subagent) -> SpanRecord:
    """Return the span of a closed subagent, under the call that started it."""
    ending = ending_of(agent.ended) if agent.ended else required(agent.closing)
    attributes = common(session, agent.first, agent.prompt_id) | ending.attributes
    attributes |= given({semconv.AGENT_ID: agent.id, semconv.AGENT_NAME: agent.type, semconv.REQUEST_MODEL: agent.model})
    attributes[semconv.OPERATION_NAME] = SpanName.INVOKE_AGENT
    if agent.started is None:
        attributes[semconv.EVIDENCE_START] = DERIVED
    if agent.is_background:
        attributes[semconv.TOOL_BACKGROUND] = True
    if agent.ended and agent.ended.answer_text:
        attributes[semconv.OUTPUT_MESSAGES] = message("assistant", agent.ended.answer_text)
    parent = span_id("call", session.id, agent.call_id) if agent.call_id else turn_span_id(session, agent.prompt_id)
    own_id = agent_span_id(session, agent.id, agent.prompt_id)
    name = f"{SpanName.INVOKE_AGENT} {agent.type}".rstrip()
    return make_span(session, agent.prompt_id, own_id, parent, name, agent.first.time_ns, ending, attributes, agent.sent)


def _let_go(work: Transition, agent: Subagent) -> None:
    if not agent.sent:
        send(work, _claim(work, agent))
    del work.session.agents[agent.id]


def _candidates(work: Transition, agent: Subagent) -> list[Call]:
    """Return the calls, oldest first, that may have started a subagent whose call is not known."""
    taken = {other.call_id for other in work.session.agents.values() if other.call_id}
    return sorted(
        (call for call in work.session.calls.values() if call.id not in taken and _may_have_started(call, agent)),
        key=lambda call: (call.first.time_ns, call.id),
    )


def _may_have_started(call: Call, agent: Subagent) -> bool:
    tool = call.first.tool
    if tool is None or not tool.starts_agent or call.prompt_id != agent.prompt_id or call.first.agent_id == agent.id:
        return False
    return call.first.time_ns <= agent.first.time_ns and tool.wanted_agent_type in ("", agent.type)


def _claim(work: Transition, agent: Subagent) -> Subagent:
    """Return the subagent with the oldest call that may have started it, if its call is not known."""
    candidates = [] if agent.call_id else _candidates(work, agent)
    return evolve(agent, call=candidates[0]) if candidates else agent


def _oldest_unclaimed(work: Transition, call: Call) -> Subagent | None:
    waiting = [agent for agent in work.session.agents.values() if not agent.call_id and _may_have_started(call, agent)]
    return min(waiting, key=lambda agent: (agent.first.time_ns, agent.id), default=None)
