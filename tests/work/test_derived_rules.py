"""The derived tables on made-up days: what counts as whose time, and what late, lost and odd records do."""

import pytest

from hookline.contract.scopes import CLAUDE_NATIVE_SCOPE_PREFIX, COLLECTOR_SCOPE, HISTORY_SCOPE
from hookline.records import AttributeValue, LogRecord, SpanRecord
from hookline_collector.store import Store
from hookline_collector.work import weekly_windows
from support.agent_records import T0, S, call, event, send, span, subagent, turn, wait
from support.stores import derived_store as store
from support.told_at_once import World, told_at_once, worlds

__all__ = ["store", "worlds"]


@told_at_once
async def test_a_person_reads_and_writes_for_two_minutes_before_a_prompt_at_most(world: World) -> None:
    """What precedes, back to the last turn's end, is waiting for the prompt; before the first prompt nothing waits."""
    await world.send(
        [event("session.start", -500), turn(0, 100), turn(1000, 1100, prompt="p2"), turn(1150, 1200, prompt="p3"), event("session.end", 1300)]
    )
    assert await world.activity() == [
        ("human", "prompt", -120, 0, 1),
        ("agent", "turn", 0, 100, 1),
        ("waiting", "prompt", 100, 880, 1),
        ("human", "prompt", 880, 1000, 1),
        ("agent", "turn", 1000, 1100, 1),
        ("human", "prompt", 1100, 1150, 1),
        ("agent", "turn", 1150, 1200, 1),
        ("waiting", "prompt", 1200, 1300, 1),
    ]


@told_at_once
async def test_a_person_does_not_write_before_the_session_is_there(world: World) -> None:
    """A session that began eight seconds before its first prompt gives eight seconds."""
    await world.send([event("session.start", -8), turn(0, 10)])
    assert (await world.activity())[0] == ("human", "prompt", -8, 0, 1)


@told_at_once
async def test_a_turn_that_the_client_began_itself_is_nobodys_typing(world: World) -> None:
    """A background task that ended makes the client prompt itself: until then the session waited for the person."""
    await world.send([event("session.start", -500), turn(0, 100), turn(400, 500, prompt="p2", hookline__prompt__source="task_notification")])
    assert (await world.activity())[1:] == [
        ("agent", "turn", 0, 100, 1),
        ("waiting", "prompt", 100, 400, 1),
        ("agent", "turn", 400, 500, 1),
    ]


@told_at_once
async def test_waiting_for_a_prompt_ends_with_the_session(world: World) -> None:
    """One that ended in the evening does not wait all night."""
    await world.send([turn(0, 100), event("session.end", 200), turn(50_000, 50_010, prompt="p2")])
    assert ("waiting", "prompt", 100, 200, 1) in await world.activity()


@told_at_once
async def test_waiting_for_a_prompt_ends_after_twelve_hours(world: World) -> None:
    """In a session that was left open."""
    await world.send([turn(0, 100), turn(90_000, 90_010, prompt="p2")])
    assert [each for each in await world.activity() if each[0] == "waiting"] == [
        ("waiting", "prompt", 100, 35_200, 1),
        ("waiting", "prompt", 35_200, 43_300, 1),  # of the next day
    ]


@told_at_once
async def test_of_a_wait_for_a_permission_only_the_last_half_minute_is_the_persons_work(world: World) -> None:
    """The agent stands still meanwhile, so a long wait breaks a block."""
    await world.send([turn(0, 1000), wait("c1", 100, 700), call("c1", 700, 710)])
    assert await world.activity() == [
        ("agent", "turn", 0, 100, 1),
        ("waiting", "permission", 100, 670, 1),
        ("human", "permission", 670, 700, 1),
        ("agent", "turn", 700, 1000, 1),
    ]
    assert await world.blocks(300, "duration_s") == [(100,), (330,)]
    assert await world.blocks(570, "duration_s") == [(1000,)]
    assert await world.calls("run_s", "wait_s") == [(10, 600)]


