"""What whole days were added up to says what their rows say, whatever comes late, and wherever a kill falls."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from random import Random
from typing import Any

import orjson
import pytest

from hookline.errors import Refused
from hookline_collector.store import Rows, Store
from hookline_collector.work import load_prices, publish
from hookline_collector.work.statements import statement
from hookline_collector.worked_out import day_reading, days_of_work
from hookline_collector.worked_out.day_store import NOTHING_ADDED_UP, OVER_FOR_DAYS, DayStore, Versions
from hookline_collector.worked_out.flat_tables import day_of
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.added_up_days import ASKED, DAY_S, LATER, WHOLE, differences, told
from support.agent_records import T0, S, call, send, turn
from support.frail_store import Frail
from support.soaking import share
from support.stores import derived_store as store
from support.told_worlds import world

__all__ = ["store"]
FIRST = day_of(T0)


@pytest.fixture(autouse=True)
def few_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read days as they were added up however few calls they have."""
    for of_what in (day_reading, days_of_work):
        monkeypatch.setattr(of_what, "FEWEST_CALLS", 0)


@pytest.mark.soak
@pytest.mark.long
@pytest.mark.parametrize("seed", range(share(1, 3, 20)))
def test_any_history(store: Store, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Days are added up at any moment, what comes late opens them, changes fail now and then, and the collector is killed and begins anew."""
    chance = Random(seed)
    monkeypatch.setattr(day_reading, "MANY_CALLS", chance.choice([0, day_reading.MANY_CALLS]))
    monkeypatch.setattr(day_reading, "MOST_RUNS", chance.choice([0, 5, day_reading.MOST_RUNS]))
    publish(load_prices(None), store.query, store.command)
    frail = Frail(store, is_done=bool(seed % 2))
    out = WorkedStore(frail, is_alone=True)
    for telling in world(chance, share(6, 12, 40), days=8.0):
        send(store, telling.records, scope=telling.scope, user=telling.user, agent=telling.agent)
        if chance.random() < 0.6:
            continue
        frail.after = chance.randrange(12) if chance.random() < 0.3 else 0
        with suppress(Refused):
            out.catch_up(LATER)
            out.add_up_days(T0 + chance.randrange(0, 12 * DAY_S) * S)
        if chance.random() < 0.3:
            out = WorkedStore(frail, is_alone=True)
    frail.after = 0
    assert out.catch_up(LATER)
    if out.added_up == NOTHING_ADDED_UP:
        assert out.add_up_days(LATER)
    assert differences(store, out, chance.sample(ASKED, share(2, len(ASKED), len(ASKED)))) == {}
    while not out.add_up_days(LATER):
        pass
    assert not out.added_up.open
    assert differences(store, out, chance.sample(ASKED, share(4, len(ASKED), len(ASKED)))) == {}


@pytest.mark.long
@pytest.mark.soak
@pytest.mark.parametrize("is_done", [True, False])
def test_a_kill_at_any_change(store: Store, is_done: bool) -> None:
    """Before each change, and behind it, while days are added up for the first time and again."""
    send(store, [each for day in range(6) for each in _day(day)])
    frail = Frail(store, is_done=is_done)
    for n in range(1, 21, share(6, 1, 1)):
        out = WorkedStore(frail, is_alone=True)
        frail.after = 0
        assert out.catch_up(LATER)
        frail.after = n
        with suppress(Refused):
            out.add_up_days(T0 + 9 * DAY_S * S)
        frail.after = 0
        out = WorkedStore(frail, is_alone=True)
        assert out.catch_up(LATER)
        while not out.add_up_days(T0 + 9 * DAY_S * S):
            pass
        assert differences(store, out, ASKED[:1]) == {}
        send(store, [call(f"late{n}", 2 * DAY_S + n, 2 * DAY_S + n + 1, prompt="p2", session="s2")])


@pytest.mark.long
@pytest.mark.soak
def test_a_late_call_opens_its_day_before_it_is_written(store: Store) -> None:
    """And is in the next answer; when all is added up again no day is open. Of today nothing is noted."""
    send(store, [each for day in range(6) for each in _day(day)])
    out = WorkedStore(store, is_alone=True)
    assert out.catch_up(LATER)
    assert out.add_up_days(T0 + 6 * DAY_S * S)
    assert out.added_up[:3] == (FIRST + 6 - OVER_FOR_DAYS, frozenset(), {FIRST + day: 2 for day in range(5)})
    assert {day: found.older for day, found in out.added_up.versions.items()} == {FIRST + day: 0 for day in range(5)}
    send(store, [call("late", DAY_S + 20, DAY_S + 29, prompt="p1", session="s1"), call("now", 6 * DAY_S, 6 * DAY_S + 1, session="s6")])
    assert out.catch_up(LATER)
    assert set(out.added_up.open) == {FIRST + 1}
    asked = ASKED[:: share(4, 1, 1)]
    assert differences(store, out, asked) == {}
    again = WorkedStore(store, is_alone=True)
    assert again.catch_up(LATER)
    assert again.added_up == out.added_up
    assert not again.add_up_days(T0 + 6 * DAY_S * S)
    assert not again.added_up.open
    assert [day for day, found in again.added_up.versions.items() if found.last > out.added_up.versions[day].last] == [FIRST + 1]
    assert differences(store, again, asked) == {}


def test_days_that_were_added_up_once_need_no_bound_of_their_own() -> None:
    """Nor do those that were all added up again; one that was in between has its own, and so have those after it."""
    once, again, late = Versions(0, 10), Versions(10, 20), Versions(20, 30)
    for days, counting in (
        ({}, ([0], [0])),
        ({5: once, 6: Versions(0, 13), 8: once}, ([5], [10])),
        ({5: again, 6: Versions(13, 23), 7: again}, ([5], [20])),
        ({5: again, 6: late, 7: late, 8: again}, ([5, 6, 8], [20, 30, 20])),
        ({5: once, 6: again, 7: Versions(0, 30)}, ([5, 6], [10, 20])),
    ):
        assert day_reading._counting(days) == counting


def test_rows_of_few_calls_are_read_as_they_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """That costs less than to plan statements about days."""
    send(store, [each for day in range(6) for each in _day(day)])
    out, asked = WorkedStore(store, is_alone=True), list[str]()

    def ask(sql: str, parameters: Mapping[str, Any]) -> Rows:
        asked.append(sql)
        return store.query(sql, parameters)

    assert out.catch_up(LATER)
    assert out.add_up_days(LATER)
    for fewest, is_of_days in ((12, True), (13, False)):
        for of_what in (day_reading, days_of_work):
            monkeypatch.setattr(of_what, "FEWEST_CALLS", fewest)
        asked.clear()
        told(out, ask, ASKED[:1])
        assert any("worked_days" in sql for sql in asked) == is_of_days


def test_what_days_come_to_is_asked_once_until_one_is_opened(store: Store) -> None:
    """What lies beside them is remembered until something is written, as all that is flat; a late call is in the next answer."""
    send(store, [each for day in range(6) for each in _day(day)])
    out, asked = WorkedStore(store, is_alone=True), list[str]()

    def ask(sql: str, parameters: Mapping[str, Any]) -> Rows:
        asked.append(sql)
        return store.query(sql, parameters)

    assert out.catch_up(LATER)
    assert out.add_up_days(T0 + 6 * DAY_S * S)
    reading = WorkedReading(ask, out, lambda: LATER)
    parameters = WHOLE.parameters(WHOLE.resolve(LATER), LATER)

    def calls() -> tuple[int, int, int, int]:
        """Return how many calls are told, and how many statements about days, about how long tools ran on them, and about rows that took."""
        asked.clear()
        told = reading.begin().query(statement("calls"), parameters).as_dicts()
        about = ("FROM worked_days AS w", "grain = 3", "FROM worked_calls AS w FINAL")
        of_days, of_times, of_rows = (sum(words in sql for sql in asked) for words in about)
        return told[0]["tool_calls"], of_days, of_times, of_rows

    assert [calls(), calls()] == [(12, 1, 1, 1), (12, 0, 0, 0)]
    send(store, [call("now", 6 * DAY_S, 6 * DAY_S + 1, session="s6")])
    assert calls() == (13, 0, 1, 1)
    send(store, [turn(6 * DAY_S + 10, 6 * DAY_S + 20, session="s6", prompt="p6"), call("now", 6 * DAY_S, 6 * DAY_S + 1, session="s6", prompt="p6")])
    assert calls() == (13, 0, 0, 1)
    send(store, [call("late", DAY_S + 20, DAY_S + 29, prompt="p1", session="s1")])
    assert calls() == (14, 1, 1, 1)


@pytest.mark.parametrize("runs", [0, 2, 99])
def test_times_of_runs_are_those_of_days_and_rows(store: Store, monkeypatch: pytest.MonkeyPatch, runs: int) -> None:
    """Whether what ran beside days is told with the question, or is too much for that."""
    send(store, [each for day in range(6) for each in _day(day)])
    monkeypatch.setattr(day_reading, "MOST_RUNS", runs)
    out = WorkedStore(store, is_alone=True)
    assert out.catch_up(LATER)
    assert out.add_up_days(T0 + 4 * DAY_S * S)
    assert differences(store, out, ASKED[::4]) == {}


@pytest.mark.parametrize("many", [0, day_reading.MANY_CALLS])
def test_a_session_that_days_and_rows_tell_of_counts_once(store: Store, monkeypatch: pytest.MonkeyPatch, many: int) -> None:
    """Whether the engine counts them, as those of a team, or they are counted here."""
    send(store, [each for day in range(6) for each in _day(day)])
    send(store, [turn(5 * DAY_S + 3_600, 5 * DAY_S + 3_660, session="s3", prompt="late"), turn(DAY_S + 90, DAY_S + 99, session="s3", prompt="early")])
    monkeypatch.setattr(day_reading, "MANY_CALLS", many)
    out = WorkedStore(store, is_alone=True)
    assert out.catch_up(LATER)
    assert out.add_up_days(T0 + 6 * DAY_S * S)
    found = (
        WorkedReading(store.query, out, lambda: LATER).begin().query(statement("prompts"), WHOLE.parameters(WHOLE.resolve(LATER), LATER)).as_dicts()
    )
    [whole] = [row for row in found if row["is_total"]]
    assert (whole["prompts"], whole["sessions"]) == (8, 6)
    assert differences(store, out, ASKED[:2]) == {}


def test_who_writes_beside_others_adds_no_days_up(store: Store) -> None:
    """What one collector knows of open days another would not."""
    out = WorkedStore(store)
    assert out.catch_up(LATER)
    assert out.add_up_days(LATER)
    assert out.added_up == NOTHING_ADDED_UP


def test_times_of_many_runs_are_known_to_half_a_percent(store: Store) -> None:
    """And those of few exactly."""
    chance = Random(5)
    runs = {"Bash": [chance.lognormvariate(0, 2) for _ in range(3_000)], "Read": [chance.random() for _ in range(300)]}
    common = {"user": "ana", "day": FIRST, "agent": "codex", "started_ns": T0, "version": 1, "outcome": "success"}
    lines = [{**common, "tool": tool, "call_id": f"{tool}{n}", "run_s": run_s} for tool, found in runs.items() for n, run_s in enumerate(found)]
    store.write("worked_calls", b"\n".join(map(orjson.dumps, lines)))
    days = DayStore(store)
    days.read()
    assert days.add_up(LATER)
    quantiles = "(0.01, 0.5, 0.95, 0.99)"
    of_days = f"""SELECT tool, quantilesExactWeightedInterpolated{quantiles}(value, weight) FROM worked_days FINAL
    ARRAY JOIN run_values AS value, run_weights AS weight WHERE grain = 3 GROUP BY tool"""
    of_rows = f"SELECT tool, quantilesExactInclusive{quantiles}(run_s) FROM worked_calls FINAL GROUP BY tool"
    found, expected = dict(store.query(of_days).rows), dict(store.query(of_rows).rows)
    assert found["Bash"] == pytest.approx(expected["Bash"], rel=0.005)
    assert found["Bash"] != expected["Bash"]
    assert found["Read"] == pytest.approx(expected["Read"])


def _day(day: int) -> Iterator[Any]:
    """Yield a turn with two calls."""
    begun = day * DAY_S
    yield turn(begun, begun + 60, session=f"s{day}", prompt=f"p{day}")
    for n in range(2):
        yield call(f"c{day}{n}", begun + 10 + n, begun + 12 + 3 * n, session=f"s{day}", prompt=f"p{day}")
