"""What was told of databases by the minute and hour is what their records say, however often those come and are worked out."""

from typing import Any

import pytest

from hookline.errors import Refused
from hookline_collector.rollups.database_rollups import PART_S, DatabaseRollups
from hookline_collector.rollups.metric_rollups import GRACE_S
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.shop_telemetry import NOON_NS, NS, Told, database, of_logs, sample, statement_told
from support.stores import derived_store, fresh_token

__all__ = ["derived_store"]
pytestmark = pytest.mark.long
HOUR_S = 3600
LOAD = """SELECT toUnixTimestamp(minute), wait_class, statement_hash, seconds, samples
FROM db_load(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}) ORDER BY ALL"""
HOURS = """SELECT toUnixTimestamp(hour), statement_hash, calls, exec_s
FROM db_statement_hours(since = {since:DateTime('UTC')}, until = {until:DateTime('UTC')}) ORDER BY ALL"""

CLASSES = "SELECT wait_class, sum(seconds) FROM db_classes_1m FINAL GROUP BY wait_class ORDER BY wait_class"


def send(store: Store, *records: Told) -> None:
    store.insert(Signal.LOGS, of_logs(database(), records), fresh_token())


def asked(store: Store, sql: str) -> list[tuple[Any, ...]]:
    return list(store.query(sql, {"since": NOON_NS // NS, "until": NOON_NS // NS + 5 * HOUR_S}).rows)


def rolled(store: Store, after_s: float) -> int:
    return DatabaseRollups(store, lambda: NOON_NS // NS + after_s).catch_up()


def test_an_hour_says_the_same_before_and_after_it_was_worked_out(derived_store: Store) -> None:
    """Also with what comes late, what comes twice, and once the samples are gone."""
    waits = {"postgresql.wait_event_type": "Lock", "postgresql.wait_event": "tuple"}
    told = [sample(NOON_NS + n * NS, pid=7 + n % 2) for n in range(90)]
    told += [sample(NOON_NS + 70 * NS, 50, waits, statement=1), sample(NOON_NS + HOUR_S * NS, pid=7)]
    told += [statement_told(NOON_NS + 60 * NS * n, calls=10) for n in range(3)]
    send(derived_store, *told)
    before = asked(derived_store, LOAD), asked(derived_store, HOURS)
    assert sum(row[3] for row in before[0]) == 92.0
    assert [row[2] for row in before[1]] == [30]
    assert rolled(derived_store, PART_S + GRACE_S - 1) == 0
    assert rolled(derived_store, HOUR_S + GRACE_S) == 5  # an hour of samples, the two worked out of it, one of those, and statements
    assert rolled(derived_store, HOUR_S + GRACE_S) == 0
    assert (asked(derived_store, LOAD), asked(derived_store, HOURS)) == before
    send(derived_store, *told[:20])  # told again
    assert rolled(derived_store, HOUR_S + GRACE_S) <= 4
    assert asked(derived_store, LOAD) == before[0]
    send(derived_store, sample(NOON_NS + 500 * NS, pid=9))
    rolled(derived_store, HOUR_S + GRACE_S)
    assert sum(row[3] for row in asked(derived_store, LOAD)) == 93.0
    assert derived_store.query(CLASSES).rows == (("cpu", 91.0), ("lock", 1.0))
    for table in ("db_classes_1m", "db_classes_1h", "db_busy_1m", "db_rollup_hours"):
        derived_store.command(f"TRUNCATE TABLE {table}")
    known = "INSERT INTO db_rollup_hours (what, hour, points) SELECT arrayJoin(['samples', 'statements']), toDateTime({hour:UInt32}, 'UTC'), 1000"
    derived_store.command(known, {"hour": NOON_NS // NS})  # as in a store of an earlier version
    derived_store.command("TRUNCATE TABLE db_samples_state")
    assert rolled(derived_store, HOUR_S + GRACE_S) == 3
    assert derived_store.query(CLASSES).rows == (("cpu", 91.0), ("lock", 1.0))
    assert derived_store.query(CLASSES.replace("db_classes_1m", "db_classes_1h")).rows == (("cpu", 91.0), ("lock", 1.0))
    assert derived_store.query("SELECT sum(seconds), uniqExact(statement_hash) FROM db_busy_1m FINAL").rows == ((92.0, 2),)
    assert sum(row[3] for row in asked(derived_store, LOAD)) == 92.0  # but for the hour that was not over


def test_an_hour_is_worked_out_part_by_part(derived_store: Store) -> None:
    """From where it was worked out on, or all of it where samples came late; hours by the hour only when it is over; and nothing counts twice."""
    ends = "SELECT what, toUnixTimestamp(max(hour + seconds)) - {since:UInt32} FROM db_rollup_hours GROUP BY what"
    written = "SELECT toUnixTimestamp(minute) - {since:UInt32}, count() FROM db_load_1m GROUP BY minute ORDER BY minute"
    send(derived_store, *(sample(NOON_NS + n * 60 * NS, pid=7) for n in range(90)))
    before = asked(derived_store, LOAD)
    assert rolled(derived_store, 2 * PART_S + GRACE_S) == 3
    assert dict(asked(derived_store, ends)) == {"samples": 600, "classes": 600, "busy": 600}
    assert asked(derived_store, LOAD) == before
    assert rolled(derived_store, 3 * PART_S + GRACE_S - 1) == 0
    assert rolled(derived_store, 3 * PART_S + GRACE_S) == 3
    assert asked(derived_store, written) == [(n * 60, 1) for n in range(15)]  # none of them again
    assert asked(derived_store, LOAD) == before
    send(derived_store, sample(NOON_NS + 61 * NS, pid=8))  # late
    assert rolled(derived_store, 3 * PART_S + GRACE_S) == 3
    assert sum(row[3] for row in asked(derived_store, LOAD)) == 91.0
    assert derived_store.query(CLASSES).rows == (("cpu", 16.0),)
    assert derived_store.query("SELECT count() FROM db_load_1h").scalar() == 0
    late = asked(derived_store, LOAD)
    assert rolled(derived_store, HOUR_S + GRACE_S) == 4
    assert rolled(derived_store, HOUR_S + 6 * PART_S + GRACE_S) == 3
    assert dict(asked(derived_store, ends)) == {"samples": 5_400, "classes": 5_400, "busy": 5_400, "class_hours": 3_600}
    assert asked(derived_store, LOAD) == late
    assert derived_store.query(CLASSES).rows == (("cpu", 91.0),)
    assert derived_store.query("SELECT sum(seconds) FROM db_load_1h FINAL").scalar() == 61.0
    assert rolled(derived_store, 2 * HOUR_S + GRACE_S) == 4  # although nothing came
    assert derived_store.query("SELECT sum(seconds) FROM db_load_1h FINAL").scalar() == 91.0


def test_what_was_cut_off_follows_with_the_next_part(derived_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between minutes and what is worked out of them."""
    send(derived_store, *(sample(NOON_NS + n * 60 * NS, pid=7) for n in range(60)))
    assert rolled(derived_store, PART_S + GRACE_S) == 3
    send(derived_store, sample(NOON_NS + 61 * NS, pid=8))
    command = derived_store.command

    def fail(sql: str, parameters: Any = None) -> None:
        if "db_classes_1m" in sql:
            raise Refused("gone")
        command(sql, parameters)

    monkeypatch.setattr(derived_store, "command", fail)
    with pytest.raises(Refused):
        rolled(derived_store, PART_S + GRACE_S)
    monkeypatch.setattr(derived_store, "command", command)
    assert rolled(derived_store, 2 * PART_S + GRACE_S) == 3
    assert derived_store.query(CLASSES).rows == (("cpu", 11.0),)
