"""The derived tables of real captures: hooks through the fold, the client's own telemetry byte for byte, and both together."""

import pytest

from hookline_collector.store import Store
from support.agent_records import send, send_native
from support.replay import logs_of, replay_capture, spans_of
from support.stores import emptied

NAMES = ("tools", "subagent", "denied", "api_error", "resume")


@pytest.fixture(scope="module", params=[pytest.param("hooks", marks=pytest.mark.long), pytest.param("native", marks=pytest.mark.long), "both"])
def told(request: pytest.FixtureRequest) -> tuple[str, Store]:
    """Give who told of the captures, and the store that heard it."""
    store = emptied()
    if request.param != "native":
        steps = [step for name in NAMES for step in replay_capture(name)]
        send(store, [*spans_of(steps), *logs_of(steps)])
    if request.param != "hooks":
        send_native(store, *NAMES)
    return request.param, store


def test_every_call_is_one_row_with_the_time_that_the_client_measured(told: tuple[str, Store]) -> None:
    """Who tells of a call, and how many do, changes neither the count nor a duration by more than the client's rounding to milliseconds."""
    _, store = told
    rows = store.query("SELECT tool, run_s, outcome FROM told_tool_calls ORDER BY requested, tool").rows
    expected = [
        ("Bash", 0.448, "success"), ("Read", 0.024, "success"), ("Bash", 0.019, "success"), ("Edit", 0.008, "success"), ("Bash", 0.010, "failure"),
        ("Agent", 0.805, "success"), ("Grep", 0.015, "success"), ("Bash", 0.334, "success"), ("Bash", 0.007, "success"),
        ("Bash", 0, "denied"),
        ("Bash", 0.021, "success"),
        ("Bash", 0.425, "success"), ("Bash", 0.045, "success"), ("Read", 0.047, "success"), ("Edit", 0.018, "success"), ("Bash", 0.007, "failure"),
    ]  # fmt: skip
    assert [(tool, outcome) for tool, _, outcome in rows] == [(tool, outcome) for tool, _, outcome in expected]
    for (_, run_s, _), (_, known_s, _) in zip(rows, expected, strict=True):
        assert run_s == pytest.approx(known_s, abs=0.00101)


def test_a_call_says_who_told_of_it(told: tuple[str, Store]) -> None:
    """Hook and native telemetry of one call meet in one row."""
    teller, store = told
    flags = set(store.query("SELECT DISTINCT from_hook, from_native, from_transcript FROM told_tool_calls").rows)
    assert flags == {"hooks": {(1, 0, 0)}, "native": {(0, 1, 0)}}.get(teller, {(1, 1, 0)})


def test_the_native_decision_stands_beside_the_hooks_call(told: tuple[str, Store]) -> None:
    """Only the client itself knows who decided."""
    teller, store = told
    rows = store.query("SELECT decision, decision_source FROM told_tool_calls WHERE outcome = 'denied'").rows
    assert rows == (("denied", "" if teller == "hooks" else "config"),)


def test_every_prompt_is_one_turn_with_the_ends_of_its_best_teller(told: tuple[str, Store]) -> None:
    """From submission to Stop by the hook's clock, else by the client's own span; to the nanosecond."""
    teller, store = told
    rows = store.query(
        "SELECT toUnixTimestamp64Nano(started), toUnixTimestamp64Nano(ended), outcome, source_name FROM told_turns ORDER BY started"
    ).rows
    assert [outcome for _, _, outcome, _ in rows] == ["success", "success", "success", "failure", "success", "success"]
    hook, native = (1795212693869518000, 1795212695130862000), (1795212693821000000, 1795212695138035753)
    begun, ended, _, source = rows[0]
    assert (begun // 1000, ended // 1000) == tuple(t // 1000 for t in (native if teller == "native" else hook))
    assert source == ("native" if teller == "native" else "hook")


def test_tokens_and_cost_are_those_of_the_client_once(told: tuple[str, Store]) -> None:
    """Twenty requests of 12 + 2000 + 100 tokens in and 30 out, 1548 millionths of a dollar each; hooks know of none."""
    teller, store = told
    row = store.query("SELECT count(), sum(total_tokens), round(sum(cost_usd), 6) FROM told_usage").rows[0]
    assert row == ((0, 0, None) if teller == "hooks" else (20, 42840, 0.03096))


def test_agents_work_while_a_turn_runs_and_nobody_is_asked(told: tuple[str, Store]) -> None:
    """Agents' time is the turns' less the waits for a person; a foreground subagent is no second agent."""
    _, store = told
    agents, asked, most = store.query(
        """SELECT sumIf(took * agents, kind = 'agent'), sumIf(took, reason = 'permission'), max(agents)
        FROM (SELECT *, toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started) AS took FROM told_activity)"""
    ).rows[0]
    turns = store.query("SELECT sum(toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) FROM told_turns").scalar()
    assert agents == turns - asked
    assert most == 1


def test_sessions_end_as_their_hook_said_and_are_known_by_their_best_source(told: tuple[str, Store]) -> None:
    """Five sessions, one of them resumed; calls and prompts are counted as sets."""
    teller, store = told
    rows = store.query("SELECT prompts, calls, failures, ended_how, start_source, user FROM told_sessions ORDER BY started").rows
    assert [row[:3] for row in rows] == [(1, 5, 1), (1, 4, 0), (1, 1, 0), (1, 1, 0), (2, 5, 1)]
    assert {row[3] for row in rows} == ({""} if teller == "native" else {"session_end"})
    assert rows[4][4] == ("" if teller == "native" else "resume")
    assert {len(row[5]) for row in rows} == ({64} if teller == "native" else {3})


@pytest.mark.long
def test_telling_it_all_again_changes_no_row(told: tuple[str, Store]) -> None:
    """Rows laid down twice, as by two collectors, are the same rows."""
    _, store = told
    tables = ("tool_calls", "turns", "usage", "sessions", "activity")
    before = [sorted(map(str, store.query(f"SELECT * FROM {table}").rows)) for table in tables]
    for table in ("tool_calls_state", "activity_state", "usage_state", "sessions_state"):
        store.command(f"INSERT INTO {store.database}.{table} SELECT * FROM {store.database}.{table}")
    assert [sorted(map(str, store.query(f"SELECT * FROM {table}").rows)) for table in tables] == before
