"""Looks in memory, as records, and their pace."""

import asyncio
from pathlib import Path

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import WaitClass
from hookline.databases.database_events import DatabaseName, sample_records, shown, text_of
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.host import HostReader
from hookline.databases.judging.judging import Judging
from hookline.databases.sample_groups import MAX_GROUPS, SampleGroups
from hookline.databases.sample_interval import SampleInterval, SessionSeconds
from hookline.databases.sample_ring import SampleRing
from hookline.databases.samples import CoreTimes, SessionSample, SessionsLook
from hookline.databases.wait_classes import wait_class
from hookline.databases.work_table import DueWork, LookPace, WorkTable
from hookline.sql.sql_text import read_statement
from support.cases import with_each
from support.watching import RecordingOut

S = 1_000_000_000


def session(pid: int, text: str = "select 1", kind: WaitClass = WaitClass.CPU, *, ran_s: float = 0.01, by: tuple[int, ...] = ()) -> SessionSample:
    """Return a session at work."""
    return SessionSample(
        pid, "shop", "app", "web", "10.0.0.1", "client backend", "active", "", "", kind, 7, read_statement(text), False, ran_s, ran_s, ran_s, 0, 0, by
    )


def look(at_s: float, *sessions: SessionSample, stands_for_s: float = 1.0, took_s: float = 0.001) -> SessionsLook:
    """Return a look."""
    return SessionsLook(int(at_s * S), stands_for_s, took_s, sessions)


@with_each(
    "state, kind, event, expected",
    [
        ("active", "", "", "cpu"),
        ("active", "IO", "DataFileRead", "io"),
        ("active", "IPC", "BufferIO", "io"),
        ("active", "IO", "BufFileWrite", "temp"),
        ("active", "IO", "WALSync", "wal"),
        ("active", "LWLock", "WALWrite", "wal"),
        ("active", "LWLock", "BufferMapping", "lwlock"),
        ("active", "Lock", "tuple", "lock"),
        ("active", "IPC", "SyncRep", "replication"),
        ("active", "Client", "ClientWrite", "client"),
        ("active", "Timeout", "PgSleep", "sleep"),
        ("active", "Timeout", "VacuumDelay", "sleep"),
        ("active", "Extension", "", "other"),
        ("idle in transaction", "Client", "ClientRead", "idle_in_transaction"),
        ("idle in transaction (aborted)", "", "", "idle_in_transaction"),
    ],
)
def test_waits_have_classes(state: str, kind: str, event: str, expected: str) -> None:
    """A few words instead of two hundred events."""
    assert wait_class(state, kind, event) == expected