@told_at_once
async def test_nobody_worked_on_a_wait_that_nobody_answered(world: World) -> None:
    """A wait that ended with its process or session is waiting to its end."""
    await world.send([turn(0, 50), wait("c1", 10, 50, hookline__closed_by="process_gone")])
    assert await world.activity() == [("agent", "turn", 0, 10, 1), ("waiting", "permission", 10, 50, 1)]


@told_at_once
async def test_agents_side_by_side_count_each_and_a_caller_that_waits_for_one_does_not(world: World) -> None:
    """Three foreground subagents are three agents, not four; a background one beside the turn makes two, and goes on after it."""
    await world.send([
        turn(0, 100),
        *(call(f"a{n}", 10, 40, tool="Agent") for n in range(3)),
        *(subagent(f"s{n}", 10, 40) for n in range(3)),
        call("b", 60, 61, tool="Agent", hookline__tool__background="true"),
        subagent("bg", 61, 150),
    ])  # fmt: skip
    assert await world.activity() == [
        ("agent", "turn", 0, 10, 1),
        ("agent", "turn", 10, 40, 3),
        ("agent", "turn", 40, 61, 1),
        ("agent", "turn", 61, 100, 2),
        ("agent", "turn", 100, 150, 1),
        ("waiting", "prompt", 100, 150, 1),
    ]
    assert await world.blocks(0, "wall_s", "agent_s", "human_s") == [(150, 10 + 90 + 21 + 78 + 50, 0)]


@told_at_once
async def test_a_subagent_that_waits_stops_no_other(world: World) -> None:
    """A wait of one of two subagents leaves one at work."""
    await world.send([
        turn(0, 100), call("a", 0, 100, tool="Agent"), call("b", 0, 100, tool="Agent"), subagent("s1", 0, 100), subagent("s2", 0, 100),
        wait("c", 20, 60, gen_ai__agent__id="s1"),
    ])  # fmt: skip
    assert [(begun, ended, n) for kind, _, begun, ended, n in await world.activity() if kind == "agent"] == [(0, 20, 2), (20, 60, 1), (60, 100, 2)]


@told_at_once
async def test_a_foreground_call_whose_subagent_nobody_saw_is_an_agents_time_all_the_same(world: World) -> None:
    """Handing over is subtracted only where somebody took over."""
    await world.send([turn(0, 100), call("a", 10, 90, tool="Agent")])
    assert [part[2:] for part in await world.activity() if part[0] == "agent"] == [(0, 100, 1)]


@told_at_once
async def test_a_turn_counts_while_it_runs(world: World) -> None:
    """Before the turn's span is there, its events show how far it came; its span then takes over."""
    events = [event("session.start", -5), event("hookline.prompt_submitted", 0, prompt="p1"), event("hookline.tool_ended", 40, prompt="p1")]
    await world.send(events)
    assert await world.turns("is_open", "outcome") == [(1, "running")]
    assert ("agent", "turn", 0, 40, 1) in await world.activity()
    await world.send([turn(0, 90)])
    assert await world.turns("is_open", "outcome") == [(0, "success")]
    assert ("agent", "turn", 0, 90, 1) in await world.activity()


@told_at_once
async def test_a_compaction_that_a_person_asked_for_is_an_agents_work_and_no_prompt(world: World) -> None:
    """The command names a prompt of its own in its events."""
    await world.send([
        event("hookline.compaction_started", 10, prompt="px"), event("hookline.compaction_ended", 40, prompt="px"),
        span("compact_context", "px", 10, 40, prompt="px"),
    ])  # fmt: skip
    assert await world.turns() == []
    assert await world.activity() == [("agent", "turn", 10, 40, 1)]


