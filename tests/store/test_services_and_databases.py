"""What services and databases tell becomes rows that count once, whoever tells it and however often."""

import re
from typing import Any

import pytest

from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.shop_telemetry import NOON_NS, NS, SHOP, Attributes, Told, database, of_logs, of_spans, request_told, sample, statement_told
from support.stores import derived_store, fresh_token

__all__ = ["derived_store"]
TREE = '[{"pid":7,"blocked_by":[]},{"pid":8,"blocked_by":[7],"waiting_s":3}]'
LOCKED = {
    "postgresql.wait_event_type": "Lock",
    "postgresql.wait_event": "transactionid",
    "postgresql.blocking.pids": [7, 0],
    "postgresql.blocking.lock.mode": "ShareLock",
    "postgresql.blocking.lock.type": "transactionid",
    "postgresql.blocking.wait_duration": 3,
}
OF_THE_COLLECTOR: Attributes = {"server.address": "db.example.com", "server.port": 5432, "service.instance.id": "db.example.com:5432"}


def send(store: Store, *records: Told, resource: Attributes | None = None) -> None:
    """Send records twice, as a sender does that heard no answer."""
    for _ in range(2):
        store.insert(Signal.LOGS, of_logs(resource or database(), records), fresh_token())


def rows(store: Store, view: str, columns: str) -> list[tuple[Any, ...]]:
    return list(store.query(f"SELECT {columns} FROM {view} ORDER BY ALL").rows)


def test_a_request_is_its_span_and_its_record(derived_store: Store) -> None:
    """Whichever comes first, and however often: one row, with what either knows."""
    calls = '[{"at_ms":1,"ms":800,"summary":"SELECT orders","hash":"6b1f0a2c3d4e5f60","file":"shop/orders.py","line":41}]'
    more: Attributes = {"hookline.request.calls": calls, "hookline.request.db.calls": 1, "hookline.request.db.time": 0.8}
    span, slow = request_told(NOON_NS, 0.9, 1, more)
    failed, told = request_told(NOON_NS + NS, 0.1, 2, status=500)
    for _ in range(2):
        derived_store.insert(Signal.LOGS, of_logs(SHOP, [slow]), fresh_token())
        derived_store.insert(Signal.TRACES, of_spans(SHOP, [span, failed]), fresh_token())
        derived_store.insert(Signal.LOGS, of_logs(SHOP, [told]), fresh_token())
    columns = "service, duration_s, route, method, status_code, outcome, reason, db_calls, db_s, calls, has_span, has_log, version, host"
    assert rows(derived_store, "requests", columns) == [
        ("shop", 0.1, "/orders/{id}", "GET", "500", "failure", "failed", 0, 0.0, "", 1, 1, "1.4", "web"),
        ("shop", 0.9, "/orders/{id}", "GET", "200", "success", "limit", 1, 0.8, calls, 1, 1, "1.4", "web"),
    ]
    assert rows(derived_store, "requests_between(since = '2026-09-20', until = '2026-09-20')", "service") == []


def test_views_of_records_are_given_all_that_they_read(derived_store: Store) -> None:
    """They hang on a table that only records with these names pass: one that is missing there would be lost to its view."""
    views = "SELECT name, as_select FROM system.tables WHERE database = currentDatabase() AND position(as_select, 'EventName') > 0"
    named = {name: set(re.findall(r"'((?:db\.server|hookline)\.[^']+)'", text.partition("WHERE")[2])) for name, text in derived_store.query(views)}
    read = {name: {event for event in events if not event.endswith(".id")} for name, events in named.items() if name.endswith("_mv")}
    passed = read.pop("otlp_watched_record_mv")
    on_all = {name for name, text in derived_store.query(views) if re.search(r"FROM \S*\botlp_record\b", text)}
    assert set().union(*(events for name, events in read.items() if name not in on_all)) == passed


