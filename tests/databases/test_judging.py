"""Verdicts from looks that are made up: what is found, what is excluded and why, what explains what, and when an incident begins and ends."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hookline.contract import databases as names
from hookline.contract.databases import VerdictClass, WaitClass
from hookline.databases.database_events import DatabaseName, event
from hookline.databases.database_points import DatabasePoint
from hookline.databases.judging.fact_board import FactBoard
from hookline.databases.judging.findings import Finding, Judgement
from hookline.databases.judging.incident_book import IncidentBook
from hookline.databases.judging.look_window import LookWindow, wilson
from hookline.databases.judging.verdict import judged
from hookline.databases.judging.verdict_records import verdict_record
from hookline.databases.samples import CoreTimes, SessionSample, SessionsLook, WaitedLock
from hookline.records import LogRecord
from hookline.sql.sql_text import read_statement

S = 1_000_000_000
WHERE = DatabaseName("shop", "postgresql")
UPDATE = "UPDATE accounts SET balance = balance + 1 WHERE id = 7"
SEARCH = "SELECT * FROM orders WHERE note = 'x'"
SORT = "SELECT * FROM visits ORDER BY random_key"


class Kept:
    """A way out that keeps what is told."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []

    def events(self, records: Iterable[LogRecord]) -> None:
        """Keep records."""
        self.records += records

    def points(self, points: Iterable[DatabasePoint], since_ns: int) -> None:
        """Take no note."""


def session(pid: int, wait: WaitClass, sql: str = UPDATE, wait_event: str = "", **more: Any) -> SessionSample:
    """Return a session as it was seen once."""
    kind, _, name = wait_event.partition(":")
    text = read_statement(sql, "postgresql") if sql else None
    common = {"database": "shop", "user": "app", "application": "web", "peer": "", "backend_type": "client backend", "state": "active", "query_id": 1}
    times = {"statement_s": 0.2, "transaction_s": 0.3, "state_s": 0.2}
    return SessionSample(
        **{"pid": pid, "wait_type": kind, "wait_event": name, "wait_class": wait, "statement": text, "is_cut": False, **common, **times, **more}
    )


def idle(pid: int, seconds: float) -> SessionSample:
    """Return a session that sits in a transaction."""
    more = {"state": "idle in transaction", "state_s": seconds, "transaction_s": seconds, "application": "report"}
    return session(pid, WaitClass.IDLE_IN_TRANSACTION, UPDATE, "Client:ClientRead", **more)


def waiting(pid: int, blocked_by: tuple[int, ...], seconds: float = 1.0, relation: str = "accounts") -> SessionSample:
    """Return a session that waits for others."""
    return session(
        pid, WaitClass.LOCK, UPDATE, "Lock:transactionid", blocked_by=blocked_by, lock=WaitedLock("transactionid", "ShareLock", relation, seconds)
    )


def window(looks: Sequence[Sequence[SessionSample]], pace_s: float = 0.5, cores: CoreTimes | None = None) -> LookWindow:
    """Return looks at a pace."""
    return LookWindow([SessionsLook(n * int(pace_s * S), pace_s, 0.001, tuple(look), cores) for n, look in enumerate(looks, 1)])


def board(*points: DatabasePoint, tables: Sequence[dict[str, Any]] = ()) -> FactBoard:
    """Return figures; the machine has two cores."""
    facts = FactBoard(Kept())
    facts.points([DatabasePoint("hookline.db.cores", 2), DatabasePoint("hookline.db.connections.used_percent", 20.0), *points], 0)
    facts.events(
        [
            event(WHERE, names.DatabaseEvent.RELATION, n, str(n), {names.DB_NAMESPACE: "shop", names.INTERVAL_S: 10.0, **each})
            for n, each in enumerate(tables)
        ]
    )
    return facts


def kinds(judgement: Judgement) -> set[str]:
    """Return what was found."""
    return {str(each.kind) for each in judgement.findings}


def only(judgement: Judgement) -> Finding:
    """Return the one finding."""
    assert len(judgement.findings) == 1, kinds(judgement)
    return judgement.findings[0]


