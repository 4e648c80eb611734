"""A closed call as spans: its waits for a person, then its run."""

from __future__ import annotations

from hookline import semconv
from hookline.agents.event import AgentEvent, Outcome, ToolUse
from hookline.fold.ids import span_id
from hookline.fold.spans import Ending, Values, common, ending_of, given, make_span, parent_id, required
from hookline.fold.units import Call, Session
from hookline.records import AttributeValue, SpanRecord


def call_spans(session: Session, call: Call) -> list[SpanRecord]:
    """Return the spans of a closed call: its waits for a person, then its run."""
    ending = ending_of(call.ended) if call.ended else required(call.closing)
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
    attributes = common(session, call.first, call.prompt_id) | ending.attributes | _tool_attributes(tool)
    attributes[semconv.OPERATION_NAME] = semconv.SPAN_EXECUTE_TOOL
    if call.requested:
        attributes[semconv.TOOL_REQUESTED_AT] = str(call.requested.time_ns)
    if call.ended and call.ended.tool:
        attributes |= _result_attributes(call.ended.tool)
    own_id = span_id("call", session.id, call.id)
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    name = f"{semconv.SPAN_EXECUTE_TOOL} {tool.name}"
    return make_span(session, call.prompt_id, own_id, parent, name, start_ns, ending, attributes, call.sent_ns)


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
    attributes = common(session, asked, call.prompt_id) | given({semconv.TOOL_NAME: tool.name, semconv.TOOL_CALL_ID: call.id})
    outcome = _permission_outcome(ending, ran)
    if tool.asks_person:
        name, what = f"{semconv.SPAN_WAIT_ANSWER} {tool.name}", "answer"
    else:
        name, what = f"{semconv.SPAN_WAIT_PERMISSION} {tool.name}", "permission"
        attributes[semconv.PERMISSION_OUTCOME] = outcome
    attributes |= {semconv.WAIT_REASON: what, semconv.OUTCOME: {"accepted": "success", "denied": "denied"}.get(outcome, "unknown")}
    attributes |= given({semconv.CLOSED_BY: ending.closed_by})
    own_id = span_id(what, session.id, call.id, str(n))
    plain = Ending(max(end_ns, start_ns), ending.outcome)
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    is_last = n + 1 >= len(call.asked)
    return make_span(session, call.prompt_id, own_id, parent, name, start_ns, plain, attributes, call.wait_sent_ns if is_last else 0)


def _permission_outcome(ending: Ending, ran: bool) -> str:
    if ending.outcome is Outcome.DENIED:
        return "denied"
    return "accepted" if ran else "unknown"


def _tool(call: Call) -> ToolUse:
    return call.first.tool or ToolUse("unknown")


def _tool_attributes(tool: ToolUse) -> Values:
    return given(
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
    return given(values)