def test_samples_count_once_and_know_what_sessions_wait_for(derived_store: Store) -> None:
    """By the agent's word, else by PostgreSQL's."""
    waits = {
        ("", ""): "cpu",
        ("IO", "DataFileRead"): "io",
        ("IPC", "BufferIO"): "io",
        ("IO", "BufFileWrite"): "temp",
        ("IO", "WALSync"): "wal",
        ("LWLock", "WALWrite"): "wal",
        ("LWLock", "BufferMapping"): "lwlock",
        ("Lock", "tuple"): "lock",
        ("IPC", "SyncRep"): "replication",
        ("Client", "ClientRead"): "client",
        ("Timeout", "PgSleep"): "sleep",
        ("IPC", "MessageQueueSend"): "other",
    }
    names = ("postgresql.wait_event_type", "postgresql.wait_event")
    told = [sample(NOON_NS, pid, dict(zip(names, wait, strict=True))) for pid, wait in enumerate(waits)]
    idle = {"postgresql.state": "idle in transaction", "postgresql.wait_event_type": "Client", "postgresql.wait_event": "ClientRead"}
    told += [sample(NOON_NS, 90, idle), sample(NOON_NS, 91, {"hookline.db.wait.class": "lock"})]
    send(derived_store, *told)
    found = rows(derived_store, "db_samples", "pids[1], wait_class, database, seconds, application, statement_hash")
    assert [row[1] for row in found] == [*waits.values(), "idle_in_transaction", "lock"]
    assert {row[2:] for row in found} == {("shop-db", 1.0, "shop", "6b1f0a2c3d4e5f60")}


def test_sessions_that_were_seen_doing_alike_are_one_row(derived_store: Store) -> None:
    """With how long they did, added up."""
    alike = {"hookline.db.sample.interval": 1.5, "hookline.db.sample.count": 15, "hookline.db.sample.pids": [8, 9], "postgresql.pid": ""}
    send(derived_store, sample(NOON_NS, 0, alike | {"hookline.db.statement.duration": 0.7}))
    assert rows(derived_store, "db_samples", "seen, seconds, pids, statement_s") == [(15, 1.5, [8, 9], 0.7)]


def test_locks_name_who_is_waited_for(derived_store: Store) -> None:
    """The agent tells trees, the Collector each session's blockers."""
    tree = {"incident": "i1", "phase": "start", "root_pid": 7, "waiting": 1, "longest_s": 3.0, "depth": 1, "tree": TREE}
    send(derived_store, Told("hookline.db.lock_tree", NOON_NS, {f"hookline.db.lock.{name}": value for name, value in tree.items()}))
    assert rows(derived_store, "db_locks", "database, incident, root_pid, waiting, longest_s, tree") == [("shop-db", "i1", 7, 1, 3.0, TREE)]
    send(derived_store, sample(NOON_NS, 8, LOCKED), sample(NOON_NS, 9, LOCKED | {"postgresql.blocking.pids": "{7,8}"}))
    assert rows(derived_store, "db_samples", "pids, blocked_by, lock_mode, lock_type, waited_s") == [
        ([8], [7, 0], "ShareLock", "transactionid", 3.0),
        ([9], [7, 8], "ShareLock", "transactionid", 3.0),
    ]


def test_statements_of_an_interval_count_once(derived_store: Store) -> None:
    """Two intervals are two rows."""
    send(derived_store, statement_told(NOON_NS, 1), statement_told(NOON_NS + 60 * NS, 1, calls=50))
    found = rows(derived_store, "db_statements", "calls, exec_s, statement, summary, role, blocks_hit")
    assert found == [(50, 0.21, *found[0][2:5], 2000), (100, 0.42, *found[0][2:5], 4000)]


def test_what_the_otel_collector_sends_is_understood(derived_store: Store) -> None:
    """Its receiver knows neither our hash nor how long a look stands for; its statements bring their plan."""
    seen = {
        "postgresql.pid": 5,
        "postgresql.state": "active",
        "postgresql.query_id": "42",
        "db.query.text": "select ?",
        "postgresql.blocking.pids": "[]",
    }
    top = {"postgresql.queryid": "42", "postgresql.calls": 3, "postgresql.total_exec_time": 1.5, "postgresql.query_plan": '[{"Plan":{}}]'}
    send(derived_store, Told("db.server.query_sample", NOON_NS, seen), Told("db.server.top_query", NOON_NS, top), resource=OF_THE_COLLECTOR)
    assert rows(derived_store, "db_samples", "database, seconds, statement_hash, blocked_by") == [("db.example.com:5432", 10.0, "42", [])]
    assert rows(derived_store, "db_statements", "database, statement_hash, calls, exec_s") == [("db.example.com:5432", "42", 3, 0.0015)]
    assert rows(derived_store, "db_plans", "statement_hash, plan") == [("42", '[{"Plan":{}}]')]


