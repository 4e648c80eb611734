"""Growth of statements: evictions, resets, exact mean and deviation of an interval."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.databases.statement_growth import (
    CounterTable,
    StatementCounters,
    StatementKey,
    StatementNumbers,
    StatementsInfo,
    StatementTable,
    added_up,
    coverage,
)

NEVER_RESET = StatementsInfo()
KEY = StatementKey(10, 5, 42, True)
times = st.lists(st.floats(0.01, 1_000.0), min_size=1, max_size=30)


def counters(ms: list[float], since: float = 0.0) -> StatementCounters:
    """Return the row of a statement whose calls took so long."""
    total, deviation = sum(ms), statistics.pstdev(ms)
    return StatementCounters._make([len(ms), total, min(ms), max(ms), deviation, len(ms), *[0] * 13, since])


def step(table: StatementTable, row: StatementCounters | None, info: StatementsInfo = NEVER_RESET) -> list[tuple[str, int]]:
    """Take a reading; return what is known, and calls."""
    rows = {KEY: row} if row else {}
    calls: dict[StatementNumbers, int] = {key: row.calls for key, row in rows.items()}
    read = {key: row for key, row in rows.items() if key in table.changed(calls)}
    return [(growth.known, growth.grown.calls) for growth in table.step(calls, read, info)]


@given(times, times)
def test_mean_and_deviation_of_an_interval_are_exact(before: list[float], after: list[float]) -> None:
    """Though the server tells only those of all calls."""
    table = StatementTable()
    table.step({KEY: len(before)}, {KEY: counters(before)}, StatementsInfo())
    both = before + after
    (growth,) = table.step({KEY: len(both)}, {KEY: counters(both)}, StatementsInfo())
    assert growth.grown.calls == len(after)
    assert growth.mean_ms == pytest.approx(statistics.fmean(after), rel=1e-6, abs=1e-6)
    assert growth.deviation_ms == pytest.approx(statistics.pstdev(after), rel=1e-3, abs=0.05)


def test_what_statements_did_together_is_the_sum_of_what_each_did() -> None:
    """Also of those that are new or came back, which have no row before."""
    table = StatementTable()
    keys = [KEY._replace(query_id=number) for number in range(3)]
    readings = ({keys[0]: counters([1.0] * 4), keys[1]: counters([2.0] * 9)}, {key: counters([3.0, 5.0] * 3) for key in keys})
    for rows in readings:
        growths = table.step({key: row.calls for key, row in rows.items()}, rows, NEVER_RESET)
    assert [each.known for each in growths] == ["grown", "evicted", "new"]
    (together, squares), each_grown = added_up(growths), [each.grown for each in growths]
    assert squares == pytest.approx(sum(each.squares for each in growths))
    for name in ("calls", "exec_ms", "rows"):
        assert getattr(together, name) == pytest.approx(sum(getattr(each, name) for each in each_grown))
    assert (together.calls, together.min_ms, together.max_ms) == (2 + 6 + 6, 0.0, 0.0)
    assert added_up([])[0].calls == 0


def test_the_first_reading_is_the_base() -> None:
    """What was before is not the interval's."""
    table = StatementTable()
    assert step(table, counters([1.0] * 5)) == []
    assert step(table, counters([1.0] * 7)) == [("grown", 2)]
    assert step(table, counters([1.0] * 7)) == []


def test_a_row_that_is_new_counts_whole() -> None:
    """It was called since."""
    table = StatementTable()
    assert step(table, None) == []
    assert step(table, counters([1.0] * 3)) == [("new", 3)]


def test_a_row_that_was_thrown_out_and_came_back_counts_whole() -> None:
    """By fewer calls, by less time, or by the beginning of its statistics."""
    table = StatementTable()
    step(table, counters([1.0] * 9))
    assert step(table, counters([1.0] * 2)) == [("evicted", 2)]
    assert step(table, counters([0.1] * 3)) == [("evicted", 3)]
    assert step(table, counters([5.0] * 4, since=7.0)) == [("evicted", 4)]
    assert step(table, None) == []
    assert step(table, counters([5.0] * 6, since=9.0)) == [("new", 6)]


def test_rows_that_were_thrown_out_are_counted_between_readings() -> None:
    """The first reading is the base; after a reset the server counts from nothing."""
    table = StatementTable()
    assert table.evictions_since(StatementsInfo(1.0, 5)) == 0
    table.step({}, {}, StatementsInfo(1.0, 5))
    assert [table.evictions_since(StatementsInfo(1.0, count)) for count in (5, 8, 2)] == [0, 3, 2]


def test_a_reset_lets_every_row_count_whole() -> None:
    """Also one that has more calls than before."""
    table = StatementTable()
    step(table, counters([1.0] * 2), StatementsInfo(1.0, 0))
    assert step(table, counters([1.0] * 5), StatementsInfo(2.0, 0)) == [("reset", 5)]
    assert step(table, counters([1.0] * 6), StatementsInfo(2.0, 0)) == [("grown", 1)]


def test_evictions_and_coverage_are_told() -> None:
    """So that nobody takes what is listed for everything."""
    table = StatementTable()
    table.step({}, {}, StatementsInfo(1.0, 4))
    assert table.evictions_since(StatementsInfo(1.0, 9)) == 5
    assert table.evictions_since(StatementsInfo(2.0, 1)) == 1
    growths = table.step({KEY: 2}, {KEY: counters([10.0, 20.0])}, StatementsInfo(1.0, 9))
    assert coverage(growths, 60.0) == 0.5
    assert coverage(growths, 10.0) == 1.0
    assert coverage(growths, None) is None


def test_a_counter_that_fell_was_reset() -> None:
    """It counts from zero then; the first reading is the base."""
    table = CounterTable()
    assert [table.growth("a", value) for value in (5, 8, 3, 3)] == [None, 3, 3, 0]
