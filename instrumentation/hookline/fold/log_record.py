"""From an event to its log record, sent at once: `docs/data-model.md` section 4."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NamedTuple

from hookline.agent_event import AgentEvent, UsageLimits
from hookline.contract import semconv
from hookline.contract.events import RECORD_NAMES, RECORD_PREFIX, EventKind
from hookline.contract.ids import span_id, trace_id
from hookline.fold.known_by import DERIVED, INFERRED, OBSERVED
from hookline.fold.model import OpenSession
from hookline.fold.span import given, started_by
from hookline.records import AttributeValue, LogRecord

ASKING_NOTICES: Final = frozenset({"agent_needs_input", "elicitation_dialog", "elicitation_url_dialog"})  # somebody is asked for an answer
_ANSWERS: Final = frozenset(
    {EventKind.TOOL_RUNNING, EventKind.TOOL_ENDED, EventKind.TOOL_FAILED, EventKind.TOOL_INTERRUPTED, EventKind.PERMISSION_DENIED}
)
_BACKGROUND: Final = frozenset({EventKind.BACKGROUND_STARTED, EventKind.BACKGROUND_ENDED})
_OF_CALLS: Final = frozenset(
    {EventKind.TOOL_STARTED, EventKind.TOOL_ENDED, EventKind.TOOL_FAILED, EventKind.TOOL_BATCH_ENDED}
)  # most events, and the plainest
_ASKS: Final = {EventKind.PERMISSION_REQUESTED: "permission", EventKind.ELICITATION_REQUESTED: "answer"}
_EVIDENCE: Final = {EventKind.TOOL_RUNNING: DERIVED, EventKind.TURN_QUIET: INFERRED}


class LogContext(NamedTuple):
    """What the fold knows beside an event: the prompt it belongs to, the session's model and the one it continues, the call and wait it is of."""

    prompt_id: str = ""
    model: str = ""
    previous_id: str = ""
    call_id: str = ""
    wait_id: str = ""
    is_typed_ahead: bool = False


def log_records(before: OpenSession, after: OpenSession, event: AgentEvent, prompt_id: str, previous_id: str) -> tuple[LogRecord, ...]:
    """Return the record of an event, from its session before and after it, and of what it shows to have begun or ended in the background."""
    record = _record(event, _context(before, after, event, prompt_id, previous_id))
    return (record, *_background_records(event, record, _ended_in_background(before, event)))


def _context(before: OpenSession, after: OpenSession, event: AgentEvent, prompt_id: str, previous_id: str) -> LogContext:
    """Return what the fold knows beside an event, for its record."""
    model = after.model or before.model
    turn = before.turns.get(prompt_id)
    is_typed_ahead = event.kind is EventKind.PROMPT_SUBMITTED and turn is not None and turn.prompt is not None
    if event.kind is EventKind.PERMISSION_REQUESTED:
        call_id = next((call.id for call in after.calls.values() if event in call.asked), "")
        return LogContext(prompt_id, model, previous_id, call_id, event.uid)
    if event.kind is EventKind.ELICITATION_REQUESTED or (after.notice and after.notice.uid == event.uid):
        return LogContext(prompt_id, model, previous_id, wait_id=event.uid)
    if event.kind is EventKind.ELICITATION_ANSWERED:
        answered = before.elicitations.keys() - after.elicitations.keys()
        return LogContext(prompt_id, model, previous_id, wait_id=next(iter(answered), ""))
    return LogContext(prompt_id, model, previous_id, wait_id=_answered(before, event), is_typed_ahead=is_typed_ahead)


def _answered(before: OpenSession, event: AgentEvent) -> str:
    """Return the wait that an event is the answer to: the last question of its call."""
    call = before.calls.get(event.tool.call_id) if event.tool and event.kind in _ANSWERS else None
    asked = call.asked[-1] if call and call.asked else call.requested if call and call.first.tool and call.first.tool.asks_person else None
    return asked.uid if asked else ""


def _ended_in_background(before: OpenSession, event: AgentEvent) -> str:
    """Return the subagent in the background whose end an event is."""
    agent = before.agents.get(event.agent_id) if event.kind is EventKind.SUBAGENT_ENDED else None
    return agent.id if agent and agent.is_background else ""


def _record(event: AgentEvent, context: LogContext) -> LogRecord:
    prompt_id = context.prompt_id
    is_placed = bool(prompt_id)
    return LogRecord(
        uid=event.uid,
        event_name=RECORD_NAMES[event.kind],
        time_ns=event.time_ns,
        attributes=_attributes(event, context),
        trace_id=trace_id(event.agent, event.session_id, prompt_id) if is_placed else 0,
        span_id=span_id("turn", event.session_id, prompt_id) if is_placed else 0,
        service=event.agent,
    )


def _background_records(event: AgentEvent, record: LogRecord, ended_agent: str) -> Iterator[LogRecord]:
    """Yield the records of what an event reports to have begun or ended in the background; `ended_agent` is a subagent that ran there."""
    tool = event.tool
    if event.kind is EventKind.TOOL_ENDED and tool and tool.background_id:
        yield _background(record, EventKind.BACKGROUND_STARTED, tool.background_id, "shell")
    elif event.kind is EventKind.TOOL_ENDED and tool and tool.is_launch and tool.agent_id:
        yield _background(record, EventKind.BACKGROUND_STARTED, tool.agent_id, "subagent")
    elif event.kind is EventKind.PROMPT_SUBMITTED and event.background_id:
        yield _background(record, EventKind.BACKGROUND_ENDED, event.background_id, "")
    elif ended_agent:
        yield _background(record, EventKind.BACKGROUND_ENDED, ended_agent, "subagent")