def test_a_plan_is_one_row_with_when_it_was_seen(derived_store: Store) -> None:
    """First and last; another plan of the statement is another row."""
    known = {"db.namespace": "shop", "hookline.db.statement_hash": "aa", "postgresql.query_plan": "{}"}
    for after, name in ((0, "p1"), (60, "p1"), (90, "p2")):
        send(derived_store, Told("db.server.query_plan", NOON_NS + after * NS, known | {"hookline.db.plan.hash": name}))
    assert rows(derived_store, "db_plans", "plan_hash, dateDiff('second', first, last)") == [("p1", 60), ("p2", 0)]


def test_an_incident_is_one_row_that_follows_its_records(derived_store: Store) -> None:
    """Start, news and end, told in any order."""
    since = NOON_NS - 5 * NS
    for after, phase, until in ((60, "end", NOON_NS + 60 * NS), (0, "start", NOON_NS), (30, "update", NOON_NS + 30 * NS)):
        known = {"hookline.db.verdict.id": "v1", "hookline.db.verdict.class": "lock", "hookline.db.verdict.share": 0.8}
        moments = {"hookline.db.verdict.since": str(since), "hookline.db.verdict.until": until, "hookline.db.verdict.phase": phase}
        send(derived_store, Told("hookline.db.verdict", NOON_NS + after * NS, known | moments))
    assert rows(derived_store, "db_verdicts", "verdict_id, class, phase, share, dateDiff('second', started, ended)") == [
        ("v1", "lock", "end", 0.8, 65)
    ]


def test_a_relation_and_its_index_are_told_apart(derived_store: Store) -> None:
    """By the index' name, which is empty for the table."""
    known = {
        "db.namespace": "shop",
        "hookline.db.relation.schema": "public",
        "hookline.db.relation.name": "orders",
        "hookline.db.relation.size": 8192,
    }
    index = known | {"hookline.db.relation.index": "orders_pkey"}
    send(derived_store, Told("hookline.db.relation", NOON_NS, known), Told("hookline.db.relation", NOON_NS, index))
    assert rows(derived_store, "db_relations", "relation, index_name, size_bytes") == [("orders", "", 8192), ("orders", "orders_pkey", 8192)]


def test_what_a_table_holds_whole_is_not_kept_as_a_record_too(derived_store: Store) -> None:
    """But for what others send, which may say more."""
    derived_store.command("TRUNCATE TABLE otel_logs")
    told = [sample(NOON_NS, 5), statement_told(NOON_NS), Told("hookline.db.settings_change", NOON_NS, {"hookline.db.setting.name": "work_mem"})]
    derived_store.insert(Signal.LOGS, of_logs(database(), told), fresh_token())
    derived_store.insert(Signal.LOGS, of_logs(OF_THE_COLLECTOR, told[:1], scope="receiver"), fresh_token())
    assert rows(derived_store, "otel_logs", "EventName") == [("db.server.query_sample",), ("hookline.db.settings_change",)]


@pytest.mark.parametrize("nonsense", ["nan", "inf", "-1", "1e300", "x"])
def test_nonsense_for_a_number_breaks_nothing(derived_store: Store, nonsense: str) -> None:
    """A sender that writes it has its row all the same."""
    numbers = (
        "hookline.db.sample.interval",
        "hookline.db.statement.duration",
        "hookline.db.sample.count",
        "postgresql.blocking.wait_duration",
        "postgresql.pid",
    )
    send(derived_store, sample(NOON_NS, 5, dict.fromkeys(numbers, nonsense)))
    ((seconds,),) = rows(derived_store, "db_samples", "seconds")
    assert 0 <= seconds <= 1e15
