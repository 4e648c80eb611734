"""The derived tables on made-up days: what counts as whose time, and what late, lost and odd records do."""

import time

import pytest

from hookline.contract.scopes import CLAUDE_NATIVE_SCOPE_PREFIX, COLLECTOR_SCOPE, HISTORY_SCOPE
from hookline.records import AttributeValue, LogRecord, SpanRecord
from hookline_collector.store import Store
from hookline_collector.work import weekly_windows
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, call, event, send, span, subagent, turn, wait
from support.stores import derived_store as store

__all__ = ["store"]

Part = tuple[str, str, float, float, int]


def activity(store: Store) -> list[Part]:
    """Return kind, reason, from, to (seconds after T0) and agents, in order; as worked out: the view of facts takes ten times as long."""
    assert WorkedStore(store).catch_up(time.time_ns())
    rows = store.query(
        "SELECT kind, reason, toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(ended), agents FROM activity ORDER BY started, ended, kind"
    )
    return [(kind, reason, round((begun - T0) / S, 3), round((ended - T0) / S, 3), agents) for kind, reason, begun, ended, agents in rows]


def test_a_person_reads_and_writes_for_two_minutes_before_a_prompt_at_most(store: Store) -> None:
    """What precedes, back to the last turn's end, is waiting for the prompt; before the first prompt nothing waits."""
    send(
        store, [event("session.start", -500), turn(0, 100), turn(1000, 1100, prompt="p2"), turn(1150, 1200, prompt="p3"), event("session.end", 1300)]
    )
    assert activity(store) == [
        ("human", "prompt", -120, 0, 1),
        ("agent", "turn", 0, 100, 1),
        ("waiting", "prompt", 100, 880, 1),
        ("human", "prompt", 880, 1000, 1),
        ("agent", "turn", 1000, 1100, 1),
        ("human", "prompt", 1100, 1150, 1),
        ("agent", "turn", 1150, 1200, 1),
        ("waiting", "prompt", 1200, 1300, 1),
    ]


def test_a_person_does_not_write_before_the_session_is_there(store: Store) -> None:
    """A session that began eight seconds before its first prompt gives eight seconds."""
    send(store, [event("session.start", -8), turn(0, 10)])
    assert activity(store)[0] == ("human", "prompt", -8, 0, 1)


def test_a_turn_that_the_client_began_itself_is_nobodys_typing(store: Store) -> None:
    """A background task that ended makes the client prompt itself: until then the session waited for the person."""
    send(store, [event("session.start", -500), turn(0, 100), turn(400, 500, prompt="p2", hookline__prompt__source="task_notification")])
    assert activity(store)[1:] == [
        ("agent", "turn", 0, 100, 1),
        ("waiting", "prompt", 100, 400, 1),
        ("agent", "turn", 400, 500, 1),
    ]


def test_waiting_for_a_prompt_ends_with_the_session_and_after_twelve_hours(store: Store) -> None:
    """A session that ended in the evening does not wait all night; one left open waits twelve hours."""
    send(store, [turn(0, 100), event("session.end", 200), turn(50_000, 50_010, prompt="p2")])
    assert ("waiting", "prompt", 100, 200, 1) in activity(store)
    store.command("TRUNCATE TABLE activity_state")
    store.command("TRUNCATE TABLE sessions_state")
    send(store, [turn(0, 100), turn(90_000, 90_010, prompt="p2")])
    assert [each for each in activity(store) if each[0] == "waiting"] == [
        ("waiting", "prompt", 100, 35_200, 1),
        ("waiting", "prompt", 35_200, 43_300, 1),  # of the next day
    ]


