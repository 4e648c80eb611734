"""A sighting: what one span or log record says about one session.

`observations(signal, message)` reads a parsed export request of the agents' scopes (from hooks, from transcripts, or the
client's own telemetry) and yields `Observation`s; everything else passes by. A record that says nothing about a session,
or whose session is Hookline's own probe, yields nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from hookline.contract import claude_native, semconv
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
from hookline.contract.scopes import Source, is_probe
from hookline_collector.signal import Signal

Attributes = Mapping[str, Any]


class ObservationKind(StrEnum):
    """What was seen of a session."""

    STARTED = "started"
    PROMPT = "prompt"
    TURN_ENDED = "turn_ended"
    INTERRUPTED = "interrupted"
    TOOL_STARTED = "tool_started"
    TOOL_RUNNING = "tool_running"
    TOOL_ENDED = "tool_ended"
    BATCH_ENDED = "batch_ended"
    WAIT_STARTED = "wait_started"
    WAIT_ENDED = "wait_ended"
    ANSWERED = "answered"
    WAIT_NOTICE = "wait_notice"
    ANSWER_NOTICE = "answer_notice"
    SUBAGENT_STARTED = "subagent_started"
    SUBAGENT_ENDED = "subagent_ended"
    BACKGROUND_STARTED = "background_started"
    BACKGROUND_ENDED = "background_ended"
    SUSPENDED = "suspended"
    INTERACTION = "interaction"
    IDLE_NOTICE = "idle_notice"
    USAGE = "usage"
    LIMITS = "limits"
    ENDED = "ended"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Observation:
    """One fact about a session at a time. `key` names the call, prompt, agent, wait or request that it is about; of an interaction its beginning.

    `began_ns` is only there for the end of a span: when the span began.
    """

    session_id: str
    time_ns: int
    seen: ObservationKind
    source: Source
    key: str = ""
    prompt_id: str = ""
    failed: bool = False
    reason: str = ""
    attributes: Attributes = field(default_factory=dict)
    began_ns: int = 0


def observations(signal: Signal, message: Any) -> Iterator[Observation]:
    """Yield what a parsed Export<Signal>ServiceRequest says about sessions, in its own order."""
    if signal is Signal.LOGS:
        yield from _of_logs(message)
    elif signal is Signal.TRACES:
        yield from _of_traces(message)


def plain(attributes: Any) -> dict[str, Any]:
    """Return OTLP attributes as a plain mapping; an array as its texts, other nested values are left out."""
    found = {}
    for pair in attributes:
        kind = pair.value.WhichOneof("value")
        if kind in ("string_value", "int_value", "double_value", "bool_value"):
            found[pair.key] = getattr(pair.value, kind)
        elif kind == "array_value":
            found[pair.key] = tuple(value.string_value for value in pair.value.array_value.values)
    return found


def texts(value: Any) -> tuple[str, ...] | None:
    """Return the texts of an array as it came, or as the store keeps it (JSON); None where there is none."""
    if isinstance(value, tuple) or value is None:
        return value
    try:
        found = json.loads(value)
    except ValueError:
        return None
    return tuple(map(str, found)) if isinstance(found, list) else None


def _of_logs(message: Any) -> Iterator[Observation]:
    for resource in message.resource_logs:
        shared = None
        for scope in resource.scope_logs:
            source = Source.of(scope.scope.name)
            if source is None:
                continue
            shared = plain(resource.resource.attributes) if shared is None else shared
            for record in scope.log_records:
                attributes = {**shared, **plain(record.attributes)}
                name = record.event_name or str(attributes.get(claude_native.EVENT_NAME, ""))
                yield from of_log(name, record.time_unix_nano or record.observed_time_unix_nano, attributes, source)


def _of_traces(message: Any) -> Iterator[Observation]:
    for resource in message.resource_spans:
        shared = None
        for scope in resource.scope_spans:
            source = Source.of(scope.scope.name)
            if source is None:
                continue
            shared = plain(resource.resource.attributes) if shared is None else shared
            for span in scope.spans:
                yield from of_span(span.name, span.start_time_unix_nano, span.end_time_unix_nano, {**shared, **plain(span.attributes)}, source)


def of_log(name: str, time_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """Yield what one log record says. Also called when sessions are rebuilt from `otel_logs`, with values as text."""
    session_id = str(attributes.get(semconv.SESSION_ID, ""))
    if not session_id or is_probe(session_id):
        return
    short = name.removeprefix(claude_native.PREFIX) if source is Source.NATIVE else name.removeprefix(RECORD_PREFIX)
    rule = (_NATIVE_LOGS if source is Source.NATIVE else _LOGS).get(short)
    if rule is None:
        yield Observation(session_id, time_ns, ObservationKind.NOTE, source, prompt_id=_prompt(attributes), attributes=attributes)
        return
    yield rule(session_id, time_ns, attributes, source)


def of_span(name: str, start_ns: int, end_ns: int, attributes: Attributes, source: Source) -> Iterator[Observation]:
    """Yield what one finished span says: its beginning and its end."""
    session_id = str(attributes.get(semconv.SESSION_ID, ""))
    if not session_id or is_probe(session_id):
        return
    if name == claude_native.TURN_SPAN and not _prompt(attributes):
        yield Observation(session_id, end_ns, ObservationKind.INTERACTION, source, str(start_ns), attributes=attributes)
        return
    pair = _span_pair(name, attributes)
    if pair is None:
        return
    begun, ended, key = pair
    prompt = _prompt(attributes)
    failed = _failed(attributes)
    began_ns = int(attributes.get(semconv.TOOL_REQUESTED_AT, 0) or start_ns) if begun is ObservationKind.TOOL_STARTED else start_ns
    yield Observation(session_id, began_ns, begun, source, key, prompt, attributes=attributes)
    reason = str(attributes.get(semconv.OUTCOME, ""))
    yield Observation(session_id, end_ns, ended, source, key, prompt, failed, reason, attributes, began_ns=start_ns)


def _span_pair(name: str, attributes: Attributes) -> tuple[ObservationKind, ObservationKind, str] | None:
    word = name.partition(" ")[0]
    if word == SpanName.INVOKE_AGENT and attributes.get(semconv.AGENT_ID):
        return ObservationKind.SUBAGENT_STARTED, ObservationKind.SUBAGENT_ENDED, str(attributes[semconv.AGENT_ID])
    if word in (SpanName.INVOKE_AGENT, claude_native.TURN_SPAN):
        return ObservationKind.PROMPT, ObservationKind.TURN_ENDED, _prompt(attributes)
    if word in (SpanName.EXECUTE_TOOL, claude_native.CALL_SPAN) and attributes.get(semconv.TOOL_CALL_ID):
        return ObservationKind.TOOL_STARTED, ObservationKind.TOOL_ENDED, str(attributes[semconv.TOOL_CALL_ID])
    if word in (SpanName.WAIT_PERMISSION, SpanName.WAIT_ANSWER):
        return ObservationKind.WAIT_STARTED, ObservationKind.WAIT_ENDED, _call(attributes)
    return None


def _prompt(attributes: Attributes) -> str:
    return str(attributes.get(semconv.PROMPT_ID) or attributes.get(claude_native.PROMPT_ID) or "")


def _call(attributes: Attributes) -> str:
    return str(attributes.get(semconv.TOOL_CALL_ID) or attributes.get(claude_native.CALL_ID) or "")


def _failed(attributes: Attributes) -> bool:
    if outcome := attributes.get(semconv.OUTCOME):
        return bool(outcome == "failure")  # a call that was denied or interrupted did not fail
    return semconv.ERROR_TYPE in attributes or str(attributes.get(claude_native.SUCCESS, "true")).lower() == "false"


Rule = Callable[[str, int, Attributes, Source], Observation]


def _rule(seen: ObservationKind, key: Callable[[Attributes], str] = _prompt, reason: str = "") -> Rule:
    def make(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
        why = str(attributes.get(reason, "")) if reason.startswith(("hookline.", "gen_ai.", "event.")) else reason
        return Observation(session_id, time_ns, seen, source, key(attributes), _prompt(attributes), _failed(attributes), why, attributes)

    return make


def _agent(attributes: Attributes) -> str:
    return str(attributes.get(semconv.AGENT_ID, ""))


def _wait(attributes: Attributes) -> str:
    return str(attributes.get(semconv.WAIT_ID, ""))


def _background(attributes: Attributes) -> str:
    return str(attributes.get(semconv.BACKGROUND_ID, ""))


def _request(attributes: Attributes) -> str:
    for name in (claude_native.REQUEST_ID, semconv.REQUEST_ID, semconv.RESPONSE_ID, claude_native.EVENT_SEQUENCE):
        if value := attributes.get(name):
            return f"{name}={value}"
    return ""


def _notification(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    seen, reason = notice(str(attributes.get(semconv.NOTIFICATION_TYPE, "")))
    return Observation(session_id, time_ns, seen, source, prompt_id=_prompt(attributes), reason=reason, attributes=attributes)


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


def _native_prompt(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    """A command that the client carries out itself (/model, /quit) asks no model for anything."""
    seen = ObservationKind.NOTE if attributes.get(claude_native.COMMAND_SOURCE) == "builtin" else ObservationKind.PROMPT
    return Observation(session_id, time_ns, seen, source, _prompt(attributes), _prompt(attributes), attributes=attributes)


def _decision(session_id: str, time_ns: int, attributes: Attributes, source: Source) -> Observation:
    is_rejected = attributes.get(claude_native.DECISION) == "reject"
    seen, why = (ObservationKind.TOOL_ENDED, "denied") if is_rejected else (ObservationKind.TOOL_RUNNING, "")
    return Observation(session_id, time_ns, seen, source, _call(attributes), _prompt(attributes), reason=why, attributes=attributes)


_LOGS: dict[str, Rule] = {
    SESSION_START_RECORD: _rule(ObservationKind.STARTED, reason=semconv.START_SOURCE),
    SESSION_END_RECORD: _rule(ObservationKind.ENDED, reason=EndReason.SESSION_END.value),
    EventKind.PROCESS_GONE: _rule(ObservationKind.ENDED, reason=EndReason.PROCESS_GONE.value),
    SESSION_CLOSED_RECORD.removeprefix(RECORD_PREFIX): _rule(ObservationKind.ENDED, reason=semconv.END_REASON),
    EventKind.PROMPT_SUBMITTED: _rule(ObservationKind.PROMPT),
    EventKind.TURN_ENDED: _rule(ObservationKind.TURN_ENDED),
    EventKind.TURN_FAILED: _rule(ObservationKind.TURN_ENDED, reason="failure"),
    EventKind.TOOL_STARTED: _rule(ObservationKind.TOOL_STARTED, _call),
    EventKind.TOOL_ENDED: _rule(ObservationKind.TOOL_ENDED, _call),
    EventKind.TOOL_FAILED: _rule(ObservationKind.TOOL_ENDED, _call),
    EventKind.PERMISSION_DENIED: _rule(ObservationKind.TOOL_ENDED, _call, "denied"),
    EventKind.TOOL_INTERRUPTED: _rule(ObservationKind.TOOL_ENDED, _call, "interrupted"),
    EventKind.TOOL_RUNNING: _rule(ObservationKind.TOOL_RUNNING, _call),
    EventKind.TURN_QUIET: _rule(ObservationKind.TURN_ENDED, reason="interrupted"),
    EventKind.TURN_INTERRUPTED: _rule(ObservationKind.INTERRUPTED, reason="interrupted"),
    EventKind.TOOL_BATCH_ENDED: _rule(ObservationKind.BATCH_ENDED),
    EventKind.PERMISSION_REQUESTED: _rule(ObservationKind.WAIT_STARTED, _call, "permission"),
    EventKind.ELICITATION_REQUESTED: _rule(ObservationKind.WAIT_STARTED, _call, "answer"),
    EventKind.ELICITATION_ANSWERED: _rule(ObservationKind.ANSWERED, _wait),
    EventKind.BACKGROUND_STARTED: _rule(ObservationKind.BACKGROUND_STARTED, _background),
    EventKind.BACKGROUND_ENDED: _rule(ObservationKind.BACKGROUND_ENDED, _background),
    EventKind.SUSPENDED: _rule(ObservationKind.SUSPENDED),
    EventKind.SUBAGENT_STARTED: _rule(ObservationKind.SUBAGENT_STARTED, _agent),
    EventKind.SUBAGENT_ENDED: _rule(ObservationKind.SUBAGENT_ENDED, _agent),
    EventKind.NOTIFICATION: _notification,
    USAGE_RECORD.removeprefix(RECORD_PREFIX): _rule(ObservationKind.USAGE, _request),
    LIMITS_RECORD.removeprefix(RECORD_PREFIX): _rule(ObservationKind.LIMITS),
}

_NATIVE_LOGS: dict[str, Rule] = {
    claude_native.PROMPT_RECORD: _native_prompt,
    claude_native.REQUEST_RECORD: _rule(ObservationKind.USAGE, _request),
    claude_native.DECISION_RECORD: _decision,
    claude_native.RESULT_RECORD: _rule(ObservationKind.TOOL_ENDED, _call),
    claude_native.REQUEST_FAILED_RECORD: _rule(ObservationKind.NOTE),
}
