"""Tables and indexes of a database: what was read from them, what waits for vacuum, how much of them is air. And settings that changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, event, moment, shown
from hookline.databases.database_points import DatabasePoint
from hookline.databases.postgres.link import PgLink, PgRows
from hookline.databases.postgres.nearing_ends import DeadRows, NearingEnds
from hookline.databases.postgres.sql_files import statement
from hookline.databases.statement_growth import CounterTable
from hookline.databases.troubles import NotNow, NotVisible
from hookline.records import LogRecord

_TABLE_COUNTERS = (
    names.RELATION_SEQ_SCANS,
    names.RELATION_SEQ_ROWS,
    names.RELATION_INDEX_SCANS,
    names.RELATION_INDEX_ROWS,
    names.RELATION_INSERTED,
    names.RELATION_UPDATED,
    names.RELATION_HOT_UPDATED,
    names.RELATION_DELETED,
)
_BLOCKS = (names.RELATION_READ, names.RELATION_HIT)
_INDEX_COUNTERS = (names.RELATION_INDEX_SCANS, names.RELATION_INDEX_ROWS, *_BLOCKS)
ALL_EVERY = 60
"""Every so many readings all relations are told, else those that changed."""


@dataclass(frozen=True, slots=True)
class RelationReading:
    """What one reading of a database's relations found: those that changed, and the tables that come near to a vacuum."""

    records: list[LogRecord]
    points: list[DatabasePoint]


@dataclass(slots=True)
class RelationReader:
    """Reads the relations of one server's databases; what changed is told."""

    where: DatabaseName
    interval_s: float
    _table: CounterTable = field(default_factory=CounterTable)
    _free: dict[tuple[str, int], float] = field(default_factory=dict)
    _dead: dict[tuple[str, int], int] = field(default_factory=dict)
    _due: set[tuple[str, int]] = field(default_factory=set)
    _readings: dict[str, int] = field(default_factory=dict)
    _read_ns: dict[str, int] = field(default_factory=dict)
    _ends: NearingEnds = field(default_factory=NearingEnds)

    async def read(self, link: PgLink, version: int, database: str, at_ns: int) -> RelationReading:
        """Read the relations of a database."""
        tables = await link.ask(statement("tables", version))
        indexes = await link.ask(statement("indexes", version))
        seconds = (at_ns - self._read_ns[database]) / 1e9 if database in self._read_ns else self.interval_s
        self._read_ns[database] = at_ns
        count = self._readings[database] = self._readings.get(database, -1) + 1
        tells_all = count % ALL_EVERY == 0
        records = [self._of_table(database, row, at_ns, seconds, tells_all=tells_all) for row in tables]
        records += [self._of_index(database, row, at_ns, seconds, tells_all=tells_all) for row in indexes]
        near = self._ends.of_tables(database, (_dead_rows(row) for row in tables))
        return RelationReading([record for record in records if record is not None], near)

    async def sequences(self, link: PgLink, version: int, database: str) -> list[DatabasePoint]:
        """Return what the sequences of a database have used up, as far as this role may see it. Raises NotNow where one is locked."""
        return self._ends.of_sequences(database, await link.ask(statement("sequences", version)))

    async def look_into(self, link: PgLink, version: int, database: str, schema: str) -> None:
        """Measure the free space of large tables; one that somebody holds is left out."""
        for (table,) in await link.ask(statement("tables_to_look_into", version)):
            try:
                ((share,),) = await link.ask(statement("free_space", version, schema), {"table": table})
            except (NotNow, NotVisible):
                continue
            self._free[database, table] = share

    def _growth(self, database: str, number: int, counters: Mapping[str, int | None]) -> dict[str, int] | None:
        """Return growths; None for the first reading."""
        grown = {name: self._table.growth((database, number, name), value or 0) for name, value in counters.items()}
        if any(value is None for value in grown.values()):
            return None
        return {name: int(value or 0) for name, value in grown.items()}

    def _of_table(self, database: str, row: tuple[Any, ...], at_ns: int, seconds: float, *, tells_all: bool) -> LogRecord | None:
        schema, name, number, *counters, live, dead, read, hit, size, xid_age, trigger, vacuumed, analyzed = row
        grown = self._growth(database, number, dict(zip((*_TABLE_COUNTERS, *_BLOCKS), (*counters, read, hit), strict=True)))
        key = database, number
        was_cleaned = self._dead.get(key, dead) != dead
        self._dead[key] = dead
        if not (tells_all or was_cleaned or grown is None or any(grown.values())):  # one that is new is told
            return None
        attributes = {
            names.RELATION_SIZE: size,
            names.RELATION_ROWS: live,
            names.RELATION_VACUUM_DUE: self._vacuum_due(key, dead, float(trigger)),
            names.RELATION_DEAD_ROWS: dead,
            names.RELATION_XID_AGE: xid_age,
            names.RELATION_VACUUM_TRIGGER: float(trigger),
            names.RELATION_VACUUMED: moment(int(vacuumed * 1e9)) if vacuumed else "",
            names.RELATION_ANALYZED: moment(int(analyzed * 1e9)) if analyzed else "",
            names.RELATION_FREE_SHARE: self._free.get(key),
        }
        return self._record(database, schema, name, "", attributes | (grown or {}), at_ns, seconds)

    def _vacuum_due(self, key: tuple[str, int], dead: int, trigger: float) -> float | None:
        """Return how many times its trigger a table's dead rows are, where that is once or more, and the first time that it no longer is."""
        was_due = key in self._due
        due = round(dead / max(1.0, trigger), 3)
        (self._due.add if due >= 1 else self._due.discard)(key)
        return due if due >= 1 or was_due else None

    def _of_index(self, database: str, row: tuple[Any, ...], at_ns: int, seconds: float, *, tells_all: bool) -> LogRecord | None:
        schema, table, name, number, *counters, size, is_valid, is_unique = row
        grown = self._growth(database, number, dict(zip(_INDEX_COUNTERS, counters, strict=True)))
        if not tells_all and grown is not None and not any(grown.values()):  # one that is new is told
            return None
        attributes = {names.RELATION_SIZE: size, names.RELATION_VALID: is_valid, names.RELATION_UNIQUE: is_unique}
        return self._record(database, schema, table, name, attributes | (grown or {}), at_ns, seconds)

    def _record(self, database: str, schema: str, table: str, index: str, attributes: Mapping[str, Any], at_ns: int, seconds: float) -> LogRecord:
        where = {
            names.DB_NAMESPACE: shown(database),
            names.RELATION_SCHEMA: shown(schema),
            names.RELATION_NAME: shown(table),
            names.RELATION_INDEX: shown(index),
            names.INTERVAL_S: round(seconds, 3),
        }
        return event(self.where, DatabaseEvent.RELATION, at_ns, f"{database}\0{schema}\0{table}\0{index}", {**where, **attributes})