def test_a_few_sessions_at_work_are_healthy_and_all_is_excluded_with_a_reason() -> None:
    """Every class was looked at."""
    looks = [[session(1, WaitClass.CPU), session(2, WaitClass.IO, SEARCH, "IO:DataFileRead")] if n % 2 else [] for n in range(12)]
    found = judged(window(looks), board())
    assert found.is_healthy
    assert set(found.excluded) == set(VerdictClass) - {VerdictClass.HEALTHY, VerdictClass.UNCLEAR}
    assert all(found.excluded.values())


def test_too_few_looks_say_nothing() -> None:
    """And why."""
    assert judged(window([[session(1, WaitClass.CPU)]] * 3), board()).unclear == "only 3 looks in 1.5 s"
    assert judged(window([]), board()).unclear == "no look at the sessions came through"
    assert not judged(window([[session(1, WaitClass.CPU)]] * 4, 0.7), board()).unclear


def test_more_sessions_than_cores_want_one() -> None:
    """With the statement that wants most; not where the processes had their cores."""
    looks = [[session(pid, WaitClass.CPU, SEARCH) for pid in range(4)]] * 12
    finding = only(judged(window(looks, cores=CoreTimes(1.9, 2.0)), board()))
    assert (finding.kind, finding.culprit and finding.culprit.kind, finding.certainty) == (VerdictClass.CPU, "statement", 0.95)
    assert finding.culprit is not None
    assert finding.culprit.name == read_statement(SEARCH, "postgresql").hash
    busy = only(judged(window(looks, cores=CoreTimes(0.9, 3.0)), board()))
    assert "Other programs of the machine use the rest" in busy.text
    assert busy.culprit == finding.culprit
    assert judged(window(looks, cores=CoreTimes(3.9, 0.1)), board()).is_healthy
    elsewhere = FactBoard(Kept())
    assert "cores = N" in judged(window(looks), elsewhere).excluded[VerdictClass.CPU]


def test_who_takes_the_cores_is_told_where_the_server_alone_would_have_enough() -> None:
    """Each session wants one in two of three looks, for three times as long as it would take alone; one in all of them wants it at any speed."""
    looks = [[session(pid, WaitClass.CPU, SEARCH, peer="10.0.0.7") for pid in range(4) if (n + pid) % 3] for n in range(13)]
    finding = only(judged(window(looks, cores=CoreTimes(0.9, 1.8)), board()))
    assert (finding.kind, finding.culprit and finding.culprit.name) == (VerdictClass.CPU, "other programs")
    assert "Without them 1.5 would want one." in finding.text
    own = only(judged(window(looks, cores=CoreTimes(1.6, 3.2)), board()))
    assert own.culprit is not None
    assert own.culprit.kind == "statement"
    near = [[each._replace(peer="") for each in look] for look in looks]
    assert only(judged(window(near, cores=CoreTimes(0.9, 1.8)), board())).culprit == own.culprit, "their clients are slowed as they are"
    begun: list[list[SessionSample]] = [[]] * 4 + [[session(pid, WaitClass.CPU, SEARCH, peer="10.0.0.7") for pid in range(4)]] * 9
    late = only(judged(window(begun, cores=CoreTimes(0.9, 1.8)), board()))
    assert late.culprit == own.culprit, "they began within the window, and did nothing else since"


@pytest.mark.parametrize(
    ("wait", "wait_event", "kind"),
    [
        (WaitClass.IO, "IO:DataFileRead", VerdictClass.IO),
        (WaitClass.WAL, "LWLock:WALWrite", VerdictClass.WAL),
        (WaitClass.LWLOCK, "LWLock:BufferMapping", VerdictClass.LATCH),
        (WaitClass.REPLICATION, "IPC:SyncRep", VerdictClass.REPLICATION),
        (WaitClass.CLIENT, "Client:ClientWrite", VerdictClass.CLIENT),
    ],
)
def test_what_most_sessions_wait_for_is_found(wait: WaitClass, wait_event: str, kind: VerdictClass) -> None:
    """It is named, with its share and the ends of that."""
    looks = [[session(pid, wait if pid < 4 else WaitClass.CPU, UPDATE, wait_event if pid < 4 else "") for pid in range(5)]] * 12
    finding = only(judged(window(looks), board()))
    assert finding.kind == kind
    assert finding.share == pytest.approx(0.8)
    assert finding.low < 0.8 < finding.high
    if kind not in {VerdictClass.CLIENT, VerdictClass.REPLICATION}:
        assert wait_event in finding.text


