"""Rows of `activity_state`, `places_state` and `suspends_state`: the views of the same names in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from hookline.contract import claude_native
from hookline_collector.store.insert.direct.agent_facts import HOOK, NATIVE, NEVER, TRANSCRIPT, UNSET, LogFacts, SpanFacts, known_evidence, place
from hookline_collector.store.insert.direct.marks import of_moment, of_moments, of_number, of_text
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, array, date, int64, moment, record, text, uint8, uint64
from hookline_collector.store.insert.direct.sip_hash import sip_hash

ACTIVITY = RowLayout(
    "activity_state",
    {
        "day": date,
        "session_id": text,
        "prompt_id": text,
        "kind": text,
        "id": text,
        "source": uint8,
        "started": moment,
        "linked_prompt": text,
        "ended": moment,
        "is_span": uint8,
        "last": record(moment, uint8, text, text, text),
        "reason": text,
        "agent": text,
        "user": text,
        "host": text,
        "project": text,
        "branch": text,
        "revision": text,
        "model": text,
        "agent_id": text,
        "prompt_length": int64,
        "ending": record(uint8, uint8, moment, uint8, text, text, text),
        "seen": record(moment, uint8),
        "call_id": text,
        "place": record(moment, text, text, text),
        "is_script": uint8,
        "absorbed": array(uint64),
    },
    marked_by={"id": of_text, "source": of_number, "started": of_moment, "ended": of_moment},
)
PLACES = RowLayout(
    "places_state",
    {"day": date, "session_id": text, "prompt_id": text, "project": text, "branch": text, "revision": text, "times": array(moment)},
    marked_by={"prompt_id": of_text, "times": of_moments},
)
SUSPENDS = RowLayout(
    "suspends_state",
    {"day": date, "session_id": text, "woke": moment, "slept": moment},
    marked_by={"woke": of_moment, "slept": of_moment},
)
_ENDS = ("turn_ended", "turn_failed", "turn_interrupted", "turn_quiet")
_SIGNS_OF_LIFE = frozenset(
    {
        *("prompt_submitted", "tool_started", "tool_running", "tool_ended", "tool_failed", "tool_interrupted", "tool_batch_ended"),
        *("permission_requested", "permission_denied", "elicitation_requested", "elicitation_answered"),
        *_ENDS,
    }
)
_NATIVE_SIGNS = ("user_prompt", "api_request", "api_error", "tool_result", "assistant_response")


def activity_rows_of_span(span: SpanFacts) -> Iterator[Values]:
    """Yield an interval's rows, one a day."""
    kind, of = _span_kind(span), span.attributes
    if not kind:
        return
    for day in span.days:
        yield {
            **_shared(span, day),
            "prompt_id": span.prompt_id,
            "kind": kind,
            "id": span.prompt_id if kind == "turn" and span.source != NATIVE else span.span_id,
            "started": span.started,
            "linked_prompt": "",
            "ended": span.ended,
            "is_span": 1,
            "last": (span.ended, 1, span.outcome, span.closed_by, span.error_type),
            "reason": _span_reason(span, kind),
            "prompt_length": of.whole("user_prompt_length" if span.source == NATIVE else "hookline.prompt.length"),
            "ending": (span.evidence, span.teller, span.ended, 1, span.outcome, span.closed_by, span.error_type),
            "seen": (span.started, 0),
            "call_id": of["gen_ai.tool.call.id"] if kind in ("wait", "handover") else "",
            "place": place(span, span.ended),
            "absorbed": [],
        }


def _shared(fact: SpanFacts | LogFacts, day: int) -> dict[str, Any]:
    return {
        "day": day,
        "session_id": fact.session_id,
        "source": fact.source,
        "agent": fact.agent,
        "user": fact.user,
        "host": fact.host,
        "project": fact.project,
        "branch": fact.branch,
        "revision": fact.revision,
        "model": fact.model,
        "agent_id": fact.agent_id,
        "is_script": fact.is_script,
    }


def _span_kind(span: SpanFacts) -> str:
    name, of = span.name, span.attributes
    if name.startswith("invoke_agent"):
        return "subagent" if span.agent_id else "turn"
    if name == claude_native.TURN_SPAN:
        return "turn"
    if name.startswith("compact_context"):
        return "compaction"
    if name.startswith("wait_") or (name == claude_native.WAIT_SPAN and of["source"].startswith("user")):
        return "wait"
    is_handover = name.startswith("execute_tool") and of["gen_ai.tool.name"] in ("Agent", "Task") and of["hookline.tool.background"] != "true"
    return "handover" if is_handover else ""


def _span_reason(span: SpanFacts, kind: str) -> str:
    if span.name == claude_native.WAIT_SPAN:
        return "permission"
    return span.attributes["hookline.prompt.source" if kind == "turn" else "hookline.wait.reason"]


class _Interval(NamedTuple):
    """One thing that a record tells of."""

    kind: str
    id: str
    prompt_id: str
    started: int
    ended: int
    linked: str
    evidence: int


