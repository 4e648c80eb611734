"""A report that would take more memory than a statement may have, while much is to be worked out, tells what was, and that it is not all."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from starlette.requests import Request

from hookline.errors import Refused
from hookline_collector.api.questions import Questions
from hookline_collector.api.reports import ReportsApi
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.store import Store
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, send, turn
from support.standing_still import AllStored, NeverDone
from support.stores import derived_store as store

__all__ = ["store"]
NOW = T0 + 150_000 * S
DAY = datetime.fromtimestamp(T0 / 1e9, UTC).date()
LITTLE_BYTES = 100_000
WHY = "1 sessions are not worked out yet, ask again in a moment"


class Behind(NeverDone):
    """One that says how much there is to do."""

    backlog = 1


@pytest.fixture
def half_known(store: Store) -> Store:
    """Give a session that was worked out, and one that was not yet."""
    send(store, [turn(0, 60, "t0-known", "p0")])
    assert WorkedStore(store).catch_up(NOW)
    send(store, [turn(100, 160, "t0-new", "p1")])
    return store


@pytest.fixture
def pool() -> Iterator[BlockingPool]:
    """Give threads for questions."""
    threads = BlockingPool("asking", 4)
    yield threads
    threads.close()


def asked(pool: BlockingPool, reading: WorkedReading) -> tuple[dict[str, Any], str]:
    """Return the report of a day, and what its header says."""
    request = Request({"type": "http", "headers": [], "query_string": f"period={DAY}".encode()})
    api = ReportsApi(Questions(pool, reading.begin, AllStored()), 300, "UTC")
    body = asyncio.run(api.work(request)).body
    return orjson.loads(body), request.scope["fresh"]


def test_what_was_worked_out_is_told(half_known: Store, pool: BlockingPool) -> None:
    """All figures of one ground, and why they are not all."""
    told, header = asked(pool, WorkedReading(half_known.query, Behind(half_known), lambda: NOW, most_bytes=LITTLE_BYTES))
    assert (told["totals"]["prompts"], told["totals"]["sessions"], len(told["blocks"])) == (1, 1, 1)
    assert (told["is_fresh"], header) == (False, f"false; {WHY}")


def test_what_there_is_memory_for_is_computed_of_all(half_known: Store, pool: BlockingPool) -> None:
    """As before: the facts say all."""
    told, header = asked(pool, WorkedReading(half_known.query, Behind(half_known), lambda: NOW, most_bytes=128 * 1024**2))
    assert (told["totals"]["prompts"], told["is_fresh"], header) == (2, True, "true")


def test_other_refusals_are_told(half_known: Store, pool: BlockingPool) -> None:
    """A store that is away has no other answer."""

    def away(*_: object) -> Any:
        raise Refused("away")

    with pytest.raises(Refused, match="away"):
        asked(pool, WorkedReading(away, Behind(half_known), lambda: NOW, most_bytes=LITTLE_BYTES))
