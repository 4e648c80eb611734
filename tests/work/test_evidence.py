"""Of two tellings of one fact the better evidence counts: observed, then derived, then inferred; then hook, native telemetry, transcript.

Each test is something that a person did, told as hooks alone tell it (what a rule guessed is marked so), and then by who saw it.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from hookline.contract.scopes import AGENT_SCOPE, CLAUDE_NATIVE_SCOPE_PREFIX, HISTORY_SCOPE
from hookline.records import LogRecord
from support.agent_records import call, event, native_event, native_span, subagent, turn, wait
from support.told_at_once import Record, World, told_at_once, worlds

__all__ = ["worlds"]

DAY = "2026-09-21"  # of T0, 14:13:20 UTC
NATIVE = f"{CLAUDE_NATIVE_SCOPE_PREFIX}.events"
GUESSED: dict[str, Any] = {"hookline__closed_by": "next_prompt", "hookline__outcome": "interrupted"}
MARKED: dict[str, Any] = {"hookline__source": "transcript"}
OF_TURN, OF_CALL = ("length_s", "outcome", "evidence", "evidence_source"), ("run_s", "wait_s", "outcome", "evidence")


@told_at_once
async def test_an_interrupt_in_a_call_lasts_as_long_as_native_telemetry_saw(world: World) -> None:
    """Esc 26 s into a Bash call: the hooks' rule guessed 0.41 s for the turn, the client's own span says 26.1 s, and the call fits into it."""
    hooks = [turn(0, 0.41, **GUESSED), call("toolu_c1", 0.3, 0.3, hookline__tool__run_ms=0, **GUESSED)]
    await world.send([event("session.start", -5), event("hookline.prompt_submitted", 0, prompt="p1"), *hooks])
    await world.send(
        [
            native_span("claude_code.interaction", "i", 0, 26.1),
            native_event("user_prompt", 0, span_id=native_id("i")),
            native_event("tool_result", 25.81, duration_ms=25_510, tool_name="Bash", tool_use_id="toolu_c1", success="false"),
        ],
        scope=NATIVE,
    )
    assert await world.turns(*OF_TURN) == [(pytest.approx(26.1), "interrupted", "observed", "native")]
    assert await world.calls("run_s", "evidence", "evidence_source") == [(25.51, "observed", "native")]
    assert [part for part in await world.parts() if part[0] == 1] == [(1, 1, 0, pytest.approx(26.1))]


def native_id(key: str) -> str:
    """Return the id that `native_span` gives a span."""
    return f"{native_span('claude_code.interaction', key, 0, 1).span_id:016x}"


@told_at_once
async def test_native_log_records_alone_lengthen_what_a_rule_guessed(world: World) -> None:
    """Without traces the turn lasted at least until its last result; that stays marked as inferred."""
    await world.send([turn(0, 0.41, **GUESSED)])
    await world.send(
        [native_event("tool_result", 25.81, duration_ms=25_510, tool_name="Bash", tool_use_id="toolu_c1", success="false")], scope=NATIVE
    )
    assert await world.turns(*OF_TURN) == [(pytest.approx(25.81), "interrupted", "inferred", "native")]


@told_at_once
async def test_the_transcripts_mark_ends_a_turn_that_a_rule_closed(world: World) -> None:
    """Esc 8 s into thinking; hooks alone had closed the turn at its only event. The corrected copy may also end earlier than the guess."""
    await world.send([turn(0, 0, **GUESSED)])
    await world.send([turn(0, 40, prompt="p2", hookline__closed_by="timed_out", hookline__outcome="unknown")])
    await world.send([event("hookline.turn_interrupted", 8, prompt="p1", **MARKED)])
    seen: dict[str, Any] = {
        "hookline__evidence": "observed",
        "hookline__evidence__source": "transcript",
        "hookline__outcome": "interrupted",
    }
    await world.send([turn(0, 30, prompt="p2", hookline__closed_by="interrupt", **seen)])
    assert sorted(await world.turns(*OF_TURN)) == [(8, "interrupted", "observed", "transcript"), (30, "interrupted", "observed", "transcript")]


@pytest.mark.parametrize("teller", ["native", "transcript"])
@told_at_once
async def test_a_no_is_a_denial_at_its_own_moment(world: World, teller: str) -> None:
    """No after 6.1 s: the rule had 6.84 s of waiting and 6.46 s of run, interrupted; truly the call never ran and the wait ended at the No."""
    await world.send(
        [
            turn(0, 8.4, **GUESSED),
            event("hookline.prompt_submitted", 0, prompt="p1"),
            wait("toolu_c1", 1, 7.84, **GUESSED),
            call("toolu_c1", 1, 7.46, **GUESSED),
        ],
    )
    if teller == "native":
        await world.send(
            [
                native_event(
                    "tool_decision",
                    7.1,
                    tool_name="Bash",
                    tool_use_id="toolu_c1",
                    decision="reject",
                    source="user_reject",
                    span_id="00000000000000aa",
                )
            ],
            scope=NATIVE,
        )
    else:
        await world.send(
            [event("hookline.permission_denied", 7.1, prompt="p1", gen_ai__tool__call__id="toolu_c1", gen_ai__tool__name="Bash", **MARKED)]
        )
    assert await world.calls(*OF_CALL) == [(0, pytest.approx(6.1), "denied", "observed")]
    assert [part[2:] for part in await world.parts() if part[1] == 3 and part[0] == 2] == [(1, pytest.approx(7.1))]
    total = await world.totals(DAY)
    assert (total.denials, total.interruptions, round(total.permission_wait_s, 6)) == (1, 0, 6.1)


@told_at_once
async def test_a_person_is_not_at_work_while_the_agent_is(world: World) -> None:
    """12.4 s between the true end of a turn and the next prompt; the guessed end made 37.9 s of it."""
    await world.send(
        [event("session.start", -5), turn(0, 0.6, **GUESSED), turn(38.5, 40, prompt="p2"), event("hookline.prompt_submitted", 0, prompt="p1")]
    )
    assert (2, 2, 0.6, 38.5) in await world.parts()
    await world.send([event("hookline.turn_interrupted", 26.1, prompt="p1", **MARKED)])
    assert (2, 2, pytest.approx(26.1), 38.5) in await world.parts()


@told_at_once
async def test_a_call_that_no_hook_saw_is_a_call(world: World) -> None:
    """The client refused its input: no hook fired, the transcript tells."""
    await world.send(
        [
            turn(0, 10),
            event("hookline.tool_started", 3, prompt="p1", gen_ai__tool__call__id="toolu_r", gen_ai__tool__name="Read", **MARKED),
            event(
                "hookline.tool_failed",
                3.2,
                prompt="p1",
                gen_ai__tool__call__id="toolu_r",
                gen_ai__tool__name="Read",
                error__type="InputValidationError",
                hookline__outcome="failure",
                **MARKED,
            ),
        ],
    )
    assert await world.calls("tool", "outcome", "error_type", "evidence", "evidence_source", "run_s") == [
        ("Read", "failure", "InputValidationError", "observed", "transcript", pytest.approx(0.2))
    ]
    assert (await world.totals(DAY)).tool_calls == 1


@told_at_once
async def test_a_call_does_not_outlast_its_turn_by_a_guess(world: World) -> None:
    """The turn's end was seen, the call's was not."""
    await world.send(
        [turn(0, 20, hookline__outcome="interrupted"), call("toolu_g", 5, 90, hookline__closed_by="timed_out", hookline__outcome="unknown")]
    )
    assert await world.calls("length_s", "evidence") == [(15, "inferred")]


@told_at_once
async def test_an_api_error_is_a_failed_prompt(world: World) -> None:
    """In the turn and in the report's figures."""
    await world.send([turn(0, 3, hookline__outcome="failure", error__type="overloaded_error")])
    assert await world.turns("outcome", "error_type") == [("failure", "overloaded_error")]
    assert (await world.totals(DAY)).failed_prompts == 1


