"""From units to spans: names, times, parents and attributes, as `docs/data-model.md` section 3 has them.

Pure functions of a session and one of its units. A copy that is sent again ends later than the one before, by a nanosecond if
by nothing else, because of two copies the later end counts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from hookline import semconv
from hookline.agents.event import AgentEvent, Outcome, ToolUse
from hookline.fold.ids import span_id, trace_id
from hookline.fold.units import Agent, Call, Closing, Pending, Session, Turn
from hookline.records import AttributeValue, SpanRecord

PROVIDERS = {"claude-code": "anthropic"}

Values = dict[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a span ended."""

    end_ns: int
    outcome: Outcome
    error_type: str = ""
    error_text: str = ""
    closed_by: str = ""

    @property
    def error(self) -> str | None:
        """Message of a status Error, None for a status Unset."""
        return (self.error_text or self.error_type) if self.error_type else None

    @property
    def attributes(self) -> Values:
        """Outcome, error type and closing rule."""
        return _given({semconv.OUTCOME: str(self.outcome), semconv.ERROR_TYPE: self.error_type, semconv.CLOSED_BY: self.closed_by})


def ending_of(event: AgentEvent) -> Ending:
    """Return the ending that a unit's own end brings."""
    return Ending(event.time_ns, event.outcome or Outcome.SUCCESS, event.error_type, event.error_text)


def ending_by(closing: Closing) -> Ending:
    """Return the ending that a rule brings."""
    return Ending(closing.end_ns, closing.outcome, closing.error_type, closed_by=closing.by)


def turn_span_id(session: Session, prompt_id: str) -> int:
    """Return the id of a prompt's root span."""
    return span_id("turn", session.id, prompt_id)


def agent_span_id(session: Session, agent_id: str, prompt_id: str) -> int:
    """Return the id of a subagent's span; an agent that is sent on in a later prompt has one in each."""
    return span_id("agent", session.id, agent_id, prompt_id)


def parent_id(session: Session, agent_id: str, prompt_id: str) -> int:
    """Return the id of the span under which something runs: its subagent's, else its turn's."""
    return agent_span_id(session, agent_id, prompt_id) if agent_id else turn_span_id(session, prompt_id)


def turn_span(session: Session, turn: Turn) -> SpanRecord:
    """Return the root span of a closed turn."""
    first = turn.first
    ending = ending_of(turn.ended) if turn.ended else _required(turn.closing)
    attributes = _common(session, first, turn.prompt_id) | ending.attributes
    attributes[semconv.OPERATION_NAME] = semconv.SPAN_INVOKE_AGENT
    if turn.prompt:
        attributes |= _prompt(turn.prompt)
    if turn.ended and turn.ended.answer_text:
        attributes[semconv.OUTPUT_MESSAGES] = _message("assistant", turn.ended.answer_text)
    own_id = turn_span_id(session, turn.prompt_id)
    name = f"{semconv.SPAN_INVOKE_AGENT} {session.agent}"
    return _record(session, turn.prompt_id, own_id, None, name, first.time_ns, ending, attributes, turn.sent_ns)


def agent_span(session: Session, agent: Agent) -> SpanRecord:
    """Return the span of a closed subagent, under the call that started it."""
    ending = ending_of(agent.ended) if agent.ended else _required(agent.closing)
    attributes = _common(session, agent.first, agent.prompt_id) | ending.attributes
    attributes |= _given({semconv.AGENT_ID: agent.id, semconv.AGENT_NAME: agent.type, semconv.REQUEST_MODEL: agent.model})
    attributes[semconv.OPERATION_NAME] = semconv.SPAN_INVOKE_AGENT
    if agent.is_background:
        attributes[semconv.TOOL_BACKGROUND] = True
    if agent.ended and agent.ended.answer_text:
        attributes[semconv.OUTPUT_MESSAGES] = _message("assistant", agent.ended.answer_text)
    parent = span_id("call", session.id, agent.call_id) if agent.call_id else turn_span_id(session, agent.prompt_id)
    own_id = agent_span_id(session, agent.id, agent.prompt_id)
    name = f"{semconv.SPAN_INVOKE_AGENT} {agent.type}".rstrip()
    return _record(session, agent.prompt_id, own_id, parent, name, agent.first.time_ns, ending, attributes, agent.sent_ns)


def call_spans(session: Session, call: Call) -> list[SpanRecord]:
    """Return the spans of a closed call: its waits for a person, then its run."""
    ending = ending_of(call.ended) if call.ended else _required(call.closing)
    start_ns = run_start_ns(call, ending)
    return [*_waits(session, call, ending, start_ns), _run_span(session, call, ending, start_ns)]


