"""Rows of what is told of databases (`db_samples_state`, `db_statements_state`, …): their materialized views in Python."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hookline.contract.databases import DATABASE_SCOPE, DatabaseEvent
from hookline_collector.store.insert.direct.attribute_texts import Texts, bounded, nanoseconds
from hookline_collector.store.insert.direct.row_binary import RowLayout, Values, array, float64, int64, moment, text
from hookline_collector.store.insert.direct.sip_hash import sip_hash

SAMPLES = RowLayout(
    "db_samples_state",
    {
        "database": text,
        "time": moment,
        "statement_hash": text,
        "wait_type": text,
        "wait_event": text,
        "state": text,
        "namespace": text,
        "application": text,
        "user": text,
        "client": text,
        "backend_type": text,
        "query_id": text,
        "pid": int64,
        "wait_class": text,
        "statement": text,
        "trace_id": text,
        "seen": int64,
        "seconds": float64,
        "pids": array(text),
        "statement_ms": int64,
        "transaction_ms": int64,
        "blocked_by": array(text),
        "lock_mode": text,
        "lock_type": text,
        "lock_relation": text,
        "waited_ms": int64,
    },
)
LOCKS = RowLayout(
    "db_locks_state",
    {
        "database": text,
        "time": moment,
        "incident": text,
        "phase": text,
        "root_pid": int64,
        "waiting": int64,
        "longest_s": float64,
        "depth": int64,
        "tree": text,
    },
)
STATEMENTS = RowLayout(
    "db_statements_state",
    {
        "database": text,
        "time": moment,
        "namespace": text,
        "role": text,
        "query_id": text,
        "statement_hash": text,
        "statement": text,
        "summary": text,
        "toplevel": text,
        "others": int64,
        "seconds": float64,
        "calls": int64,
        "rows": int64,
        "exec_ms": float64,
        "plan_ms": float64,
        "max_exec_ms": float64,
        "exec_squares": float64,
        "blocks_hit": int64,
        "blocks_read": int64,
        "blocks_dirtied": int64,
        "blocks_written": int64,
        "temp_blocks_read": int64,
        "temp_blocks_written": int64,
        "read_ms": float64,
        "write_ms": float64,
        "wal_bytes": int64,
    },
)
PLANS = RowLayout(
    "db_plans_state",
    {
        "database": text,
        "namespace": text,
        "statement_hash": text,
        "plan_hash": text,
        "first": moment,
        "last": moment,
        "query_id": text,
        "source": text,
        "cost": float64,
        "statement": text,
        "plan": text,
    },
)
RELATIONS = RowLayout(
    "db_relations_state",
    {
        "database": text,
        "time": moment,
        "namespace": text,
        "schema_name": text,
        "relation": text,
        "index_name": text,
        "seconds": float64,
        "size_bytes": int64,
        "live_rows": int64,
        "dead_rows": int64,
        "vacuum_trigger": int64,
        "seq_scans": int64,
        "seq_rows": int64,
        "index_scans": int64,
        "inserted": int64,
        "updated": int64,
        "deleted": int64,
        "hot_updated": int64,
        "blocks_read": int64,
        "blocks_hit": int64,
        "xid_age": int64,
        "free_share": float64,
        "parts": int64,
        "vacuumed": text,
    },
)
VERDICTS = RowLayout(
    "db_verdicts_state",
    {
        "database": text,
        "verdict_id": text,
        "told_ns": int64,
        "phase": text,
        "class": text,
        "share": float64,
        "share_low": float64,
        "share_high": float64,
        "since_ns": int64,
        "until_ns": int64,
        "certainty": float64,
        "samples": int64,
        "culprit": text,
        "culprit_kind": text,
        "summary": text,
        "next_step": text,
        "excluded": text,
        "statements": text,
    },
)
_TOLD_WHOLE = frozenset({DatabaseEvent.QUERY_SAMPLE, DatabaseEvent.TOP_QUERY, DatabaseEvent.RELATION})
_COLLECTORS_LOOK_S = 10.0
_PID = re.compile(r"[0-9]{1,10}")
_LONGEST_S, _LONGEST_MS = 1e9, 1e12


def sample_rows(log: Values) -> Iterator[Values]:
    """Yield what a statement was seen doing in a database. Raises Odd."""
    if log["EventName"] != DatabaseEvent.QUERY_SAMPLE:
        return
    of = Texts.of(log["LogAttributes"])
    interval, duration = "hookline.db.sample.interval", "hookline.db.statement.duration"
    ran_ms = bounded(of, duration) * 1e3 if of[duration] else bounded(of, "postgresql.total_exec_time")
    yield {
        "database": database_of(log),
        "time": log["Timestamp"],
        "statement_hash": of.first("hookline.db.statement_hash", "postgresql.query_id"),
        "wait_type": of["postgresql.wait_event_type"],
        "wait_event": of["postgresql.wait_event"],
        "state": of["postgresql.state"],
        "namespace": of["db.namespace"],
        "application": of["postgresql.application_name"],
        "user": of["user.name"],
        "client": of["network.peer.address"],
        "backend_type": of["hookline.db.backend_type"],
        "query_id": of["postgresql.query_id"],
        "pid": of.whole("postgresql.pid"),
        "wait_class": of["hookline.db.wait.class"],
        "statement": of["db.query.text"],
        "trace_id": log["TraceId"],
        "seen": max(1, of.whole("hookline.db.sample.count")),
        "seconds": bounded(of, interval) if of[interval] else _COLLECTORS_LOOK_S,
        "pids": _PID.findall(of.first("hookline.db.sample.pids", "postgresql.pid")),
        "statement_ms": int(min(ran_ms, _LONGEST_MS)),
        "transaction_ms": _milliseconds(of, "hookline.db.transaction.duration"),
        "blocked_by": _PID.findall(of["postgresql.blocking.pids"]),
        "lock_mode": of["postgresql.blocking.lock.mode"],
        "lock_type": of["postgresql.blocking.lock.type"],
        "lock_relation": of["postgresql.blocking.lock.relation"],
        "waited_ms": _milliseconds(of, "postgresql.blocking.wait_duration"),
    }


def lock_rows(log: Values) -> Iterator[Values]:
    """Yield who waited for whom at a look. Raises Odd."""
    if log["EventName"] != DatabaseEvent.LOCK_TREE:
        return
    of = Texts.of(log["LogAttributes"])
    yield {
        "database": database_of(log),
        "time": log["Timestamp"],
        "incident": of["hookline.db.lock.incident"],
        "phase": of["hookline.db.lock.phase"],
        "root_pid": of.whole("hookline.db.lock.root_pid"),
        "waiting": of.whole("hookline.db.lock.waiting"),
        "longest_s": bounded(of, "hookline.db.lock.longest_s"),
        "depth": of.whole("hookline.db.lock.depth"),
        "tree": of["hookline.db.lock.tree"],
    }


def statement_rows(log: Values) -> Iterator[Values]:
    """Yield what a statement did in an interval. Raises Odd."""
    if log["EventName"] != DatabaseEvent.TOP_QUERY:
        return
    of = Texts.of(log["LogAttributes"])
    yield {
        "database": database_of(log),
        "time": log["Timestamp"],
        "namespace": of["db.namespace"],
        "role": of["postgresql.rolname"],
        "query_id": of["postgresql.queryid"],
        "statement_hash": of.first("hookline.db.statement_hash", "postgresql.queryid"),
        "statement": of["db.query.text"],
        "summary": of["db.query.summary"],
        "toplevel": of["hookline.db.statement.toplevel"],
        "others": of.whole("hookline.db.statement.others"),
        "seconds": bounded(of, "hookline.db.interval"),
        "calls": of.whole("postgresql.calls"),
        "rows": of.whole("postgresql.rows"),
        "exec_ms": bounded(of, "postgresql.total_exec_time"),
        "plan_ms": bounded(of, "postgresql.total_plan_time"),
        "max_exec_ms": bounded(of, "hookline.db.statement.max_exec_time"),
        "exec_squares": bounded(of, "hookline.db.statement.exec_time_squares"),
        "blocks_hit": of.whole("postgresql.shared_blks_hit"),
        "blocks_read": of.whole("postgresql.shared_blks_read"),
        "blocks_dirtied": of.whole("postgresql.shared_blks_dirtied"),
        "blocks_written": of.whole("postgresql.shared_blks_written"),
        "temp_blocks_read": of.whole("postgresql.temp_blks_read"),
        "temp_blocks_written": of.whole("postgresql.temp_blks_written"),
        "read_ms": bounded(of, "hookline.db.statement.blk_read_time"),
        "write_ms": bounded(of, "hookline.db.statement.blk_write_time"),
        "wal_bytes": of.whole("hookline.db.statement.wal_bytes"),
    }


def plan_rows(log: Values) -> Iterator[Values]:
    """Yield a statement's plan, from a record of its own or from the statement's. Raises Odd."""
    of = Texts.of(log["LogAttributes"])
    plan = of["postgresql.query_plan"]
    if log["EventName"] not in (DatabaseEvent.QUERY_PLAN, DatabaseEvent.TOP_QUERY) or not plan:
        return
    yield {
        "database": database_of(log),
        "namespace": of["db.namespace"],
        "statement_hash": of.first("hookline.db.statement_hash", "postgresql.queryid"),
        "plan_hash": of["hookline.db.plan.hash"] or str(sip_hash(plan)),
        "first": log["Timestamp"],
        "last": log["Timestamp"],
        "query_id": of["postgresql.queryid"],
        "source": of["hookline.db.plan.source"],
        "cost": bounded(of, "hookline.db.plan.cost"),
        "statement": of["db.query.text"],
        "plan": plan,
    }


def relation_rows(log: Values) -> Iterator[Values]:
    """Yield what a table or index was and did in an interval. Raises Odd."""
    if log["EventName"] != DatabaseEvent.RELATION:
        return
    of = Texts.of(log["LogAttributes"])
    yield {
        "database": database_of(log),
        "time": log["Timestamp"],
        "namespace": of["db.namespace"],
        "schema_name": of["hookline.db.relation.schema"],
        "relation": of["hookline.db.relation.name"],
        "index_name": of["hookline.db.relation.index"],
        "seconds": bounded(of, "hookline.db.interval"),
        "size_bytes": of.whole("hookline.db.relation.size"),
        "live_rows": of.whole("hookline.db.relation.rows"),
        "dead_rows": of.whole("hookline.db.relation.dead_rows"),
        "vacuum_trigger": of.whole("hookline.db.relation.vacuum_trigger"),
        "seq_scans": of.whole("hookline.db.relation.seq_scans"),
        "seq_rows": of.whole("hookline.db.relation.seq_rows"),
        "index_scans": of.whole("hookline.db.relation.index_scans"),
        "inserted": of.whole("hookline.db.relation.inserted"),
        "updated": of.whole("hookline.db.relation.updated"),
        "deleted": of.whole("hookline.db.relation.deleted"),
        "hot_updated": of.whole("hookline.db.relation.hot_updated"),
        "blocks_read": of.whole("hookline.db.relation.blocks_read"),
        "blocks_hit": of.whole("hookline.db.relation.blocks_hit"),
        "xid_age": of.whole("hookline.db.relation.xid_age"),
        "free_share": bounded(of, "hookline.db.relation.free_share"),
        "parts": of.whole("hookline.db.relation.parts"),
        "vacuumed": of["hookline.db.relation.vacuumed"],
    }


def verdict_rows(log: Values) -> Iterator[Values]:
    """Yield what was said of an incident. Raises Odd."""
    of = Texts.of(log["LogAttributes"])
    if log["EventName"] != DatabaseEvent.VERDICT or not of["hookline.db.verdict.id"]:
        return
    told_ns = log["Timestamp"]
    yield {
        "database": database_of(log),
        "verdict_id": of["hookline.db.verdict.id"],
        "told_ns": told_ns,
        "phase": of["hookline.db.verdict.phase"],
        "class": of["hookline.db.verdict.class"],
        "share": bounded(of, "hookline.db.verdict.share"),
        "share_low": bounded(of, "hookline.db.verdict.share_low"),
        "share_high": bounded(of, "hookline.db.verdict.share_high"),
        "since_ns": nanoseconds(of, "hookline.db.verdict.since", told_ns),
        "until_ns": nanoseconds(of, "hookline.db.verdict.until", told_ns),
        "certainty": bounded(of, "hookline.db.verdict.certainty"),
        "samples": of.whole("hookline.db.verdict.samples"),
        "culprit": of["hookline.db.verdict.culprit"],
        "culprit_kind": of["hookline.db.verdict.culprit.kind"],
        "summary": of["hookline.db.verdict.text"],
        "next_step": of["hookline.db.verdict.next_step"],
        "excluded": of["hookline.db.verdict.excluded"],
        "statements": of["hookline.db.verdict.statements"],
    }


def is_told_elsewhere(log: Values) -> bool:
    """Whether all that a record says stands in a table of its own, so that it is not kept as a record too."""
    return bool(log["ScopeName"] == DATABASE_SCOPE and log["EventName"] in _TOLD_WHOLE)


def database_of(log: Values) -> str:
    """Return which database server a record is about: its name in the configuration, else its address, else what names the instance."""
    resource = Texts.of(log["ResourceAttributes"])
    if name := resource["hookline.db.name"]:
        return name
    return f"{resource['server.address']}:{resource['server.port']}" if resource["server.address"] else resource["service.instance.id"]


def _milliseconds(of: Texts, key: str) -> int:
    return int(min(bounded(of, key), _LONGEST_S) * 1e3)
