"""Counters and states of an instance as points: transactions, checkpoints, log, files, connections, ages, replication."""

from __future__ import annotations

from hookline.contract import databases as names
from hookline.databases.database_events import shown
from hookline.databases.database_points import DatabasePoint, ReadingPoints
from hookline.databases.postgres.link import PgLink, PgRows
from hookline.databases.postgres.server import PgServer
from hookline.databases.postgres.sql_files import statement
from hookline.databases.statement_growth import CounterTable
from hookline.databases.troubles import NotNow, NotVisible

_DATABASE = (
    "postgresql.commits",
    "postgresql.rollbacks",
    "postgresql.blks_read",
    "postgresql.blks_hit",
    "postgresql.tup_returned",
    "postgresql.tup_fetched",
    "postgresql.tup_inserted",
    "postgresql.tup_updated",
    "postgresql.tup_deleted",
)
_IO = ("read", "write", "extend", "fsync", "hit", "evict")
_IO_TIMES = ("read", "write", "extend", "fsync")
_CONFLICTS = ("tablespace", "lock", "snapshot", "bufferpin", "deadlock")


class InstanceReader:
    """Reads one server's figures; each part that cannot be read is left out and named."""

    def __init__(self, link: PgLink, server: PgServer, table: CounterTable) -> None:
        self._link = link
        self._server = server
        self._table = table
        self.active_ms: float | None = None
        """What sessions were active since the reading before; None where the server does not say."""
        self.missing: dict[str, str] = {}

    async def read(self) -> list[DatabasePoint]:
        """Return the points of one reading."""
        into = ReadingPoints(self._table)
        self._databases(await self._rows("databases"), into)
        self._writers(await self._rows("writers"), into)
        self._wal(await self._rows("wal"), into)
        if self._server.version >= 16:
            self._io(await self._rows("io"), into)
        self._horizon(await self._rows("horizon"), into)
        for (size,) in await self._rows("temporary"):
            into.gauge("hookline.db.temp.size", size)
        for archived, failed in await self._rows("archiver"):
            into.total("hookline.db.archiver.archived", archived)
            into.total("hookline.db.archiver.failed", failed)
        if self._server.is_standby:
            await self._conflicts(into)
        for database, table, phase, share in await self._rows("vacuums"):
            into.gauge(
                "hookline.db.vacuum.progress",
                share,
                {names.DB_NAMESPACE: shown(database), names.DB_COLLECTION: shown(table or ""), names.VACUUM_PHASE: phase},
            )
        return into.points

    async def read_standing(self) -> list[DatabasePoint]:
        """Return what a verdict may rest on alone, and what costs next to nothing: connections, what replication slots keep, how far standbys are."""
        into = ReadingPoints(self._table)
        self._connections(await self._rows("connections", self._server.without_own("connections")), into)
        for name, active, status, retained in await self._rows("slots"):
            into.gauge("hookline.db.slot.retained", retained, {names.SLOT_NAME: name, names.SLOT_ACTIVE: bool(active), names.SLOT_STATUS: status})
        await self._standbys(into)
        return into.points

    async def _rows(self, name: str, sql: str = "") -> PgRows:
        try:
            rows = await self._link.ask_again(sql or statement(name, self._server.version))
        except (NotVisible, NotNow) as why:
            self.missing[name] = str(why)
            return []
        self.missing.pop(name, None)
        return rows

    def _databases(self, rows: PgRows, into: ReadingPoints) -> None:
        active = 0.0
        knows_active = False
        into.gauge("postgresql.database.count", len(rows))
        for name, backends, *counters, conflicts, files, spilled, deadlocks, active_ms, idle_ms in rows:
            where = {names.DB_NAMESPACE: shown(name)}
            into.gauge("postgresql.backends", backends, where)
            for metric, value in zip(_DATABASE, counters, strict=True):
                into.total(metric, value, where)
            into.total("postgresql.temp_files", files, where)
            into.total("postgresql.temp.io", spilled, where)
            into.total("postgresql.deadlocks", deadlocks, where)
            into.total("hookline.db.session.time", idle_ms, {**where, names.SESSION_STATE: "idle_in_transaction"})
            grown = into.total("hookline.db.session.time", active_ms, {**where, names.SESSION_STATE: "active"})
            if grown is not None:
                active, knows_active = active + grown, True
            _ = conflicts  # told by their reasons
        self.active_ms = active if knows_active else None

    def _writers(self, rows: PgRows, into: ReadingPoints) -> None:
        for timed, requested, write_ms, sync_ms, by_checkpoint, by_writer, stopped, allocated, by_backends, fsyncs in rows:
            into.total("postgresql.bgwriter.checkpoint.count", timed, {names.PG_TYPE: "scheduled"})
            into.total("postgresql.bgwriter.checkpoint.count", requested, {names.PG_TYPE: "requested"})
            into.total("postgresql.bgwriter.duration", write_ms, {names.PG_TYPE: "write"})
            into.total("postgresql.bgwriter.duration", sync_ms, {names.PG_TYPE: "sync"})
            into.total("postgresql.bgwriter.buffers.writes", by_checkpoint, {names.PG_SOURCE: "checkpoints"})
            into.total("postgresql.bgwriter.buffers.writes", by_writer, {names.PG_SOURCE: "bgwriter"})
            into.total("postgresql.bgwriter.buffers.writes", by_backends, {names.PG_SOURCE: "backend"})
            into.total("postgresql.bgwriter.buffers.writes", fsyncs, {names.PG_SOURCE: "backend_fsync"})
            into.total("postgresql.bgwriter.maxwritten", stopped)
            into.total("postgresql.bgwriter.buffers.allocated", allocated)

    def _wal(self, rows: PgRows, into: ReadingPoints) -> None:
        for records, pages, size, full in rows:
            into.total("hookline.db.wal.records", records)
            into.total("hookline.db.wal.full_pages", pages)
            into.total("hookline.db.wal.bytes", size)
            into.total("hookline.db.wal.buffers_full", full)

    def _io(self, rows: PgRows, into: ReadingPoints) -> None:
        for backend, kind, context, *figures in rows:
            where = {names.BACKEND_TYPE: backend, names.IO_OBJECT: kind, names.IO_CONTEXT: context}
            for operation, value in zip(_IO, figures[:6], strict=True):
                into.total("hookline.db.io", value, {**where, names.IO_OPERATION: operation})
            for operation, value in zip(_IO_TIMES, figures[6:], strict=True):
                into.total("hookline.db.io.time", value, {**where, names.IO_OPERATION: operation})

    def _connections(self, rows: PgRows, into: ReadingPoints) -> None:
        for active, idle, in_transaction, others, oldest_s, used in rows:
            for state, count in (("active", active), ("idle", idle), ("idle_in_transaction", in_transaction), ("other", others)):
                into.gauge("hookline.db.connections", count, {names.SESSION_STATE: state})
            into.gauge("hookline.db.transaction.oldest", oldest_s or 0.0)
            into.gauge("hookline.db.connections.available", self._server.connections)
            into.gauge("postgresql.connection.max", self._server.connections)
            if self._server.connections > 0:
                into.gauge("hookline.db.connections.used_percent", 100.0 * used / self._server.connections)

    def _horizon(self, rows: PgRows, into: ReadingPoints) -> None:
        for xid, mxid, backend, prepared, slot, standby, freeze in rows:
            into.gauge("hookline.db.xid.age", xid)
            into.gauge("hookline.db.mxid.age", mxid)
            into.gauge("hookline.db.xid.freeze_max_age", freeze)
            into.gauge("hookline.db.xid.age_percent", 100.0 * xid / freeze if xid is not None and freeze else None)
            for holder, age in (("backend", backend), ("prepared", prepared), ("slot", slot), ("standby", standby)):
                into.gauge("hookline.db.xmin.age", age or 0, {names.HOLDER: holder})

    async def _standbys(self, into: ReadingPoints) -> None:
        for client, _state, behind, write_s, flush_s, replay_s in await self._rows("standbys"):
            into.gauge("postgresql.replication.data_delay", behind, {names.STANDBY: client})
            for operation, delay_s in (("write", write_s), ("flush", flush_s), ("replay", replay_s)):
                into.gauge("postgresql.wal.delay", delay_s, {names.PG_OPERATION: operation, names.STANDBY: client})
        for (delay_s,) in await self._rows("delay"):
            into.gauge("hookline.db.replication.delay", delay_s)

    async def _conflicts(self, into: ReadingPoints) -> None:
        for database, *counts in await self._rows("conflicts"):
            for reason, count in zip(_CONFLICTS, counts, strict=True):
                into.total("postgresql.query.conflicts", count, {names.DB_NAMESPACE: database, names.PG_CONFLICT: reason})
