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
from hookline_collector.store import Store

Kind = Literal["embedded", "server"]
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
    settings = Settings(data_dir=engine_folder())
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
