"""Questions: what is asked and answered outside of a call, and the spans that they become.

Elicitations, compactions, permissions whose call was never seen. A function that takes an event returns the events that it took into
account: together they are a sign of life of what asked.
"""

from __future__ import annotations

from hookline.agent_event import AgentEvent, BatchCall, ToolUse
from hookline.contract import semconv
from hookline.contract.events import SpanName, SpanOutcome
from hookline.contract.ids import span_id
from hookline.fold.known_by import KnownBy, by_event, by_rule
from hookline.fold.model import OpenSession, Question, RuleClosing
from hookline.fold.span import Ending, Values, common, ending_by, ending_of, given, make_span, parent_id
from hookline.fold.transition import Transition
from hookline.records import SpanRecord

Uids = tuple[str, ...]


def ask_permission(work: Transition, event: AgentEvent, prompt_id: str) -> Uids:
    """A permission is asked for, of a call that was not seen yet."""
    work.session.permissions[event.uid] = Question(prompt_id, event)
    return (event.uid,)


def elicit(work: Transition, event: AgentEvent, prompt_id: str) -> Uids:
    """An MCP server asks a person."""
    work.session.elicitations[event.uid] = Question(prompt_id, event)
    return (event.uid,)


def answer(work: Transition, event: AgentEvent) -> Uids:
    """A person answered: the question with the same id, else the server's oldest."""
    known = _asked_by_server(work, event)
    if known is None:
        return (event.uid,)
    del work.session.elicitations[known.asked.uid]
    ending = Ending(event.time_ns, event.outcome or SpanOutcome.SUCCESS, evidence=by_event(event))
    work.spans.append(elicitation_span(work.session, known, ending))
    return (known.asked.uid, event.uid)


def start_compaction(work: Transition, event: AgentEvent, prompt_id: str) -> Uids:
    """The context is being compacted; an earlier compaction that has not ended failed."""
    if known := _compaction(work, event):
        ending = Ending(known.asked.time_ns, SpanOutcome.UNKNOWN, closed_by="next_event", evidence=by_rule("next_event"))
        work.spans.append(compaction_span(work.session, known, ending))
    work.session.compactions[event.uid] = Question(prompt_id, event)
    return (event.uid,)


def end_compaction(work: Transition, event: AgentEvent) -> Uids:
    """The context is compacted."""
    known = _compaction(work, event)
    if known is None:
        return (event.uid,)
    work.spans.append(compaction_span(work.session, known, ending_of(event)))
    return (known.asked.uid, event.uid)


def _compaction(work: Transition, event: AgentEvent) -> Question | None:
    """Take out the compaction that is under way in the conversation of an event: there is one at most."""
    same = [uid for uid, known in work.session.compactions.items() if known.asked.agent_id == event.agent_id]
    return work.session.compactions.pop(same[0]) if same else None


def deny_unseen(work: Transition, event: AgentEvent, named: BatchCall) -> None:
    """A batch names a call that was never seen: close the permission that was asked for it."""
    for uid, known in list(work.session.permissions.items()):
        tool = known.asked.tool
        if tool and known.asked.agent_id == event.agent_id and (tool.name, tool.input_hash) == (named.tool_name, named.input_hash):
            del work.session.permissions[uid]
            work.spans.append(permission_span(work.session, known, event.time_ns, "denied", "batch", by_rule("batch"), named.call_id))
            return


def close_questions(work: Transition, prompt_id: str, closing: RuleClosing) -> None:
    """Close by a rule whatever a prompt has question. None of it has an end of its own that could come late and matter."""
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


def _asked_by_server(work: Transition, event: AgentEvent) -> Question | None:
    questions = sorted(work.session.elicitations.values(), key=lambda known: (known.asked.time_ns, known.asked.uid))
    same_id = [known for known in questions if event.elicitation_id and known.asked.elicitation_id == event.elicitation_id]
    same_server = [known for known in questions if known.asked.mcp_server == event.mcp_server]
    return next(iter([*same_id, *same_server]), None)


def permission_span(
    session: OpenSession, question: Question, end_ns: int, outcome: str, closed_by: str, evidence: KnownBy, call_id: str = ""
) -> SpanRecord:
    """Return the span of a wait whose call was never seen."""
    asked = question.asked
    tool = asked.tool or ToolUse("unknown")
    what, reason = (SpanName.WAIT_ANSWER, "answer") if tool.asks_person else (SpanName.WAIT_PERMISSION, "permission")
    attributes = common(session, asked, question.prompt_id) | given(
        {semconv.TOOL_NAME: tool.name, semconv.TOOL_KIND: tool.kind, semconv.TOOL_CALL_ID: call_id}
    )
    attributes |= {semconv.WAIT_REASON: reason, semconv.PERMISSION_OUTCOME: outcome, semconv.OUTCOME: "denied" if outcome == "denied" else "unknown"}
    attributes |= given({semconv.CLOSED_BY: closed_by, semconv.WAIT_ID: asked.uid})
    attributes |= {semconv.EVIDENCE: evidence.kind, semconv.EVIDENCE_SOURCE: evidence.source}
    own_id = span_id(reason, session.id, f"{tool.name}{tool.input_hash}", asked.uid)
    ending = Ending(max(end_ns, asked.time_ns), SpanOutcome.UNKNOWN)
    return _question_span(session, question, own_id, f"{what} {tool.name}", ending, attributes)


def elicitation_span(session: OpenSession, question: Question, ending: Ending) -> SpanRecord:
    """Return the span of a question that an MCP server asked a person."""
    asked = question.asked
    attributes = common(session, asked, question.prompt_id) | given({semconv.MCP_SERVER_NAME: asked.mcp_server}) | ending.attributes
    attributes |= {semconv.WAIT_REASON: "answer", semconv.WAIT_ID: asked.uid}
    own_id = span_id("answer", session.id, asked.elicitation_id, asked.uid)
    name = f"{SpanName.WAIT_ANSWER} {asked.mcp_server}".rstrip()
    return _question_span(session, question, own_id, name, ending, attributes)


def compaction_span(session: OpenSession, question: Question, ending: Ending) -> SpanRecord:
    """Return the span of a compaction of the context."""
    asked = question.asked
    attributes = common(session, asked, question.prompt_id) | ending.attributes | given({semconv.COMPACTION_TRIGGER: asked.compaction_trigger})
    own_id = span_id("compact", session.id, question.prompt_id, asked.uid)
    return _question_span(session, question, own_id, SpanName.COMPACT, ending, attributes)


def _question_span(session: OpenSession, question: Question, own_id: int, name: str, ending: Ending, attributes: Values) -> SpanRecord:
    """Return a question's span; one without a prompt has no parent."""
    parent = parent_id(session, question.asked.agent_id, question.prompt_id) if question.prompt_id else None
    return make_span(session, question.prompt_id, own_id, parent, name, question.asked.time_ns, ending, attributes)