def test_the_ring_is_bounded_and_is_read_by_time() -> None:
    """By looks and by sessions; the oldest go."""
    ring = SampleRing(max_looks=3, max_sessions=100)
    for at_s in range(5):
        ring.add(look(at_s, session(1)))
    assert [each.at_ns // S for each in ring.between(0, 100 * S)] == [2, 3, 4]
    assert [each.at_ns // S for each in ring.between(3 * S, 4 * S)] == [3]
    assert [each.at_ns // S for each in ring.last(1)] == [3, 4]
    assert (ring.count, len(ring)) == (5, 3)
    ring.add(look(9, *[session(pid) for pid in range(100)]))
    assert len(ring) == 1


async def test_who_waits_for_a_look_gets_the_next() -> None:
    """At once."""
    ring = SampleRing()
    waiting = asyncio.create_task(ring.newer_than(0))
    await asyncio.sleep(0)
    assert not waiting.done()
    ring.add(look(1))
    assert await waiting == 1


async def test_a_rest_ends_when_somebody_wants_work_sooner() -> None:
    """Whoever judges suspects something; nobody has to ask every second whether that is so."""
    watch = DatabaseWatch(DatabaseName("shop", "postgresql"), RecordingOut(), 10.0)
    Judging.begin(watch)
    resting = asyncio.create_task(watch.rest(60.0))
    for at_s in range(4):
        watch.took(look(at_s, session(1)))
        await asyncio.sleep(0)
        assert not resting.done()
    for at_s in range(4, 8):
        watch.took(look(at_s, *[session(pid) for pid in range(9)]))
    await asyncio.wait_for(resting, 1)
    assert watch.hurry()
    await asyncio.wait_for(watch.rest(0.01), 1)


def test_what_was_seen_alike_is_one_record() -> None:
    """With the seconds of sessions that it stands for, at any pace; who is blocked or runs long has a record of its own."""
    looks, interval = SampleGroups(), SampleInterval()
    for at_s in range(10):
        seen = look(at_s, session(1), session(2), session(3, "update t set a = 2", WaitClass.LOCK, by=(9,)), session(4, ran_s=5.0))
        looks.add(seen)
        interval.add(seen)
    for of in (looks, interval):
        of.add(look(10, session(1), stands_for_s=0.1))
    records = sample_records(DatabaseName("shop", "postgresql"), looks, 11 * S)
    told = {(each.attributes[names.QUERY_TEXT], each.attributes.get(names.PG_PID)): each.attributes for each in records}
    assert set(told) == {("select ?", None), ("update t set a = ?", 3), ("select ?", 4)}
    both = told["select ?", None]
    assert both[names.SAMPLE_INTERVAL] == 20.1
    assert both[names.SAMPLE_COUNT] == 21
    assert both[names.SAMPLE_PIDS] == ("1", "2")
    assert told["update t set a = ?", 3][names.BLOCKING_PIDS] == ("9",)
    assert interval.sessions()[SessionSeconds("shop", WaitClass.LOCK, "")] == pytest.approx(10 / 10.1)
    assert len({each.uid for each in records}) == 3


@pytest.mark.parametrize(("sessions", "times"), [(3, 5), (180, 2)])
def test_what_is_seen_often_is_told_soon(sessions: int, times: int) -> None:
    """Twice a second, many samples less often; looks that are made once a second at the interval's end. Seconds add up, and figures are of the whole
    interval all the same."""
    out = RecordingOut()
    watch = DatabaseWatch(DatabaseName("shop", "postgresql"), out, 10.0)
    watch.took(look(0))
    watch.flush(0)
    seen = [session(pid, f"select {'a' * pid}", ran_s=2.0) for pid in range(sessions)]
    for at_s in (1, 2, 3):
        watch.took(look(at_s, *seen))
    assert not out.of(names.DatabaseEvent.QUERY_SAMPLE)
    for tenth in range(1, 25):
        watch.took(SessionsLook(3 * S + tenth * S // 10, 0.1, 0.01, tuple(seen)))
    told = out.of(names.DatabaseEvent.QUERY_SAMPLE)
    assert len(told) == sessions * times
    watch.took(look(6))
    watch.flush(6 * S)
    assert sum(float(str(each[names.SAMPLE_INTERVAL])) for each in out.of(names.DatabaseEvent.QUERY_SAMPLE)) == pytest.approx(sessions * 5.4, abs=0.1)
    assert sum(out.values("hookline.db.sessions")) == pytest.approx(sessions * 5.4 / 6.4, abs=0.01)


def test_records_of_an_interval_are_bounded_and_add_up() -> None:
    """What has no record of its own is added to one without a statement."""
    looks = SampleGroups()
    looks.add(look(1, *[session(pid, f"select {'a' * pid}", ran_s=2.0) for pid in range(1, 2 * MAX_GROUPS)]))
    groups = looks.told()
    assert len(groups) == MAX_GROUPS + 1
    assert sum(group.seconds for group in groups) == pytest.approx(2 * MAX_GROUPS - 1)
    records = sample_records(DatabaseName("shop", "postgresql"), looks, 1)
    assert sum(names.QUERY_TEXT not in each.attributes for each in records) == 1


def test_names_that_anybody_chose_are_shown_clean() -> None:
    """An application's name is any text: control characters, a token, kilobytes."""
    assert shown("web\x1b[31m\n") == "web[31m"
    assert "ghp_" not in shown("ghp_" + "a1B2" * 9)
    assert len(shown("x" * 10_000)) <= 128


def test_a_name_in_a_statement_may_be_a_secret() -> None:
    """Quoted, or long with a digit; what can hide none is not searched, and no text makes the search slow."""
    token = "ghp_" + "a1B2" * 9
    for text in (f"SELECT {token} FROM t", f'SELECT "x {token}" FROM t', f"SELECT a.{token} FROM t"):
        told = text_of(read_statement(text))
        assert token.lower() not in repr(told).lower().replace(str(told[names.STATEMENT_HASH]), "")
    assert text_of(read_statement("SELECT a FROM orders"))[names.QUERY_TEXT] == "select a from orders"
    for hostile in ("a" * 16_000, "a-" * 8_000, '"' * 16_000):
        assert len(str(text_of(read_statement("select " + hostile)))) < 10_000


def test_looks_come_often_while_there_is_trouble() -> None:
    """And for a while after; one that takes long comes rarely."""
    pace = LookPace(1.0, 0.1, cores=2)
    assert pace.after(look(0, session(1)), 0.0) == 1.0
    assert pace.after(look(0, session(1, kind=WaitClass.LOCK)), 1.0) == 0.1
    assert pace.after(look(0), 5.9) == 0.1
    assert pace.after(look(0), 6.1) == 1.0
    assert pace.after(look(0, *[session(pid) for pid in range(3)]), 10.0) == 0.1
    assert pace.after(look(0, took_s=0.5), 10.0) == 5.0


def test_work_is_due_in_step_and_what_is_refused_comes_back() -> None:
    """A late start does not shift what follows, and nothing is tried in a storm."""
    work, other = DueWork("a", 10.0, due_s=0.0), DueWork("b", 60.0, due_s=5.0)
    table = WorkTable([work, other])
    assert table.next() == (work, 0.0)
    work.done(0.2)
    assert work.due_s == 10.0
    assert table.next({"a": 2.0}) == (work, 2.2)
    other.refused("no extension", 6.0)
    assert other.due_s == 66.0
    assert table.missing() == {"b": "no extension"}
    other.spares = 300.0
    other.done(66.0, took_s=0.4)
    assert other.due_s == 186.0, "what takes long comes rarely"
    assert table.missing() == {}


def test_how_processes_had_cores_is_said_where_most_were_looked_at_twice(tmp_path: Path) -> None:
    """Of sessions that come anew for each request it is not known, rather than nothing."""

    def ran(pid: int, running_s: float, queued_s: float) -> None:
        (tmp_path / str(pid)).mkdir(exist_ok=True)
        (tmp_path / str(pid) / "schedstat").write_text(f"{int(running_s * 1e9)} {int(queued_s * 1e9)} 7\n")

    reader = HostReader(proc=tmp_path)
    for pid in range(1, 6):
        ran(pid, 1, 1)
    assert reader.cores([1, 2], 1.0) is None
    ran(1, 1.5, 1.25)
    assert reader.cores([1, 3], 2.0) == CoreTimes(0.5, 0.25)
    assert reader.cores([1, 4, 5], 3.0) is None
    assert reader.cores([], 4.0) == CoreTimes(0.0, 0.0)