@told_at_once
async def test_a_closed_lid_is_nobodys_time(world: World) -> None:
    """Closed at 18:02 in a call, opened at 09:00: a turn of 15 h is three minutes of work, in every clock, block and call."""
    night = 53_880.0
    await world.send([turn(0, night + 180), call("toolu_n", 60, night + 120), wait("toolu_w", night + 130, night + 150)])
    await world.send([event("hookline.suspended", 120 + night, duration_ms=night * 1000)])
    answer = await world.report(f"{DAY}..2026-09-22", by="day")
    assert (answer.totals.agent_s, answer.totals.wall_s, answer.totals.permission_wait_s) == (180 - 20, 180, 20)
    assert await world.calls("run_s") == [(60,)]
    assert [block.wall_s for block in answer.blocks] == [120, 60]
    assert max(to - begun for _, _, begun, to in await world.parts()) <= 120


@told_at_once
async def test_a_running_turn_counts_to_now_and_not_past_a_sign_of_its_end(world: World) -> None:
    """It ticks; it stops at its process's death, and at its last sign of life when nothing was heard for an hour."""
    await world.send(
        [event("session.start", -5), event("hookline.prompt_submitted", 0, prompt="p1"), event("hookline.tool_started", 10, prompt="p1")]
    )
    worked = [sum(to - begun for kind, _, begun, to in await world.parts(now) if kind == 1) for now in (60, 600, 3_000)]
    assert worked == [60, 600, 3_000]
    assert sum(to - begun for kind, _, begun, to in await world.parts(10 + 3_601) if kind == 1) == 10
    assert (await world.totals(DAY, 90)).agent_s == 90
    await world.send([event("hookline.process_gone", 45)])
    assert sum(to - begun for kind, _, begun, to in await world.parts(600) if kind == 1) == 45


