"""Two ways to reach the store through one client library: the embedded engine by its folder, a server by URL.

A client's calls run one after the other (the embedded engine has one lock a handle), so each purpose has its own small pool:
inserts never wait for a person's query. Settings that a pool's statements run under are given to its clients once; they are a
session's settings in the embedded engine, and parameters of every request on a server.
"""

import contextlib
import importlib
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from hookline.errors import HooklineError, Refused
from hookline.settings import Settings
from hookline.settings.schema import StoreSettings
from hookline_collector.observe.disk_room import Free, NoRoom, Room
from hookline_collector.serving import library_pages
from hookline_collector.signal import Signal
from hookline_collector.store.embedded import definitions
from hookline_collector.store.embedded.engine import (
    load_engine,
    lock_folder,
    release_folder,
    waking_rarely,
    write_configuration,
    write_if_new,
)
from hookline_collector.store.wire_forms import proto_text

_CONNECT_TIMEOUT_S = 5
_GRACE_S = 1
_CLOSE_WAIT_S = 1.0
_TRIM_EVERY_S = 60.0


class Embedded:
    """The engine in this process. One folder a process; the folder is locked while it is open."""

    reusable_after_failure = False
    owns_its_disk = True

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.engine_dir.absolute()
        self._trimmed_at = time.monotonic()
        self.room = Room(settings.data_dir.absolute(), settings.store.ballast_bytes)
        try:
            self._waterline = lock_folder(self._folder, settings.journal.fsync)
        except OSError as why:
            raise Refused(f"the database in {self._folder} cannot be rewound to what is safely on disk: {why.strerror or why}") from why
        try:
            self.mended = self._prepare(settings.store)
            load_engine(self._folder)
        except OSError as why:
            release_folder(self._folder)
            raise Refused(f"the database in {self._folder} cannot be prepared: {why.strerror or why}") from why
        except BaseException:
            release_folder(self._folder)
            raise

    def _prepare(self, store: StoreSettings) -> list[definitions.Mended]:
        """Write what the engine reads at its start, and repair what a full disk or a power cut left torn."""
        with contextlib.suppress(NoRoom):
            self.room.make("the engine's start")
        mended = definitions.mend(self._folder)
        self.keep_definitions()
        self._config = write_configuration(self._folder, store, self._waterline.mark)
        self._wire_forms = {signal: self._write_wire_form(signal) for signal in Signal}
        return mended

    def keep_definitions(self) -> None:
        """Keep a copy of the tables' definitions in the same folder; if the disk refuses it, the earlier copy stays."""
        with contextlib.suppress(OSError):
            definitions.keep(self._folder)

    def open(self, database: str, statement_settings: Mapping[str, str]) -> Client:
        """Open a client whose statements run in this database and under these settings."""
        options = {"config-file": str(self._config)}
        kind = importlib.import_module("hookline_collector.store.embedded.engine_client").EngineClient
        with waking_rarely():  # the first client starts the engine
            client: Client = kind(path=str(self._folder), database=database, chdb_options=options)
        client.command("SET " + ", ".join(f"`{name}` = '{value}'" for name, value in statement_settings.items()))
        return client

    def open_handle(self) -> Any:
        """Open a session of the engine below the client library, with no settings yet."""
        return importlib.import_module("chdb").connect(f"{self._folder}?{urlencode({'config-file': str(self._config)})}")

    def wire_form(self, signal: Signal) -> Mapping[str, str]:
        """Return the settings that give the reader the schema: a file, because the engine would cache a text in the working folder."""
        return {"format_schema_source": "file", "format_schema": self._wire_forms[signal]}

    def _write_wire_form(self, signal: Signal) -> str:
        path = self._folder / "format_schemas" / f"{signal.value}.proto"
        path.parent.mkdir(exist_ok=True)
        write_if_new(path, proto_text(signal))
        return str(path)

    def inserting(self) -> AbstractContextManager[None]:
        """Let an insert run; see `Waterline.inserting`."""
        return self._waterline.inserting()

    def secure(self) -> None:
        """Return when everything that was stored is on the disk; see `Waterline.rise`."""
        self._waterline.rise()
        if time.monotonic() - self._trimmed_at > _TRIM_EVERY_S:
            self.trim_memory()

    def trim_memory(self) -> None:
        """Give back memory that only the start, or the last inserts, needed."""
        self._trimmed_at = time.monotonic()
        library_pages.release()

    def close(self) -> None:
        """Let the folder go, once all clients are closed; if the disk allows it, with all that was stored on it."""
        with contextlib.suppress(HooklineError, OSError):  # what is not on it is stored again from the journal
            self.secure()
        release_folder(self._folder)


