"""PgRows of ClickHouse's system tables as samples, points and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent, WaitClass
from hookline.databases.database_events import DatabaseName, event, shown, text_of
from hookline.databases.database_points import ReadingPoints
from hookline.databases.samples import SessionSample, SessionsLook
from hookline.records import LogRecord
from hookline.sql.sql_text import read_statement

SYSTEM: Final = "clickhouse"
NEW_AFTER_S: Final = 86_400
Row = Sequence[Any]


def _read(folder: Path) -> dict[str, str]:
    return {path.stem: "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--")) for path in folder.glob("*.sql")}


SQL: Final = _read(Path(__file__).with_name("sql"))
"""Statements by name, read once, before any loop runs."""


class QueryTimes(NamedTuple):
    """What a query spent so far, in microseconds."""

    real: int
    cpu: int
    cpu_wait: int
    io: int
    lock: int


def query_class(grown: QueryTimes) -> WaitClass:
    """Return what a query mostly did: the largest of its times, where that is a fifth of the time or more."""
    spent = {WaitClass.CPU: grown.cpu + grown.cpu_wait, WaitClass.IO: grown.io, WaitClass.LOCK: grown.lock}
    most = max(spent, key=lambda each: spent[each])
    return most if spent[most] * 5 >= max(1, grown.real) else WaitClass.OTHER


@dataclass(slots=True)
class ProcessReader:
    """Queries that run as samples; what each did since it was seen before says what it does."""

    _before: dict[str, QueryTimes] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)

    def look(self, rows: Sequence[Row], at_ns: int, stands_for_s: float, took_s: float) -> SessionsLook:
        """Return the look that these rows are."""
        before, self._before = self._before, {str(row[0]): QueryTimes(*map(int, row[8:13])) for row in rows}
        self._numbers = {query_id: number for query_id, number in self._numbers.items() if query_id in self._before}
        return SessionsLook(at_ns, stands_for_s, took_s, tuple(self._session(row, before) for row in rows))

    def _session(self, row: Row, before: Mapping[str, QueryTimes]) -> SessionSample:
        query_id, user, address, client, database, elapsed, query = row[:7]
        now, then = self._before[query_id], before.get(query_id, QueryTimes(0, 0, 0, 0, 0))
        what = query_class(QueryTimes(*(max(0, a - b) for a, b in zip(now, then, strict=True))))
        number = self._numbers.setdefault(query_id, max(self._numbers.values(), default=0) + 1)
        statement = read_statement(query[:65_536], SYSTEM)
        return SessionSample(
            number, database, user, client, address, "query", "active", "", "", what, 0, statement, False, float(elapsed), 0.0, float(elapsed)
        )


def figures(answers: Mapping[str, Sequence[Row]], into: ReadingPoints) -> None:
    """Add the points of one reading; what was not answered is left out."""
    counters: dict[str, Any] = {row[0]: row[1] for row in answers.get("counters", ())}
    levels: dict[str, Any] = {row[0]: row[1] for row in answers.get("levels", ())}
    into.total("hookline.db.queries", _number(counters.get("Query")))
    into.total("hookline.db.queries.failed", _number(counters.get("FailedQuery")))
    memory = _number(levels.get("MemoryTracking"))
    into.gauge("hookline.db.memory", memory)
    for (limit,) in answers.get("memory_limit", ()):
        into.gauge("hookline.db.memory.limit", _number(limit) or None)
        into.gauge("hookline.db.memory.used_percent", _percent(memory, _number(limit)))
    for name, value in answers.get("part_limits", ()):
        into.gauge("hookline.db.parts.limit", _number(value), {names.PG_TYPE: "delay" if "delay" in name else "throw"})
    if "parts" in answers:
        most = max((int(row[3]) for row in answers["parts"]), default=0)
        limits = {name: _number(value) for name, value in answers.get("part_limits", ())}
        into.gauge("hookline.db.parts", sum(int(row[2]) for row in answers["parts"]))
        into.gauge("hookline.db.parts.most", most)
        into.gauge("hookline.db.parts.used_percent", _percent(most, limits.get("parts_to_delay_insert")))
    for (count,) in answers.get("detached", ()):
        into.gauge("hookline.db.parts.detached", _number(count))
    for count, oldest in answers.get("merges", ()):
        into.gauge("hookline.db.merges", _number(count))
        into.gauge("hookline.db.merge.oldest", _number(oldest) or 0.0)
    for waiting, failing in answers.get("mutations", ()):
        into.gauge("hookline.db.mutations", _number(waiting), {names.MUTATION_STATE: "waiting"})
        into.gauge("hookline.db.mutations", _number(failing), {names.MUTATION_STATE: "failing"})
    for readonly, delay, queue in answers.get("replicas", ()):
        into.gauge("hookline.db.replicas.readonly", _number(readonly))
        into.gauge("hookline.db.replica.delay", _number(delay) or 0.0)
        into.gauge("hookline.db.replica.queue", _number(queue) or 0.0)
    for name, value, *_ in answers.get("errors", ()):
        into.total("hookline.db.errors", _number(value), {names.ERROR_NAME: shown(str(name))})


def _percent(value: float | None, limit: float | None) -> float | None:
    return 100.0 * value / limit if value is not None and limit else None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def statement_events(where: DatabaseName, rows: Sequence[Row], interval_s: float, at_ns: int) -> list[LogRecord]:
    """Return queries that ended in an interval as `db.server.top_query`."""
    return [_statement(where, row, interval_s, at_ns) for row in rows[:200]]


def _statement(where: DatabaseName, row: Row, interval_s: float, at_ns: int) -> LogRecord:
    number, database, user, query, calls, failed, total_ms, most_ms, squares, result_rows, read_rows, read_bytes, memory, cpu_ms = row
    attributes = {
        names.DB_NAMESPACE: database,
        names.PG_ROLE: shown(user),
        names.PG_QUERYID: number,
        **text_of(read_statement(query, SYSTEM)),
        names.PG_CALLS: int(calls),
        names.PG_ROWS: int(result_rows),
        names.PG_EXEC_MS: float(total_ms),
        names.STATEMENT_MAX: float(most_ms),
        names.STATEMENT_SQUARES: float(squares),
        names.STATEMENT_FAILED: int(failed),
        names.STATEMENT_READ_ROWS: int(read_rows),
        names.STATEMENT_READ_BYTES: int(read_bytes),
        names.STATEMENT_MEMORY: int(memory),
        names.STATEMENT_CPU_MS: float(cpu_ms),
        names.STATEMENT_KNOWN: "grown",
        names.INTERVAL_S: round(interval_s, 3),
    }
    return event(where, DatabaseEvent.TOP_QUERY, at_ns, f"{number}\0{database}\0{user}", attributes)


@dataclass(slots=True)
class NewErrorReader:
    """Errors of a kind that had not been there for a day. What the first reading has is not new: it says since when it is there."""

    where: DatabaseName
    _before: dict[str, tuple[int, int]] | None = None

    def step(self, rows: Sequence[Row], at_ns: int) -> list[LogRecord]:
        """Take name, count since the server began, and Unix seconds of the last; return an event for each that is new."""
        now = {str(name): (int(count), int(last)) for name, count, last in rows}
        before, self._before = self._before, (self._before or {}) | now
        if before is None:
            return []
        return [
            self._record(name, before.get(name, (0, 0))[0], count, at_ns)
            for name, (count, last) in now.items()
            if _is_new(before.get(name), count, last)
        ]

    def _record(self, name: str, before: int, count: int, at_ns: int) -> LogRecord:
        grown = count - before if count >= before else count
        return event(self.where, DatabaseEvent.NEW_ERROR, at_ns, name, {names.ERROR_NAME: shown(name), names.ERROR_COUNT: grown})


def _is_new(before: tuple[int, int] | None, count: int, last_s: int) -> bool:
    if before is None:
        return count > 0
    return count != before[0] and last_s - before[1] >= NEW_AFTER_S


@dataclass(slots=True)
class PartsReader:
    """Tables whose parts, rows or bytes changed."""

    where: DatabaseName
    interval_s: float
    _before: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def step(self, rows: Sequence[Row], at_ns: int) -> list[LogRecord]:
        """Return the tables that are not as they were; all, the first time."""
        now = {(str(row[0]), str(row[1])): tuple(map(int, row[2:])) for row in rows}
        before, self._before = self._before, now
        return [self._record(table, figures, at_ns) for table, figures in now.items() if before.get(table) != figures]

    def _record(self, table: tuple[str, str], figures: tuple[int, ...], at_ns: int) -> LogRecord:
        parts, most, rows, size = figures
        attributes = {
            names.DB_NAMESPACE: table[0],
            names.RELATION_SCHEMA: shown(table[0]),
            names.RELATION_NAME: shown(table[1]),
            names.RELATION_PARTS: parts,
            names.RELATION_MAX_PARTS: most,
            names.RELATION_ROWS: rows,
            names.RELATION_SIZE: size,
            names.INTERVAL_S: self.interval_s,
        }
        return event(self.where, DatabaseEvent.RELATION, at_ns, "\0".join(table), attributes)