@told_at_once
async def test_a_running_turn_that_asks_waits(world: World) -> None:
    """From the question on it is no work until something shows that it goes on."""
    await world.send([event("hookline.prompt_submitted", 0, prompt="p1"), event("hookline.permission_requested", 10, prompt="p1")])
    assert [part for part in await world.parts(30) if part[0] in (1, 3)] == [(1, 1, 0, 10), (3, 3, 10, 30)]
    await world.send([event("hookline.tool_running", 16, prompt="p1", gen_ai__tool__call__id="toolu_c")])
    assert [part for part in await world.parts(30) if part[0] in (1, 3)] == [(1, 1, 0, 16), (1, 1, 16, 30)]


def placed(project: str, branch: str, revision: str) -> dict[str, Any]:
    """Return the attributes of a place."""
    return {"hookline__project__name": project, "vcs__ref__head__name": branch, "vcs__ref__head__revision": revision}


@told_at_once
async def test_a_turn_is_cut_where_its_folder_changes_and_a_place_is_one_value(world: World) -> None:
    """Nine seconds with a `cd` after four: 4 s on shop/main, 5 s on other/trunk, nothing on a branch that does not exist."""
    shop, other = placed("shop", "main", "a" * 40), placed("other", "trunk", "b" * 40)
    await world.send(
        [
            event("hookline.prompt_submitted", 0, prompt="p1", **shop),
            event("hookline.cwd_changed", 4, prompt="p1", **other),
            event("hookline.turn_ended", 9, prompt="p1", **other),
            turn(0, 9, **other),
        ],
    )
    rows = (await world.report(DAY, by="branch")).rows
    assert [(row.key, row.agent_s) for row in rows] == [("other trunk", 5), ("shop main", 4)]
    assert await world.turns("project", "branch", "revision") == [("other", "trunk", "b" * 40)]
    bare = {**placed("zoo", "", ""), "vcs__ref__head__name": ""}
    await world.send([turn(0, 8.9, hookline__closed_by="timed_out", **bare)])
    assert await world.turns("project", "branch") == [("other", "trunk")]


