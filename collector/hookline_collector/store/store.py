"""The store: all that the rest of the collector knows about ClickHouse.

All calls block and may come from any thread. Errors are `Refused` (the store is away, slow or full: try again) and `Rejected`
(ClickHouse refuses what was sent: never again). Inserts, the collector's own statements and people's queries have clients of
their own, so none waits for another's lock.
"""

import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date
from typing import Any

from clickhouse_connect.driver.client import Client

from hookline.errors import Refused
from hookline.settings import Settings
from hookline_collector.observe.disk_room import NoRoom
from hookline_collector.signal import Signal
from hookline_collector.store.backends import Backend, Pool, Server, backend_for
from hookline_collector.store.faults import FAULTS, classify
from hookline_collector.store.insert.insertion import Inserter
from hookline_collector.store.memory_patience import patiently
from hookline_collector.store.people_streams import PeopleStreams
from hookline_collector.store.readonly import FormattedResult, ReadOnlyQueries
from hookline_collector.store.rows import JSON_SETTINGS, Rows
from hookline_collector.store.schema.migrations import bring_up, identifier, is_behind
from hookline_collector.store.schema.retention import drop_expired, retain
from hookline_collector.store.statement_gate import StatementGate

_WAIT_FOR_CLIENT_S = 30.0
_BROKEN_PARTS = """SELECT table, count() FROM system.detached_parts
WHERE database = currentDatabase() AND startsWith(reason, 'broken') GROUP BY table ORDER BY table"""
_NAMED = re.compile(r"\{\s*(\w+)\s*:")
_ROW_SETTINGS = {"async_insert": 0, "insert_deduplicate": 0}
_log = logging.getLogger(__name__)
Parameters = Mapping[str, Any]


