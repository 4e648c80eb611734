"""Rows of `usage_state` and `usage_limits_state`: `usage_mv` and `usage_limits_mv` in Python."""

from __future__ import annotations

from collections.abc import Iterator

from hookline.system.clock import NS_PER_S
from hookline_collector.store.insert.direct.agent_facts import LogFacts
from hookline_collector.store.insert.direct.attribute_texts import Odd
from hookline_collector.store.insert.direct.marks import of_moment, of_number, of_text
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, date, float64, int64, moment, second, text, uint8

USAGE = RowLayout(
    "usage_state",
    {
        "day": date,
        "request_key": text,
        "source": uint8,
        "has_id": uint8,
        "session_id": text,
        "prompt_id": text,
        "time": moment,
        "model": text,
        "agent": text,
        "user": text,
        "account": text,
        "host": text,
        "project": text,
        "branch": text,
        "agent_id": text,
        "is_subagent": uint8,
        "input_tokens": int64,
        "output_tokens": int64,
        "cache_read_tokens": int64,
        "cache_creation_tokens": int64,
        "cache_1h_tokens": int64,
        "client_cost_usd": float64,
        "duration_ms": float64,
    },
    marked_by={"request_key": of_text, "source": of_number, "time": of_moment},
)
LIMITS = RowLayout(
    "usage_limits_state",
    {"account": text, "kind": text, "resets_at": second, "minute": second, "session_id": text, "observed": moment, "used_percent": float64},
)
_LATEST_S = 2**32


def usage_rows(log: LogFacts) -> Iterator[Values]:
    """Yield a request's row, from the agent's own record or from a transcript. Answers that the client made up itself are no requests."""
    of, is_transcript = log.attributes, log.name == "usage"
    if log.name not in ("api_request", "usage") or log.model == "<synthetic>":  # whoever says it: the view asks nothing else
        return
    request = of["hookline.request.id" if is_transcript else "request_id"]
    answer = of["gen_ai.response.id"]
    if is_transcript and not request and not answer:
        return
    by_time = f"at:{log.session_id}:{log.time}:{of['event.sequence']}"
    is_subagent = log.agent_id or of["hookline.usage.sidechain"] == "true" or of["query_source"].startswith("agent")
    yield {
        "day": log.day,
        "request_key": request or (f"message:{answer}" if is_transcript else by_time),
        "source": 1 if is_transcript else 2,
        "has_id": int(request != ""),
        "session_id": log.session_id,
        "prompt_id": log.prompt_id,
        "time": log.time,
        "model": log.model,
        "agent": log.agent,
        "user": log.user,
        "account": of.first("hookline.account", "user.account_uuid"),
        "host": log.host,
        "project": log.project,
        "branch": log.branch,
        "agent_id": log.agent_id,
        "is_subagent": int(bool(is_subagent)),
        "input_tokens": _input_tokens(log, is_transcript),
        "output_tokens": of.whole("gen_ai.usage.output_tokens" if is_transcript else "output_tokens"),
        "cache_read_tokens": of.whole("gen_ai.usage.cache_read.input_tokens" if is_transcript else "cache_read_tokens"),
        "cache_creation_tokens": of.whole("gen_ai.usage.cache_creation.input_tokens" if is_transcript else "cache_creation_tokens"),
        "cache_1h_tokens": of.whole("hookline.usage.cache_creation_1h" if is_transcript else "cache_creation_1h_tokens"),
        "client_cost_usd": of.decimal("cost_usd") if of["cost_usd"] else -1.0,
        "duration_ms": of.decimal("duration_ms"),
    }


def _input_tokens(log: LogFacts, is_transcript: bool) -> int:
    of = log.attributes
    if not is_transcript:
        return of.whole("input_tokens")
    if of["hookline.usage.uncached_input_tokens"]:
        return of.whole("hookline.usage.uncached_input_tokens")
    cached = of.whole("gen_ai.usage.cache_read.input_tokens") + of.whole("gen_ai.usage.cache_creation.input_tokens")
    return max(0, of.whole("gen_ai.usage.input_tokens") - cached)


def limit_rows(log: LogFacts) -> Iterator[Values]:
    """Yield what the client's status line said of the account's limits, a row a kind of window. Raises Odd."""
    if log.name != "limits":
        return
    of = log.attributes
    for kind in ("five_hour", "seven_day"):
        resets_at = int(of.decimal(f"hookline.limits.{kind}.resets_at"))
        if resets_at >= _LATEST_S:
            raise Odd("a window that ends after 2106")
        if resets_at:
            yield {
                "account": of["hookline.account"] or log.user,
                "kind": kind,
                "resets_at": resets_at,
                "minute": log.time // NS_PER_S // 60 * 60,
                "session_id": log.session_id,
                "observed": log.time,
                "used_percent": of.decimal(f"hookline.limits.{kind}.used_percent"),
            }