@pytest.mark.parametrize("turned", [False, True])
@told_at_once
async def test_of_two_copies_of_a_span_the_later_end_counts_in_any_order(world: World, turned: bool) -> None:
    """A span closed by a rule whose own end came late."""
    copies = [turn(0, 50, hookline__closed_by="timed_out", hookline__outcome="unknown"), turn(0, 90)]
    for copy in reversed(copies) if turned else copies:
        await world.send([copy])
    assert await world.turns("ended_s", "outcome", "closed_by") == [(90, "success", "")]


@told_at_once
async def test_the_hook_outranks_the_transcript_and_the_transcript_fills_what_it_lacks(world: World) -> None:
    """History read later changes no hook's times, and adds the turns that no hook saw."""
    await world.send([turn(1, 99), call("c1", 5, 7)])
    await world.send([turn(0, 100), call("c1", 4, 8), turn(200, 300, prompt="p0"), call("c0", 201, 202, prompt="p0")], scope=HISTORY_SCOPE)
    assert await world.turns("prompt_id", "begun_s", "source_name") == [("p1", 1, "hook"), ("p0", 200, "transcript")]
    assert await world.calls("call_id", "run_s", "from_hook", "from_transcript") == [("c1", 2, 1, 1), ("c0", 1, 0, 1)]


@told_at_once
async def test_an_end_counts_only_if_nothing_was_done_after_it(world: World) -> None:
    """A later prompt reopens a session; the best kind of end that still holds is the one that is shown."""
    await world.send([turn(0, 10), event("hookline.process_gone", 25), event("session.end", 20, hookline__session__end_reason="logout")])
    assert await world.sessions("ended_how", "ended_s") == [("session_end", 20)]
    await world.send([turn(30, 40, prompt="p2")])
    assert await world.sessions("ended_how", "ended_s") == [("", None)]
    await world.send([event("hookline.session.closed", 41, hookline__session__end_reason="timed_out")], scope=COLLECTOR_SCOPE)
    assert await world.sessions("ended_how", "ended_s") == [("timed_out", 41)]


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


@told_at_once
async def test_what_spans_midnight_is_found_from_either_day(world: World) -> None:
    """A turn over three UTC days shows in each day's window, cut to it, and adds up."""
    begin, end = 30_000.0, 210_000.0  # 2026-09-21T22:33:20Z .. 2026-09-24T00:33:20Z
    await world.send([turn(begin, end)])
    per_day = []
    for day in (f"2026-09-{day}" for day in range(20, 26)):
        of_day = f"worked_parts_at(since = '{day}', until = '{day}', user = '', now = 0)"
        per_day.append(await world.worked(f"SELECT session_id, sum(to_ns - from_ns) AS ns FROM {of_day} WHERE kind = 1 GROUP BY session_id", "ns"))
    assert per_day[0] == per_day[5] == []
    found = [ns for ((ns,),) in per_day[1:5]]
    assert found[1] == found[2] == 86_400 * S
    assert sum(found) == round(end - begin) * S


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


@told_at_once
async def test_the_agents_own_log_records_alone_give_turns_waits_subagents_and_sessions(world: World) -> None:
    """For people who install no hooks and send no traces: from a request's beginning to the last record; a question is a wait for an answer."""
    await world.send([
        native("user_prompt", 0, prompt_length=31),
        native("api_request", 10, duration_ms=9_000, model="m", query_source="repl_main_thread"),
        native("tool_result", 100, duration_ms=80_000, tool_name="AskUserQuestion", tool_use_id="q1", success="true"),
        native("tool_result", 140, duration_ms=30_000, tool_name="Agent", tool_use_id="a1", success="true"),
        native("subagent_completed", 140, duration_ms=30_000, agent_type="Explore"),
        native("api_request", 139, duration_ms=9_000, query_source="agent:builtin:Explore"),
        native("tool_result", 500, duration_ms=2_000, tool_name="Bash", tool_use_id="c9", success="false", agent_id="bg"),
        native("compaction", 900, duration_ms=20_000, trigger="manual", prompt__id="px"),
    ], scope=NATIVE)  # fmt: skip
    assert await world.activity() == [
        ("agent", "turn", 0, 20, 1),
        ("waiting", "answer", 20, 70, 1),
        ("human", "answer", 70, 100, 1),
        ("agent", "turn", 100, 140, 1),
        ("waiting", "prompt", 140, 900, 1),
        ("agent", "turn", 880, 900, 1),
    ]
    assert await world.turns("outcome", "prompt_length", "model", "is_open") == [("success", 31, "m", 0)]
    assert await world.sessions("calls", "failures", "prompts", "sources") == [(3, 1, 1, ["native"])]