@told_at_once
async def test_nobody_sits_at_a_script(world: World) -> None:
    """`claude -p`: no human time, no waiting for a prompt; by what the client says of how it was started."""
    script: dict[str, Any] = {"hookline__session__interactive": "false", "hookline__session__entrypoint": "sdk-cli"}
    await world.send(
        [
            event("session.start", -7, **script),
            event("hookline.prompt_submitted", 0, prompt="p1", **script),
            turn(0, 10, **script),
            event("session.end", 12, **script),
        ],
    )
    assert await world.parts() == [(1, 1, 0, 10)]
    total = await world.totals(DAY)
    assert (total.human_s, total.human_at_most_s, total.agent_s) == (0, 0, 10)


@told_at_once
async def test_a_resumed_session_had_nobody_before_it(world: World) -> None:
    """Closed for 20 s, then `--resume`: the person's time begins with the new start."""
    await world.send(
        [
            event("session.start", -5),
            turn(0, 10),
            event("session.end", 15),
            event("session.start", 35, hookline__session__start_source="resume"),
            turn(42, 50, prompt="p2"),
        ],
    )
    assert [part[2:] for part in await world.parts() if part[0] in (2, 4) and part[2] > 0] == [(35, 42), (35, 42)]


@told_at_once
async def test_what_the_client_tells_itself_is_no_prompt_and_what_is_typed_ahead_is_one(world: World) -> None:
    """Six prompts, one of them typed ahead, and two notices of background tasks are six prompts."""
    for n in range(6):
        source = "queued" if n == 3 else "user"
        await world.send(
            [
                turn(n * 100, n * 100 + 50, prompt=f"p{n}", hookline__prompt__source=source),
                event("hookline.prompt_submitted", n * 100, prompt=f"p{n}", hookline__prompt__source=source),
            ],
        )
    for n in range(2):
        await world.send([turn(1_000 + n * 100, 1_020 + n * 100, prompt=f"n{n}", hookline__prompt__source="task_notification")])
    assert (await world.totals(DAY)).prompts == 6
    assert await world.sessions("prompts") == [(6,)]


@told_at_once
async def test_reading_counts_up_to_the_idle_gap_at_most(world: World) -> None:
    """Two readings of ten minutes and one of four: at least two minutes each, at most the gap of five minutes and the whole four."""
    await world.send(
        [event("session.start", 0), turn(0, 60), turn(660, 720, prompt="p2"), turn(1_320, 1_380, prompt="p3"), turn(1_620, 1_700, prompt="p4")]
    )
    answer = await world.report(DAY, idle_s=300)
    assert (answer.totals.human_s, answer.totals.human_at_most_s) == (3 * 120, 300 + 300 + 240)
    wider = await world.report(DAY, idle_s=900)
    assert (wider.totals.human_s, wider.totals.human_at_most_s) == (3 * 120, 600 + 600 + 240)


@told_at_once
async def test_an_answered_wait_counts_whole_at_most(world: World) -> None:
    """Asked for 200 s: at least its last 30 s, at most all of it; one that nobody answered counts nothing."""
    await world.send([turn(0, 500), wait("toolu_a", 100, 300), wait("toolu_b", 400, 500, hookline__closed_by="session_end")])
    total = await world.totals(DAY)
    assert (total.human_s, total.human_at_most_s) == (30, 200)


PROMPT, CALL = "5a1b2c3d-0000-4000-8000-00000000000{}", "toolu_0123456789abcdef{}"