def _dead_rows(row: tuple[Any, ...]) -> DeadRows:
    schema, name, *_, dead, _read, _hit, _size, _xid_age, trigger, _vacuumed, _analyzed = row
    return DeadRows(schema, name, dead, float(trigger))


@dataclass(slots=True)
class SettingsReader:
    """Tells of settings that are not as they were."""

    where: DatabaseName
    _before: dict[str, tuple[str, str, str, bool]] | None = None

    def step(self, rows: PgRows, at_ns: int) -> list[LogRecord]:
        """Take the settings that somebody set; return what changed, nothing the first time."""
        now = {name: (value or "", unit, source, bool(pending)) for name, value, unit, source, pending in rows}
        before, self._before = self._before, now
        if before is None:
            return []
        nothing = ("", "", "", False)
        changed = sorted(name for name in before.keys() | now.keys() if before.get(name, nothing) != now.get(name, nothing))
        return [self._record(name, before.get(name, nothing), now.get(name, nothing), at_ns) for name in changed]

    def _record(self, name: str, before: tuple[str, str, str, bool], now: tuple[str, str, str, bool], at_ns: int) -> LogRecord:
        hides = any(word in name for word in ("password", "conninfo", "command", "passphrase", "secret", "key"))
        attributes = {
            names.SETTING_NAME: shown(name),
            names.SETTING_BEFORE: "(hidden)" if hides and before[0] else shown(before[0], 256),
            names.SETTING_AFTER: "(hidden)" if hides and now[0] else shown(now[0], 256),
            names.SETTING_UNIT: now[1] or before[1],
            names.SETTING_SOURCE: now[2] or "default",
            names.SETTING_PENDING: now[3],
        }
        return event(self.where, DatabaseEvent.SETTINGS_CHANGE, at_ns, name, attributes)
