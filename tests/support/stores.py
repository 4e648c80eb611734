"""Stores for tests: each on a fresh database, in this process's embedded engine or on the test server.

Import the fixture in a test module: `from support.stores import emptied_store`, `store_on_either`, or `derived_store`, which
tests share that ask what is derived. Use `open_store(kind, **changes)` for a store with other settings; `changes` are fields of
`settings.store`.
There is one engine and at most one server a test process; both live as long as it.
"""

import atexit
import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import pytest

from hookline.settings import Settings
from hookline.settings.schema import MIB, JournalSettings
from hookline_collector.store import Store
from support.clickhouse_server import ClickHouseServer
from support.soaking import share
from support.template import FOR_EVER, statements

Kind = Literal["embedded", "server"]
DERIVED = (
    *(f"{name}_state" for name in ("activity", "places", "sessions", "suspends", "tool_calls", "usage", "usage_limits")),
    *("requests_state", "request_statements"),
    *(f"db_{name}_state" for name in ("forecasts", "locks", "plans", "relations", "samples", "statements", "verdicts")),
    *("db_busy_1m", "db_classes_1h", "db_classes_1m", "db_load_1h", "db_load_1m", "db_relations_1h", "db_rollup_hours", "db_statements_1h"),
    "client_hours",
    "prices",
    *(
        f"worked_{name}"
        for name in ("calls", "clocks", "commands", "days", "days_known", "parts", "requests", "running", "sessions", "spells", "turns")
    ),
)
SERVER_TOO: Final = ("embedded", pytest.param("server", marks=pytest.mark.long))
"""Parameters of a fixture or a test whose second half, the server's, is for the long tests."""
EMBEDDED_FIRST: Final = SERVER_TOO[: share(1, 2, 2)]
"""The same where the middle portion is early enough: what differs between engine and server is how they are told and asked, and what they refuse."""
TEST_MEMORY_BYTES: Final = 640 * MIB
"""The engine counts its whole process, which here has all that tests import."""
_numbers = itertools.count(1)


@cache
def engine_folder() -> Path:
    """The data folder of this process's engine."""
    folder = Path(tempfile.mkdtemp(prefix="hookline-engine-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def server() -> ClickHouseServer:
    """This process's server, running."""
    folder = Path(tempfile.mkdtemp(prefix="hookline-server-"))
    running = ClickHouseServer(folder)
    running.start()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(running.stop)
    return running


def store_settings(kind: Kind, **changes: Any) -> Settings:
    """Settings of a store on a database of its own."""
    fresh: dict[str, Any] = {"database": f"t{os.getpid()}_{next(_numbers)}", "url": server().url if kind == "server" else ""}
    if kind == "embedded":
        fresh["max_memory_bytes"] = TEST_MEMORY_BYTES
    fresh |= changes
    settings = Settings(data_dir=engine_folder(), retention=FOR_EVER, journal=JournalSettings(fsync=False))
    return replace(settings, store=replace(settings.store, **fresh))


def open_store(kind: Kind = "embedded", **changes: Any) -> Store:
    """Open a store on a fresh database that is migrated already. The caller closes it."""
    settings = store_settings(kind, **changes)
    make_database(settings)
    return Store.open(settings)


def make_database(settings: Settings) -> None:
    """Make the database of a store that is not there yet, as all migrations leave it; the disk is not waited for."""
    store = Store(settings)
    try:
        with store._in_system() as client:
            client.command("SET fsync_metadata = 0")
            for statement in statements(store.database):
                client.command(statement)
    finally:
        store.close()


@cache
def kept_open(kind: Kind, number: int = 0) -> Store:
    """Give the store of this process that tests share, which empty it before they begin; with another number, one beside it."""
    opened = open_store(kind)
    atexit.register(opened.close)
    return opened


@cache
def kept_on_server() -> Settings:
    """Give the settings of the server's database that tests share: who opens it closes it, with its connections."""
    settings = store_settings("server")
    make_database(settings)
    return settings


@pytest.fixture(params=EMBEDDED_FIRST)
def emptied_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store whose tables are empty but which other tests used before: quicker than a fresh one.

    The engine still remembers their insert tokens: take new ones from `fresh_token`. Leave no tables behind.
    """
    yield from _emptied(request.param)


@pytest.fixture(params=SERVER_TOO)
def store_on_either(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same, with the long tests also on the server."""
    yield from _emptied(request.param)


def _emptied(kind: Kind) -> Iterator[Store]:
    opened = kept_open("embedded") if kind == "embedded" else Store.open(kept_on_server())
    empty(opened)  # here and not afterwards: those who are lent a `derived_store` leave raw rows
    yield opened
    opened.apply_retention()
    if kind == "server":
        opened.close()


@pytest.fixture
def derived_store() -> Store:
    """An embedded store whose derived tables are empty; what other tests sent before may still lie in the raw tables, which no view reads.

    Insert tokens are remembered here too: `agent_records.send` takes new ones.
    """
    opened = kept_open("embedded")
    empty_derived(opened)
    return opened


def emptied(kind: Kind = "embedded", number: int = 0) -> Store:
    """Return a store that tests share, emptied: for a module's own fixture, which takes a tenth of the time that a new database takes.

    A module that also asks for the `emptied_store` or the `derived_store` needs another number than theirs, 0.
    """
    opened = kept_open(kind, number)
    empty(opened)
    return opened


def empty(store: Store) -> None:
    """Take away all rows."""
    for name in filled(store):
        store.command(f"TRUNCATE TABLE `{name}`")


def empty_derived(store: Store) -> None:
    """Take away what was derived."""
    for name in filled(store) & set(DERIVED):
        store.command(f"TRUNCATE TABLE `{name}`")


def filled(store: Store) -> set[str]:
    """Return the tables that have rows."""
    told = "SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0 AND name != 'schema_migrations'"
    return {name for (name,) in store.query(told)}


def definitions(store: Store) -> dict[str, str]:
    """Return what makes each table and view, without the database's name."""
    rows = store.query("SELECT name, create_table_query FROM system.tables WHERE database = currentDatabase()")
    return {name: text.replace(store.database, "") for name, text in rows}


def fresh_token() -> str:
    """Return an insert token that nobody used."""
    return f"token-{os.getpid()}-{next(_numbers)}"
