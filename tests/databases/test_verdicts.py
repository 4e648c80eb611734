"""Trouble made in a real PostgreSQL, and what the agent says of it at its own pace: the right verdict, the right culprit, nothing else, in time."""

from __future__ import annotations

import asyncio
import atexit
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import cache

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from support.database_trouble import ALL, HEALTHY, computing, idle_in_transaction
from support.postgres import DEFAULT_VERSION, VERSIONS, PostgresServer, shared_server
from support.soaking import share
from support.watching import Watched, judging

pytestmark = [pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here"), pytest.mark.unwatched, pytest.mark.long, pytest.mark.soak]
WITHIN_S = 10.0
PATIENCE_S = 30.0
NO_TROUBLE = {"healthy", "unclear"}
TIMES = share(1, 3, 20)
QUIET = {"idle in transaction", "hot row", "full house", "forgotten slot", "pinned rows"}
ASKED = share([each for each in ALL if each[0] in QUIET], list(ALL), list(ALL))
"""Beside other tests only trouble that leaves them a processor."""


@cache
def syncing_server() -> PostgresServer:
    """Return a server whose commits wait for the disk, which those of most tests do not."""
    server = PostgresServer.made(DEFAULT_VERSION, {"fsync": "on", "synchronous_commit": "on"})
    atexit.register(server.remove)
    return server


@asynccontextmanager
async def beside(trouble: AbstractContextManager[None]) -> AsyncIterator[None]:
    """Make trouble without holding up the agent, which lives in this process."""
    await asyncio.to_thread(trouble.__enter__)
    try:
        yield
    finally:
        await asyncio.to_thread(trouble.__exit__, None, None, None)


def told(watched: Watched) -> dict[str, dict[str, object]]:
    """Return the newest verdict of each class of trouble."""
    return {str(each[names.VERDICT_CLASS]): each for each in watched.out.of(DatabaseEvent.VERDICT) if each[names.VERDICT_CLASS] not in NO_TROUBLE}


@pytest.mark.parametrize("run", range(TIMES))
@pytest.mark.parametrize(("name", "trouble", "kind", "culprit"), ASKED, ids=[each[0] for each in ASKED])
async def test_trouble_is_named(
    name: str, trouble: Callable[[PostgresServer], AbstractContextManager[None]], kind: str, culprit: str, run: int
) -> None:
    """With its culprit, within ten seconds of its beginning; how long it took is printed."""
    server = shared_server() if kind != "wal" else syncing_server()
    async with judging(server) as watched:
        await watched.is_in_state("seeing")
        async with beside(trouble(server)):
            begun = time.monotonic()
            await watched.until(lambda: kind in told(watched), PATIENCE_S)
            took_s = time.monotonic() - begun
            await asyncio.sleep(3.0)
            found = told(watched)
        print(f"{name} {run}: {took_s:.1f} s, {found[kind][names.VERDICT_TEXT]}")
        assert set(found) == {kind}, [verdict[names.VERDICT_TEXT] for verdict in found.values()]
        assert found[kind][names.VERDICT_CULPRIT_KIND] == culprit
        assert took_s < WITHIN_S


@pytest.mark.parametrize(("name", "load"), share(HEALTHY[1:2], HEALTHY, HEALTHY), ids=[each[0] for each in share(HEALTHY[1:2], HEALTHY, HEALTHY)])
async def test_a_load_that_nothing_is_wrong_with_is_healthy(name: str, load: Callable[[PostgresServer], AbstractContextManager[None]]) -> None:
    """For as long as one looks; ten minutes each in a soak."""
    server = shared_server()
    async with judging(server) as watched, beside(load(server)):
        await watched.until(lambda: [e for e in watched.out.of(DatabaseEvent.VERDICT) if e[names.VERDICT_CLASS] == "healthy"], PATIENCE_S)
        await asyncio.sleep(share(15, 60, 600))
        found = told(watched)
        print(f"{name}: {watched.watch.ring.count} looks, {[each[names.VERDICT_TEXT] for each in found.values()]}")
        assert found == {}


@pytest.mark.skipif(share(True, False, False), reason="it takes every processor: make middle")
@pytest.mark.skipif((os.cpu_count() or 1) > 4, reason="six sessions do not fill so many cores")
async def test_two_troubles_at_once_are_both_named() -> None:
    """Somebody idle in a transaction, and a lack of cores."""
    server = shared_server()
    async with judging(server) as watched, beside(idle_in_transaction(server, 3)), beside(computing(server)):
        await watched.until(lambda: {"lock", "cpu"} <= set(told(watched)), PATIENCE_S)
        await asyncio.sleep(3.0)
        assert set(told(watched)) == {"lock", "cpu"}