@told_at_once
async def test_a_fork_of_an_older_client_repeats_nothing(world: World) -> None:
    """It copied its past with its ids: two prompts and two calls are two, in the session that was there; the fork has its own third."""

    def told(session: str, numbers: Sequence[int]) -> list[Record]:
        prompts = [turn(n * 100, n * 100 + 50, session, PROMPT.format(n)) for n in numbers]
        return [*prompts, *(call(CALL.format(n), n * 100, n * 100 + 10, session=session, prompt=PROMPT.format(n)) for n in numbers)]

    await world.send(told("b-origin", (0, 1)), scope=HISTORY_SCOPE)
    await world.send([event("session.start", -10, "b-origin"), event("session.start", 190, "a-fork")])
    await world.send(told("a-fork", (0, 1, 2)), scope=HISTORY_SCOPE)
    answer = await world.report(DAY, by="session")
    assert (answer.totals.prompts, answer.totals.tool_calls, answer.totals.agent_s) == (3, 3, 150)
    assert {row.key: row.prompts for row in answer.rows} == {"b-origin": 2, "a-fork": 1}


@told_at_once
async def test_one_request_written_over_midnight_counts_once_and_whole(world: World) -> None:
    """Its records before and after midnight are one request of the day on which it began, with the most tokens that were told."""
    midnight = 35_200.0  # 2026-09-22T00:00:00Z
    for at, tokens in ((midnight - 2, 3), (midnight + 3, 1_900)):
        record = event(
            "hookline.usage",
            at,
            "s1",
            "p1",
            gen_ai__response__id="msg_0",
            gen_ai__response__model="m",
            hookline__request__id="req_0",
            gen_ai__usage__output_tokens=tokens,
            hookline__usage__uncached_input_tokens=12,
        )
        await world.send([record], scope=HISTORY_SCOPE)
    assert await world.requests("output_tokens", "day") == [(1_900, "2026-09-21")]
    days = [(await world.report(day)).totals.output_tokens for day in (DAY, "2026-09-22")]
    assert days == [1_900, 0]


@pytest.mark.parametrize("order", [("hook", "mark", "native"), ("native", "hook", "mark"), ("mark", "native", "hook")])
@told_at_once
async def test_more_evidence_in_any_order_makes_no_figure_worse(world: World, order: tuple[str, ...]) -> None:
    """Every subset of the sources, in every order and told twice: with each that is added the turn, call and wait come no further from the truth."""
    sources: dict[str, tuple[list[Record], str]] = {
        "hook": ([turn(0, 0.4, **GUESSED), wait("toolu_c1", 2, 3, **GUESSED), call("toolu_c1", 2, 3, **GUESSED)], AGENT_SCOPE),
        "mark": (
            [
                event("hookline.turn_interrupted", 20.1, prompt="p1", **MARKED),
                event("hookline.permission_denied", 20, prompt="p1", gen_ai__tool__call__id="toolu_c1", **MARKED),
            ],
            AGENT_SCOPE,
        ),
        "native": (
            [
                native_span("claude_code.interaction", "i", 0, 20.1),
                native_event("user_prompt", 0, span_id=native_id("i")),
                native_event("tool_decision", 20, tool_name="Bash", tool_use_id="toolu_c1", decision="reject", source="user_reject"),
            ],
            NATIVE,
        ),
    }

    async def error() -> tuple[float, float, int]:
        told_turn, told_call = await world.turns("length_s"), await world.calls("wait_s", "outcome")
        wrong = 0 if told_call and told_call[0][1] == "denied" else 1
        return abs((told_turn or [(0,)])[0][0] - 20.1), abs((told_call or [(0, "")])[0][0] - 18), wrong

    errors = []
    for name in order:
        for _ in range(2):
            await world.send(sources[name][0], scope=sources[name][1])
        errors.append(await error())
    assert all(after[0] <= before[0] + 1e-9 for before, after in itertools.pairwise(errors)), errors
    assert max(errors[-1]) < 1e-6
    assert await world.turns(*OF_TURN) == [(pytest.approx(20.1), "interrupted", "observed", "native")]
    assert await world.calls(*OF_CALL) == [(0, 18, "denied", "observed")]


