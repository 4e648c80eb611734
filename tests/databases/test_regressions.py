"""Statements that became slower: found once, with what grew; nothing is found where nothing changed."""

import json
import math
import random

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, event
from hookline.databases.judging.regression_book import MAX_FOLLOWED, RegressionBook
from hookline.records import LogRecord
from hookline.slowdowns.call_history import HOUR_NS, CallHistory, CallInterval, SlowerCalls, compared
from hookline.slowdowns.call_processes import CallProcesses
from support.statement_series import A_DAY, statement_series

CAUSES = ("rows", "blocks")
SLOW_AND_NOT = ((0.0, "mixed"), (0.8, "first order"))
WHERE = DatabaseName("shop", "postgresql")


def found_in(series: list[CallInterval]) -> list[tuple[int, SlowerCalls]]:
    """Return what is found, with the interval in which it is."""
    history = CallHistory(CAUSES)
    return [(n, slower) for n, each in enumerate(series) if (slower := history.step(each)) is not None]


@pytest.mark.parametrize("dependence", [0.0, 0.5])
def test_a_statement_that_takes_half_as_long_again_is_found_once_within_fifteen_minutes(dependence: float) -> None:
    """With how much, and since about when."""
    ((n, slower),) = found_in(statement_series(random.Random(5), dependence, 300, slower_at=200))
    assert n - 200 <= 30
    assert slower.ratio == pytest.approx(1.5, abs=0.2)
    assert abs(slower.since_ns / 30e9 - 200) <= 20
    assert slower.parts["rows"] == slower.parts["calls"] == 1.0
    assert 0 < slower.p < 1e-5


def test_nothing_is_found_where_nothing_changed() -> None:
    """For a quarter of a day; the benchmark counts days."""
    assert found_in(statement_series(random.Random(7), 0.5, 720)) == []


def test_it_is_told_again_only_after_it_was_fast_again() -> None:
    """Or after an hour, when the new is normal."""
    chance = random.Random(3)
    slow = statement_series(chance, 0.0, 400, slower_at=150)
    assert len(found_in(slow)) == 1
    fast = [each._replace(exec_ms=each.exec_ms / 1.5) for each in statement_series(chance, 0.0, 120, slower_at=0)]
    again = statement_series(chance, 0.0, 60, slower_at=0, times=2.0)
    assert len(found_in([*slow[:200], *fast, *again])) == 2


def test_what_becomes_slower_still_within_the_hour_is_not_told_again() -> None:
    """Somebody is on it already; after the hour the new is its normal, and what is slower than that is news."""
    series = statement_series(random.Random(3), 0.0, 600, slower_at=200)
    ((told_at, _),) = found_in(series)
    for later, times_told in ((80, 1), (200, 2)):
        slower = [each._replace(exec_ms=each.exec_ms * (2 if n >= told_at + later else 1)) for n, each in enumerate(series)]
        assert len(found_in(slower)) == times_told, later


@pytest.mark.parametrize("lasts", [1, 2])
def test_what_is_slow_for_two_intervals_is_not_told(lasts: int) -> None:
    """Three, however slow they are."""
    series = statement_series(random.Random(5), 0.0, 300)
    assert found_in([each._replace(exec_ms=each.exec_ms * (4 if 200 <= n < 200 + lasts else 1)) for n, each in enumerate(series)]) == []
    ((told_at, _),) = found_in([each._replace(exec_ms=each.exec_ms * (4 if n >= 200 else 1)) for n, each in enumerate(series)])
    assert 202 <= told_at <= 204


