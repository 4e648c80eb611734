"""Rows of `tool_calls_state`: `tool_calls_spans_mv` and `tool_calls_logs_mv` in Python."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hookline.contract import claude_native
from hookline_collector.store.insert.direct.agent_facts import HOOK, NATIVE, NEVER, TRANSCRIPT, UNSET, LogFacts, SpanFacts, known_evidence, place
from hookline_collector.store.insert.direct.marks import of_moment, of_number, of_text
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, array, date, float64, int64, moment, record, text, uint8

CALLS = RowLayout(
    "tool_calls_state",
    {
        "day": date,
        "session_id": text,
        "call_id": text,
        "source": uint8,
        "tool": text,
        "prompt_id": text,
        "agent": text,
        "user": text,
        "host": text,
        "project": text,
        "branch": text,
        "agent_id": text,
        "mcp_server": text,
        "file_extension": text,
        "background": uint8,
        "requested": moment,
        "started": moment,
        "ended": moment,
        "run_ms": float64,
        "whole_ms": float64,
        "waits": array(record(moment, moment)),
        "last": record(uint8, moment, text, text, text),
        "input_bytes": int64,
        "output_bytes": int64,
        "decision": text,
        "decision_source": text,
        "ending": record(uint8, uint8, moment),
        "said": record(uint8, uint8, uint8, moment, text, text, text),
        "wait_ends": array(record(moment, uint8, uint8, moment)),
        "decided": record(uint8, uint8, moment),
        "place": record(moment, text, text, text),
        "tool_kind": text,
        "process_cpu_ms": int64,
    },
    marked_by={"call_id": of_text, "source": of_number, "requested": of_moment, "started": of_moment, "ended": of_moment},
)
_NATIVE_SPANS = (claude_native.CALL_SPAN, claude_native.RUN_SPAN)
_NOTHING = (0, 0, UNSET)


def call_rows_of_span(span: SpanFacts) -> Iterator[Values]:
    """Yield a call's rows, one a day: its run, the wait for its permission, or the agent's own spans of it."""
    of = span.attributes
    is_wait, is_native = span.name.startswith("wait_permission"), span.name in _NATIVE_SPANS
    call_id = of.first("gen_ai.tool.call.id", "tool_use_id")
    if not call_id or not (is_wait or is_native or span.name.startswith("execute_tool")):
        return
    result = _span_result(span, is_wait, is_native)
    is_known = int(result not in ("", "unknown"))
    error, closed = ("", "") if is_wait else (span.error_type, span.closed_by)
    requested = of["hookline.tool.requested_at"]
    for day in span.days:
        yield {
            **_shared(span, day, call_id),
            "tool": of.first("gen_ai.tool.name", "tool_name"),
            "file_extension": of["file.extension"],
            "background": int(of["hookline.tool.background"] == "true"),
            "requested": NEVER if is_wait else of.moment("hookline.tool.requested_at") if requested else span.started,
            "started": NEVER if is_wait or span.name == claude_native.CALL_SPAN else span.started,
            "ended": UNSET if is_wait else span.ended,
            "run_ms": _run_ms(span),
            "whole_ms": of.decimal("duration_ms") if span.name == claude_native.CALL_SPAN else -1.0,
            "waits": [(span.started, span.ended)] if is_wait else [],
            "last": (is_known, span.ended, result, error, closed),
            "input_bytes": of.whole("hookline.tool.input.size") if of["hookline.tool.input.size"] else -1,
            "output_bytes": of.whole("hookline.tool.output.size") if of["hookline.tool.output.size"] else -1,
            "decision": of["hookline.permission.outcome"],
            "decision_source": "",
            "ending": _NOTHING if is_wait else (span.evidence, span.teller, span.ended),
            "said": (is_known, span.evidence, span.teller, span.ended, result, error, closed),
            "wait_ends": [(span.started, span.evidence, span.teller, span.ended)] if is_wait else [],
            "decided": _NOTHING,
            "place": place(span, span.ended),
            "process_cpu_ms": of.whole("hookline.tool.process_cpu_ms") if of["hookline.tool.process_cpu_ms"] else -1,
        }


def _shared(fact: SpanFacts | LogFacts, day: int, call_id: str) -> dict[str, Any]:
    return {
        "day": day,
        "session_id": fact.session_id,
        "call_id": call_id,
        "source": fact.source,
        "prompt_id": fact.prompt_id,
        "agent": fact.agent,
        "user": fact.user,
        "host": fact.host,
        "project": fact.project,
        "branch": fact.branch,
        "agent_id": fact.agent_id,
        "mcp_server": fact.attributes["hookline.mcp.server.name"],
        "tool_kind": fact.attributes["hookline.tool.kind"],
    }


def _span_result(span: SpanFacts, is_wait: bool, is_native: bool) -> str:
    if is_wait:
        return ""
    if not is_native:
        return span.outcome
    return {"true": "success", "false": "failure"}.get(span.attributes["success"], "")


def _run_ms(span: SpanFacts) -> float:
    if span.attributes["hookline.tool.run_ms"]:
        return span.attributes.decimal("hookline.tool.run_ms")
    return span.attributes.decimal("duration_ms") if span.name == claude_native.RUN_SPAN else -1.0


def call_rows_of_log(log: LogFacts) -> Iterator[Values]:
    """Yield a call's rows, one a day: what came of it, who decided that it may run, that a person said No or stopped it."""
    of, name = log.attributes, log.name
    call_id = of.first("tool_use_id", "gen_ai.tool.call.id")
    if not call_id or not _tells_of_a_call(log):
        return
    is_native = log.source == NATIVE
    is_result = name == "tool_result" or (not is_native and name in ("tool_ended", "tool_failed"))
    is_rejected = of["decision"] == "reject" or name == "permission_denied"
    is_end = is_result or is_rejected or name == "tool_interrupted"
    is_decision = is_rejected or (name == "tool_decision" and of["source"].startswith("user"))
    is_timed, known = bool(of["duration_ms"]), known_evidence(of)
    result = _log_result(log, is_rejected, is_result)
    for day in log.days:
        yield {
            **_shared(log, day, call_id),
            "tool": of.first("tool_name", "gen_ai.tool.name"),
            "file_extension": "",
            "background": 0,
            "requested": log.began if is_native or name == "tool_started" or is_timed else NEVER,
            "started": _started(log, is_native and is_result, is_result and is_timed),
            "ended": log.time if is_end else UNSET,
            "run_ms": of.decimal("duration_ms") if is_result and is_timed else -1.0,
            "whole_ms": -1.0,
            "waits": [],
            "last": (int(result != ""), log.time, result, of["error_type"], ""),
            "input_bytes": of.whole("tool_input_size_bytes") if of["tool_input_size_bytes"] else -1,
            "output_bytes": of.whole("tool_result_size_bytes") if of["tool_result_size_bytes"] else -1,
            "decision": "accepted" if of["decision"] == "accept" else "denied" if is_rejected else "",
            "decision_source": of["source"] if name == "tool_decision" else "",
            "ending": (known, log.teller, log.time) if is_end else _NOTHING,
            "said": (int(result != ""), known, log.teller, log.time, result, of.first("error_type", "error.type"), ""),
            "wait_ends": [],
            "decided": (known, log.teller, log.time) if is_decision else _NOTHING,
            "place": place(log, log.time),
            "process_cpu_ms": -1,
        }


def _tells_of_a_call(log: LogFacts) -> bool:
    if log.source == NATIVE:
        return log.name in ("tool_result", "tool_decision")
    if log.source not in (TRANSCRIPT, HOOK):
        return False
    return log.name in ("permission_denied", "tool_interrupted") or (log.teller == 3 and log.name in ("tool_started", "tool_ended", "tool_failed"))


def _started(log: LogFacts, is_native_result: bool, is_timed_result: bool) -> int:
    if is_native_result:
        return log.began
    if log.name == "tool_started":
        return log.time
    return log.began if is_timed_result else NEVER


def _log_result(log: LogFacts, is_rejected: bool, is_result: bool) -> str:
    if is_rejected:
        return "denied"
    if log.name == "tool_interrupted":
        return "interrupted"
    if not is_result:
        return ""
    if said := log.attributes["hookline.outcome"]:
        return said
    return "success" if log.attributes["success"] == "true" or log.name == "tool_ended" else "failure"
