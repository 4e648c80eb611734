"""What was worked out has the figures that the views compute, whatever was told, in whatever order, between whatever looks."""

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from threading import Event
from time import sleep
from typing import Any

import pytest

from hookline.errors import Refused
from hookline.settings.schema import RetentionSettings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.schema.retention import plan
from hookline_collector.work import load_prices, publish
from hookline_collector.work.prices import Price
from hookline_collector.work.statements import statement
from hookline_collector.worked_out import worked_reading
from hookline_collector.worked_out.flat_tables import CLOCKS, ROWS, SESSIONS, SPELLS
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, call, event, requests_of, send, send_native, turn
from support.replay import logs_of, replay_capture, spans_of
from support.soaking import IS_SAMPLE, IS_WHOLE, share
from support.standing_still import NeverDone
from support.stores import derived_store as store
from support.told_at_once import insert
from support.told_worlds import world
from support.worked_figures import Figures, block_differences, clock_differences, computed, view_differences, worked
from support.worked_reports import answers, drawn, requests

__all__ = ["store"]
Differences = dict[str, tuple[list[str], list[str]]]
NAMES = ("tools", "subagent", "denied", "api_error", "resume")
NOW = T0 + 150_000 * S
LATER = T0 + 10_000_000 * S


@pytest.mark.soak
@pytest.mark.long
@pytest.mark.parametrize("seed", range(share(1, 3, 40)))
def test_any_history(store: Store, seed: int) -> None:
    """Many sessions that several sources tell of, with looks at any moment, by two collectors of which one is killed now and then: the same rows,
    and the same answers to everything that reports and pages ask. Later, when nothing is left that goes on, too. With the first: captures of hooks,
    and then of the client itself; and a person in whose session something goes on, and one in whose nothing does: before it began, blocks are of
    runs; since then, of stretches.
    """
    chance = Random(seed)
    publish(load_prices(None), store.query, store.command)
    outs = [WorkedStore(store), WorkedStore(store)]
    untold: list[tuple[Signal, bytes]] = []
    for telling in world(chance, share(3, 5, 40)):
        untold += requests_of(telling.records, telling.scope, telling.user, agent=telling.agent)
        if chance.random() < 0.15:
            insert(store, untold)
            untold.clear()
            n = chance.randrange(2)
            assert outs[n].catch_up(NOW)
            if chance.random() < 0.2:
                outs[n] = WorkedStore(store)
    insert(store, untold)
    if seed == 0:
        send_people_up_to_now(store)
    query, computing = (
        WorkedReading(store.query, outs[0], lambda: NOW).begin().query,
        WorkedReading(store.query, NeverDone(store), lambda: NOW).begin().query,
    )
    assert view_differences(store, NOW) == {}
    if seed == 0:
        assert store.query("SELECT countIf(user = 'quinn'), countIf(user = 'ben') FROM worked_running FINAL").rows == ((1, 0),)
        assert block_differences(store, NOW, share((), (0, 60, 900), (0, 60, 900))) == {}
    asked = requests() if IS_WHOLE else chance.sample(requests(), 1)
    found, expected = answers(query, NOW, asked, 1), answers(computing, NOW, asked, 1)
    assert {name: (found[name], answer) for name, answer in expected.items() if found[name] != answer} == {}
    if seed == 0:
        steps = [step for name in NAMES for step in replay_capture(name)]
        send(store, [*spans_of(steps), *logs_of(steps)])
        assert outs[1].catch_up(LATER)
        send_native(store, *NAMES)
    outs[1].settle(LATER)
    assert outs[1].catch_up(LATER)
    assert differences(store, LATER) == {}
    assert clock_differences(store) == []


