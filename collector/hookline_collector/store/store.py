"""The store: what the rest of the collector knows of ClickHouse.

All calls block and may come from any thread. Errors are `Refused` (the store is away, slow or full: try again) and `Rejected`
(ClickHouse refuses what was sent: never again). Inserts, the collector's own statements and people's queries have clients of
their own, so none waits for another's lock.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from clickhouse_connect.driver.client import Client

from hookline.errors import Refused
from hookline.settings import Settings
from hookline_collector.signal import Signal
from hookline_collector.store.connection import Pool, backend_for
from hookline_collector.store.faults import FAULTS, blame
from hookline_collector.store.insertion import Inserter
from hookline_collector.store.migrations import bring_up, identifier
from hookline_collector.store.people import Answer, People
from hookline_collector.store.retention import retain
from hookline_collector.store.rows import JSON_SETTINGS, Rows

_WAIT_FOR_CLIENT_S = 30.0
Parameters = Mapping[str, Any]


class Store:
    """One open database."""

    def __init__(self, settings: Settings) -> None:
        """Prepare; use `Store.open`."""
        self._settings = settings
        self.database = identifier("store.database", settings.store.database)
        self._backend = backend_for(settings)
        self._closed = False
        limit = {"max_execution_time": f"{settings.store.insert_timeout_s:g}"}
        self._inserter = Inserter(self._backend, self.database, limit)
        self._own = Pool(self._backend, 2, self.database, {**JSON_SETTINGS, **limit})
        self._people = People(self._backend, settings.store)

    @classmethod
    def open(cls, settings: Settings) -> "Store":
        """Connect, create the database if it is not there, and bring its schema up to date.

        Raises AlreadyRunning when another process has the embedded database open, ConfigInvalid when the database is of a newer
        version or a name in the settings is bad, Refused when the server does not answer.
        """
        store = cls(settings)
        try:
            store.migrate()
            store.apply_retention()
            store.settle()
            store.begin()
        except BaseException:
            store.close()
            raise
        return store

    def migrate(self) -> list[str]:
        """Run the migrations that are pending; return their names."""
        pool = Pool(self._backend, 1, "system", JSON_SETTINGS)
        try:
            with self._client(pool) as client:
                return [migration.name for migration in bring_up(_Session(client), self._settings.store, settle=self.secure)]
        finally:
            pool.close()

    def insert(self, signal: Signal, payload: bytes, token: str) -> None:
        """Store serialized requests laid end to end, once for each `token` however often it is called.

        Raises Refused when the store is away, overloaded, out of memory or too slow, Rejected when ClickHouse refuses the bytes.
        A large payload goes in by portions; when one fails, those before it are stored, and the next call with the same token
        and bytes completes the rest.
        """
        self._inserter.insert(signal, payload, token)

    def secure(self) -> None:
        """Return when everything that was stored before is on the disk, where the disk is ours: only then it needs no journal any more.

        Raises Refused where that cannot be had now, Broken where it cannot be had before the next start.
        """
        try:
            self._backend.secure()
        except OSError as error:
            raise Refused(f"the disk under the database cannot be written: {error.strerror or error}") from error

    def begin(self) -> None:
        """Secure what is there, so that inserts may begin; where that is not possible now, the first insert tries it again."""
        with suppress(Refused):
            self.secure()

    def query(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer our own SQL. `parameters` are bound to `{name:Type}`; tables without a database are those of the store."""
        with self._client(self._own) as client:
            return Rows.parse(_read(client, sql, parameters))

    def command(self, sql: str, parameters: Parameters | None = None) -> None:
        """Run our own statement that answers nothing."""
        with self._client(self._own) as client:
            client.command(sql, parameters=dict(parameters) if parameters else None)

    def people_query(self, sql: str, parameters: Parameters | None = None) -> Rows:
        """Answer one statement of a person, read-only and within the limits of the settings.

        Raises Rejected with what is wrong with it, Refused when too many run at once or the store is away.
        """
        return self._people.query(sql, parameters)

    def people_answer(self, sql: str, form: str, parameters: Parameters | None = None) -> Answer:
        """Answer one statement of a person in ClickHouse's own bytes: `form`, such as Native, unless its FORMAT clause names another."""
        return self._people.answer(sql, form, parameters)

    def apply_retention(self) -> list[str]:
        """Make the tables keep their rows for as long as the settings say; return the names of those that changed."""
        return retain(self, self._settings)

    def settle(self) -> None:
        """Give back memory that is not in use. Cheap; for the start and for the cleanup."""
        self._backend.settle()

    def ping(self) -> None:
        """Return when the store answers; raises Refused otherwise."""
        self.query("SELECT 1")

    def close(self) -> None:
        """Close every client; statements that run get a moment to end, later ones are Refused. Again is nothing."""
        if self._closed:
            return
        self._closed = True
        for part in (self._inserter, self._own, self._people):
            part.close()
        self._backend.close()

    @contextmanager
    def _client(self, pool: Pool) -> Iterator[Client]:
        try:
            with pool.client(_WAIT_FOR_CLIENT_S) as client:
                yield client
        except FAULTS as error:
            raise blame(error) from error


def _read(client: Client, sql: str, parameters: Parameters | None, form: str = "JSONCompact") -> bytes:
    return client.raw_query(sql, parameters=dict(parameters) if parameters else None, fmt=form)


class _Session:
    """One client, as the migrations use it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def run(self, statement: str) -> None:
        """Run a statement."""
        self._client.command(statement)

    def read(self, sql: str) -> Rows:
        """Answer a query."""
        return Rows.parse(_read(self._client, sql, None))
