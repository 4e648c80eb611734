"""What the agent tells as log events: pure functions from what was seen to records.

Each has a uid that follows from what it is about, so that a record that is sent again is known. Empty and unknown values are left out.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.contract.semconv import LOG_RECORD_UID
from hookline.databases.lock_trees import MAX_TOLD, LockIncident, LockNode, waited_s
from hookline.databases.sample_groups import SampleGroup, SampleGroups
from hookline.databases.statement_growth import StatementCounters, StatementGrowth, added_up
from hookline.privacy.redact import clean_name
from hookline.records import AttributeValue, LogRecord
from hookline.sql.sql_text import StatementText

MAX_TOP = 100
"""Statements of an interval that are told by name."""
MAX_TEXT = 4_096


@dataclass(frozen=True, slots=True)
class DatabaseName:
    """Which database an event is about: its name in the configuration, and its kind."""

    name: str
    system: str


def event(where: DatabaseName, kind: DatabaseEvent, at_ns: int, of: str, attributes: Mapping[str, Any], body: str = "") -> LogRecord:
    """Return an event. `of` tells it from others of its kind and moment."""
    uid = sha256(f"{where.name}\0{kind}\0{at_ns}\0{of}".encode("utf-8", "replace")).hexdigest()[:32]
    known: dict[str, AttributeValue] = {name: value for name, value in attributes.items() if value not in (None, "", ())}
    return LogRecord(uid, kind, at_ns, {**known, names.DB_SYSTEM: where.system, LOG_RECORD_UID: uid}, body=body, service=where.name)


def text_of(statement: StatementText | None) -> dict[str, AttributeValue]:
    """Return what names a statement. What folding leaves, names of tables and columns, may look like a secret too."""
    if statement is None or not statement.folded:
        return {}
    return {
        names.QUERY_TEXT: _shown_text(statement.folded, MAX_TEXT),
        names.QUERY_SUMMARY: _shown_text(statement.summary, 255),
        names.STATEMENT_HASH: statement.hash,
    }


def _shown_text(folded: str, limit: int) -> str:
    """Return a folded text as it leaves. There is no value in it, so only names can hold a secret: long ones with a digit, and quoted ones."""
    return shown(folded, limit) if _MAY_HIDE.search(folded) else folded[:limit]


_MAY_HIDE = re.compile(r"""["`]|[^\x20-\x7e]|(?<![\w.-])(?=[\w.-]{16})[a-z_.-]*+[0-9]""", re.IGNORECASE)


@lru_cache(4_096)
def shown(text: str, limit: int = 128) -> str:
    """Return a name that anybody may have chosen: without control characters, redacted, short."""
    return clean_name("".join(each for each in text[: limit + 1] if each.isprintable()), limit)


def sample_records(where: DatabaseName, looks: SampleGroups, at_ns: int) -> list[LogRecord]:
    """Return what looks saw as records."""
    return [_sample(where, group, looks.seconds, at_ns) for group in looks.told()]


def _sample(where: DatabaseName, group: SampleGroup, interval_s: float, at_ns: int) -> LogRecord:
    seen, key = group.latest, group.key
    is_alone = len(group.pids) == 1
    attributes: dict[str, Any] = {
        names.DB_NAMESPACE: key.database,
        **({} if group.is_rest else text_of(seen.statement)),
        names.DB_USER: shown(key.user),
        names.PG_STATE: key.state,
        names.PG_APPLICATION: shown(key.application),
        names.PG_WAIT_TYPE: key.wait_type,
        names.PG_WAIT_EVENT: key.wait_event,
        names.PG_QUERY_ID: str(key.query_id) if key.query_id else "",
        names.PEER_ADDRESS: key.peer,
        names.BACKEND_TYPE: key.backend_type,
        names.WAIT_CLASS: str(seen.wait_class),
        names.SAMPLE_INTERVAL: round(group.seconds, 3),
        names.SAMPLE_COUNT: group.count,
        names.INTERVAL_S: round(interval_s, 3),
        names.STATEMENT_DURATION: round(group.statement_s, 3),
        names.TRANSACTION_DURATION: round(group.transaction_s, 3),
        names.PG_PID: group.pids[0] if is_alone else None,
        names.SAMPLE_PIDS: () if is_alone else tuple(map(str, group.pids)),
        names.TEXT_CUT: seen.is_cut or None,
    }
    if seen.blocked_by:
        waiting_s = waited_s(seen)
        attributes |= {
            names.BLOCKING_PIDS: tuple(map(str, seen.blocked_by)),
            names.BLOCKING_DURATION: int(waiting_s),
            names.BLOCKING_START: moment(at_ns - int(waiting_s * 1e9)),
            names.BLOCKING_MODE: seen.lock.mode if seen.lock else "",
            names.BLOCKING_TYPE: seen.lock.kind if seen.lock else "",
            names.BLOCKING_RELATION: seen.lock.relation if seen.lock else "",
        }
    return event(where, DatabaseEvent.QUERY_SAMPLE, at_ns, repr(key) + str(group.is_rest), attributes)


