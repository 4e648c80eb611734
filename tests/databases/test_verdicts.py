"""Trouble made in a real PostgreSQL, and what the agent says of it at its own pace: the right verdict, the right culprit, nothing else, in time."""

from __future__ import annotations

import asyncio
import atexit
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from functools import cache
from typing import TypeVar

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from support.busy_neighbour import as_asked
from support.database_trouble import ALL, HEALTHY, TOGETHER, Trouble
from support.postgres import DEFAULT_VERSION, VERSIONS, PostgresServer, shared_server
from support.soaking import share
from support.watching import Watched, judging

pytestmark = [pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here"), pytest.mark.unwatched, pytest.mark.long, pytest.mark.soak]
T = TypeVar("T")
WITHIN_S = 10.0
PATIENCE_S = 30.0
NO_TROUBLE = {"healthy", "unclear"}
TIMES = share(1, 3, 20)
ASKED = share([each for each in ALL if each.is_quiet], list(ALL), list(ALL))
"""Beside other tests only trouble that leaves them a processor."""
PAIRS = [(one, other) for makes in TOGETHER for one in ALL for other in ALL if (one.make, other.make) == makes]


@pytest.fixture(scope="module", autouse=True)
def _neighbour() -> Iterator[None]:
    with as_asked():
        yield


@cache
def syncing_server() -> PostgresServer:
    """Return a server whose commits wait for the disk, which those of most tests do not."""
    server = PostgresServer.made(DEFAULT_VERSION, {"fsync": "on", "synchronous_commit": "on"})
    atexit.register(server.remove)
    return server


def server_for(*troubles: Trouble) -> PostgresServer:
    """Return a server in which such trouble can be made."""
    return syncing_server() if any(each.kind == "wal" for each in troubles) else shared_server()


@asynccontextmanager
async def beside(trouble: AbstractContextManager[T]) -> AsyncIterator[T]:
    """Make trouble without holding up the agent, which lives in this process."""
    made = await asyncio.to_thread(trouble.__enter__)
    try:
        yield made
    finally:
        await asyncio.to_thread(trouble.__exit__, None, None, None)


Told = Mapping[str, Mapping[str, object]]


def told(watched: Watched) -> Told:
    """Return the newest verdict of each class of trouble."""
    return {str(each[names.VERDICT_CLASS]): each for each in watched.out.of(DatabaseEvent.VERDICT) if each[names.VERDICT_CLASS] not in NO_TROUBLE}


def culprits(found: Told) -> dict[str, tuple[object, object]]:
    """Return of each class of trouble who makes it."""
    return {kind: (verdict[names.VERDICT_CULPRIT_KIND], verdict[names.VERDICT_CULPRIT]) for kind, verdict in found.items()}


def texts(found: Told) -> list[object]:
    """Return what people read."""
    return [verdict[names.VERDICT_TEXT] for verdict in found.values()]


async def how_long_until(watched: Watched, kinds: set[str]) -> float:
    """Wait until such trouble is told; return after how many seconds it was."""
    begun_s = time.monotonic()
    await watched.until(lambda: kinds <= told(watched).keys(), PATIENCE_S)
    return time.monotonic() - begun_s


@pytest.mark.parametrize("run", range(TIMES))
@pytest.mark.parametrize("trouble", ASKED, ids=[each.name for each in ASKED])
async def test_trouble_is_named(trouble: Trouble, run: int, record_property: Callable[[str, object], None]) -> None:
    """With its culprit, within ten seconds of its beginning; how long it took is printed."""
    record_property("trouble", trouble.name)
    server = server_for(trouble)
    async with judging(server) as watched:
        await watched.is_in_state("seeing")
        async with beside(trouble.make(server)) as culprit:
            took_s = await how_long_until(watched, {trouble.kind})
            await asyncio.sleep(3.0)
            found = told(watched)
        print(f"{trouble.name} {run}: {took_s:.1f} s, {texts(found)}")
        assert culprits(found) == {trouble.kind: (trouble.culprit, culprit)}, texts(found)
        assert took_s < WITHIN_S
    record_property("took_s", took_s)


@pytest.mark.parametrize(("name", "load"), share(HEALTHY[1:2], HEALTHY, HEALTHY), ids=[each[0] for each in share(HEALTHY[1:2], HEALTHY, HEALTHY)])
async def test_a_load_that_nothing_is_wrong_with_is_healthy(name: str, load: Callable[[PostgresServer], AbstractContextManager[None]]) -> None:
    """For as long as one looks; ten minutes each in a soak."""
    server = shared_server()
    async with judging(server) as watched, beside(load(server)):
        await watched.until(lambda: [e for e in watched.out.of(DatabaseEvent.VERDICT) if e[names.VERDICT_CLASS] == "healthy"], PATIENCE_S)
        await asyncio.sleep(share(15, 60, 600))
        found = told(watched)
        print(f"{name}: {watched.watch.ring.count} looks, {texts(found)}")
        assert found == {}


@pytest.mark.skipif(share(True, False, False), reason="it takes every processor: make middle")
@pytest.mark.skipif((os.cpu_count() or 1) > 4, reason="six sessions do not fill so many cores")
@pytest.mark.parametrize("run", range(share(1, 1, TIMES)))
@pytest.mark.parametrize("pair", PAIRS, ids=[" and ".join(each.name for each in pair) for pair in PAIRS])
async def test_two_troubles_at_once_are_both_named(pair: tuple[Trouble, Trouble], run: int, record_property: Callable[[str, object], None]) -> None:
    """Each with its culprit, and nothing else."""
    one, other = pair
    record_property("trouble", f"{one.name} and {other.name}")
    server = server_for(one, other)
    async with judging(server) as watched:
        await watched.is_in_state("seeing")
        async with beside(one.make(server)) as first, beside(other.make(server)) as second:
            took_s = await how_long_until(watched, {one.kind, other.kind})
            await asyncio.sleep(3.0)
            found = told(watched)
        print(f"{one.name} and {other.name} {run}: {took_s:.1f} s, {texts(found)}")
        assert culprits(found) == {one.kind: (one.culprit, first), other.kind: (other.culprit, second)}, texts(found)
        assert took_s < WITHIN_S
    record_property("took_s", took_s)