def run_start_ns(call: Call, ending: Ending) -> int:
    """Return when the call began to run: its end less the client's own duration, never before it was asked for."""
    requested_ns = call.requested.time_ns if call.requested else 0
    duration_ns = call.ended.tool.duration_ns if call.ended and call.ended.tool else None
    if duration_ns is None:
        return min(requested_ns or ending.end_ns, ending.end_ns)
    asked_ns = max((request.time_ns for request in call.asked), default=0)
    return min(max(ending.end_ns - duration_ns, requested_ns, asked_ns), ending.end_ns)


def _run_span(session: Session, call: Call, ending: Ending, start_ns: int) -> SpanRecord:
    tool = _tool(call)
    attributes = _common(session, call.first, call.prompt_id) | ending.attributes | _tool_attributes(tool)
    attributes[semconv.OPERATION_NAME] = semconv.SPAN_EXECUTE_TOOL
    if call.requested:
        attributes[semconv.TOOL_REQUESTED_AT] = str(call.requested.time_ns)
    if call.ended and call.ended.tool:
        attributes |= _result_attributes(call.ended.tool)
    own_id = span_id("call", session.id, call.id)
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    name = f"{semconv.SPAN_EXECUTE_TOOL} {tool.name}"
    return _record(session, call.prompt_id, own_id, parent, name, start_ns, ending, attributes, call.sent_ns)


def _waits(session: Session, call: Call, ending: Ending, start_ns: int) -> list[SpanRecord]:
    """Return a span for each time that the call waited for a person."""
    asks_person = _tool(call).asks_person
    has_duration = bool(call.ended and call.ended.tool and call.ended.tool.duration_ns is not None)
    ran = call.ended is not None and ending.outcome is not Outcome.DENIED
    # A question's own run is nothing but taking the answer; any other call begins to run when it is allowed to.
    answered_ns = start_ns if ran and has_duration and not asks_person else ending.end_ns
    asked = (call.requested,) if asks_person and not call.asked and call.requested else call.asked
    begins = [event.time_ns for event in asked]
    ends = [*begins[1:], answered_ns]
    return [_wait(session, call, event, n, begins[n], ends[n], ending, ran) for n, event in enumerate(asked)]


def _wait(session: Session, call: Call, asked: AgentEvent, n: int, start_ns: int, end_ns: int, ending: Ending, ran: bool) -> SpanRecord:
    tool = _tool(call)
    attributes = _common(session, asked, call.prompt_id) | _given({semconv.TOOL_NAME: tool.name, semconv.TOOL_CALL_ID: call.id})
    outcome = _permission_outcome(ending, ran)
    if tool.asks_person:
        name, what = f"{semconv.SPAN_WAIT_ANSWER} {tool.name}", "answer"
    else:
        name, what = f"{semconv.SPAN_WAIT_PERMISSION} {tool.name}", "permission"
        attributes[semconv.PERMISSION_OUTCOME] = outcome
    attributes |= {semconv.WAIT_REASON: what, semconv.OUTCOME: {"accepted": "success", "denied": "denied"}.get(outcome, "unknown")}
    attributes |= _given({semconv.CLOSED_BY: ending.closed_by})
    own_id = span_id(what, session.id, call.id, str(n))
    plain = Ending(max(end_ns, start_ns), ending.outcome)
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    is_last = n + 1 >= len(call.asked)
    return _record(session, call.prompt_id, own_id, parent, name, start_ns, plain, attributes, call.wait_sent_ns if is_last else 0)


def _permission_outcome(ending: Ending, ran: bool) -> str:
    if ending.outcome is Outcome.DENIED:
        return "denied"
    return "accepted" if ran else "unknown"


def permission_span(session: Session, pending: Pending, end_ns: int, outcome: str, closed_by: str, call_id: str = "") -> SpanRecord:
    """Return the span of a wait whose call was never seen."""
    asked = pending.asked
    tool = asked.tool or ToolUse("unknown")
    what, reason = (semconv.SPAN_WAIT_ANSWER, "answer") if tool.asks_person else (semconv.SPAN_WAIT_PERMISSION, "permission")
    attributes = _common(session, asked, pending.prompt_id) | _given({semconv.TOOL_NAME: tool.name, semconv.TOOL_CALL_ID: call_id})
    attributes |= {semconv.WAIT_REASON: reason, semconv.PERMISSION_OUTCOME: outcome, semconv.OUTCOME: "denied" if outcome == "denied" else "unknown"}
    attributes |= _given({semconv.CLOSED_BY: closed_by})
    own_id = span_id(reason, session.id, f"{tool.name}{tool.input_hash}", asked.uid)
    ending = Ending(max(end_ns, asked.time_ns), Outcome.UNKNOWN)
    return _record(session, pending.prompt_id, own_id, _pending_parent(session, pending), f"{what} {tool.name}", asked.time_ns, ending, attributes)