@pytest.mark.parametrize(("slow_days", "is_told"), [((), True), ((1, 2, 3), False), ((2, 3), True), ((1,), True), ((1, 2, 3, 4), False)])
def test_a_change_is_news_unless_most_of_four_days_had_it_at_this_hour(slow_days: tuple[int, ...], is_told: bool) -> None:
    """Two of four are not most; the hours between say nothing."""
    series = [each._replace(at_ns=each.at_ns + A_DAY * 5 * 30_000_000_000) for each in statement_series(random.Random(5), 0.0, 300, slower_at=200)]
    hour = series[200].at_ns // HOUR_NS
    history = CallHistory(CAUSES)
    for before in range(98, 2, -1):
        mean_ms = series[0].mean_ms * (2 if before // 24 in slow_days and before % 24 < 3 else 1)
        for calls in (40, 60):
            history.remember_hour((hour + 2 - before) * HOUR_NS, mean_ms * calls, calls)
    assert any(history.step(each) for each in series) is is_told


def test_a_change_that_is_small_or_of_no_weight_is_none() -> None:
    """A tenth slower, or a thousandth of the database's time."""
    chance = random.Random(2)
    assert found_in(statement_series(chance, 0.0, 300, slower_at=200, times=1.1)) == []
    assert found_in([each._replace(share=0.001) for each in statement_series(chance, 0.0, 300, slower_at=200, times=3.0)]) == []


def test_what_grew_is_said() -> None:
    """More blocks for each call, and more calls."""
    before = statement_series(random.Random(1), 0.0, 100)
    after = [each._replace(calls=200, exec_ms=each.exec_ms * 6, sums=(200, 20_000)) for each in before[:10]]
    slower = compared(before, after, CAUSES)
    assert slower is not None
    assert slower.parts == {"rows": 1.0, "blocks": 10.0, "calls": 2.0}


def test_dependence_makes_a_jump_stand_out() -> None:
    """What an interval hardly differs from the one before by chance shows as soon as where intervals come and go, within fifteen minutes."""
    for dependence in (0.8, 0.95):
        ((n, slower),) = found_in(statement_series(random.Random(5), dependence, 640, slower_at=600))
        assert 600 <= n < 630
        assert abs(slower.since_ns / 30e9 - 600) <= 5


def test_what_creeps_up_to_the_limit_is_told_later_than_what_jumps_beyond_it() -> None:
    """Where noise hides a slow deviation, evidence passes the limit by little and too often, so more of it is asked for; of others, no more."""
    noisy, plain = (statement_series(random.Random(2), dependence, 730, slower_at=700, times=1.4, kind=kind) for dependence, kind in SLOW_AND_NOT)
    assert found_in(noisy) == []
    ((n, _),) = found_in(plain)
    assert 700 <= n < 730
    ((n, _),) = found_in(statement_series(random.Random(2), 0.0, 730, slower_at=700, times=1.5, kind="mixed"))
    assert 700 <= n < 730


def test_one_outlier_of_a_statement_that_has_outliers_is_none() -> None:
    """Tails are heavy, and what a jump says is little."""
    assert found_in(statement_series(random.Random(9), 0.5, 700, kind="outliers")) == []


@pytest.mark.parametrize("known", [70, 130, 250])
def test_a_steady_statement_that_takes_half_as_long_again_is_found_as_any_other(known: int) -> None:
    """It deviates by a hundredth, and now and then by a tenth, so that what a change leaves of itself is many deviations and yet no outlier."""
    chance = random.Random(8)
    usual = [10 * math.exp(0.012 * chance.gauss(0, 1) + 0.09 * (n % 30 == 17)) for n in range(known)]
    slower = [15 * math.exp(0.012 * chance.gauss(0, 1)) for _ in range(60)]
    ((n, found),) = found_in([CallInterval(at * 30 * 10**9, 100, 100 * ms, 1.0, (100, 1_000)) for at, ms in enumerate(usual + slower)])
    assert n - known < 30
    assert found.ratio == pytest.approx(1.5, abs=0.2)


@pytest.mark.parametrize("seed", [29, 30, 39])
def test_what_drifts_is_not_called_slower_before_it_is_known_how_far(seed: int) -> None:
    """Half of the deviation is slow: in its first hours a rise by a quarter says little."""
    assert found_in(statement_series(random.Random(seed), 0.0, 330, kind="mixed")) == []


@pytest.mark.parametrize("seed", [23, 54, 107, 115, 124, 151, 546, 783, 813, 899, 987, 1004])
def test_outliers_one_after_the_other_are_no_change(seed: int) -> None:
    """Where each fades slowly, several of them are slower for minutes."""
    assert found_in(statement_series(random.Random(seed), 0.8, 500, kind="outliers")) == []


def test_what_is_as_slow_each_day_at_this_hour_is_no_news() -> None:
    """A nightly job makes it twice as slow for an hour: told the first time, not the second."""
    chance = random.Random(11)
    by_day = [
        each._replace(exec_ms=each.exec_ms * (2.0 if 2_400 <= n % A_DAY < 2_520 else 1.0))
        for n, each in enumerate(statement_series(chance, 0.3, 2 * A_DAY))
    ]
    assert [n // A_DAY for n, _ in found_in(by_day)] == [0]


@pytest.mark.parametrize(
    ("dependence", "kind", "keeps", "degrees"), [(0.0, "first order", 0.0, 100), (0.8, "first order", 0.8, 100), (0.8, "outliers", 0.8, 4)]
)
def test_it_is_learned_which_process_a_statement_is_of(dependence: float, kind: str, keeps: float, degrees: float) -> None:
    """After half a day: how far an interval depends on the one before, and whether it has outliers."""
    logs = [math.log(each.mean_ms) for each in statement_series(random.Random(4), dependence, 1_440, kind=kind)]
    processes = CallProcesses()
    for at in range(10, len(logs)):
        processes.learn(logs[at], logs[max(0, at - 240) : at])
    best = max(processes.likely(), key=lambda each: each.fit)
    assert best.keeps == pytest.approx(keeps, abs=0.11)
    assert best.degrees == degrees


def test_many_processes_are_likely_of_a_statement_that_is_hardly_known() -> None:
    """And few of one that is known."""
    logs = [math.log(each.mean_ms) for each in statement_series(random.Random(4), 0.8, 1_440)]
    processes, likely = CallProcesses(), []
    for at in range(10, len(logs)):
        processes.learn(logs[at], logs[max(0, at - 240) : at])
        likely.append(len(processes.likely()))
    assert likely[50] > 2 * likely[-1] > 0


def top_query(n: int, interval: CallInterval, name: str = "a") -> LogRecord:
    """Return what the agent tells of a statement."""
    figures = {
        names.PG_CALLS: interval.calls,
        names.PG_EXEC_MS: interval.exec_ms,
        names.PG_ROWS: sum(interval.sums[:1]),
        names.STATEMENT_KNOWN: "grown",
    }
    return event(WHERE, DatabaseEvent.TOP_QUERY, n * 30 * 10**9, name, {names.STATEMENT_HASH: name, names.QUERY_SUMMARY: f"SELECT {name}", **figures})


def test_the_book_follows_what_is_told_and_tells_what_became_slower() -> None:
    """A reset of statistics is no interval; memory is bounded."""
    book = RegressionBook(WHERE)
    told: list[LogRecord] = []
    for n, each in enumerate(statement_series(random.Random(6), 0.0, 260, slower_at=200)):
        told += book.hear([top_query(n, each), top_query(n, each._replace(exec_ms=1_000.0), "steady")])
    (record,) = told
    assert (record.event_name, record.attributes[names.QUERY_SUMMARY]) == (DatabaseEvent.REGRESSION, "SELECT a")
    assert float(str(record.attributes[names.REGRESSION_RATIO])) == pytest.approx(1.5, abs=0.2)
    assert json.loads(str(record.attributes[names.REGRESSION_PARTS]))["rows"] == 1.0
    for n in range(2 * MAX_FOLLOWED):
        book.hear([top_query(n, CallInterval(0, 1, 100.0), f"s{n}")])
    assert len(book._histories) == MAX_FOLLOWED