def test_of_a_wait_for_a_permission_only_the_last_half_minute_is_the_persons_work(store: Store) -> None:
    """The agent stands still meanwhile, so a long wait breaks a block."""
    send(store, [turn(0, 1000), wait("c1", 100, 700), call("c1", 700, 710)])
    assert activity(store) == [
        ("agent", "turn", 0, 100, 1),
        ("waiting", "permission", 100, 670, 1),
        ("human", "permission", 670, 700, 1),
        ("agent", "turn", 700, 1000, 1),
    ]
    assert [row[0] for row in store.query("SELECT duration_s FROM work_blocks(idle_s = 300) ORDER BY started")] == [100, 330]
    assert [row[0] for row in store.query("SELECT duration_s FROM work_blocks(idle_s = 570) ORDER BY started")] == [1000]
    assert store.query("SELECT run_s, wait_s FROM told_tool_calls").rows == ((10, 600),)


def test_nobody_worked_on_a_wait_that_nobody_answered(store: Store) -> None:
    """A wait that ended with its process or session is waiting to its end."""
    send(store, [turn(0, 50), wait("c1", 10, 50, hookline__closed_by="process_gone")])
    assert activity(store) == [("agent", "turn", 0, 10, 1), ("waiting", "permission", 10, 50, 1)]


def test_agents_side_by_side_count_each_and_a_caller_that_waits_for_one_does_not(store: Store) -> None:
    """Three foreground subagents are three agents, not four; a background one beside the turn makes two, and goes on after it."""
    send(store, [
        turn(0, 100),
        *(call(f"a{n}", 10, 40, tool="Agent") for n in range(3)),
        *(subagent(f"s{n}", 10, 40) for n in range(3)),
        call("b", 60, 61, tool="Agent", hookline__tool__background="true"),
        subagent("bg", 61, 150),
    ])  # fmt: skip
    assert activity(store) == [
        ("agent", "turn", 0, 10, 1),
        ("agent", "turn", 10, 40, 3),
        ("agent", "turn", 40, 61, 1),
        ("agent", "turn", 61, 100, 2),
        ("agent", "turn", 100, 150, 1),
        ("waiting", "prompt", 100, 150, 1),
    ]
    row = store.query("SELECT wall_s, agent_s, human_s FROM work_blocks(idle_s = 0)").rows[0]
    assert row == (150, 10 + 90 + 21 + 78 + 50, 0)


def test_a_subagent_that_waits_stops_no_other(store: Store) -> None:
    """A wait of one of two subagents leaves one at work."""
    send(store, [
        turn(0, 100), call("a", 0, 100, tool="Agent"), call("b", 0, 100, tool="Agent"), subagent("s1", 0, 100), subagent("s2", 0, 100),
        wait("c", 20, 60, gen_ai__agent__id="s1"),
    ])  # fmt: skip
    assert [(begun, ended, n) for kind, _, begun, ended, n in activity(store) if kind == "agent"] == [(0, 20, 2), (20, 60, 1), (60, 100, 2)]


def test_a_foreground_call_whose_subagent_nobody_saw_is_an_agents_time_all_the_same(store: Store) -> None:
    """Handing over is subtracted only where somebody took over."""
    send(store, [turn(0, 100), call("a", 10, 90, tool="Agent")])
    assert [part[2:] for part in activity(store) if part[0] == "agent"] == [(0, 100, 1)]


def test_a_turn_counts_while_it_runs(store: Store) -> None:
    """Before the turn's span is there, its events show how far it came; its span then takes over."""
    events = [event("session.start", -5), event("hookline.prompt_submitted", 0, prompt="p1"), event("hookline.tool_ended", 40, prompt="p1")]
    send(store, events)
    assert store.query("SELECT is_open, outcome FROM told_turns").rows == ((1, "running"),)
    assert ("agent", "turn", 0, 40, 1) in activity(store)
    send(store, [turn(0, 90)])
    assert store.query("SELECT is_open, outcome FROM told_turns").rows == ((0, "success"),)
    assert ("agent", "turn", 0, 90, 1) in activity(store)


def test_a_compaction_that_a_person_asked_for_is_an_agents_work_and_no_prompt(store: Store) -> None:
    """The command names a prompt of its own in its events."""
    send(store, [
        event("hookline.compaction_started", 10, prompt="px"), event("hookline.compaction_ended", 40, prompt="px"),
        span("compact_context", "px", 10, 40, prompt="px"),
    ])  # fmt: skip
    assert store.query("SELECT count() FROM told_turns").scalar() == 0
    assert activity(store) == [("agent", "turn", 10, 40, 1)]