@told_at_once
async def test_a_subagents_guessed_end_yields_to_who_saw_it(world: World) -> None:
    """The same subagent, told again with its end seen earlier than the rule had guessed."""
    guessed: dict[str, Any] = {"hookline__closed_by": "session_end"}
    await world.send([turn(0, 100), subagent("bg", 50, 400, **guessed)])
    await world.send([subagent("bg", 50, 130, hookline__evidence="observed", hookline__evidence__source="transcript")])
    assert (
        sum(to - begun for kind, _, begun, to in await world.parts() if kind == 1) == 100 + 30
        or max(to for _, _, _, to in await world.parts()) == 130
    )


def with_native(*records: Record, of: str = "0123abcd") -> dict[str, Any]:
    """Return what `send` takes of the client's own telemetry: it names the installation where hooks name the person."""
    return {"records": records, "scope": NATIVE, "user": of, "host": ""}


@told_at_once
async def test_the_persons_time_and_a_running_turn_are_theirs_also_with_native_telemetry(world: World) -> None:
    """Opened at -2, prompt at 0, stopped by Esc after 5.7 s as the client's own span saw; the second prompt still runs, of which it tells as well."""
    await world.send([event("session.start", -2), event("hookline.prompt_submitted", 0, prompt="p1"), turn(0, 0.4, **GUESSED)])
    told: list[Record] = [
        native_span("claude_code.interaction", "i", 0, 5.7),
        native_event("user_prompt", 0, span_id=native_id("i")),
        native_event("user_prompt", 10, prompt="p2"),
        native_event("api_request", 11, prompt="p2", duration_ms=900),
    ]
    await world.send(**with_native(*told))
    await world.send([event("hookline.prompt_submitted", 10, prompt="p2"), event("hookline.tool_started", 12, prompt="p2")])
    for now, worked in ((14, 5.7 + 4), (19, 5.7 + 9)):
        total = await world.totals(DAY, now)
        assert total.key == "ana"
        assert total.human_s == pytest.approx(2 + 4.3)
        assert total.agent_s == pytest.approx(worked)


@pytest.mark.parametrize("stopped", ["interrupted", "denied"])
@pytest.mark.parametrize("turned", [False, True])
@told_at_once
async def test_what_a_person_stopped_did_not_fail(world: World, stopped: str, turned: bool) -> None:
    """Native telemetry knows only `success=false` of it: whoever saw the Esc or the No knows more, in either order; a guess does not."""
    mark = {"interrupted": "hookline.tool_interrupted", "denied": "hookline.permission_denied"}[stopped]
    seen: dict[str, Any] = {"hookline__evidence": "observed", "hookline__evidence__source": "transcript", "hookline__outcome": stopped}
    told = event(mark, 5.5, prompt="p1", gen_ai__tool__call__id="toolu_c1", **MARKED)
    tellings: list[dict[str, Any]] = [
        {"records": [turn(0, 6, **seen), call("toolu_c1", 0.5, 5.5, **seen), told]},
        with_native(
            native_span("claude_code.tool.execution", "e", 0.5, 5.6, tool_use_id="toolu_c1", success="false", duration_ms=5_100),
            native_event("tool_result", 5.6, duration_ms=5_100, tool_name="Bash", tool_use_id="toolu_c1", success="false"),
        ),
    ]
    for telling in reversed(tellings) if turned else tellings:
        await world.send(**telling)
    assert await world.calls("outcome", "evidence") == [(stopped, "observed")]
    total = await world.totals(DAY)
    assert (total.failures, total.interruptions + total.denials) == (0, 1)
    assert await world.sessions("calls", "failures") == [(1, 0)]