def activity_rows_of_log(log: LogFacts) -> Iterator[Values]:
    """Yield the rows of every interval of which a record tells, one a day."""
    of, name = log.attributes, log.name
    is_command = _is_command(log)
    is_absorbed = name == "prompt_submitted" and of["hookline.prompt.source"] == "absorbed"
    error = of["error"] if name == "api_error" else of["error.type"] if name == "turn_failed" else ""
    for part in _intervals(log, is_command):
        said = _said(name, part.kind)
        is_turn = part.kind == "turn"
        row = {
            "prompt_id": part.prompt_id,
            "kind": part.kind,
            "id": part.id,
            "started": part.started,
            "linked_prompt": part.linked,
            "ended": part.ended,
            "is_span": 0,
            "last": (part.ended, 0, said, "", error),
            "reason": _log_reason(log, part.kind, is_command, is_absorbed),
            "prompt_length": _prompt_length(log, is_absorbed),
            "ending": (part.evidence, log.teller, part.ended, 0, said, "", error),
            "seen": (log.time, _asks(log)) if is_turn and name not in _ENDS else (UNSET, 0),
            "call_id": of.first("tool_use_id", "gen_ai.tool.call.id") if part.kind in ("wait", "handover") else "",
            "place": place(log, log.time),
            "absorbed": [sip_hash(of["log.record.uid"])] if is_turn and is_absorbed else [],
        }
        for day in log.days:
            yield {**_shared(log, day), **row}


def _is_command(log: LogFacts) -> bool:
    return log.name == "user_prompt" and log.attributes["command_source"] == "builtin"


def _intervals(log: LogFacts, is_command: bool) -> Iterator[_Interval]:
    if log.source in (TRANSCRIPT, HOOK):
        yield from _of_hooks(log)
    elif log.source == NATIVE:
        yield from _of_the_agent(log, is_command)


def _is_main(log: LogFacts) -> bool:
    return not log.agent_id and not log.attributes["query_source"].startswith("agent")


def _of_hooks(log: LogFacts) -> Iterator[_Interval]:
    prompt, time, known = log.prompt_id, log.time, known_evidence(log.attributes)
    counts = log.name in _SIGNS_OF_LIFE and (log.source == HOOK or log.name == "turn_interrupted")
    if prompt and counts and _is_main(log):
        yield _Interval("turn", prompt, prompt, time, time, "", known if log.name in _ENDS else 0)
    call = log.attributes.first("tool_use_id", "gen_ai.tool.call.id")
    if log.name == "permission_denied" and call and prompt:
        yield _Interval("wait", f"decided:{call}", prompt, NEVER, time, "", known)


def _of_the_agent(log: LogFacts, is_command: bool) -> Iterator[_Interval]:
    of, name, prompt = log.attributes, log.name, log.prompt_id
    if prompt and not is_command and name in _NATIVE_SIGNS and _is_main(log):
        yield _Interval("turn", prompt, prompt, log.began, log.time, "", 1)
    if name in ("subagent_completed", "compaction"):
        kind = "compaction" if name == "compaction" else "subagent"
        yield _Interval(kind, f"{log.span_id}{log.time}", prompt, log.began, log.time, "", 3)
    if name == "tool_result" and of["tool_name"] in ("Agent", "Task"):
        yield _Interval("handover", of["tool_use_id"], prompt, log.began, log.time, "", 3)
    if name == "tool_result" and of["tool_name"] in ("AskUserQuestion", "ExitPlanMode"):
        yield _Interval("wait", of["tool_use_id"], prompt, log.began, log.time, "", 3)
    if name == "user_prompt" and log.span_id:
        yield _Interval("turn", log.span_id, "", NEVER, UNSET, prompt, 0)
    if name == "tool_decision" and of["source"].startswith("user"):
        if log.span_id:
            yield _Interval("wait", log.span_id, "", NEVER, UNSET, prompt, 0)
        if call := of.first("tool_use_id", "gen_ai.tool.call.id"):
            yield _Interval("wait", f"decided:{call}", prompt, NEVER, log.time, "", 3)


def _said(name: str, kind: str) -> str:
    if name in ("api_error", "turn_failed"):
        return "failure"
    if name in ("turn_interrupted", "turn_quiet"):
        return "interrupted"
    if name == "turn_ended":
        return "success"
    return "denied" if name == "permission_denied" and kind == "wait" else ""


def _log_reason(log: LogFacts, kind: str, is_command: bool, is_absorbed: bool) -> str:
    of = log.attributes
    if kind == "turn":
        return "command" if is_command else "" if is_absorbed else of["hookline.prompt.source"]
    if kind != "wait":
        return ""
    return of["hookline.wait.reason"] or ("answer" if log.name == "tool_result" else "permission")


def _prompt_length(log: LogFacts, is_absorbed: bool) -> int:
    if log.name not in ("user_prompt", "prompt_submitted") or is_absorbed:
        return 0
    return log.attributes.whole("prompt_length" if log.attributes["prompt_length"] else "hookline.prompt.length")


def _asks(log: LogFacts) -> int:
    if log.name not in ("permission_requested", "elicitation_requested"):
        return 0
    return 4 if log.name == "elicitation_requested" or log.attributes["hookline.wait.reason"] == "answer" else 3


def place_rows(log: LogFacts) -> Iterator[Values]:
    """Yield in which place a session of a prompt was seen, from the records of hooks."""
    if log.source == HOOK and log.prompt_id and log.project and not log.agent_id:
        yield {
            "day": log.day,
            "session_id": log.session_id,
            "prompt_id": log.prompt_id,
            "project": log.project,
            "branch": log.branch,
            "revision": log.revision,
            "times": [log.time],
        }


def suspend_rows(log: LogFacts) -> Iterator[Values]:
    """Yield while which time the machine slept, a row on each day."""
    if log.name == "suspended" and log.began < log.time:
        for day in log.days:
            yield {"day": day, "session_id": log.session_id, "woke": log.time, "slept": log.began}