def test_of_two_copies_of_a_span_the_later_end_counts_in_any_order(store: Store) -> None:
    """A span closed by a rule whose own end came late."""
    early = turn(0, 50, hookline__closed_by="timed_out", hookline__outcome="unknown")
    for copies in ([early, turn(0, 90)], [turn(0, 90), early]):
        store.command("TRUNCATE TABLE activity_state")
        for copy in copies:
            send(store, [copy])
        assert store.query("SELECT toUnixTimestamp64Nano(ended), outcome, closed_by FROM told_turns").rows == ((T0 + 90 * S, "success", ""),)


def test_the_hook_outranks_the_transcript_and_the_transcript_fills_what_it_lacks(store: Store) -> None:
    """History read later changes no hook's times, and adds the turns that no hook saw."""
    send(store, [turn(1, 99), call("c1", 5, 7)])
    send(store, [turn(0, 100), call("c1", 4, 8), turn(200, 300, prompt="p0"), call("c0", 201, 202, prompt="p0")], scope=HISTORY_SCOPE)
    assert store.query(
        "SELECT prompt_id, toUnixTimestamp64Nano(started) - {t0:Int64}, source_name FROM told_turns ORDER BY started", {"t0": T0}
    ).rows == (
        ("p1", S, "hook"),
        ("p0", 200 * S, "transcript"),
    )
    assert store.query("SELECT call_id, run_s, from_hook, from_transcript FROM told_tool_calls ORDER BY started").rows == (
        ("c1", 2, 1, 1),
        ("c0", 1, 0, 1),
    )


def test_an_end_counts_only_if_nothing_was_done_after_it(store: Store) -> None:
    """A later prompt reopens a session; the best kind of end that still holds is the one that is shown."""
    query = "SELECT ended_how, ended IS NULL, toUnixTimestamp64Nano(ended) FROM told_sessions"
    send(store, [turn(0, 10), event("hookline.process_gone", 25), event("session.end", 20, hookline__session__end_reason="logout")])
    assert store.query(query).rows == (("session_end", 0, T0 + 20 * S),)
    send(store, [turn(30, 40, prompt="p2")])
    assert store.query(query).rows == (("", 1, None),)
    send(store, [event("hookline.session.closed", 41, hookline__session__end_reason="timed_out")], scope=COLLECTOR_SCOPE)
    assert store.query(query).rows == (("timed_out", 0, T0 + 41 * S),)


def test_the_doctors_probes_and_other_telemetry_derive_nothing(store: Store) -> None:
    """Nothing but agents' records of real sessions reaches the derived tables."""
    send(
        store,
        [
            turn(0, 10, session="hookline-doctor-1"),
            call("c", 0, 1, session="hookline-doctor-1"),
            event("session.start", 0, session="hookline-doctor-1"),
        ],
    )
    send(store, [turn(0, 10)], scope="shop")
    for table in ("turns", "tool_calls", "sessions", "activity"):
        assert store.query(f"SELECT count() FROM {table}").scalar() == 0


def test_a_clock_gone_mad_costs_a_month_of_rows_at_most(store: Store) -> None:
    """A span since 1970 is cut to 32 days."""
    send(store, [turn(-1_000_000_000, 0)])
    assert store.query("SELECT count() FROM activity_state").scalar() <= 33


def test_what_spans_midnight_is_found_from_either_day(store: Store) -> None:
    """A turn over three UTC days shows in each day's window, cut to it, and adds up."""
    begin, end = 30_000.0, 210_000.0  # 2026-09-21T22:33:20Z .. 2026-09-24T00:33:20Z
    send(store, [turn(begin, end)])
    assert WorkedStore(store).catch_up(time.time_ns())
    per_day = [
        store.query(
            "SELECT sum(to_ns - from_ns) FROM worked_parts_at(since = {day:Date}, until = {day:Date}, user = '', now = 0) WHERE kind = 1",
            {"day": f"2026-09-{day}"},
        ).scalar()
        for day in range(20, 26)
    ]
    assert per_day[0] == per_day[5] == 0
    assert per_day[2] == per_day[3] - 0 == 86_400 * S
    assert sum(per_day) == round(end - begin) * S