@pytest.mark.parametrize("ids", [True, False], ids=["with request ids", "without"])
@told_at_once
async def test_a_request_told_of_twice_counts_once(world: World, ids: bool) -> None:
    """By its id where both know it, else by its prompt; and the client's own record has the cost."""
    await world.send([api_request(n, f"req_{n}" if ids else "") for n in range(3)], scope=NATIVE)
    await world.send([usage(f"msg_{n}", n + 0.4, f"req_{n}" if ids else "") for n in range(3)], scope=HISTORY_SCOPE)
    assert await world.requests("total_tokens", "cost_usd", "cost_source") == [(2142, pytest.approx(0.001548), "client")] * 3


@told_at_once
async def test_what_only_the_transcript_knows_counts_too(world: World) -> None:
    """Prompts before the telemetry was switched on, and requests that its exporter lost, where ids tell."""
    await world.send([api_request(100, "req_1", prompt="p2")], scope=NATIVE)
    await world.send(
        [usage("msg_0", 0, "req_0", prompt="p1"), usage("msg_1", 100, "req_1", prompt="p2"), usage("msg_2", 103, "req_2", prompt="p2")],
        scope=HISTORY_SCOPE,
    )
    assert await world.requests("request_key", "source_name") == [
        ("req_0", "transcript"), ("req_1", "native"), ("req_2", "transcript"),
    ]  # fmt: skip


@told_at_once
async def test_where_ids_are_missing_the_source_that_knows_more_speaks_for_the_prompt(world: World) -> None:
    """Half a prompt from the exporter does not hide the whole one in the transcript, and nothing counts twice."""
    await world.send([api_request(0)], scope=NATIVE)
    await world.send([usage(f"msg_{n}", n + 0.4) for n in range(3)], scope=HISTORY_SCOPE)
    assert await world.requests("source_name") == [("transcript",)] * 3


@told_at_once
async def test_a_request_without_a_prompt_does_not_count_beside_the_clients_own_record(world: World) -> None:
    """Old transcripts name no prompt: within a minute of an own record it is the same request."""
    await world.send([api_request(0), api_request(1000)], scope=NATIVE)
    await world.send([usage("msg_0", 0.4, prompt=""), usage("msg_5", 500, prompt="")], scope=HISTORY_SCOPE)
    assert sorted(await world.requests("source_name")) == [("native",), ("native",), ("transcript",)]


@told_at_once
async def test_a_message_in_parent_sidechain_and_fork_counts_once(world: World) -> None:
    """Copies of one answer carry its id into other files."""
    copies = [usage("msg_0", 0, "req_0"), usage("msg_0", 0, "req_0", hookline__usage__sidechain="true"), usage("msg_0", 0, "req_0", session="fork")]
    await world.send(copies, scope=HISTORY_SCOPE)
    assert await world.requests("output_tokens") == [(30,)]


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


@told_at_once
async def test_spans_of_other_kinds_are_left_alone(world: World) -> None:
    """A name nobody knows makes a session known and nothing else."""
    odd: SpanRecord = span("surprise", "x", 0, 10)
    await world.send([odd])
    assert await world.activity() == []
    assert await world.sessions("prompts") == [(0,)]
