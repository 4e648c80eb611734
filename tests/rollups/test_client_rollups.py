"""What clients tell of their times is the same before and after it was worked out, whatever comes late or twice, and when the spans are gone."""

from __future__ import annotations

from typing import Any

import pytest

from hookline_collector.rollups.client_rollups import client_rollups
from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.shop_telemetry import NOON_NS, NS, Served, Told, of_logs, of_spans
from support.stores import emptied_store, fresh_token

__all__ = ["emptied_store"]
pytestmark = pytest.mark.long
AGENT = {"service.name": "claude-code", "service.version": "2.1", "user.name": "ana"}
TIMES = """SELECT what, toUnixTimestamp64Nano(time), session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM client_timings_between(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}) ORDER BY ALL"""


def request(number: int, at_s: int, **more: Any) -> Served:
    known = {"session.id": "s1", "gen_ai.request.model": "opus", "ttft_ms": 250, **more}
    return Served("claude_code.llm_request", NOON_NS + at_s * NS, 2.0, known, number.to_bytes(16, "big"), number.to_bytes(8, "big"), kind=1)


def hook(at_s: int) -> Told:
    known = {"event.name": "hook_execution_complete", "session.id": "s1", "hook_event": "Stop", "num_hooks": "2", "total_duration_ms": "40"}
    return Told("", NOON_NS + at_s * NS, known)


def send(store: Store, *spans: Served) -> None:
    store.insert(Signal.TRACES, of_spans(AGENT, spans, "com.anthropic.claude_code.tracing"), fresh_token())


def asked(store: Store) -> list[tuple[Any, ...]]:
    return list(store.query(TIMES, {"since": NOON_NS // NS, "until": NOON_NS // NS + 5 * HOUR_S}).rows)


def rolled(store: Store, after_s: float) -> int:
    return client_rollups(store, lambda: NOON_NS // NS + after_s).catch_up()


def test_times_are_the_same_before_and_after_they_were_worked_out(emptied_store: Store) -> None:
    """An hour that is over, the one behind it, a late span, one told twice, and what is left when the spans were dropped."""
    other = Served("GET /", NOON_NS, 0.1, {}, b"\1" * 16, b"\1" * 8)
    call = {"session.id": "s1", "gen_ai.tool.call.id": "toolu_1"}
    run = Served("claude_code.tool.execution", NOON_NS + 9 * NS, 0.5, call, b"\2" * 16, b"\2" * 8, kind=1)
    send(emptied_store, request(1, 5), request(2, HOUR_S + 5, ttft_ms=""), run, other)
    emptied_store.insert(Signal.LOGS, of_logs(AGENT, [hook(7), hook(HOUR_S + 8)], "com.anthropic.claude_code.events"), fresh_token())
    before = asked(emptied_store)
    assert [(row[0], row[5], row[6], row[7], row[8], row[9]) for row in before] == [
        ("claude_code.llm_request", "opus", "", 2.0, 0.25, 0),
        ("claude_code.llm_request", "opus", "", 2.0, None, 0),
        ("claude_code.tool.execution", "", "toolu_1", 0.5, None, 0),
        ("hook_execution_complete", "Stop", "", 0.04, None, 2),
        ("hook_execution_complete", "Stop", "", 0.04, None, 2),
    ]
    assert {row[2:5] for row in before} == {("s1", "claude-code", "2.1")}
    assert rolled(emptied_store, HOUR_S + GRACE_S - 1) == 0
    assert rolled(emptied_store, HOUR_S + GRACE_S) == 2  # an hour of spans and one of records
    assert rolled(emptied_store, HOUR_S + GRACE_S) == 0
    assert asked(emptied_store) == before
    send(emptied_store, request(3, 6), request(1, 5))
    assert rolled(emptied_store, HOUR_S + GRACE_S) == 1
    assert len(asked(emptied_store)) == len(before) + 1
    for table in ("otel_traces", "otel_logs"):
        emptied_store.command(f"TRUNCATE TABLE {table}")
    assert rolled(emptied_store, HOUR_S + GRACE_S) == 0
    assert len(asked(emptied_store)) == len(before) + 1 - 2  # the hour that was not over
