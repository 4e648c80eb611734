"""What was asked and is answered outside of a call: elicitations, compactions, permissions whose call was never seen."""

from __future__ import annotations

from hookline.agents.event import AgentEvent, BatchCall
from hookline.contract.events import SpanOutcome
from hookline.fold.known import by_event, by_rule
from hookline.fold.model import Question, RuleClosing
from hookline.fold.pending_spans import compaction_span, elicitation_span, permission_span
from hookline.fold.signs import touch
from hookline.fold.spans import Ending, ending_by, ending_of
from hookline.fold.transition import Transition


def elicit(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """An MCP server asks a person."""
    work.session.elicitations[event.uid] = Question(prompt_id, event)
    touch(work, event, prompt_id, (event.uid,), opens=True)


def answer(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A person answered: the question with the same id, else the server's oldest."""
    uids: tuple[str, ...] = (event.uid,)
    if known := _question(work, event):
        del work.session.elicitations[known.asked.uid]
        work.spans.append(elicitation_span(work.session, known, _answer_ending(event)))
        uids = (known.asked.uid, event.uid)
    touch(work, event, prompt_id, uids, opens=False)


def start_compaction(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """The context is being compacted; an earlier compaction that has not ended failed."""
    if known := _compaction(work, event):
        ending = Ending(known.asked.time_ns, SpanOutcome.UNKNOWN, closed_by="next_event", evidence=by_rule("next_event"))
        work.spans.append(compaction_span(work.session, known, ending))
    work.session.compactions[event.uid] = Question(prompt_id, event)
    touch(work, event, prompt_id, (event.uid,), opens=False)


def end_compaction(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """The context is compacted."""
    uids: tuple[str, ...] = (event.uid,)
    if known := _compaction(work, event):
        work.spans.append(compaction_span(work.session, known, ending_of(event)))
        uids = (known.asked.uid, event.uid)
    touch(work, event, prompt_id, uids, opens=False)


def _compaction(work: Transition, event: AgentEvent) -> Question | None:
    """Take out the compaction that is under way in the conversation of an event: there is one at most."""
    same = [uid for uid, known in work.session.compactions.items() if known.asked.agent_id == event.agent_id]
    return work.session.compactions.pop(same[0]) if same else None


def deny(work: Transition, event: AgentEvent, named: BatchCall) -> None:
    """A batch names a call that was never seen: close the permission that was asked for it."""
    for uid, known in list(work.session.permissions.items()):
        tool = known.asked.tool
        if tool and known.asked.agent_id == event.agent_id and (tool.name, tool.input_hash) == (named.tool_name, named.input_hash):
            del work.session.permissions[uid]
            work.spans.append(permission_span(work.session, known, event.time_ns, "denied", "batch", by_rule("batch"), named.call_id))
            return


def close(work: Transition, prompt_id: str, closing: RuleClosing) -> None:
    """Close by a rule whatever a prompt has pending. None of it has an end of its own that could come late and matter."""
    session = work.session
    for uid, known in list(session.permissions.items()):
        if known.prompt_id == prompt_id:
            del session.permissions[uid]
            work.spans.append(permission_span(session, known, closing.end_ns, "unknown", closing.by, closing.evidence))
    for questions, make in ((session.elicitations, elicitation_span), (session.compactions, compaction_span)):
        for uid, known in list(questions.items()):
            if known.prompt_id == prompt_id:
                del questions[uid]
                work.spans.append(make(session, known, _not_before(known, ending_by(closing))))


def _not_before(known: Question, ending: Ending) -> Ending:
    return Ending(max(known.asked.time_ns, ending.end_ns), SpanOutcome.UNKNOWN, closed_by=ending.closed_by, evidence=ending.evidence)


def _answer_ending(event: AgentEvent) -> Ending:
    return Ending(event.time_ns, event.outcome or SpanOutcome.SUCCESS, evidence=by_event(event))


def _question(work: Transition, event: AgentEvent) -> Question | None:
    questions = sorted(work.session.elicitations.values(), key=lambda known: (known.asked.time_ns, known.asked.uid))
    same_id = [known for known in questions if event.elicitation_id and known.asked.elicitation_id == event.elicitation_id]
    same_server = [known for known in questions if known.asked.mcp_server == event.mcp_server]
    return next(iter([*same_id, *same_server]), None)
