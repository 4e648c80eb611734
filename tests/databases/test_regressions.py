"""Statements that became slower: found once, with what grew; nothing is found where nothing changed."""

import json
import random

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, event
from hookline.databases.judging.regression_book import MAX_FOLLOWED, RegressionBook
from hookline.records import LogRecord
from hookline.slowdowns.call_history import HOUR_NS, RECENT, CallHistory, CallInterval, CallMemory, SlowerCalls, compared
from support.statement_series import A_DAY, statement_series

CAUSES = ("rows", "blocks")
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


def test_one_interval_that_is_slow_is_not_told() -> None:
    """It must be slower still in the next."""
    series = statement_series(random.Random(5), 0.0, 300, slower_at=200)
    ((told_at, _),) = found_in(series)
    assert told_at == 224, "it stands out from 223 on"
    fast = [each._replace(exec_ms=each.exec_ms / 3) for each in series[told_at : told_at + 20]]
    assert found_in([*series[:told_at], *fast]) == []


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


def test_a_statistic_is_weighed_by_what_it_deviates_when_nothing_happens() -> None:
    """Known after sixty times; what is never less than one, as of a series of first order, and an outlier counts as four of them."""
    memory, small = CallMemory(), CallMemory()
    for _ in range(60):
        memory.learn_statistics([2.0] * len(RECENT))
    assert memory.deviation(0) == 1.0
    for _ in range(60):
        memory.learn_statistics([2.0] * len(RECENT))
        small.learn_statistics([0.5] * len(RECENT))
    assert memory.deviation(0) == pytest.approx(2.0, abs=0.01)
    small.learn_statistics([0.5] * len(RECENT))
    assert small.deviation(0) == 1.0


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


def test_one_outlier_of_a_statement_that_has_outliers_is_none() -> None:
    """A jump says less, the larger ones were seen before."""
    memory = CallMemory()
    calm, wild = memory.weight_of_jump(3.0), CallMemory().weight_of_jump(9.0)
    assert (calm, wild) == (1.0, 0.0)
    assert found_in(statement_series(random.Random(9), 0.5, 700, kind="outliers")) == []


@pytest.mark.parametrize("seed", [29, 30, 39])
def test_what_drifts_is_not_called_slower_before_it_is_known_how_far(seed: int) -> None:
    """Half of the deviation is slow: in its first hours a rise by a quarter says little."""
    assert found_in(statement_series(random.Random(seed), 0.0, 330, kind="mixed")) == []


@pytest.mark.parametrize("seed", [23, 54, 107, 115, 124, 151])
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


def test_a_dependence_is_the_upper_end_of_what_the_past_allows() -> None:
    """Of few intervals more than of many."""
    chance = random.Random(4)
    state, values = 0.0, []
    for _ in range(400):
        state = 0.8 * state + 0.6 * chance.gauss(0, 1)
        values.append(state)
    memory = CallMemory()
    assert memory.dependence(values, 0.0) == pytest.approx(0.83, abs=0.06)
    assert memory.dependence([1.0] * 50, 1.0) < 0.2


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
