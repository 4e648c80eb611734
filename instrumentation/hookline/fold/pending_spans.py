"""What was asked outside of a call, as spans: permissions whose call was never seen, elicitations, compactions."""

from __future__ import annotations

from hookline.agents.event import ToolUse
from hookline.contract import semconv
from hookline.contract.events import SpanName, SpanOutcome
from hookline.contract.ids import span_id
from hookline.fold.known import KnownBy
from hookline.fold.model import OpenSession, Question
from hookline.fold.spans import Ending, common, given, make_span, parent_id
from hookline.records import SpanRecord


def permission_span(
    session: OpenSession, pending: Question, end_ns: int, outcome: str, closed_by: str, evidence: KnownBy, call_id: str = ""
) -> SpanRecord:
    """Return the span of a wait whose call was never seen."""
    asked = pending.asked
    tool = asked.tool or ToolUse("unknown")
    what, reason = (SpanName.WAIT_ANSWER, "answer") if tool.asks_person else (SpanName.WAIT_PERMISSION, "permission")
    attributes = common(session, asked, pending.prompt_id) | given({semconv.TOOL_NAME: tool.name, semconv.TOOL_CALL_ID: call_id})
    attributes |= {semconv.WAIT_REASON: reason, semconv.PERMISSION_OUTCOME: outcome, semconv.OUTCOME: "denied" if outcome == "denied" else "unknown"}
    attributes |= given({semconv.CLOSED_BY: closed_by, semconv.WAIT_ID: asked.uid})
    attributes |= {semconv.EVIDENCE: evidence.kind, semconv.EVIDENCE_SOURCE: evidence.source}
    own_id = span_id(reason, session.id, f"{tool.name}{tool.input_hash}", asked.uid)
    ending = Ending(max(end_ns, asked.time_ns), SpanOutcome.UNKNOWN)
    return make_span(session, pending.prompt_id, own_id, _pending_parent(session, pending), f"{what} {tool.name}", asked.time_ns, ending, attributes)


def elicitation_span(session: OpenSession, pending: Question, ending: Ending) -> SpanRecord:
    """Return the span of a question that an MCP server asked a person."""
    asked = pending.asked
    attributes = common(session, asked, pending.prompt_id) | given({semconv.MCP_SERVER_NAME: asked.mcp_server}) | ending.attributes
    attributes |= {semconv.WAIT_REASON: "answer", semconv.WAIT_ID: asked.uid}
    own_id = span_id("answer", session.id, asked.elicitation_id, asked.uid)
    name = f"{SpanName.WAIT_ANSWER} {asked.mcp_server}".rstrip()
    return make_span(session, pending.prompt_id, own_id, _pending_parent(session, pending), name, asked.time_ns, ending, attributes)


def compaction_span(session: OpenSession, pending: Question, ending: Ending) -> SpanRecord:
    """Return the span of a compaction of the context."""
    asked = pending.asked
    attributes = common(session, asked, pending.prompt_id) | ending.attributes | given({semconv.COMPACTION_TRIGGER: asked.compaction_trigger})
    own_id = span_id("compact", session.id, pending.prompt_id, asked.uid)
    return make_span(session, pending.prompt_id, own_id, _pending_parent(session, pending), SpanName.COMPACT, asked.time_ns, ending, attributes)


def _pending_parent(session: OpenSession, pending: Question) -> int | None:
    """Return the parent; without a prompt there is none."""
    return parent_id(session, pending.asked.agent_id, pending.prompt_id) if pending.prompt_id else None
