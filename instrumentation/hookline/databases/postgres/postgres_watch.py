"""One PostgreSQL server's task: looks over one connection, work that is due over a second, what may wait for locks over a third.

Each connection that breaks is opened again by its own loop, with pauses that double up to half a minute; the looks' connection says whether the
server is seen. What was read before stays, so after a lost connection growth is told over the whole gap, and after a restart from zero.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from hookline.contract.databases import DB_NAMESPACE
from hookline.databases.database_events import shown, statement_records
from hookline.databases.database_points import DatabasePoint
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.host import HostReader, is_here
from hookline.databases.plan_book import PlanBook, PlanPace
from hookline.databases.postgres.figures import InstanceReader
from hookline.databases.postgres.link import LinkLimits, LinkTarget, PgLink
from hookline.databases.postgres.looks import PgSessionReader, StatementTexts
from hookline.databases.postgres.plan_reader import NOBODY, PLANS, PlanReader
from hookline.databases.postgres.relations import RelationReader, SettingsReader
from hookline.databases.postgres.server import PgNames, PgServer, read_server
from hookline.databases.postgres.sql_files import statement
from hookline.databases.postgres.statement_reader import StatementReader
from hookline.databases.statement_growth import CounterTable, coverage
from hookline.databases.troubles import LinkLost, NotNow, NotVisible
from hookline.databases.work_table import AGAIN, DueWork, LookPace, WorkTable
from hookline.system.log import LOG

LOOKS = LinkLimits(statement_ms=1_000)
WORK = LinkLimits(statement_ms=5_000)
APART = LinkLimits(statement_ms=10_000, lock_ms=100)
STANDING_S = 5.0
"""How often figures are read on which a verdict may rest alone: it is promised within ten seconds."""
MAX_DATABASES = 20
"""Databases of a server whose tables are read."""


@dataclass(frozen=True, slots=True)
class WatchRates:
    """How often what is read, in seconds; 0 leaves a piece of work out."""

    look_s: float = 1.0
    busy_look_s: float = 0.1
    instance_s: float = 10.0
    statements_s: float = 30.0
    relations_s: float = 60.0
    sizes_s: float = 300.0
    settings_s: float = 600.0
    free_space_s: float = 3_600.0
    relations_spare: float = 300.0
    """Ten thousand tables cost the server 0.4 s a reading: so many times that lies between two, two minutes instead of one."""
    plans_s: float = 0.0
    sequences_s: float = 0.0


@dataclass(slots=True)
class PostgresWatch:
    """Watches one server until it is cancelled."""

    watch: DatabaseWatch
    target: LinkTarget
    rates: WatchRates
    databases: tuple[str, ...] = ()
    cores: int = 0
    plan_pace: PlanPace = field(default_factory=PlanPace)
    _texts: StatementTexts = field(default_factory=StatementTexts)
    _names: PgNames = field(default_factory=PgNames)
    _counters: CounterTable = field(default_factory=CounterTable)
    _extensions: dict[str, str] = field(default_factory=dict)
    _host: HostReader | None = None
    _server: PgServer | None = None
    _missing: dict[str, str] = field(default_factory=dict)
    _covered: list[float] = field(default_factory=list)
    _active_ms: float | None = None
    _statements: StatementReader = field(init=False)
    _relations: RelationReader = field(init=False)
    _settings: SettingsReader = field(init=False)
    _plans: PlanReader = field(init=False)
    _readers: dict[str, InstanceReader] = field(default_factory=dict)
    _instance_ns: int = field(default_factory=time.time_ns)

    def __post_init__(self) -> None:
        """Make what keeps what was read before."""
        self._statements = StatementReader(self._texts)
        self._relations = RelationReader(self.watch.where, self.rates.relations_s)
        self._settings = SettingsReader(self.watch.where)
        self._plans = PlanReader(PlanBook(self.watch.where, self.plan_pace), self._open_for_plans)

    async def run(self) -> None:
        """Look and work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._kept_open(LOOKS, self._look_on, self.watch.blind))
            group.create_task(self._kept_open(WORK, self._work_on, self._work_lost))
            group.create_task(self._flush_while_blind())

    async def _kept_open(self, limits: LinkLimits, use: Callable[[PgLink, PgServer], Awaitable[None]], lost: Callable[[str], None]) -> None:
        """Keep a connection open and use it; open it again after a pause when it is lost."""
        failures = 0
        while True:
            link: PgLink | None = None
            began_s = time.monotonic()
            try:
                link = await PgLink.open(self.target, limits)
                server = await read_server(link)
                self._meet(server)
                await link.ask(statement("keep_memory", server.version))
                failures = 0
                await use(link, server)
            except (LinkLost, NotVisible, NotNow) as why:
                lost(str(why))
            except Exception as why:  # a defect of ours must not end the watching of a database for good
                LOG.exception("watching %s failed; it goes on after a pause", self.watch.where.name)
                lost(f"a defect of the agent: {type(why).__name__}: {why}")
            finally:
                if link is not None:
                    await link.close()
            failures = 1 if time.monotonic() - began_s > AGAIN.longest_s else failures + 1
            await asyncio.sleep(AGAIN.pause(failures, chance=random.random()))  # noqa: S311 - spreads load, hides nothing

    def _work_lost(self, why: str) -> None:
        self._missing["connection"] = why
        self._tell_seen()

    def _meet(self, server: PgServer) -> None:
        """Take note of who answers: it may be another version than before, or another machine."""
        before, self._server = self._server, server
        if before is not None and (before.started_at, before.version) != (server.started_at, server.version):
            LOG.info("%s began anew: PostgreSQL %s", self.watch.where.name, server.version)
        if not server.sees_all:
            self._missing["role"] = "it is no member of pg_monitor, so it sees other users' sessions without what they do: GRANT pg_monitor"
        else:
            self._missing.pop("role", None)
        is_local = server.may_be_here and is_here(server.backend_pid, "postgres")
        if is_local and self._host is None:
            self._host = HostReader(server.data_directory)
        if not is_local:
            self._host = None

    @property
    def core_count(self) -> int:
        """Cores of the server's machine: as configured, or ours where it is this one; 0 where nobody knows."""
        return self.cores or (self._host.cpus if self._host is not None else 0)

    # Looks

    async def _look_on(self, link: PgLink, server: PgServer) -> None:
        with suppress(NotNow):
            await self._names.refresh(link)  # so that the first look knows who it sees
        reader = PgSessionReader(link, server, self._names, self._texts)
        pace = LookPace(self.rates.look_s, self.rates.busy_look_s, self.core_count or 8)
        wanted_s = self.rates.look_s
        last_s = time.monotonic() - wanted_s
        while True:
            began_s = time.monotonic()
            passed_s = began_s - last_s
            self.watch.lost += max(0, round(passed_s / wanted_s) - 1) if wanted_s else 0
            try:
                look = await reader.look(min(passed_s, 2 * wanted_s))
            except NotNow:
                self.watch.lost += 1
                await asyncio.sleep(self.rates.look_s)
                last_s = time.monotonic() - wanted_s
                continue
            last_s = began_s
            if self._host is not None:
                cores = self._host.cores((session.pid for session in look.sessions if session.is_load), began_s)
                look = look if cores is None else type(look)(look.at_ns, look.stands_for_s, look.took_s, look.sessions, cores)
            self._tell_seen()
            self.watch.took(look)
            wanted_s = pace.after(look, began_s)
            await asyncio.sleep(max(0.0, began_s + wanted_s - time.monotonic()))

    def _tell_seen(self) -> None:
        if self._server is not None:
            self.watch.sees(self._missing, version=self._server.version_text, cores=self.core_count)

    async def _flush_while_blind(self) -> None:
        """Tell also while nothing is seen that nothing is."""
        while True:
            await asyncio.sleep(self.watch.interval_s)
            if self.watch.state.state == "blind":
                self.watch.flush(time.time_ns())

    # Work that is due

    async def _work_on(self, link: PgLink, server: PgServer) -> None:
        self._missing.pop("connection", None)
        await self._names.refresh(link)
        await self._read_extensions(link, server)
        works = self._works(link, server)
        table = WorkTable([DueWork(name, every_s) for name, every_s, _ in works if every_s > 0])
        for work in table.works:
            if work.name == "relations":
                work.spares = self.rates.relations_spare
            elif work.name == "standing":
                work.second_after_s = work.every_s  # with the instance's second time, and so on: what is told together is one request
        do = {name: what for name, _, what in works}
        while True:
            work, due_s = table.next(self.watch.hurry())
            now_s = time.monotonic()
            if due_s > now_s:
                await self.watch.rest(due_s - now_s)  # somebody may want something sooner meanwhile
                continue
            try:
                await do[work.name]()
            except NotVisible as why:
                work.refused(str(why), now_s)
                await self._read_extensions(link, server)
            except NotNow:
                work.postponed(now_s)
            else:
                work.done(now_s, time.monotonic() - now_s)
            kept = {part: why for part, why in self._missing.items() if part in {"role", "connection", "free space", "plans"}}
            instance = self._readers["instance"].missing if "instance" in self._readers else {}
            self._missing = kept | dict(instance) | table.missing()

    def _works(self, link: PgLink, server: PgServer) -> list[tuple[str, float, Callable[[], Awaitable[None]]]]:
        instance = InstanceReader(link, server, self._counters)
        self._readers["instance"] = instance

        async def read_instance() -> None:
            since_ns, self._instance_ns = self._instance_ns, time.time_ns()
            points = await instance.read()
            if instance.active_ms is not None:
                self._active_ms = (self._active_ms or 0.0) + instance.active_ms
            if self._host is not None:
                points += self._host.points()
                points += await asyncio.to_thread(self._host.disk)
            if self.core_count:
                points.append(DatabasePoint("hookline.db.cores", self.core_count))
            self.watch.out.points(points, since_ns)

        async def read_standing() -> None:
            self.watch.out.points(await instance.read_standing(), time.time_ns())

        async def read_statements() -> None:
            await self._read_statements(link, server)

        async def read_relations() -> None:
            await self._read_relations(link, server)

        async def read_sizes() -> None:
            rows = await link.ask(statement("sizes", server.version))
            self.watch.out.points([DatabasePoint("postgresql.db_size", size, {DB_NAMESPACE: shown(name)}) for name, size in rows], time.time_ns())

        async def read_settings() -> None:
            self.watch.out.events(self._settings.step(await link.ask(statement("settings", server.version)), time.time_ns()))

        async def read_plans() -> None:
            await self._read_plans(link, server)

        async def look_into() -> None:
            await self._look_into(server)

        async def read_sequences() -> None:
            await self._read_sequences(server)

        return [
            ("instance", self.rates.instance_s, read_instance),
            ("standing", min(STANDING_S, self.rates.instance_s), read_standing),
            ("statements", self.rates.statements_s, read_statements),
            ("relations", self.rates.relations_s, read_relations),
            ("sizes", self.rates.sizes_s, read_sizes),
            ("settings", self.rates.settings_s, read_settings),
            ("free space", self.rates.free_space_s, look_into),
            ("sequences", self.rates.sequences_s, read_sequences),
            ("plans", self.rates.plans_s, read_plans),
        ]

    async def _read_extensions(self, link: PgLink, server: PgServer) -> None:
        rows = await link.ask(statement("extensions", server.version))
        self._extensions = {name: schema for name, schema, _ in rows}

    async def _read_statements(self, link: PgLink, server: PgServer) -> None:
        schema = self._extensions.get("pg_stat_statements")
        if schema is None:
            raise NotVisible(f"the extension pg_stat_statements is not in the database {server.database}")
        since_ns = time.time_ns()
        reading = await self._statements.read(link, server, self._names, schema)
        if reading.is_first:
            self._active_ms = None
            return
        self._plans.heard(reading.growths)
        active_ms, self._active_ms = self._active_ms, None
        covered = coverage(reading.growths, active_ms)
        named = partial(self._statements.named, names=self._names)
        self.watch.out.events(statement_records(self.watch.where, reading.growths, named, covered, reading.interval_s, time.time_ns()))
        points = [DatabasePoint("hookline.db.statements.evicted", reading.evictions)]
        if covered is not None:
            points.append(DatabasePoint("hookline.db.statements.coverage", covered))
        self.watch.out.points(points, since_ns - int(reading.interval_s * 1e9))

    async def _read_plans(self, link: PgLink, server: PgServer) -> None:
        schema = self._extensions.get("pg_stat_statements")
        if schema is None:
            return  # what is missing is said where statements are read
        wanted = {server.database, *self._other_databases(server)}
        databases = {number: name for number, name in await link.ask(statement("plan_databases", server.version)) if name in wanted}
        named = partial(self._statements.named, names=self._names)
        self.watch.out.events(await self._plans.round(link, server.version, schema, databases, named))
        if self._plans.is_allowed:
            self._missing.pop("plans", None)
        else:
            self._missing["plans"] = NOBODY

    async def _open_for_plans(self, database: str) -> PgLink | None:
        return await self._apart(database, PLANS)

    async def _read_relations(self, link: PgLink, server: PgServer) -> None:
        """Read the tables of this database over this connection, of the others over one that is opened for it."""
        await self._tell_relations(link, server, server.database)
        for database in self._other_databases(server):
            await self._in_database(database, partial(self._tell_relations, server=server, database=database), "the tables")

    async def _tell_relations(self, link: PgLink, server: PgServer, database: str) -> None:
        found = await self._relations.read(link, server.version, database, time.time_ns())
        self.watch.out.events(found.records)
        self.watch.out.points(found.points, time.time_ns())

    async def _read_sequences(self, server: PgServer) -> None:
        """Read sequences over connections of their own: one that somebody alters is locked."""
        for database in (server.database, *self._other_databases(server)):
            await self._in_database(database, partial(self._tell_sequences, server=server, database=database), "the sequences")

    async def _tell_sequences(self, link: PgLink, server: PgServer, database: str) -> None:
        self.watch.out.points(await self._relations.sequences(link, server.version, database), time.time_ns())

    async def _in_database(self, database: str, read: Callable[[PgLink], Awaitable[None]], what: str) -> None:
        """Read something over a connection that is opened for it; where that fails it is left out."""
        other = await self._apart(database)
        if other is None:
            return
        try:
            await read(other)
        except (LinkLost, NotNow, NotVisible) as why:
            LOG.info("%s of %s in %s were not read: %s", what, database, self.watch.where.name, why)
        finally:
            await other.close()

    def _other_databases(self, server: PgServer) -> list[str]:
        wanted = self.databases or self._names.readable
        return [name for name in wanted if name != server.database][:MAX_DATABASES]

    async def _apart(self, database: str, limits: LinkLimits = APART) -> PgLink | None:
        try:
            return await PgLink.open(self.target, limits, database)
        except LinkLost as why:
            LOG.info("the database %s of %s was not opened: %s", database, self.watch.where.name, why)
            return None

    async def _look_into(self, server: PgServer) -> None:
        """Measure free space over a connection of its own, which may have to wait for a lock: a tenth of a second, then the table is left out."""
        if (schema := self._extensions.get("pgstattuple")) is None:
            self._missing["free space"] = f"the extension pgstattuple is not in the database {server.database}"
            return
        self._missing.pop("free space", None)
        link = await self._apart(server.database)
        if link is None:
            return
        try:
            await self._relations.look_into(link, server.version, server.database, schema)
        except LinkLost as why:
            LOG.info("free space in %s was not measured: %s", self.watch.where.name, why)
        finally:
            await link.close()
