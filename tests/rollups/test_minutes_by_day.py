"""Minutes of metrics lie by day: a day is read without its month. A store that had them otherwise works them out again."""

from __future__ import annotations

import pytest

from hookline_collector.rollups.metric_rollups import GRACE_S, MetricRollups
from hookline_collector.store import Store
from hookline_collector.store.schema.migrations import migrations, placeholders
from rollups.test_metric_rollups import HOUR_S, NOON_S, send
from support.soaking import share
from support.stores import emptied_store

__all__ = ["emptied_store"]
pytestmark = pytest.mark.long
DAYS, SESSIONS = 20, 30
"""A session a series, of 12 hours each on every day."""
MINUTES = """INSERT INTO otel_metrics_minutes (MetricName, Series, Attributes, Bucket)
SELECT 'process.cpu.time', cityHash64(intDiv(number, 720)), map('session.id', toString(intDiv(number, 720))),
    toDateTime('2026-09-01 08:00:00', 'UTC') + intDiv(number, 720 * {sessions:UInt32}) * 86400 + number % 720 * 60
FROM numbers(720 * {sessions:UInt32} * {days:UInt32})"""
OF_A_DAY = """EXPLAIN ESTIMATE SELECT Increase FROM otel_metrics_minutes FINAL WHERE MetricName IN ['process.cpu.time']
AND Bucket > toDateTime('2026-09-09 23:59:00', 'UTC') AND Bucket <= toDateTime('2026-09-11 00:00:00', 'UTC')"""
STORED = "SELECT * EXCEPT Version FROM otel_metrics_minutes FINAL ORDER BY Series, Bucket"
NOTED = "SELECT points FROM metric_rollup_hours FINAL WHERE hour = toDateTime({hour:UInt32}, 'UTC')"
EXPIRED_S = NOON_S - 400 * 24 * HOUR_S


def test_a_day_is_read_without_the_other_days(emptied_store: Store) -> None:
    """Of 432,000 minutes of 600 sessions, those of the three days that have a part in the range: 64,800, and what shares a granule with them."""
    emptied_store.command(MINUTES, {"days": DAYS, "sessions": SESSIONS})
    [estimated] = emptied_store.query(OF_A_DAY).as_dicts()
    assert estimated["rows"] <= 3 * SESSIONS * 720 + 2 * 8192


@pytest.mark.parametrize("ran", share([4], [0, 4, 10], [0, 4, 10]))
def test_minutes_of_before_are_worked_out_again_from_points(emptied_store: Store, ran: int) -> None:
    """Also where a start was killed after some statements of the migration. An hour whose points are gone stays as it was worked out."""
    store = emptied_store
    send(store, "gauge", [(10, 1.0), (70, 3.0), (HOUR_S + 5, 2.0)])
    send(store, "sum", [(10, 1.0), (70, 4.0)], series="b")
    rollups = MetricRollups(store, lambda: NOON_S + 2 * HOUR_S + GRACE_S)
    assert rollups.catch_up() == 2
    known = store.query(STORED).rows
    assert known
    store.command("INSERT INTO metric_rollup_hours (hour, points) SELECT toDateTime({hour:UInt32}, 'UTC'), 500", {"hour": EXPIRED_S})
    store.command("CREATE TABLE otel_metrics_1m AS otel_metrics_minutes")
    store.command("INSERT INTO otel_metrics_1m SELECT * FROM otel_metrics_minutes")
    store.command("TRUNCATE TABLE otel_metrics_minutes")
    [migration] = [each for each in migrations() if each.name == "0108_metric_minutes_by_day"]
    statements = migration.statements(placeholders(store._settings.store))
    for statement in (*statements[:ran], *statements):
        store.command(statement)
    assert rollups.catch_up() == 2
    assert store.query(STORED).rows == known
    assert store.query(NOTED, {"hour": EXPIRED_S}).scalar() == 500
    assert store.query("EXISTS TABLE otel_metrics_1m").scalar() == 0