class Store:
    """One open database."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; use `Store.open`."""
        self._settings = settings
        self.database = identifier("store.database", settings.store.database)
        self._backend = backend_for(settings)
        self._closed = False
        self._behind: NoRoom | None = None
        self._catching_up = threading.Lock()
        limit = {"max_execution_time": f"{settings.store.insert_timeout_s:g}"}
        self._inserter = Inserter(self._backend, self.database, limit)
        self._own = Pool(self._backend, 2, self.database, {**JSON_SETTINGS, **limit})
        gate = StatementGate(self.database)
        self._people = ReadOnlyQueries(self._backend, settings.store, gate)
        self.people_streams = (
            None if isinstance(self._backend, Server) else PeopleStreams(self._backend, settings.store, settings.clickhouse.max_rows, gate)
        )

    @classmethod
    def open(cls, settings: Settings) -> "Store":
        """Connect, create the database if it is not there, and bring its schema up to date.

        Raises AlreadyRunning when another process has the embedded database open, ConfigInvalid when the database is of a newer
        version or a name in the settings is bad, Refused when the server does not answer.
        """
        store = cls(settings)
        try:
            store.catch_up()
            store.trim_memory()
            store.begin()
        except BaseException:
            store.close()
            raise
        return store

    def catch_up(self) -> None:
        """Bring the schema up to date and apply the retention, as far as there is room on the disk.

        Without room a database that is there is opened as it is: it answers questions, and takes inserts when there is room again.
        Raises NoRoom when there is no database yet, and what `migrate` raises.
        """
        with self._catching_up:
            try:
                self._backend.room.make("bringing the schema up to date")
                self.migrate()
                self._behind = None
            except NoRoom as why:
                self._behind = why if self._is_behind() else None
            if self._behind is None:
                self._retain()

    def _is_behind(self) -> bool:
        with self._in_system() as client:
            return is_behind(_Session(client, self._backend), self._settings.store)

    def _retain(self) -> None:
        """Apply the retention; what does not work now is tried again with the cleanup, and must not keep a database shut."""
        try:
            self.apply_retention()
        except Refused as why:
            _log.warning("could not apply the retention: %s", why)

    def migrate(self) -> list[str]:
        """Run the migrations that are pending; return their names. Raises NoRoom before a statement for which there is none."""
        with self._in_system() as client:
            lost = any(not mended.is_whole_again for mended in self._backend.mended)
            done = bring_up(_Session(client, self._backend), self._settings.store, secure=self.secure, again=lost)
            return [migration.name for migration in done]

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        """Store serialized requests laid end to end, once for each `token` however often it is called.

        Raises Refused when the store is away, overloaded, out of memory or too slow, Rejected when ClickHouse refuses the bytes.
        A large payload goes in by portions; when one fails, those before it are stored, and the next call with the same token
        and bytes completes the rest. Without room on the disk nothing is begun. Nothing looks at the payload once this has returned.
        """
        self._backend.room.require("an insert")
        if self._behind is not None:
            self.catch_up()
        if self._behind is not None:
            raise self._behind
        self._inserter.insert(signal, payload, token)

    def secure(self) -> None:
        """Return when everything that was stored before is on the disk, where the disk is ours: only then it needs no journal any more.

        Raises Refused where that cannot be had now, Broken where it cannot be had before the next start.
        """
        try:
            self._backend.secure()
        except OSError as error:
            raise Refused(f"cannot write to the disk under the database: {error.strerror or error}") from error

    def begin(self) -> None:
        """Secure what is there, so that inserts may begin; where that is not possible now, the first insert tries it again."""
        with suppress(Refused):
            self.secure()

    def query(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer our own SQL. `parameters` are bound to `{name:Type}`; tables without a database are those of the store."""
        return patiently(lambda: self._query(sql, parameters))

    def _query(self, sql: str, parameters: Parameters | None) -> Rows:
        with self._client(self._own) as client:
            return Rows.parse(_read(client, sql, parameters))

    def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """Run our own statement that answers nothing."""
        with self._client(self._own) as client:
            client.command(sql, parameters=dict(parameters) if parameters else None)

    def write(self, table: str, lines: bytes) -> None:
        """Insert rows of our own into one of the store's tables, as lines of JSON. A repetition is no less an insert: who writes knows why."""
        self._backend.room.require("an insert")
        with self._backend.inserting(), self._client(self._own) as client:
            client.raw_insert(f"`{self.database}`.{table}", insert_block=lines, fmt="JSONEachRow", settings=_ROW_SETTINGS)

    def people_query(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer one statement of a person, read-only and within the limits of the settings.

        Raises Rejected with what is wrong with it, Refused when too many run at once or the store is away.
        """
        return self._people.query(sql, parameters)

    def panel_query(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer one statement of ours for a person, with values bound: read-only and within the same limits, but nobody need judge its text."""
        return self._people.answer_ours(sql, parameters)

    def people_answer(self, sql: str, form: str, parameters: Parameters | None = None) -> FormattedResult:
        """Answer one statement of a person in ClickHouse's own bytes: `form`, such as Native, unless its FORMAT clause names another."""
        return self._people.answer(sql, form, parameters)

    def apply_retention(self) -> list[str]:
        """Make the tables keep their rows for as long as the settings say; return the names of those that changed.

        On a full disk the ballast goes, and what is past its time goes first. Raises NoRoom when that did not make room for the rest.
        """
        with suppress(NoRoom):
            self._backend.room.make("the retention")
        if self._backend.owns_its_disk:
            today: str = self.query("SELECT toString(today())").scalar()
            drop_expired(self, self._settings, date.fromisoformat(today))
        self._backend.room.require("the retention")
        changed = retain(self, self._settings, rewrite=not self._backend.owns_its_disk)
        if changed:
            self._backend.keep_definitions()
        self._backend.room.restore()
        return changed

    def damages(self) -> tuple[str, ...]:
        """Return in words what damage was found: what the start repaired, and parts that the engine set aside."""
        parts = self.query(_BROKEN_PARTS) if self._backend.owns_its_disk else ()
        aside = (f"{count} damaged part{'s' if count > 1 else ''} of {table} set aside by the engine" for table, count in parts)
        return (*(mended.words for mended in self._backend.mended), *aside)

    def trim_memory(self) -> None:
        """Give back memory that is not in use. Cheap; for the start and for the cleanup."""
        self._backend.trim_memory()

    def ping(self) -> None:
        """Return when the store answers; raises Refused otherwise."""
        self.query("SELECT 1")

    def close(self) -> None:
        """Close every client; statements that run get a moment to end, later ones are Refused. Again is nothing."""
        if self._closed:
            return
        self._closed = True
        for part in (self._inserter, self._own, self._people, self.people_streams):
            if part is not None:
                part.close()
        self._backend.close()

    @contextmanager
    def _in_system(self) -> Iterator[Client]:
        """Lend a client that needs no database."""
        pool = Pool(self._backend, 1, "system", JSON_SETTINGS)
        try:
            with self._client(pool) as client:
                yield client
        finally:
            pool.close()

    @contextmanager
    def _client(self, pool: Pool) -> Iterator[Client]:
        try:
            with pool.client(_WAIT_FOR_CLIENT_S) as client:
                yield client
        except FAULTS as error:
            raise classify(error) from error


def _read(client: Client, sql: str, parameters: Parameters | None, form: str = "JSONCompact") -> bytes:
    return client.raw_query(sql, parameters=_named_in(sql, parameters) if parameters else None, fmt=form)


def _named_in(sql: str, parameters: Parameters) -> dict[str, Any] | None:
    """Return the parameters that a statement names: the days of two years, bound to one that names none, take as long as a small statement."""
    return {name: parameters[name] for name in set(_NAMED.findall(sql)) & parameters.keys()} or None


class _Session:
    """One client, as the migrations use it: it begins no statement for which there is no room."""

    def __init__(self, client: Client, backend: Backend) -> None:
        self._client = client
        self._backend = backend

    def run(self, statement: str) -> None:
        """Run a statement. Raises NoRoom."""
        self._backend.room.make("a change of the schema")
        self._client.command(statement)

    def keep(self) -> None:
        """Keep a copy of the definitions."""
        self._backend.keep_definitions()

    def read(self, sql: str) -> Rows:
        """Answer a query."""
        return Rows.parse(_read(self._client, sql, None))