def send_people_up_to_now(store: Store) -> None:
    """Tell of quinn, who has one of three sessions open, and of ben, who has none."""
    begun = (NOW - T0) / S - 8_000
    going_on = [event("hookline.session.start", begun + 7_000, "q2"), event("hookline.prompt_submitted", begun + 7_010, "q2", prompt="q2-p1")]
    quiet = [turn(begun + n * 700, begun + n * 700 + 300, "q1", f"q1-p{n}") for n in range(9)]
    send(store, [*quiet, *going_on, turn(begun + 7_100, begun + 7_160, "q3", "q3-p1")], user="quinn")
    send(store, [turn(begun + n * 500, begun + n * 500 + 200, "b1", f"b1-p{n}") for n in range(9)], user="ben")


@pytest.mark.long
@pytest.mark.soak
def test_one_that_writes_alone_remembers_what_it_wrote(store: Store) -> None:
    """It looks often, and its store fails now and then: the same rows as of one that looks once."""
    chance = Random(3)
    breaking = Breaking(store, 0)
    out = WorkedStore(breaking, is_alone=True)
    for telling in world(chance, share(2, 10, 40)):
        send(store, telling.records, scope=telling.scope, user=telling.user, agent=telling.agent)
        breaking.after = chance.randrange(9) if chance.random() < 0.2 else 0
        with suppress(Refused):
            out.catch_up(NOW)
    assert out.catch_up(LATER)
    assert clock_differences(store) == []
    assert differences_from_one_look(store, LATER) == {}


def test_a_turn_that_was_looked_at_while_it_ran_ends_where_it_ended(store: Store) -> None:
    """The row that takes the running turn away has its day: the retention would take one of 1970 at once."""
    out = WorkedStore(store)
    send(store, [event("hookline.session.start", 0), event("hookline.prompt_submitted", 1, prompt="p1")])
    assert out.catch_up(T0 + 10 * S)
    assert store.query("SELECT count() FROM worked_running FINAL").scalar() == 1
    send(store, [turn(1, 25)])
    assert out.catch_up(T0 + 30 * S)
    assert store.query("SELECT count() FROM worked_running FINAL").scalar() == 0
    assert store.query("SELECT max(gone), min(day) > '2020-01-01' FROM worked_running").rows == ((1, 1),)


def test_what_the_retention_keeps_by_its_day_has_the_day_in_its_key() -> None:
    """The row that takes one away holds the key alone: without a day the retention would take it first."""
    by_day = {keep.table for keep in plan(RetentionSettings()) if keep.since == "day"}
    assert [table.name for table in (*ROWS, CLOCKS, SPELLS) if table.name in by_day and "day" not in table.key] == []
    assert {table.name for table in (*ROWS, CLOCKS, SPELLS)} <= by_day


def test_a_session_without_a_prompt_is_kept_as_long_as_others(store: Store) -> None:
    """One that `/clear` began, for example: the retention goes by its last day, so it must have one."""
    send(store, [event("hookline.session.start", 0), event("hookline.session.end", 5, hookline__session__end_reason="other")])
    assert WorkedStore(store).catch_up(T0 + 10 * S)
    assert store.query("SELECT toString(first_day), toString(last_day) FROM worked_sessions FINAL").rows == (("2026-09-21", "2026-09-21"),)


def test_a_session_of_which_nothing_says_when_it_began_is_not_as_old_as_time(store: Store) -> None:
    """A kill between two writes leaves a turn whose session is not known yet: a million half hours since 1970 would be a minute's work."""
    send(store, [turn(0, 60)])
    store.command("TRUNCATE TABLE sessions_state")
    assert WorkedStore(store).catch_up(NOW)
    assert store.query(
        "SELECT min(from_ns) >= {day_before:Int64}, max(day) < '2026-09-23' FROM worked_parts FINAL", {"day_before": T0 - 86_400 * S}
    ).rows == ((1, 1),)
    assert store.query("SELECT count() < 50 FROM worked_clocks FINAL").scalar() == 1