class Server:
    """A ClickHouse server."""

    reusable_after_failure = True
    owns_its_disk = False
    mended: Sequence[definitions.Mended] = ()

    def __init__(self, settings: Settings) -> None:
        self._store: StoreSettings = settings.store
        self.room = Room(Path("/"), look=lambda _: Free(2**63, 2**63))  # its disk is its own

    def keep_definitions(self) -> None:
        """A server looks after its own."""

    def open(self, database: str, statement_settings: Mapping[str, str]) -> Client:
        """Open a client whose requests name this database and carry these settings. Its connections are its own, and closed with it."""
        url = urlsplit(self._store.url)
        secure = url.scheme == "https"
        return clickhouse_connect.get_client(
            interface=url.scheme,
            host=url.hostname or "localhost",
            port=url.port or (8443 if secure else 8123),
            username=self._store.user,
            password=self._store.password,
            database=database,
            connect_timeout=_CONNECT_TIMEOUT_S,
            send_receive_timeout=ceil(float(statement_settings.get("max_execution_time", self._store.insert_timeout_s))) + _GRACE_S,
            query_retries=0,
            autogenerate_session_id=False,
            dedicated_pool=True,
            settings=dict(statement_settings),
        )

    def wire_form(self, signal: Signal) -> Mapping[str, str]:
        """Return the settings that give the reader the schema: the text itself."""
        return {"format_schema_source": "string", "format_schema": proto_text(signal)}

    def inserting(self) -> AbstractContextManager[None]:
        """Let an insert run."""
        return nullcontext()

    def secure(self) -> None:
        """What a server has answered for is on the server's disk, as far as it syncs: its own affair."""

    def trim_memory(self) -> None:
        """Nothing to give back."""

    def close(self) -> None:
        """Nothing is held."""


Backend = Embedded | Server


def backend_for(settings: Settings) -> Backend:
    """Choose the backend that the settings name."""
    return Server(settings) if settings.store.url else Embedded(settings)


class Pool:
    """At most `size` clients for one purpose, opened when first needed.

    A client of the embedded engine whose statement failed is closed, never lent again: the engine puts what a failed statement
    had already written in front of the next answer of the same handle.
    """

    def __init__(self, backend: Backend, size: int, database: str, statement_settings: Mapping[str, str]) -> None:
        self._backend = backend
        self._database = database
        self._settings = dict(statement_settings)
        self._size = size
        self._places = threading.Semaphore(size)
        self._lock = threading.Lock()
        self._free: list[Client] = []
        self._closed = False

    @contextmanager
    def client(self, wait_s: float) -> Iterator[Client]:
        """Lend a client. Raises Refused when none comes free within `wait_s`."""
        if self._closed:
            raise Refused("The store is closed.")
        if not self._places.acquire(timeout=wait_s):
            raise Refused("Too many statements run at once; try again.")
        client: Client | None = None
        reusable = self._backend.reusable_after_failure
        try:
            client = self._take()
            yield client
            reusable = True
        finally:
            if client is not None:
                self._give_back(client, reusable)
            self._places.release()

    def _give_back(self, client: Client, reusable: bool) -> None:
        with self._lock:
            if reusable and not self._closed:
                self._free.append(client)
                return
        client.close()

    def _take(self) -> Client:
        with self._lock:
            if self._free:
                return self._free.pop()
        return self._backend.open(self._database, self._settings)

    def close(self) -> None:
        """Close the clients. Those that are lent get a moment to come back, and are closed when they do."""
        with self._lock:
            self._closed = True
        deadline = time.monotonic() + _CLOSE_WAIT_S
        for _ in range(self._size):
            self._places.acquire(timeout=max(0.0, deadline - time.monotonic()))
        with self._lock:
            clients, self._free = self._free, []
        for client in clients:
            client.close()
