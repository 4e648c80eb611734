"""Stores for tests: each on a fresh database, in this process's embedded engine or on the test server.

Import the fixture in a test module: `from stores import store` (parametrised over both), or `embedded_store` for one that needs
no second backend. Use `open_store(kind, **changes)` for a store with other settings; `changes` are fields of `settings.store`.
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
from typing import Any, Literal

import pytest

from clickhouse_server import ClickHouseServer
from hookline.settings import Settings
from hookline.settings.schema import Journal, Retention
from hookline_collector.store import Store

Kind = Literal["embedded", "server"]
FOR_EVER = Retention(traces_days=0, logs_days=0, metrics_days=0, derived_days=0)
"""Rows with times of long ago, as captures have them, would be gone in the middle of a test."""
KINDS: tuple[Kind, ...] = ("embedded", "server")
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
    fresh = {"database": f"t{os.getpid()}_{next(_numbers)}", "url": server().url if kind == "server" else "", **changes}
    settings = Settings(data_dir=engine_folder(), retention=FOR_EVER, journal=Journal(fsync=False))
    return replace(settings, store=replace(settings.store, **fresh))


def open_store(kind: Kind = "embedded", **changes: Any) -> Store:
    """Open a store on a fresh database. The caller closes it."""
    return Store.open(store_settings(kind, **changes))


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store on a fresh database: embedded, then on a server."""
    yield from _lent(request.param)


@pytest.fixture
def embedded_store() -> Iterator[Store]:
    """A store on a fresh database in the embedded engine."""
    yield from _lent("embedded")


def _lent(kind: Kind) -> Iterator[Store]:
    opened = open_store(kind)
    try:
        yield opened
    finally:
        opened.command(f"DROP DATABASE IF EXISTS `{opened.database}` SYNC")
        opened.close()


@cache
def _kept_open(kind: Kind) -> Store:
    opened = open_store(kind)
    atexit.register(opened.close)
    return opened


@pytest.fixture(params=KINDS)
def emptied_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """A store whose tables are empty but which other tests used before: quicker than a fresh one.

    The engine still remembers their insert tokens: take new ones from `fresh_token`. Leave no tables behind.
    """
    opened = _kept_open(request.param)
    yield opened
    filled = "SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0 AND name != 'schema_migrations'"
    for (name,) in opened.query(filled):
        opened.command(f"TRUNCATE TABLE `{name}`")
    opened.apply_retention()


def fresh_token() -> str:
    """Return an insert token that nobody used."""
    return f"token-{os.getpid()}-{next(_numbers)}"