def test_a_session_that_goes_on_after_a_year_has_no_half_hours_between(store: Store) -> None:
    """What a person may have done before a prompt reaches back to the last turn's end, and counts for minutes."""
    year = 365 * 86_400.0
    send(store, [event("hookline.session.start", -10), turn(0, 60), turn(year, year + 60, prompt="p2")])
    assert WorkedStore(store).catch_up(T0 + round(2 * year) * S)
    assert store.query("SELECT count() < 1000 FROM worked_clocks FINAL").scalar() == 1


def test_other_prices_count_for_the_past(store: Store) -> None:
    """A new list makes dirty what the client did not price itself."""
    out = WorkedStore(store)
    used: dict[str, Any] = {"gen_ai__usage__input_tokens": 1_000_000, "gen_ai__usage__output_tokens": 0, "gen_ai__request__model": "claude-opus-4-1"}
    send(store, [event("hookline.usage", 10, gen_ai__response__id="m1", **used)], scope="hookline.history")
    for price in (3.0, 5.0):
        publish((Price("claude", 0, price, 0, 0, 0, 0),), store.query, store.command)
        assert out.catch_up(NOW)
        assert store.query("SELECT cost_usd, cost_source FROM worked_requests FINAL").rows == ((price, "prices"),)


@pytest.mark.parametrize("at", ["system.parts", "prices"])
@pytest.mark.parametrize("before", [0, 2])
def test_prices_that_come_in_the_middle_of_a_look_count(store: Store, monkeypatch: pytest.MonkeyPatch, at: str, before: int) -> None:
    """At the first look, when the collector may not have published any, as at a later one; just before or after the parts were listed."""
    used: dict[str, Any] = {"gen_ai__usage__input_tokens": 1_000_000, "gen_ai__usage__output_tokens": 0, "gen_ai__request__model": "claude-opus-4-1"}
    out, left = WorkedStore(store), [at]
    if before:
        publish((Price("claude", 0, before, 0, 0, 0, 0),), store.query, store.command)
        assert out.catch_up(NOW)
    send(store, [event("hookline.usage", 10, gen_ai__response__id="m1", **used)], scope="hookline.history")
    ask = store.query

    def query(sql: str, parameters: Mapping[str, Any] | None = None, **others: Any) -> Any:
        if left and f"FROM {left[0]}" in sql:
            left.clear()
            found = ask(sql, parameters or {}, **others)
            publish((Price("claude", 0, 5, 0, 0, 0, 0),), ask, store.command)
            return found
        return ask(sql, parameters or {}, **others)

    with monkeypatch.context() as patched:
        patched.setattr(store, "query", query)
        if before and at == "prices":
            publish((Price("claude", 0, 3, 0, 0, 0, 0),), ask, store.command)  # so that they are read again
        assert out.catch_up(NOW)
    assert not left
    assert out.catch_up(NOW)
    assert store.query("SELECT cost_usd, cost_source FROM worked_requests FINAL").rows == ((5.0, "prices"),)


def test_a_look_that_failed_is_made_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parts are noted as seen only when it is known of which sessions they tell."""
    out = WorkedStore(store)
    send(store, [turn(0, 60)])
    with monkeypatch.context() as patched:
        patched.setattr("hookline_collector.worked_out.dirt.Dirt._all", failing)
        with pytest.raises(Refused):
            out.catch_up(NOW)
    assert out.catch_up(NOW)
    assert store.query("SELECT session_id FROM worked_sessions FINAL").rows == (("s1",),)


def test_those_who_ask_while_somebody_looks_share_the_next_look(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that goes on may not have seen what was stored before they asked; one that failed is nobody's."""
    out, looks, first, enough = WorkedStore(store), list[int](), Event(), Event()

    def look() -> None:
        looks.append(1)
        first.set()
        assert enough.wait(10)
        if len(looks) == 2:
            raise Refused("no memory left")

    monkeypatch.setattr(out, "_look", look)
    with ThreadPoolExecutor(6) as threads:
        asked = [threads.submit(out.catch_up, NOW)]
        assert first.wait(10)
        asked += [threads.submit(out.catch_up, NOW) for _ in range(5)]
        sleep(0.1)
        enough.set()
    assert sorted(each.exception() is None for each in asked) == [False, True, True, True, True, True]
    assert len(looks) == 3