@told_at_once
async def test_a_guessed_interruption_yields_to_a_failure_that_was_seen(world: World) -> None:
    """Only what was observed is more specific: a rule that closed the call knows nothing of how it ended."""
    await world.send([turn(0, 6), call("toolu_c1", 0.5, 5.5, **GUESSED)])
    result = native_event("tool_result", 5.6, duration_ms=5_100, tool_name="Bash", tool_use_id="toolu_c1", success="false")
    await world.send(**with_native(result))
    assert await world.calls("outcome") == [("failure",)]
    assert await world.sessions("failures") == [(1,)]


@pytest.mark.parametrize("hooked", [True, False])
@told_at_once
async def test_a_command_of_the_client_itself_is_no_prompt(world: World, hooked: bool) -> None:
    """`/exit`, with and without hooks: no turn, no prompt, nobody's time. A command that hooks saw run as a turn (`/init`) is one."""
    if hooked:
        await world.send([event("session.start", -2), event("hookline.prompt_submitted", 0, prompt="p1"), turn(0, 5)])
    told: list[Record] = [
        native_span("claude_code.interaction", "i", 0, 5),
        native_event("user_prompt", 0, span_id=native_id("i")),
        native_event("api_request", 4, duration_ms=3_000),
        native_span("claude_code.interaction", "j", 9, 9.1),
        native_event("user_prompt", 9, prompt="p2", span_id=f"{native_span('claude_code.interaction', 'j', 0, 1).span_id:016x}",
                     command_name="exit", command_source="builtin"),
    ]  # fmt: skip
    await world.send(**with_native(*told))
    assert await world.turns("prompt_id") == [("p1",)]
    assert await world.sessions("prompts") == [(1,)]
    assert (await world.totals(DAY, 20)).prompts == 1
    assert max(to for kind, _, _, to in await world.parts(20) if kind == 1) == 5
    if hooked:
        ran = native_event("user_prompt", 30, prompt="p3", command_name="init", command_source="builtin")
        await world.send([event("hookline.prompt_submitted", 30, prompt="p3"), turn(30, 40, prompt="p3")])
        await world.send(**with_native(ran))
        assert await world.turns("prompt_id") == [("p1",), ("p3",)]
        assert await world.sessions("prompts") == [(2,)]


@told_at_once
async def test_a_prompt_that_the_running_turn_took_in_is_one_more(world: World) -> None:
    """Two typed into a running turn and taken in, one of them told twice; one into a turn that the client began itself: five prompts, two turns."""

    def typed_ahead(at_s: float, prompt: str) -> list[LogRecord]:
        return [
            event("hookline.prompt_submitted", at_s, prompt=prompt, hookline__prompt__source="queued"),
            event("hookline.prompt_submitted", at_s + 2, prompt=prompt, hookline__prompt__source="absorbed", hookline__prompt__length=999, **MARKED),
        ]

    user: dict[str, Any] = {"hookline__prompt__source": "user", "hookline__prompt__length": 9}
    await world.send([event("hookline.prompt_submitted", 0, prompt="p1", **user), turn(0, 30, **user)])
    for at_s in (5, 12, 12):
        await world.send(typed_ahead(at_s, "p1"))
    await world.send([turn(100, 120, prompt="n1", hookline__prompt__source="task_notification"), *typed_ahead(105, "n1")])
    await world.send([event("hookline.prompt_submitted", 200, prompt="p2", **user), turn(200, 210, prompt="p2", **user)])
    assert await world.turns("prompt_source", "prompt_length", "absorbed_prompts") == [("user", 9, 2), ("task_notification", 0, 1), ("user", 9, 0)]
    answer = await world.report(DAY)
    assert (answer.totals.prompts, answer.rows[0].prompts, answer.totals.ends_by_evidence["prompts"]["observed"]) == (5, 5, 5)
    assert await world.sessions("prompts") == [(5,)]
    assert (await world.report(DAY, by="hour")).totals.prompts == 5