@pytest.mark.parametrize("sql", ["", "SELECT a{pid} FROM t{pid}"], ids=["no text", "a statement each"])
def test_where_no_statement_carries_much_none_is_the_culprit(sql: str) -> None:
    """The wait is found all the same."""
    looks = [[session(pid, WaitClass.IO, sql.format(pid=pid), "IO:DataFileRead") for pid in range(10)]] * 12
    finding = only(judged(window(looks), board()))
    assert (finding.kind, finding.culprit) == (VerdictClass.IO, None)


def test_one_who_sits_idle_in_a_transaction_is_the_culprit_not_those_who_wait() -> None:
    """By pid, with how to end it; a connection limit that is reached meanwhile is explained by it."""
    looks = [[idle(1, 20.0 + n / 2), *(waiting(pid, (1,), 3.0 + n / 2) for pid in range(2, 8))] for n in range(12)]
    judgement = judged(window(looks), board(DatabasePoint("hookline.db.connections.used_percent", 98.0)))
    finding = only(judgement)
    assert (finding.kind, finding.culprit and (finding.culprit.kind, finding.culprit.name)) == (VerdictClass.LOCK, ("pid", "1"))
    assert "sat idle in a transaction for 26 s" in finding.text
    assert "pg_terminate_backend(1)" in finding.next_step
    assert judgement.excluded[VerdictClass.CONNECTIONS].startswith("it comes from waiting for locks")
    points = [DatabasePoint("hookline.db.connections.used_percent", 98.0), DatabasePoint("hookline.db.connections", 13, {"state": "idle"})]
    assert kinds(judged(window(looks), board(*points))) == {"lock", "connections"}, "most connections do not wait"


def test_those_who_wait_for_one_who_sits_idle_hide_no_other_trouble() -> None:
    """However many they become: they are no load beside which slow reads would be little. In a queue for a hot row they are."""
    reading = [session(40 + n, WaitClass.IO, SEARCH, "IO:DataFileRead") for n in range(2)]
    behind = [waiting(pid, (1,) if pid == 2 else (2,), 6.0) for pid in range(2, 20)]
    judgement = judged(window([[idle(1, 20.0 + n / 2), *behind, *reading] for n in range(12)]), board())
    assert kinds(judgement) == {"lock", "io"}
    assert {each.kind: round(each.share, 2) for each in judgement.findings} == {VerdictClass.LOCK: 0.9, VerdictClass.IO: 1.0}
    assert kinds(judged(window([[session(1, WaitClass.CPU), *behind, *reading]] * 12), board())) == {"lock"}


@pytest.mark.parametrize(("connections", "culprit"), [(8, "web"), (9, "connections")])
def test_an_application_that_is_seen_at_work_has_the_connections_only_where_it_has_half_of_them(connections: int, culprit: str) -> None:
    """Looks have no idle sessions."""
    points = [DatabasePoint("hookline.db.connections.used_percent", 98.0), DatabasePoint("hookline.db.connections", connections, {"state": "idle"})]
    finding = only(judged(window([[session(pid, WaitClass.SLEEP) for pid in range(4)]] * 12), board(*points)))
    assert finding.culprit is not None
    assert finding.culprit.name == culprit


def test_a_hot_row_has_a_statement_as_its_culprit() -> None:
    """Another root every time."""
    looks = [[session(n % 8 + 1, WaitClass.CPU), *(waiting(pid, (n % 8 + 1,), 0.05) for pid in range(1, 9) if pid != n % 8 + 1)] for n in range(12)]
    finding = only(judged(window(looks), board()))
    assert finding.culprit is not None
    assert (finding.kind, finding.culprit.kind, finding.culprit.name) == (VerdictClass.LOCK, "statement", read_statement(UPDATE, "postgresql").hash)
    deadlocked = only(judged(window(looks), board(DatabasePoint("postgresql.deadlocks", 3, {"db.namespace": "shop"}))))
    assert "3 deadlocks" in deadlocked.text