def failing(*_: object) -> set[str]:
    """Refuse, as an engine without memory does."""
    raise Refused("no memory left")


def test_what_is_gone_from_the_store_is_gone(store: Store) -> None:
    """Also where the facts of one session only are gone."""
    out = WorkedStore(store)
    send(store, [turn(0, 60)])
    assert out.catch_up(NOW)
    for table in ("activity", "sessions"):
        store.command(f"TRUNCATE TABLE {table}_state")
    send(store, [turn(100, 160, session="s2", prompt="p2")])
    assert out.catch_up(NOW)
    assert store.query("SELECT DISTINCT session_id FROM worked_parts FINAL").rows == (("s2",),)
    assert store.query("SELECT session_id FROM worked_sessions FINAL").rows == (("s2",),)


def test_a_call_more_is_a_row_more(store: Store) -> None:
    """What stayed as it was is not written again."""
    out = WorkedStore(store)
    send(store, [turn(0, 60), *(turn(n * 100, n * 100 + 60, prompt=f"p{n}") for n in range(2, 20))])
    assert out.catch_up(NOW)
    store.command("OPTIMIZE TABLE worked_turns FINAL")
    send(store, [turn(5_000, 5_060, prompt="p99")])
    assert out.catch_up(NOW)
    assert store.query("SELECT rows FROM system.parts WHERE database = currentDatabase() AND active AND table = 'worked_turns' ORDER BY 1").rows == (
        (1,),
        (19,),
    )


def test_people_are_told_what_is_missing(store: Store) -> None:
    """Their views read what was worked out; our own statements are answered from the facts meanwhile."""
    send(store, [turn(0, 60)])
    reading = WorkedReading(store.query, NeverDone(store), lambda: NOW)
    ground = reading.begin_as(store.query)
    assert ground.missing == "0 sessions are not worked out yet, ask again in a moment"
    assert ground.query("SELECT count() FROM turns", {}).scalar() == 0
    assert reading.begin().query("SELECT count() FROM turns", {}).scalar() == 1
    ground = WorkedReading(store.query, WorkedStore(store), lambda: NOW).begin_as(store.query)
    assert (ground.missing, ground.query("SELECT count() FROM turns", {}).scalar()) == ("", 1)


class Breaking:
    """A store that fails at its next `after` writes but one."""

    def __init__(self, store: Store, after: int) -> None:
        self.query = store.query
        self._store = store
        self.after = after

    def write(self, table: str, lines: bytes) -> None:
        """Write, or fail once."""
        self.after -= 1
        if self.after == 0:
            raise Refused("cut off")
        self._store.write(table, lines)

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Change nothing: only what is over for long is added up."""
        raise AssertionError(sql)


@pytest.mark.long
def test_a_stretch_over_midnight_is_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was worked out is kept by days; the bands of a page show a turn, and a wait, as they were, of few pieces as of many."""
    guessed: dict[str, Any] = {"hookline__closed_by": "timed_out", "hookline__outcome": "unknown"}
    send(store, [event("session.start", 0), turn(10, 34_000), turn(36_000, 36_060, prompt="p2"), turn(86_400, 200_000, prompt="p3", **guessed)])
    now = T0 + 300_000 * S
    out = WorkedStore(store)
    assert out.catch_up(now)
    worked_out, computing = (
        WorkedReading(store.query, each, lambda: now).begin().query(statement("bands"), drawn(now)) for each in (out, NeverDone(store))
    )
    assert [[row["kind"], row["prompt_id"], row["evidence"]] for row in worked_out.as_dicts()] == [
        ["human", "p1", "inferred"],
        ["agent", "p1", "observed"],
        ["waiting", "p2", "observed"],
        ["human", "p2", "inferred"],
        ["agent", "p2", "observed"],
        ["waiting", "p3", "observed"],
        ["human", "p3", "inferred"],
        ["agent", "p3", "inferred"],
    ]
    assert worked_out.rows == computing.rows
    monkeypatch.setattr(worked_reading, "band_rows", lambda *_: None)  # as where there are too many pieces
    assert WorkedReading(store.query, out, lambda: now).begin().query(statement("bands"), drawn(now)).rows == computing.rows
    for limit in range(1, len(computing.rows) + 2):
        few = WorkedReading(store.query, out, lambda: now).begin().query(statement("bands"), drawn(now) | {"limit": limit})
        assert few.rows == computing.rows[:limit]