def lock_record(where: DatabaseName, incident: LockIncident, at_ns: int) -> LogRecord:
    """Return what is told of an incident."""
    tree = incident.tree
    nodes = [_node(node) for node in (tree.root, *tree.waiting[:MAX_TOLD])]
    attributes = {
        names.LOCK_INCIDENT: incident.id,
        names.LOCK_PHASE: incident.phase,
        names.LOCK_ROOT_PID: tree.root.pid,
        names.LOCK_WAITING: len(tree.waiting),
        names.LOCK_LONGEST_S: round(tree.longest_s, 3),
        names.LOCK_DEPTH: tree.depth,
        names.LOCK_TREE: json.dumps(nodes, separators=(",", ":")),
        **text_of(tree.root.session.statement if tree.root.session else None),
    }
    return event(where, DatabaseEvent.LOCK_TREE, at_ns, incident.id, attributes)


def _node(node: LockNode) -> dict[str, Any]:
    found: dict[str, Any] = {"pid": node.pid, "blocked_by": list(node.blocked_by)}
    session = node.session
    if session is None:
        return found
    statement, lock = session.statement, session.lock
    return found | {
        "statement_hash": statement.hash if statement else "",
        "summary": shown(statement.summary) if statement else "",
        "state": session.state,
        "application": shown(session.application),
        "user": shown(session.user),
        "namespace": session.database,
        "mode": lock.mode if lock else "",
        "lock_type": lock.kind if lock else "",
        "relation": shown(lock.relation) if lock else "",
        "waiting_s": round(waited_s(session), 3) if node.blocked_by else 0.0,
        "transaction_s": round(session.transaction_s, 3),
    }


@dataclass(frozen=True, slots=True)
class NamedGrowth:
    """A statement's growth with the names behind its numbers."""

    growth: StatementGrowth
    database: str
    role: str
    text: StatementText | None


def statement_records(
    where: DatabaseName,
    grown: Sequence[StatementGrowth],
    named: Callable[[StatementGrowth], NamedGrowth],
    covered: float | None,
    interval_s: float,
    at_ns: int,
) -> list[LogRecord]:
    """Return the statements of an interval: the ones that took most time by name, the rest added up."""
    by_time = sorted(grown, key=lambda each: -each.exec_ms)
    records = [_statement(where, named(each), covered, interval_s, at_ns) for each in by_time[:MAX_TOP]]
    if rest := by_time[MAX_TOP:]:
        together, squares = added_up(rest)
        attributes = _counters(together) | {
            names.STATEMENT_OTHERS: len(rest),
            names.INTERVAL_S: round(interval_s, 3),
            names.STATEMENT_SQUARES: squares,
            names.STATEMENT_COVERAGE: covered,
        }
        records.append(event(where, DatabaseEvent.TOP_QUERY, at_ns, "others", attributes))
    return records


def _statement(where: DatabaseName, named: NamedGrowth, covered: float | None, interval_s: float, at_ns: int) -> LogRecord:
    growth = named.growth
    attributes: dict[str, Any] = {
        names.DB_NAMESPACE: named.database,
        names.PG_ROLE: shown(named.role),
        names.PG_QUERYID: str(growth.key.query_id),
        **text_of(named.text),
        **_counters(growth.grown),
        names.STATEMENT_SQUARES: round(growth.squares, 6),
        names.STATEMENT_DEVIATION: round(growth.deviation_ms, 6),
        names.STATEMENT_TOPLEVEL: growth.key.toplevel,
        names.STATEMENT_KNOWN: growth.known,
        names.STATEMENT_COVERAGE: covered,
        names.INTERVAL_S: round(interval_s, 3),
    }
    return event(where, DatabaseEvent.TOP_QUERY, at_ns, repr(growth.key), attributes)


def _counters(grown: StatementCounters) -> dict[str, Any]:
    """Return counters; those that stand at zero are left out."""
    blocks = (grown.hit, grown.read, grown.dirtied, grown.written, grown.temp_read, grown.temp_written)
    told: dict[str, Any] = {
        names.PG_CALLS: grown.calls,
        names.PG_ROWS: grown.rows,
        names.PG_EXEC_MS: float(grown.exec_ms),
        names.PG_PLAN_MS: float(grown.plan_ms),
        **dict(zip(names.PG_BLOCKS, blocks, strict=True)),
        names.STATEMENT_MIN: float(grown.min_ms),
        names.STATEMENT_MAX: float(grown.max_ms),
        names.STATEMENT_PLANS: grown.plans,
        names.STATEMENT_READ_MS: float(grown.read_ms),
        names.STATEMENT_WRITE_MS: float(grown.write_ms),
        names.STATEMENT_WAL_BYTES: int(grown.wal_bytes),
        names.STATEMENT_WAL_RECORDS: grown.wal_records,
        names.STATEMENT_WAL_FPI: grown.wal_fpi,
    }
    return {name: value for name, value in told.items() if value or name == names.PG_CALLS}


def state_record(where: DatabaseName, state: str, why: str, since_ns: int, lost: int) -> LogRecord:
    """Return that the agent sees a database, a part of it, or nothing."""
    now = time.time_ns()
    attributes = {names.AGENT_STATE: state, names.AGENT_WHY: shown(why, 1_000), names.AGENT_SINCE: since_ns, names.AGENT_LOST: lost}
    return event(where, DatabaseEvent.STATE, now, state + why, attributes)


def moment(at_ns: int) -> str:
    """Return a time as RFC 3339."""
    return datetime.fromtimestamp(at_ns / 1e9, UTC).isoformat().replace("+00:00", "Z")
