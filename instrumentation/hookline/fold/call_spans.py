"""A closed call as spans: its waits for a person, then its run."""

from __future__ import annotations

from hookline.agents.event import PROCESS, AgentEvent, ToolUse
from hookline.contract import semconv
from hookline.contract.events import EventKind, SpanName, SpanOutcome
from hookline.contract.ids import span_id
from hookline.fold.known import DERIVED, INFERRED, KnownBy
from hookline.fold.model import Call, OpenSession, Sent
from hookline.fold.spans import Ending, Values, common, ending_of, given, make_span, parent_id, required
from hookline.records import AttributeValue, SpanRecord
from hookline.system.evolve import evolve


def call_spans(session: OpenSession, call: Call) -> list[SpanRecord]:
    """Return the spans of a closed call: its waits for a person, then its run."""
    ending = ending_of(call.ended) if call.ended else required(call.closing)
    start_ns = run_start_ns(call, ending)
    return [*_waits(session, call, ending, start_ns), _run_span(session, call, ending, start_ns)]


def run_start_ns(call: Call, ending: Ending) -> int:
    """Return when the call began to run: its end less the client's own duration, never before it was asked for.

    A call that was denied never ran, nor, as far as anybody saw, one that ended while it waited for its permission.
    """
    if ending.outcome is SpanOutcome.DENIED:
        return ending.end_ns
    requested_ns = call.requested.time_ns if call.requested else 0
    duration_ns = _duration_ns(call)
    if duration_ns is not None:
        asked_ns = max((request.time_ns for request in _questions(call)), default=0)
        return min(max(ending.end_ns - duration_ns, requested_ns, asked_ns), ending.end_ns)
    if call.running:
        return min(call.running.time_ns, ending.end_ns)
    if call.asked and not _has_own_end(call):
        return ending.end_ns
    return min(requested_ns or ending.end_ns, ending.end_ns)


def _duration_ns(call: Call) -> int | None:
    return call.ended.tool.duration_ns if call.ended and call.ended.tool else None


def _questions(call: Call) -> tuple[AgentEvent, ...]:
    """Return what was asked about a call, without what its client only seemed to ask while, by its own duration, the call ran."""
    duration_ns = _duration_ns(call)
    if duration_ns is None or call.ended is None:
        return call.asked
    began_ns = call.ended.time_ns - duration_ns
    return tuple(asked for asked in call.asked if asked.source != PROCESS or asked.time_ns <= began_ns)


def _has_own_end(call: Call) -> bool:
    """Whether the call came to its end: it was neither stopped nor closed by a rule."""
    return call.ended is not None and call.ended.kind is not EventKind.TOOL_INTERRUPTED


def _run_span(session: OpenSession, call: Call, ending: Ending, start_ns: int) -> SpanRecord:
    tool = _tool(call)
    attributes = common(session, call.first, call.prompt_id) | ending.attributes | _tool_attributes(tool)
    attributes[semconv.OPERATION_NAME] = SpanName.EXECUTE_TOOL
    if call.requested:
        attributes[semconv.TOOL_REQUESTED_AT] = str(call.requested.time_ns)
    if call.ended and call.ended.tool:
        attributes |= _result_attributes(call.ended.tool)
    if slept := slept_ns(session, start_ns, ending.end_ns):
        awake_ms = (ending.end_ns - start_ns - slept) // 1_000_000
        attributes[semconv.TOOL_RUN_MS] = min(int(attributes.get(semconv.TOOL_RUN_MS, awake_ms)), awake_ms)  # type: ignore[arg-type]
    if _duration_ns(call) is None and ending.outcome is not SpanOutcome.DENIED and (call.asked or not call.requested):
        attributes[semconv.EVIDENCE_START] = DERIVED if call.running or _has_own_end(call) else INFERRED
    own_id = span_id("call", session.id, call.id)
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    name = f"{SpanName.EXECUTE_TOOL} {tool.name}"
    return make_span(session, call.prompt_id, own_id, parent, name, start_ns, ending, attributes, call.sent)


def _waits(session: OpenSession, call: Call, ending: Ending, start_ns: int) -> list[SpanRecord]:
    """Return a span for each time that the call waited for a person."""
    asks_person = _tool(call).asks_person
    asked = (call.requested,) if asks_person and not call.asked and call.requested else _questions(call)
    answer = _answer(call, ending, start_ns)
    begins = [event.time_ns for event in asked]
    return [_wait(session, call, event, n, answer if n + 1 == len(asked) else evolve(answer, end_ns=begins[n + 1])) for n, event in enumerate(asked)]


def _answer(call: Call, ending: Ending, start_ns: int) -> Ending:
    """Return how the last wait of a call ended, and how that is known.

    A question's own run is nothing but taking the answer; any other call begins to run when it is allowed to.
    """
    plain = Ending(ending.end_ns, ending.outcome, closed_by=ending.closed_by, evidence=ending.evidence)
    if ending.outcome is SpanOutcome.DENIED or _tool(call).asks_person:
        return plain
    if _duration_ns(call) is not None:
        return evolve(plain, end_ns=start_ns)
    if call.running:
        return evolve(plain, end_ns=start_ns, evidence=KnownBy(DERIVED, call.running.source))
    return evolve(plain, evidence=KnownBy(DERIVED, ending.evidence.source)) if call.ended else plain


def _wait(session: OpenSession, call: Call, asked: AgentEvent, n: int, answer: Ending) -> SpanRecord:
    tool = _tool(call)
    attributes = common(session, asked, call.prompt_id) | given({semconv.TOOL_NAME: tool.name, semconv.TOOL_CALL_ID: call.id})
    outcome = _permission_outcome(call, answer)
    if tool.asks_person:
        name, what = f"{SpanName.WAIT_ANSWER} {tool.name}", "answer"
    else:
        name, what = f"{SpanName.WAIT_PERMISSION} {tool.name}", "permission"
        attributes[semconv.PERMISSION_OUTCOME] = outcome
    attributes |= {semconv.WAIT_REASON: what, semconv.WAIT_ID: asked.uid}
    attributes |= {semconv.OUTCOME: {"accepted": "success", "denied": "denied"}.get(outcome, "unknown")}
    attributes |= given(
        {semconv.CLOSED_BY: answer.closed_by, semconv.EVIDENCE: answer.evidence.kind, semconv.EVIDENCE_SOURCE: answer.evidence.source}
    )
    own_id = span_id(what, session.id, call.id, str(n))
    parent = parent_id(session, call.first.agent_id, call.prompt_id)
    is_last = n + 1 >= len(_questions(call))
    sent = call.wait_sent if is_last else Sent()
    return make_span(session, call.prompt_id, own_id, parent, name, asked.time_ns, answer, attributes, sent)


def slept_ns(session: OpenSession, start_ns: int, end_ns: int) -> int:
    """Return how much of a time the machine slept."""
    parts = (min(end_ns, slept.time_ns) - max(start_ns, slept.time_ns - slept.slept_ns) for slept in session.suspends)
    return sum(part for part in parts if part > 0)


def _permission_outcome(call: Call, answer: Ending) -> str:
    if answer.outcome is SpanOutcome.DENIED:
        return "denied"
    return "accepted" if _has_own_end(call) or call.running else "unknown"


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