def usage(message: str, at_s: float, request: str = "", session: str = "s1", prompt: str = "p1", **more: AttributeValue) -> LogRecord:
    """What a transcript says of one request."""
    known: dict[str, AttributeValue] = {
        "gen_ai__response__id": message, "gen_ai__response__model": "claude-opus-5-5", "gen_ai__usage__output_tokens": 30,
        "hookline__usage__uncached_input_tokens": 12, "gen_ai__usage__cache_read__input_tokens": 2000,
        "gen_ai__usage__cache_creation__input_tokens": 100,
    }  # fmt: skip
    if request:
        known["hookline__request__id"] = request
    return event("hookline.usage", at_s, session, prompt, **{**known, **more})


def api_request(at_s: float, request: str = "", session: str = "s1", prompt: str = "p1") -> LogRecord:
    """What the client itself records of one request."""
    attributes: dict[str, AttributeValue] = {
        "event__name": "api_request", "prompt__id": prompt, "model": "claude-opus-5-5", "input_tokens": 12, "output_tokens": 30,
        "cache_read_tokens": 2000, "cache_creation_tokens": 100, "cost_usd": 0.001548, "event__sequence": round(at_s),
    }  # fmt: skip
    if request:
        attributes["request_id"] = request
    return event("", at_s, session, "", **attributes)


NATIVE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"


def native(name: str, at_s: float, **more: AttributeValue) -> LogRecord:
    """A record of the client itself."""
    return event("", at_s, "s1", "", **{"event__name": name, "prompt__id": "p1", "event__sequence": round(at_s * 10), **more})


def test_the_agents_own_log_records_alone_give_turns_waits_subagents_and_sessions(store: Store) -> None:
    """For people who install no hooks and send no traces: from a request's beginning to the last record; a question is a wait for an answer."""
    send(store, [
        native("user_prompt", 0, prompt_length=31),
        native("api_request", 10, duration_ms=9_000, model="m", query_source="repl_main_thread"),
        native("tool_result", 100, duration_ms=80_000, tool_name="AskUserQuestion", tool_use_id="q1", success="true"),
        native("tool_result", 140, duration_ms=30_000, tool_name="Agent", tool_use_id="a1", success="true"),
        native("subagent_completed", 140, duration_ms=30_000, agent_type="Explore"),
        native("api_request", 139, duration_ms=9_000, query_source="agent:builtin:Explore"),
        native("tool_result", 500, duration_ms=2_000, tool_name="Bash", tool_use_id="c9", success="false", agent_id="bg"),
        native("compaction", 900, duration_ms=20_000, trigger="manual", prompt__id="px"),
    ], scope=NATIVE)  # fmt: skip
    assert activity(store) == [
        ("agent", "turn", 0, 20, 1),
        ("waiting", "answer", 20, 70, 1),
        ("human", "answer", 70, 100, 1),
        ("agent", "turn", 100, 140, 1),
        ("waiting", "prompt", 140, 900, 1),
        ("agent", "turn", 880, 900, 1),
    ]
    assert store.query("SELECT outcome, prompt_length, model, is_open FROM told_turns").rows == (("success", 31, "m", 0),)
    assert store.query("SELECT calls, failures, prompts, sources FROM told_sessions").rows == ((3, 1, 1, ["native"]),)


@pytest.mark.parametrize("ids", [True, False], ids=["with request ids", "without"])
def test_a_request_told_of_twice_counts_once(store: Store, ids: bool) -> None:
    """By its id where both know it, else by its prompt; and the client's own record has the cost."""
    send(store, [api_request(n, f"req_{n}" if ids else "") for n in range(3)], scope=NATIVE)
    send(store, [usage(f"msg_{n}", n + 0.4, f"req_{n}" if ids else "") for n in range(3)], scope=HISTORY_SCOPE)
    assert store.query("SELECT count(), sum(total_tokens), round(sum(cost_usd), 6), groupUniqArray(cost_source) FROM told_usage").rows == (
        (3, 3 * 2142, 0.004644, ["client"]),
    )