def test_who_has_only_just_come_is_not_the_culprit_of_a_queue() -> None:
    """Where a client starves, a hot row's holder stays for most of a window; others waited before it came. Until that is known nobody is named."""
    before = [[idle(20 + n, 0.1), *(waiting(pid, (20 + n,)) for pid in range(1, 8))] for n in range(4)]
    stays = [[idle(30, 0.2 + n / 10), *(waiting(pid, (30,)) for pid in range(1, 8))] for n in range(8)]
    assert "lock" not in kinds(judged(window(stays[:4]), board()))
    found = only(judged(window([*before, *stays]), board()))
    assert found.kind is VerdictClass.LOCK
    assert found.culprit is not None
    assert found.culprit.kind == "statement"


def test_a_short_wait_now_and_then_is_no_verdict() -> None:
    """That is how locks work."""
    looks = [[session(1, WaitClass.CPU), *([waiting(2, (1,), 0.01)] if n % 4 == 0 else [])] for n in range(12)]
    assert judged(window(looks), board()).is_healthy


TABLE = {names.RELATION_NAME: "orders", names.RELATION_ROWS: 400_000, names.RELATION_SEQ_SCANS: 20, names.RELATION_SEQ_ROWS: 8_000_000}


def test_a_missing_index_explains_cores_and_files() -> None:
    """Only where the statement that names the table is the load."""
    looks = [[session(pid, WaitClass.CPU if pid < 3 else WaitClass.IO, SEARCH, "" if pid < 3 else "IO:DataFileRead") for pid in range(6)]] * 12
    judgement = judged(window(looks), board(tables=[TABLE]))
    finding = only(judgement)
    assert (finding.kind, finding.culprit and finding.culprit.kind) == (VerdictClass.MISSING_INDEX, "statement")
    assert "orders (about 400,000 rows) whole again and again, " in finding.text
    assert [finding.share, finding.statements[0].share] == pytest.approx([1.0, 1.0])
    assert judgement.excluded[VerdictClass.CPU].startswith("it comes from a missing index")
    others = [[session(pid, WaitClass.CPU, UPDATE) for pid in range(6)]] * 12
    assert kinds(judged(window(others), board(tables=[TABLE]))) == {"cpu"}


def test_a_table_read_by_parallel_workers_is_said_to_have_the_rows_that_it_has() -> None:
    """PostgreSQL counts a scan for each of them: rows by scan would be a third of what a call reads."""
    table = {**TABLE, names.RELATION_SEQ_SCANS: 60}
    looks = [[session(pid, WaitClass.CPU, SEARCH) for pid in range(6)]] * 12
    finding = only(judged(window(looks), board(tables=[table])))
    assert "orders (about 400,000 rows) whole" in finding.text
    assert "133,333" not in finding.text
    nobody_counted = {**table, names.RELATION_ROWS: 0}
    assert "reads orders whole" in only(judged(window(looks), board(tables=[nobody_counted]))).text


def test_a_sort_that_spills_is_found_by_its_files_although_it_mostly_computes() -> None:
    """As measured: cores 2.3, temporary files 0.1 sessions on average."""
    looks = [
        [
            session(1, WaitClass.TEMP if n % 8 == 0 else WaitClass.CPU, SORT, "IO:BufFileWrite" if n % 8 == 0 else ""),
            *(session(pid, WaitClass.CPU, SORT) for pid in (2, 3)),
        ]
        for n in range(12)
    ]
    finding = only(judged(window(looks), board(DatabasePoint("hookline.db.temp.size", 198 * 2**20))))
    assert (finding.kind, finding.culprit and finding.culprit.shown) == (VerdictClass.MEMORY, "SELECT visits")
    assert "198 MB" in finding.text
    assert finding.share == pytest.approx(1.0)
    visits = {**TABLE, names.RELATION_NAME: "visits"}
    judgement = judged(window(looks), board(DatabasePoint("hookline.db.temp.size", 198 * 2**20), tables=[visits]))
    assert only(judgement).kind is VerdictClass.MEMORY
    assert judgement.excluded[VerdictClass.MISSING_INDEX].startswith("it comes from too little memory")


