"""A database whose hours of databases an earlier version worked out goes on from there: whole hours stay, and the next is worked out in parts."""

from typing import Any

import pytest

from hookline_collector.rollups.database_rollups import PART_S, DatabaseRollups
from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.backends import Pool
from hookline_collector.store.rows import JSON_SETTINGS
from hookline_collector.store.schema.migrations import bring_up, migrations
from hookline_collector.store.store import _Session
from support.shop_telemetry import NOON_NS, NS, database, of_logs, sample
from support.stores import fresh_token, store_settings

pytestmark = pytest.mark.long
BEFORE = 118
"""Its notes say of an hour only that it is worked out."""
NOTED = "INSERT INTO db_rollup_hours (what, hour, points) SELECT {what:String}, toDateTime({hour:UInt32}, 'UTC'), 60"
WORKED_OUT = """INSERT INTO db_load_1m
SELECT *, now64(3) FROM db_load_of_samples(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')})"""
LOAD = """SELECT toUnixTimestamp(minute) - {since:UInt32}, wait_class, seconds, samples
FROM db_load(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}) ORDER BY ALL"""
CLASSES = LOAD.replace("db_load(", "db_classes(")
ENDS = "SELECT what, max(toUnixTimestamp(hour) + seconds) - {since:UInt32} FROM db_rollup_hours GROUP BY what"


def test_hours_of_the_version_before_are_whole_ones() -> None:
    """What is worked out is not worked out again, and the figures are those of the samples, also with one that comes late to such an hour."""
    settings = store_settings("embedded")
    store = Store(settings)
    pool = Pool(store._backend, 1, "system", JSON_SETTINGS)
    try:
        with store._client(pool) as client:
            bring_up(_Session(client, store._backend), settings.store, [each for each in migrations() if each.version <= BEFORE])
        _send(store, *range(0, 2 * HOUR_S, 60))
        for what in ("samples", "classes", "busy", "class_hours"):
            store.command(NOTED, {"what": what, "hour": NOON_NS // NS})
        store.command(WORKED_OUT, {"since": NOON_NS // NS, "until": NOON_NS // NS + HOUR_S})
        before = _asked(store, LOAD)
        assert store.migrate()[0] == "0119_parts_of_hours"
        assert dict(_asked(store, ENDS)) == dict.fromkeys(("samples", "classes", "busy", "class_hours"), HOUR_S)
        assert _asked(store, LOAD) == before
        assert _rolled(store, HOUR_S + 3 * PART_S) == 3  # what was worked out is left alone
        assert dict(_asked(store, ENDS))["samples"] == HOUR_S + 3 * PART_S
        assert _asked(store, LOAD) == before
        _send(store, 61)
        assert _rolled(store, 2 * HOUR_S) == 8
        assert sum(row[2] for row in _asked(store, LOAD)) == sum(row[2] for row in _asked(store, CLASSES)) == 121.0
    finally:
        store.command(f"DROP DATABASE IF EXISTS `{store.database}` SYNC")
        pool.close()
        store.close()


def _send(store: Store, *seconds: int) -> None:
    told = [sample(NOON_NS + second * NS, pid=7 + second % 60) for second in seconds]
    store.insert(Signal.LOGS, of_logs(database(), told), fresh_token())


def _asked(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return list(store.query(sql, {"since": NOON_NS // NS, "until": NOON_NS // NS + 3 * HOUR_S}).rows)


def _rolled(store: Store, until_s: int) -> int:
    return DatabaseRollups(store, lambda: NOON_NS // NS + until_s + GRACE_S).catch_up()
