"""Ten thousand spans of a session, in the place of what a collector tells: what the waterfall must bear."""

from __future__ import annotations

import time
from typing import Any

from support.agent_records import T0


def ten_thousand_spans(session_id: str, begun: int = T0 // 1_000_000) -> dict[str, Any]:
    """Return what `/api/v1/sessions/ID/spans` answers about a hundred prompts with ninety-nine calls each, from a moment on (Unix ms)."""
    spans = [_span(f"turn:{n}", "", "turn", begun + n * 60_000, 50_000) for n in range(100)]
    spans += [_span(f"call:{n}", f"turn:{n // 99}", "call", begun + (n // 99) * 60_000 + (n % 99) * 500, 300) for n in range(9_900)]
    return {"session_id": session_id, "spans": spans, "offset": 0, "has_more_spans": False, "is_fresh": True}


def _span(span_id: str, parent_id: str, kind: str, started_ms: int, length_ms: int) -> dict[str, Any]:
    empty = dict.fromkeys(("error_type", "waiting_for", "prompt_id", "call_id", "agent_id"), "")
    name = "user" if kind == "turn" else f"tool {span_id.partition(':')[2]}"
    known = {"span_id": span_id, "parent_id": parent_id, "kind": kind, "name": name, "outcome": "success", "evidence": "observed"}
    moments = {"started": _iso(started_ms), "ended": _iso(started_ms + length_ms)}
    return {**empty, **known, **moments, "is_open": False, "wait_s": 0.0, "total_tokens": 0, "cost_usd": None, "process_cpu_s": None}


def _iso(ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03d}Z"