def test_dead_rows_that_an_old_transaction_keeps_have_its_backend_as_the_culprit() -> None:
    """Without one, the table."""
    table = {names.RELATION_NAME: "accounts", names.RELATION_ROWS: 100_000, names.RELATION_DEAD_ROWS: 90_000, names.RELATION_VACUUM_TRIGGER: 20_050.0}
    pin = idle(9, 120.0)._replace(xmin_age=5_000, transaction_s=120.0)
    finding = only(judged(window([[pin]] * 12), board(tables=[table])))
    assert (finding.kind, finding.culprit and finding.culprit.name) == (VerdictClass.VACUUM, "9")
    alone = only(judged(window([[]] * 12), board(tables=[table])))
    assert (alone.culprit and alone.culprit.name, "VACUUM accounts" in alone.next_step) == ("accounts", True)
    assert "holds vacuum back" not in alone.text
    slot = DatabasePoint("hookline.db.xmin.age", 1_000, {"hookline.db.xmin.holder": "slot"})
    assert only(judged(window([[]] * 12), board(slot, tables=[table]))).text.endswith(" A replication slot holds vacuum back by 1,000 transactions.")
    none = DatabasePoint("hookline.db.xmin.age", 0, {"hookline.db.xmin.holder": "slot"})
    assert "holds vacuum back" not in only(judged(window([[]] * 12), board(none, tables=[table]))).text


def test_dead_rows_matter_from_ten_thousand_on() -> None:
    """Where vacuum would begin at half of them or fewer."""
    for dead_rows, trigger, is_found in ((10_000, 5_000.0, True), (9_999, 50.0, False), (10_000, 5_001.0, False)):
        table = {names.RELATION_NAME: "a", names.RELATION_DEAD_ROWS: dead_rows, names.RELATION_VACUUM_TRIGGER: trigger}
        assert (kinds(judged(window([[]] * 12), board(tables=[table]))) == {"vacuum"}) is is_found, (dead_rows, trigger)


def test_the_standby_that_is_furthest_behind_is_named() -> None:
    """From 64 MiB of WAL on."""
    for ahead, behind, names_found in ((1, 64, ["b"]), (1, 63, []), (80, 64, ["a"])):
        points = [
            DatabasePoint("postgresql.replication.data_delay", n * 2**20, {"replication_client": who}) for who, n in (("a", ahead), ("b", behind))
        ]
        found = judged(window([[]] * 12), board(*points))
        assert [each.culprit and each.culprit.name for each in found.findings] == names_found, (ahead, behind)


def test_a_slot_that_keeps_much_is_found_and_named() -> None:
    """A quarter of a gibibyte that nobody reads, or what the server has thrown away already."""
    for status, active, kept, is_found in (
        ("reserved", "False", 256 * 2**20, True),
        ("reserved", "False", 256 * 2**20 - 1, False),
        ("reserved", "True", 2**40, False),
        ("lost", "True", 0, True),
    ):
        slot = {"hookline.db.slot.name": "old=1", "hookline.db.slot.wal_status": status, "hookline.db.slot.active": active}
        found = judged(window([[]] * 12), board(DatabasePoint("hookline.db.slot.retained", kept, slot)))
        assert [each.culprit and each.culprit.name for each in found.findings] == (["old=1"] if is_found else []), (status, active, kept)


def test_what_has_nothing_to_do_with_each_other_stands_side_by_side() -> None:
    """A lock and a lack of cores."""
    looks = [[idle(1, 20.0), *(waiting(pid, (1,), 5.0) for pid in (2, 3, 4)), *(session(pid, WaitClass.CPU, SEARCH) for pid in range(10, 16))]] * 12
    assert kinds(judged(window(looks), board())) == {"lock", "cpu"}


def test_figures_alone_are_enough_for_connections_ids_and_slots() -> None:
    """Nobody needs to be at work."""
    slot = {"hookline.db.slot.name": "old", "hookline.db.slot.wal_status": "extended", "hookline.db.slot.active": "False"}
    points = (
        DatabasePoint("hookline.db.connections.used_percent", 97.0),
        DatabasePoint("hookline.db.xid.age", 400e6),
        DatabasePoint("hookline.db.xid.freeze_max_age", 200e6),
        DatabasePoint("hookline.db.slot.retained", 2**30, slot),
    )
    assert kinds(judged(window([[]] * 12), board(*points))) == {"connections", "xid", "replication"}


def judgement_of(*found: VerdictClass, unclear: str = "") -> Judgement:
    """Return a judgement with findings of these classes."""
    return Judgement(tuple(Finding(kind, f"{kind} is there.", "Wait.", 0.9) for kind in found), {}, 3.0, 5 * S, 6 * S, 10, unclear)