def test_what_only_the_transcript_knows_counts_too(store: Store) -> None:
    """Prompts before the telemetry was switched on, and requests that its exporter lost, where ids tell."""
    send(store, [api_request(100, "req_1", prompt="p2")], scope=NATIVE)
    send(
        store,
        [usage("msg_0", 0, "req_0", prompt="p1"), usage("msg_1", 100, "req_1", prompt="p2"), usage("msg_2", 103, "req_2", prompt="p2")],
        scope=HISTORY_SCOPE,
    )
    assert store.query("SELECT request_key, source_name FROM told_usage ORDER BY time").rows == (
        ("req_0", "transcript"), ("req_1", "native"), ("req_2", "transcript"),
    )  # fmt: skip


def test_where_ids_are_missing_the_source_that_knows_more_speaks_for_the_prompt(store: Store) -> None:
    """Half a prompt from the exporter does not hide the whole one in the transcript, and nothing counts twice."""
    send(store, [api_request(0)], scope=NATIVE)
    send(store, [usage(f"msg_{n}", n + 0.4) for n in range(3)], scope=HISTORY_SCOPE)
    assert store.query("SELECT count(), groupUniqArray(source_name) FROM told_usage").rows == ((3, ["transcript"]),)


def test_a_request_without_a_prompt_does_not_count_beside_the_clients_own_record(store: Store) -> None:
    """Old transcripts name no prompt: within a minute of an own record it is the same request."""
    send(store, [api_request(0), api_request(1000)], scope=NATIVE)
    send(store, [usage("msg_0", 0.4, prompt=""), usage("msg_5", 500, prompt="")], scope=HISTORY_SCOPE)
    assert store.query("SELECT source_name, count() FROM told_usage GROUP BY 1 ORDER BY 1").rows == (("native", 2), ("transcript", 1))


def test_a_message_in_parent_sidechain_and_fork_counts_once(store: Store) -> None:
    """Copies of one answer carry its id into other files."""
    copies = [usage("msg_0", 0, "req_0"), usage("msg_0", 0, "req_0", hookline__usage__sidechain="true"), usage("msg_0", 0, "req_0", session="fork")]
    send(store, copies, scope=HISTORY_SCOPE)
    assert store.query("SELECT count(), sum(output_tokens) FROM told_usage").rows == ((1, 30),)


def test_limits_of_the_status_line_are_kept_by_window(store: Store) -> None:
    """The latest and fullest figure of a window, with its course; per kind of window."""
    resets = T0 // S + 7200

    def status(at_s: float, percent: float) -> LogRecord:
        return event("hookline.limits", at_s, hookline__account="team", hookline__limits__five_hour__used_percent=percent,
                     hookline__limits__five_hour__resets_at=resets, hookline__limits__seven_day__used_percent=3.0,
                     hookline__limits__seven_day__resets_at=resets + 86_400)  # fmt: skip

    send(store, [status(60, 20.0), status(0, 10.5)])
    rows = store.query("SELECT account, kind, used_percent, length(course) FROM usage_limits ORDER BY kind").rows
    assert rows == (("team", "five_hour", 20, 2), ("team", "seven_day", 3, 2))
    (week,) = weekly_windows(store.query, T0 + 60 * S, account="team")
    assert (week.account, week.end_ns, week.used_percent) == ("team", (resets + 86_400) * S, 3)


def test_spans_of_other_kinds_are_left_alone(store: Store) -> None:
    """A name nobody knows makes a session known and nothing else."""
    odd: SpanRecord = span("surprise", "x", 0, 10)
    send(store, [odd])
    assert activity(store) == []
    assert store.query("SELECT count() FROM told_sessions").scalar() == 1
