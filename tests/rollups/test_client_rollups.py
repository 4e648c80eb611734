"""What clients tell of their times is the same before and after it was worked out, whatever comes late or twice, and when the spans are gone."""

from __future__ import annotations

from typing import Any

import pytest

from hookline_collector.panels.dashboard_files import built_dashboards
from hookline_collector.panels.panel_macros import PanelRange, expand
from hookline_collector.rollups.client_rollups import client_rollups
from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.schema.migrations import migrations, placeholders
from support.shop_telemetry import NOON_NS, NS, Served, Told, of_logs, of_spans
from support.soaking import share
from support.stores import emptied_store, fresh_token

__all__ = ["emptied_store"]
pytestmark = pytest.mark.long
AGENT = {"service.name": "claude-code", "service.version": "2.1", "user.name": "ana"}
TIMES = """SELECT what, toUnixTimestamp64Nano(time), session_id, service, version, name, call_id, seconds, first_token_s, hooks
FROM client_timings_between(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}) ORDER BY ALL"""

FIRST_TOKENS, VERSIONS, HOOKS, HOOK_COSTS = 10, 12, 15, 16
RANGES = ((6, HOUR_S + 6), (5, 8), (HOUR_S - 1, HOUR_S + 9), (7, 2 * HOUR_S))
"""Parts of hours, of one alone, and a whole one beside a part; from noon on."""
STEPS = {60: (6, HOUR_S + 6), HOUR_S: (0, 3 * HOUR_S)}


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


def shown(store: Store, panel: int, since_s: int, until_s: int, step_s: int) -> list[tuple[Any, ...]]:
    """Ask a panel of Latency, without filters, for what lies between two moments after noon."""
    since_ms, until_ms = ((NOON_NS // NS + at_s) * 1000 for at_s in (since_s, until_s))
    [statement] = built_dashboards()["hookline-latency"].panels[panel].statements
    asked = expand(statement.sql, PanelRange(since_ms, until_ms, step_s * 1000), {})
    return [tuple(round(each, 9) if isinstance(each, float) else each for each in row) for row in store.query(asked.sql, asked.parameters)]


def all_shown(store: Store) -> dict[tuple[int, ...], list[tuple[Any, ...]]]:
    found: dict[tuple[int, ...], list[tuple[Any, ...]]] = {}
    for panel in (VERSIONS, HOOK_COSTS):
        found |= {(panel, *at): shown(store, panel, *at, 60) for at in RANGES}
    for panel in (FIRST_TOKENS, HOOKS):
        found |= {(panel, step_s): shown(store, panel, *at, step_s) for step_s, at in STEPS.items()}
    return found


def test_panels_show_the_same_before_and_after_hours_were_worked_out(emptied_store: Store) -> None:
    """Whatever part of an hour is asked for, in steps of minutes and of hours."""
    call = {"session.id": "s1", "gen_ai.tool.call.id": "toolu_1"}
    run = Served("claude_code.tool.execution", NOON_NS + 9 * NS, 0.5, call, b"\2" * 16, b"\2" * 8, kind=1)
    send(
        emptied_store,
        *(request(n, at_s, ttft_ms=n * 100) for n, at_s in enumerate((5, 6, 7, HOUR_S + 5, HOUR_S + 8), 3)),
        request(9, 6, ttft_ms=""),
        run,
    )
    hooks = [hook(at_s) for at_s in (5, 7, HOUR_S - 1, HOUR_S, HOUR_S + 8)]
    emptied_store.insert(Signal.LOGS, of_logs(AGENT, hooks, "com.anthropic.claude_code.events"), fresh_token())
    told = all_shown(emptied_store)
    assert [row[2] for row in told[VERSIONS, 5, 8]] == [4]
    assert [row[1] for row in told[HOOK_COSTS, *RANGES[2]]] == [3]
    assert rolled(emptied_store, 2 * HOUR_S + GRACE_S) == 4
    for table in ("otel_traces", "otel_logs"):
        emptied_store.command(f"TRUNCATE TABLE {table}")
    assert all_shown(emptied_store) == told


@pytest.mark.parametrize("ran", share([3], [0, 2, 3], [0, 2, 3]))
def test_times_of_before_are_worked_out_again(emptied_store: Store, ran: int) -> None:
    """Of the spans and records that are there, also where a start was killed after some statements of the migration."""
    send(emptied_store, request(1, 5), request(2, 6, ttft_ms=""), request(3, HOUR_S + 5))
    emptied_store.insert(Signal.LOGS, of_logs(AGENT, [hook(7)], "com.anthropic.claude_code.events"), fresh_token())
    assert rolled(emptied_store, 2 * HOUR_S + GRACE_S) == 3
    before = asked(emptied_store)
    emptied_store.command("TRUNCATE TABLE client_hours")
    [migration] = [each for each in migrations() if each.name == "0109_client_hours"]
    statements = migration.statements(placeholders(emptied_store._settings.store))
    for statement in (*statements[:ran], *statements):
        emptied_store.command(statement)
    assert rolled(emptied_store, 2 * HOUR_S + GRACE_S) == 3
    assert asked(emptied_store) == before
