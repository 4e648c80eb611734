"""Rows of `sessions_state`: `sessions_spans_mv` and `sessions_logs_mv` in Python."""

from __future__ import annotations

from hookline.contract import claude_native
from hookline_collector.store.insert.direct.agent_facts import HOOK, NEVER, UNSET, LogFacts, SpanFacts
from hookline_collector.store.insert.direct.marks import of_moment, of_text
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, array, moment, record, text, uint8, uint64
from hookline_collector.store.insert.direct.sip_hash import sip_hash

_KNOWN = record(uint8, uint8, moment, text)
SESSIONS = RowLayout(
    "sessions_state",
    {
        "session_id": text,
        "started": moment,
        "last": moment,
        "active": moment,
        "ends": array(record(moment, text, text)),
        "agent": text,
        "user": _KNOWN,
        "host": _KNOWN,
        "project": _KNOWN,
        "branch": _KNOWN,
        "model": _KNOWN,
        "previous_id": text,
        "start_source": record(uint8, moment, text),
        "prompts": array(uint64),
        "calls": array(uint64),
        "failures": array(uint64),
        "sources": uint8,
        "starts": array(moment),
        "notices": array(uint64),
        "absorbed": array(uint64),
        "stopped": array(uint64),
        "is_script": uint8,
        "place": record(uint8, uint8, moment, text, text, text),
    },
    marked_by={"session_id": of_text, "started": of_moment, "last": of_moment, "active": of_moment},
)
_ACTIVE = frozenset(
    {
        *("session.start", "prompt_submitted", "tool_started", "tool_ended", "tool_failed", "permission_requested"),
        *("subagent_started", "subagent_ended", "turn_ended", "turn_failed", "compaction_started", "compaction_ended"),
        *("user_prompt", "api_request", "tool_result", "tool_decision"),
    }
)


def session_row_of_span(span: SpanFacts) -> Values:
    """Return what a span says of its session."""
    of, name = span.attributes, span.name
    call = of.first("gen_ai.tool.call.id", "tool_use_id")
    is_call = bool(call) and (name.startswith("execute_tool") or name in (claude_native.CALL_SPAN, claude_native.RUN_SPAN))
    is_turn = bool(span.prompt_id) and name.startswith("invoke_agent") and not span.agent_id
    is_failure = span.outcome == "failure" or of["success"] == "false"
    is_stopped = span.evidence == 3 and span.outcome in ("interrupted", "denied")
    return {
        "session_id": span.session_id,
        "started": span.started,
        "last": span.ended,
        "active": span.ended if span.source == HOOK and not span.closed_by else span.started,
        "ends": [],
        "agent": span.agent,
        **_known(span, span.ended, span.model),
        "previous_id": "",
        "start_source": (0, UNSET, ""),
        "prompts": _hashed(is_turn, span.prompt_id),
        "calls": _hashed(is_call, call),
        "failures": _hashed(is_call and is_failure, call),
        "sources": 1 << span.source,
        "starts": [],
        "notices": _hashed(is_turn and of["hookline.prompt.source"] == "task_notification", span.prompt_id),
        "absorbed": [],
        "stopped": _hashed(is_call and is_stopped, call),
        "is_script": span.is_script,
    }


def _known(fact: SpanFacts | LogFacts, at: int, model: str) -> Values:
    said = {"user": fact.user, "host": fact.host, "project": fact.project, "branch": fact.branch, "model": model}
    known = {name: (int(value != ""), fact.source, at, value) for name, value in said.items()}
    return {**known, "place": (int(fact.project != ""), fact.source, at, fact.project, fact.branch, fact.revision)}


def _hashed(counts: bool, value: str) -> list[int]:
    return [sip_hash(value)] if counts else []


def session_row_of_log(log: LogFacts) -> Values:
    """Return what a record says of its session: starts, ends, and everything that shows life."""
    of, name = log.attributes, log.name
    how = _how_it_ended(log)
    shows_life = (not how or name == "session.end") and name != "suspended"
    call = of.first("gen_ai.tool.call.id", "tool_use_id")
    is_prompt = name == "prompt_submitted" or (name == "user_prompt" and of["command_source"] != "builtin")
    of_agent = bool(log.agent_id) or of["query_source"].startswith("agent")
    start_source = of["hookline.session.start_source"]
    is_observed = of["hookline.evidence"] in ("", "observed")
    return {
        "session_id": log.session_id,
        "started": log.began if shows_life else NEVER,
        "last": log.time if shows_life else UNSET,
        "active": log.time if name in _ACTIVE else UNSET,
        "ends": [(log.time, how, of["hookline.session.end_reason"] if name == "session.end" else "")] if how else [],
        "agent": log.agent,
        **_known(log, log.time, "" if of_agent else log.model),
        "previous_id": of["session.previous_id"],
        "start_source": (int(start_source != ""), log.time, start_source),
        "prompts": _hashed(bool(log.prompt_id) and is_prompt, log.prompt_id),
        "calls": _hashed(bool(call), call),
        "failures": _hashed(bool(call) and _is_failure(log), call),
        "sources": 1 << log.source,
        "starts": [log.time] if name == "session.start" and start_source != "compact" else [],
        "notices": _hashed(bool(log.prompt_id) and of["hookline.prompt.source"] == "task_notification", log.prompt_id),
        "absorbed": _hashed(name == "prompt_submitted" and of["hookline.prompt.source"] == "absorbed", of["log.record.uid"]),
        "stopped": _hashed(bool(call) and is_observed and name in ("permission_denied", "tool_interrupted"), call),
        "is_script": log.is_script,
    }


def _how_it_ended(log: LogFacts) -> str:
    if log.name == "session.end":
        return "session_end"
    if log.name == "process_gone":
        return "process_gone"
    return log.attributes["hookline.session.end_reason"] if log.name == "session.closed" else ""


def _is_failure(log: LogFacts) -> bool:
    if log.name == "tool_failed":
        return log.attributes["hookline.outcome"] in ("", "failure")
    return log.name == "tool_result" and log.attributes["success"] == "false"
