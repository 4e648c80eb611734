"""From an event to its log record, sent at once: `docs/data-model.md` section 4."""

from __future__ import annotations

from typing import Final

from hookline import semconv
from hookline.agents.event import AgentEvent, Kind, Limits
from hookline.fold.ids import span_id, trace_id
from hookline.records import AttributeValue, LogRecord

NAMES: Final = {Kind.SESSION_STARTED: semconv.EVENT_SESSION_START, Kind.SESSION_ENDED: semconv.EVENT_SESSION_END, Kind.STATUS: semconv.EVENT_LIMITS}


def log_record(event: AgentEvent, prompt_id: str, model: str = "", previous_id: str = "") -> LogRecord:
    """Return the record of an event; `model` is the session's, `previous_id` the session that this one continues."""
    name = NAMES.get(event.kind, f"{semconv.EVENT_PREFIX}{event.kind}")
    is_placed = bool(prompt_id)
    return LogRecord(
        uid=event.uid,
        event_name=name,
        time_ns=event.time_ns,
        attributes=_attributes(event, prompt_id, model, previous_id),
        trace_id=trace_id(event.agent, event.session_id, prompt_id) if is_placed else 0,
        span_id=span_id("turn", event.session_id, prompt_id) if is_placed else 0,
    )


def _attributes(event: AgentEvent, prompt_id: str, model: str, previous_id: str) -> dict[str, AttributeValue]:
    tool = event.tool
    values: dict[str, AttributeValue | None] = {
        semconv.LOG_RECORD_UID: event.uid,
        semconv.SESSION_ID: event.session_id,
        semconv.HOOK_EVENT: event.name,
        semconv.AGENT_NAME: (event.agent_id and event.agent_type) or event.agent,
        semconv.AGENT_ID: event.agent_id,
        semconv.PROMPT_ID: prompt_id,
        semconv.PROMPT_LENGTH: event.prompt_length,
        semconv.PROMPT_SOURCE: event.prompt_source,
        semconv.REQUEST_MODEL: event.model or model,
        semconv.PROCESS_PID: event.pid,
        semconv.PROCESS_CREATION_TIME: event.process_created,
        semconv.PERMISSION_MODE: event.permission_mode,
        semconv.EFFORT: event.effort,
        semconv.CAPTURE_LEVEL: event.capture_level,
        semconv.SIGNAL_SOURCE: event.source,
        semconv.TOOL_NAME: tool.name if tool else "",
        semconv.TOOL_CALL_ID: tool.call_id if tool else "",
        semconv.MCP_SERVER_NAME: tool.mcp_server if tool else event.mcp_server,
        semconv.OUTCOME: event.outcome and str(event.outcome),
        semconv.ERROR_TYPE: event.error_type,
        semconv.SESSION_PREVIOUS_ID: previous_id,
        semconv.START_SOURCE: event.start_source,
        semconv.END_REASON: event.end_reason,
        semconv.NOTIFICATION_TYPE: event.notification_type,
        semconv.COMPACTION_TRIGGER: event.compaction_trigger,
        semconv.PERMISSION_OUTCOME: "denied" if event.kind is Kind.PERMISSION_DENIED else "",
        **event.place.attributes,
        **(_limits(event.limits, event.account) if event.limits else {}),
    }
    return {key: value for key, value in values.items() if value is not None and value != ""}


def _limits(limits: Limits, account: str) -> dict[str, AttributeValue | None]:
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
