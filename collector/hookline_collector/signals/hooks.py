"""Hookline's own records and spans, of any agent: from hooks, from transcripts, and the collector's own of sessions that it closed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hookline.contract import semconv
from hookline.contract.events import (
    LIMITS_RECORD,
    RECORD_PREFIX,
    SESSION_CLOSED_RECORD,
    SESSION_END_RECORD,
    SESSION_START_RECORD,
    USAGE_RECORD,
    EndReason,
    EventKind,
    SpanName,
)
from hookline.contract.scopes import Source
from hookline_collector.signals.observations import Attributes, Observation, ObservationKind, RecordRule, SpanRule, Vocabulary

WORDS: Final = Vocabulary(prompt=(semconv.PROMPT_ID,), call=(semconv.TOOL_CALL_ID,), request=(semconv.REQUEST_ID, semconv.RESPONSE_ID))


def _agent_of(attributes: Attributes) -> str:
    return str(attributes.get(semconv.AGENT_ID, ""))


def _wait_of(attributes: Attributes) -> str:
    return str(attributes.get(semconv.WAIT_ID, ""))


def _background_of(attributes: Attributes) -> str:
    return str(attributes.get(semconv.BACKGROUND_ID, ""))


def _notification(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    seen, reason = notice(str(attributes.get(semconv.NOTIFICATION_TYPE, "")))
    return Observation(session_id, time_ns, seen, source, prompt_id=WORDS.prompt_of(attributes), reason=reason, attributes=attributes)


def notice(kind: str) -> tuple[ObservationKind, str]:
    """Return what a kind of notice says, and what a person is asked for. One that a newer client brings is known by its last words."""
    if kind in NOTICES:
        return NOTICES[kind]
    if kind.endswith("permission_prompt"):
        return ObservationKind.WAIT_NOTICE, "permission"
    if kind.endswith(("needs_input", "_dialog")):
        return ObservationKind.WAIT_NOTICE, "answer"
    return ObservationKind.NOTE, ""


NOTICES: dict[str, tuple[ObservationKind, str]] = {
    "idle_prompt": (ObservationKind.IDLE_NOTICE, ""),
    "permission_prompt": (ObservationKind.WAIT_NOTICE, "permission"),
    "worker_permission_prompt": (ObservationKind.WAIT_NOTICE, "permission"),
    "workflow_permission_prompt": (ObservationKind.WAIT_NOTICE, "permission"),
    "chrome_permission_prompt": (ObservationKind.WAIT_NOTICE, "permission"),
    "agent_needs_input": (ObservationKind.WAIT_NOTICE, "answer"),
    "elicitation_dialog": (ObservationKind.WAIT_NOTICE, "answer"),
    "elicitation_url_dialog": (ObservationKind.WAIT_NOTICE, "answer"),
    "elicitation_response": (ObservationKind.ANSWER_NOTICE, ""),
    "elicitation_complete": (ObservationKind.ANSWER_NOTICE, ""),
    "agent_completed": (ObservationKind.NOTE, ""),  # another session's agent, which names nothing of this one
    "auth_success": (ObservationKind.NOTE, ""),
    "auth_storage_failure": (ObservationKind.NOTE, ""),
    "computer_use_exit": (ObservationKind.NOTE, ""),
    "plugin_notification": (ObservationKind.NOTE, ""),
    "push_notification": (ObservationKind.NOTE, ""),
}

RECORDS: Final[dict[str, RecordRule]] = {
    SESSION_START_RECORD: WORDS.record(ObservationKind.STARTED, reason_from=semconv.START_SOURCE),
    SESSION_END_RECORD: WORDS.record(ObservationKind.ENDED, reason=EndReason.SESSION_END.value),
    EventKind.PROCESS_GONE: WORDS.record(ObservationKind.ENDED, reason=EndReason.PROCESS_GONE.value),
    SESSION_CLOSED_RECORD.removeprefix(RECORD_PREFIX): WORDS.record(ObservationKind.ENDED, reason_from=semconv.END_REASON),
    EventKind.PROMPT_SUBMITTED: WORDS.record(ObservationKind.PROMPT),
    EventKind.TURN_ENDED: WORDS.record(ObservationKind.TURN_ENDED),
    EventKind.TURN_FAILED: WORDS.record(ObservationKind.TURN_ENDED, reason="failure"),
    EventKind.TOOL_STARTED: WORDS.record(ObservationKind.TOOL_STARTED, WORDS.call_of),
    EventKind.TOOL_ENDED: WORDS.record(ObservationKind.TOOL_ENDED, WORDS.call_of),
    EventKind.TOOL_FAILED: WORDS.record(ObservationKind.TOOL_ENDED, WORDS.call_of),
    EventKind.PERMISSION_DENIED: WORDS.record(ObservationKind.TOOL_ENDED, WORDS.call_of, reason="denied"),
    EventKind.TOOL_INTERRUPTED: WORDS.record(ObservationKind.TOOL_ENDED, WORDS.call_of, reason="interrupted"),
    EventKind.TOOL_RUNNING: WORDS.record(ObservationKind.TOOL_RUNNING, WORDS.call_of),
    EventKind.TURN_QUIET: WORDS.record(ObservationKind.TURN_ENDED, reason="interrupted"),
    EventKind.TURN_INTERRUPTED: WORDS.record(ObservationKind.INTERRUPTED, reason="interrupted"),
    EventKind.TOOL_BATCH_ENDED: WORDS.record(ObservationKind.BATCH_ENDED),
    EventKind.PERMISSION_REQUESTED: WORDS.record(ObservationKind.WAIT_STARTED, WORDS.call_of, reason="permission"),
    EventKind.ELICITATION_REQUESTED: WORDS.record(ObservationKind.WAIT_STARTED, WORDS.call_of, reason="answer"),
    EventKind.ELICITATION_ANSWERED: WORDS.record(ObservationKind.ANSWERED, _wait_of),
    EventKind.BACKGROUND_STARTED: WORDS.record(ObservationKind.BACKGROUND_STARTED, _background_of),
    EventKind.BACKGROUND_ENDED: WORDS.record(ObservationKind.BACKGROUND_ENDED, _background_of),
    EventKind.SUSPENDED: WORDS.record(ObservationKind.SUSPENDED),
    EventKind.SUBAGENT_STARTED: WORDS.record(ObservationKind.SUBAGENT_STARTED, _agent_of),
    EventKind.SUBAGENT_ENDED: WORDS.record(ObservationKind.SUBAGENT_ENDED, _agent_of),
    EventKind.NOTIFICATION: _notification,
    USAGE_RECORD.removeprefix(RECORD_PREFIX): WORDS.record(ObservationKind.USAGE, WORDS.request_of),
    LIMITS_RECORD.removeprefix(RECORD_PREFIX): WORDS.record(ObservationKind.LIMITS),
}

_TURN: Final = WORDS.span(ObservationKind.PROMPT, ObservationKind.TURN_ENDED, WORDS.prompt_of)
_SUBAGENT: Final = WORDS.span(ObservationKind.SUBAGENT_STARTED, ObservationKind.SUBAGENT_ENDED, _agent_of)
_WAIT: Final = WORDS.span(ObservationKind.WAIT_STARTED, ObservationKind.WAIT_ENDED, WORDS.call_of)


def _agents_work(session_id: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """A turn, or a subagent's run where it names one."""
    rule = _SUBAGENT if attributes.get(semconv.AGENT_ID) else _TURN
    yield from rule(session_id, start_ns, end_ns, attributes, source)


SPANS: Final[dict[str, SpanRule]] = {
    SpanName.INVOKE_AGENT: _agents_work,
    SpanName.EXECUTE_TOOL: WORDS.span(ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED, WORDS.call_of),
    SpanName.WAIT_PERMISSION: _WAIT,
    SpanName.WAIT_ANSWER: _WAIT,
}