def test_an_incident_begins_after_a_moment_is_updated_and_ends_after_a_while() -> None:
    """Under one id; what is over for a second is not over."""
    book = IncidentBook("shop")
    told = []
    for half in range(100):
        found = (VerdictClass.LOCK,) if 10 <= half < 60 and half != 30 else ()
        told += [(half / 2, each.phase, str(each.finding.kind), each.id) for each in book.step(judgement_of(*found), half * S // 2)]
    assert [each[:3] for each in told] == [
        (0.0, "start", "healthy"),
        (6.5, "start", "lock"),
        (6.5, "end", "healthy"),
        (16.5, "update", "lock"),
        (26.5, "update", "lock"),
        (39.5, "end", "lock"),
        (39.5, "start", "healthy"),
    ]
    assert len({each[3] for each in told if each[2] == "lock"}) == 1


def test_who_keeps_dead_rows_may_show_before_it_is_told_that_they_are_there() -> None:
    """A transaction is old after five seconds; where there is none it is told without."""
    table = {names.RELATION_NAME: "accounts", names.RELATION_DEAD_ROWS: 90_000, names.RELATION_VACUUM_TRIGGER: 20_050.0}
    facts = board(tables=[table])
    for keeps, culprit in ((True, (4.0, "pid")), (False, (4.5, "relation"))):
        book, told = IncidentBook("shop"), []
        for half in range(12):
            pin = idle(9, 1.0 + half / 2)._replace(xmin_age=5_000)
            judgement = judged(window([[pin] if keeps else []] * 12), facts)
            told += [(half / 2, each.finding.culprit and each.finding.culprit.kind) for each in book.step(judgement, half * S // 2)]
        assert told == [culprit]


def test_a_flicker_is_no_incident_and_blindness_is_told_once() -> None:
    """What nobody saw did not end."""
    book = IncidentBook("shop")
    assert [
        each
        for half in range(0, 40, 3)
        for each in book.step(judgement_of(*([VerdictClass.CPU] if half % 2 else [])), half * S // 2)
        if str(each.finding.kind) == "cpu"
    ] == []
    told = [each for second in range(20, 90) for each in book.step(judgement_of(unclear="no look came through"), second * S)]
    told += IncidentBook("shop").step(judgement_of(), S)
    assert [(str(each.finding.kind), each.phase, each.finding.certainty, each.finding.next_step) for each in told] == [
        ("healthy", "end", 0.9, ""),
        ("unclear", "start", 1.0, "hookline db check says what is visible."),
        ("healthy", "start", 0.9, ""),
    ]


@given(some.lists(some.lists(some.sampled_from(list(WaitClass)), max_size=6), min_size=1, max_size=14), some.randoms(use_true_random=False))
def test_any_looks_are_judged(classes: list[list[WaitClass]], chance: random.Random) -> None:
    """Every class is found or excluded, and shares are shares."""
    looks = [
        [session(pid, wait, chance.choice((UPDATE, SEARCH, "")), blocked_by=(99,) if wait is WaitClass.LOCK else ()) for pid, wait in enumerate(each)]
        for each in classes
    ]
    judgement = judged(window(looks), board(tables=[TABLE]))
    if not judgement.unclear:
        assert {*judgement.excluded, *(each.kind for each in judgement.findings)} == set(VerdictClass) - {VerdictClass.HEALTHY, VerdictClass.UNCLEAR}
    for each in judgement.findings:
        assert 0 <= each.low <= each.share + 1e-9
        assert each.share <= 1 + 1e-9
        record = verdict_record(WHERE, _incident(each, judgement), 7)
        assert json.loads(str(record.attributes[names.VERDICT_EXCLUDED])) is not None


def _incident(finding: Finding, judgement: Judgement) -> Any:
    book = IncidentBook("shop")
    alone = Judgement((finding,), judgement.excluded, 1.0, 0, 0, 5)
    return next(each for at in (0, 5 * S) for each in book.step(alone, at) if each.finding.kind is finding.kind)


def test_the_ends_of_a_share_hold_it_and_narrow() -> None:
    """Wilson's, at 90 %."""
    low, high = wilson(0.5, 10)
    assert low < 0.5 < high
    assert wilson(0.5, 1000)[0] > low
    assert wilson(0.0, 0) == (0.0, 1.0)