@pytest.mark.long
def test_a_running_turn_is_drawn_up_to_now(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as it is asked for: of its project, and within the period; as the engine's statement answers, and once of the facts."""
    send(store, [event("session.start", 0), event("hookline.prompt_submitted", 10, prompt="p1"), turn(0, 50, session="s2", prompt="q1")])
    now = T0 + 100 * S
    out = WorkedStore(store, is_alone=True)
    assert out.catch_up(now)
    ask = WorkedReading(store.query, out, lambda: now).begin().query
    computing = WorkedReading(store.query, NeverDone(store), lambda: now).begin().query
    found = []
    for asked in ({}, {"project": "shop"}, {"project": "blog"}, {"session_id": "s1"}, {"end": T0 + 5 * S}, {"start": T0 + 60 * S}, {"limit": 1}):
        answer = ask(statement("bands"), drawn(now) | asked)
        with monkeypatch.context() as patched:
            patched.setattr(worked_reading, "band_rows", lambda *_: None)
            assert answer.rows == ask(statement("bands"), drawn(now) | asked).rows
        found.append([(row["kind"], row["session_id"], row["ended"] is None) for row in answer.as_dicts()])
    assert ask(statement("bands"), drawn(now)).rows == computing(statement("bands"), drawn(now)).rows
    assert ("agent", "s1", True) in found[0]
    assert found[2] == []


@pytest.mark.long
def test_cut_off_before_any_write(store: Store) -> None:
    """What was left half done is done by the same process, or by the next: rows, half hours and runs."""
    for n in range(1, 8):
        at = n * 500.0
        send(store, [turn(at, at + 100, "s1", f"p{n}"), turn(at + 50, at + 200, "s1", f"p{n - 1}"), call(f"c{n}", at, at + 9, prompt=f"p{n}")])
        out = WorkedStore(Breaking(store, n), is_alone=True)
        with suppress(Refused):
            out.catch_up(NOW)
        if n % 2:
            out = WorkedStore(store, is_alone=True)
        assert out.catch_up(NOW)
        assert n % share(4, 1, 1) or clock_differences(store) == []
    assert clock_differences(store) == []
    assert differences(store, NOW) == {}


def differences(store: Store, now_ns: int) -> Differences:
    """Return by table which rows were not worked out, and which should not have been."""
    return _differ(worked(store, now_ns), computed(store, now_ns))


def differences_from_one_look(store: Store, now_ns: int) -> Differences:
    """Return the same, if what is worked out by one look at all that is stored is right: a tenth of what the views cost, which that is held to above.

    Of more than the sample the views are asked all the same.
    """
    found = worked(store, now_ns)
    for table in (*ROWS, CLOCKS, SPELLS, SESSIONS):
        store.command(f"TRUNCATE TABLE {table.name}")
    assert WorkedStore(store).catch_up(now_ns)
    return _differ(found, worked(store, now_ns) if IS_SAMPLE else computed(store, now_ns))


def _differ(found: Figures, expected: Figures) -> Differences:
    return {name: (_less(expected, found, name), _less(found, expected, name)) for name in expected if found[name] != expected[name]}


def _less(one: Figures, other: Figures, name: str) -> list[str]:
    return sorted((Counter(one[name]) - Counter(other[name])).elements())