def elicitation_span(session: Session, pending: Pending, ending: Ending) -> SpanRecord:
    """Return the span of a question that an MCP server asked a person."""
    asked = pending.asked
    attributes = _common(session, asked, pending.prompt_id) | _given({semconv.MCP_SERVER_NAME: asked.mcp_server}) | ending.attributes
    attributes[semconv.WAIT_REASON] = "answer"
    own_id = span_id("answer", session.id, asked.elicitation_id, asked.uid)
    name = f"{semconv.SPAN_WAIT_ANSWER} {asked.mcp_server}".rstrip()
    return _record(session, pending.prompt_id, own_id, _pending_parent(session, pending), name, asked.time_ns, ending, attributes)


def compaction_span(session: Session, pending: Pending, ending: Ending) -> SpanRecord:
    """Return the span of a compaction of the context."""
    asked = pending.asked
    attributes = _common(session, asked, pending.prompt_id) | ending.attributes | _given({semconv.COMPACTION_TRIGGER: asked.compaction_trigger})
    own_id = span_id("compact", session.id, pending.prompt_id, asked.uid)
    return _record(session, pending.prompt_id, own_id, _pending_parent(session, pending), semconv.SPAN_COMPACT, asked.time_ns, ending, attributes)


def _pending_parent(session: Session, pending: Pending) -> int | None:
    """Return the parent; without a prompt there is none."""
    return parent_id(session, pending.asked.agent_id, pending.prompt_id) if pending.prompt_id else None


def _record(
    session: Session,
    prompt_id: str,
    own_id: int,
    parent: int | None,
    name: str,
    start_ns: int,
    ending: Ending,
    attributes: Values,
    sent_ns: int = 0,
) -> SpanRecord:
    end_ns = max(ending.end_ns, start_ns, sent_ns + 1 if sent_ns else 0)
    return SpanRecord(trace_id(session.agent, session.id, prompt_id), own_id, parent, name, start_ns, end_ns, attributes, ending.error)


def _common(session: Session, event: AgentEvent, prompt_id: str) -> Values:
    """Return what every span carries."""
    values: Values = {
        semconv.SESSION_ID: session.id,
        semconv.CONVERSATION_ID: session.id,
        semconv.PROVIDER_NAME: PROVIDERS.get(session.agent, session.agent),
        semconv.AGENT_NAME: (event.agent_id and event.agent_type) or session.agent,
        semconv.CAPTURE_LEVEL: event.capture_level,
        semconv.SIGNAL_SOURCE: event.source,
        **event.place.attributes,
    }
    return values | _given(
        {
            semconv.AGENT_ID: event.agent_id,
            semconv.PROMPT_ID: prompt_id,
            semconv.PROCESS_PID: event.pid,
            semconv.PROCESS_CREATION_TIME: event.process_created,
            semconv.REQUEST_MODEL: event.model or (session.model if not event.agent_id else ""),
            semconv.PERMISSION_MODE: event.permission_mode,
            semconv.EFFORT: event.effort,
        }
    )


def _prompt(prompt: AgentEvent) -> Values:
    values = _given(
        {
            semconv.PROMPT_LENGTH: prompt.prompt_length,
            semconv.PROMPT_HASH: prompt.prompt_hash,
            semconv.PROMPT_SOURCE: prompt.prompt_source,
        }
    )
    return values | ({semconv.INPUT_MESSAGES: _message("user", prompt.prompt_text)} if prompt.prompt_text else {})


def _tool(call: Call) -> ToolUse:
    return call.first.tool or ToolUse("unknown")


def _tool_attributes(tool: ToolUse) -> Values:
    return _given(
        {
            semconv.TOOL_NAME: tool.name,
            semconv.TOOL_CALL_ID: tool.call_id,
            semconv.TOOL_TYPE: tool.type,
            semconv.TOOL_INPUT_SIZE: tool.input_size,
            semconv.TOOL_INPUT_HASH: tool.input_hash,
            semconv.TOOL_ARGUMENTS: tool.input_text,
            semconv.FILE_EXTENSION: tool.file_extension,
            semconv.FILE_PATH: tool.file_path,
            semconv.MCP_SERVER_NAME: tool.mcp_server,
            semconv.TOOL_BACKGROUND: tool.is_background or None,
        }
    )


def _result_attributes(tool: ToolUse) -> Values:
    duration_ms = None if tool.duration_ns is None else tool.duration_ns // 1_000_000
    values: dict[str, AttributeValue | None] = {
        semconv.TOOL_RUN_MS: duration_ms,
        semconv.TOOL_OUTPUT_SIZE: tool.output_size,
        semconv.TOOL_RESULT: tool.output_text,
        semconv.PROCESS_EXIT_CODE: tool.exit_code,
        semconv.TOOL_BACKGROUND: tool.is_background or None,
    }
    return _given(values)


def _message(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}], ensure_ascii=False)


def _required(closing: Closing | None) -> Ending:
    if closing is None:
        raise ValueError("the span of an open unit was asked for")
    return ending_by(closing)


def _given(values: dict[str, AttributeValue | None]) -> Values:
    """Return the values without None and empty texts."""
    return {key: value for key, value in values.items() if value is not None and value != ""}