def _background(record: LogRecord, kind: EventKind, background_id: str, what: str) -> LogRecord:
    uid = f"{record.uid}-{kind}"
    left_out = (semconv.OUTCOME, semconv.PROMPT_LENGTH, semconv.PROMPT_SOURCE, semconv.ERROR_TYPE)
    kept = {key: value for key, value in record.attributes.items() if key not in left_out}
    own = {semconv.LOG_RECORD_UID: uid, semconv.BACKGROUND_ID: background_id, **({semconv.BACKGROUND_TYPE: what} if what else {})}
    return replace(record, uid=uid, event_name=f"{RECORD_PREFIX}{kind}", attributes={**kept, **own})


def _is_taken_in(event: AgentEvent, context: LogContext) -> bool:
    """Whether a notice to the client itself came into a turn that a person's prompt had begun: it makes that prompt no notice."""
    return context.is_typed_ahead and event.prompt_source == "task_notification"


def _attributes(event: AgentEvent, context: LogContext) -> dict[str, AttributeValue]:
    tool = event.tool
    values: dict[str, AttributeValue | None] = {
        semconv.LOG_RECORD_UID: event.uid,
        semconv.SESSION_ID: event.session_id,
        semconv.HOOK_EVENT: event.name,
        semconv.AGENT_NAME: (event.agent_id and event.agent_type) or event.agent,
        semconv.AGENT_ID: event.agent_id,
        semconv.PROMPT_ID: "" if _is_taken_in(event, context) else context.prompt_id,
        semconv.REQUEST_MODEL: event.model or context.model,
        semconv.PROCESS_PID: event.pid,
        semconv.PROCESS_CREATION_TIME: event.process_created,
        semconv.PERMISSION_MODE: event.permission_mode,
        semconv.EFFORT: event.effort,
        semconv.CAPTURE_LEVEL: event.capture_level,
        semconv.SIGNAL_SOURCE: event.source,
        semconv.TOOL_CALL_ID: (tool and tool.call_id) or context.call_id,
        semconv.WAIT_ID: context.wait_id,
        semconv.MCP_SERVER_NAME: tool.mcp_server if tool else event.mcp_server,
        semconv.OUTCOME: event.outcome and str(event.outcome),
        semconv.ERROR_TYPE: event.error_type,
    }
    if tool:
        values[semconv.TOOL_NAME], values[semconv.TOOL_KIND] = tool.name, tool.kind
        if event.kind is EventKind.TOOL_STARTED:
            values[semconv.FILE_EXTENSION] = tool.file_extension
    if event.entrypoint:
        values |= started_by(event)
    if event.kind not in _OF_CALLS:
        values |= _of_its_kind(event, context)
    return {**given(values), **event.place.attributes}


def _of_its_kind(event: AgentEvent, context: LogContext) -> dict[str, AttributeValue | None]:
    """Return what only events of some kinds say: prompts, questions, starts and ends, notices, the background."""
    tool = event.tool
    is_question = event.kind is EventKind.PERMISSION_REQUESTED and tool is not None and tool.asks_person
    return {
        semconv.PROMPT_LENGTH: event.prompt_length,
        semconv.PROMPT_SOURCE: "queued" if context.is_typed_ahead and event.prompt_source == "user" else event.prompt_source,
        semconv.WAIT_REASON: "answer" if is_question or event.notification_type in ASKING_NOTICES else _ASKS.get(event.kind, ""),
        semconv.SESSION_PREVIOUS_ID: context.previous_id,
        semconv.START_SOURCE: event.start_source,
        semconv.END_REASON: event.end_reason,
        semconv.NOTIFICATION_TYPE: event.notification_type,
        semconv.COMPACTION_TRIGGER: event.compaction_trigger,
        semconv.PERMISSION_OUTCOME: "denied" if event.kind is EventKind.PERMISSION_DENIED else "",
        semconv.BACKGROUND_ID: event.background_id if event.kind in _BACKGROUND else "",
        semconv.BACKGROUND_TYPE: event.background_type,
        semconv.BACKGROUND_RUNNING: event.running,
        semconv.DURATION_MS: event.slept_ns // 1_000_000 or None,
        semconv.EVIDENCE: _evidence(event),
        **(_limits(event.limits, event.account) if event.limits else {}),
    }


def _evidence(event: AgentEvent) -> str:
    """Return how the end that an event reports is known, where that is not plain."""
    if event.kind is EventKind.PROCESS_GONE:
        return OBSERVED if event.is_seen else DERIVED
    return _EVIDENCE.get(event.kind, "")


def _limits(limits: UsageLimits, account: str) -> dict[str, AttributeValue | None]:
    return {
        semconv.FIVE_HOUR_PERCENT: limits.five_hour_percent,
        semconv.FIVE_HOUR_RESETS_AT: limits.five_hour_resets_at,
        semconv.SEVEN_DAY_PERCENT: limits.seven_day_percent,
        semconv.SEVEN_DAY_RESETS_AT: limits.seven_day_resets_at,
        semconv.CONTEXT_PERCENT: limits.context_percent,
        semconv.CONTEXT_SIZE: limits.context_size,
        semconv.COST_USD: limits.cost_usd,
        semconv.ACCOUNT: account,
    }
