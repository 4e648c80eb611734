"""Real statements of which one is made half as long again, or gets another plan: it is told in the time that is promised, and no other is.

What is promised is counted in readings of the statements: fifteen minutes are thirty of them. They are made sixty times (plans: thirty times) as
often as the agent makes them, so that a run takes a minute and not one hour; a soak has one run more of each at the agent's own pace.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.plan_book import PlanPace
from hookline.databases.postgres.postgres_watch import WatchRates
from support.busy_neighbour import as_asked
from support.database_trouble import named, repeated, sessions
from support.plan_shop import shop
from support.postgres import VERSIONS, PostgresServer, shared_server
from support.soaking import share
from support.watching import OWN_PLAN_PACE, Watched, judging

pytestmark = [pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here"), pytest.mark.unwatched, pytest.mark.long, pytest.mark.soak]
KNOWN_AFTER, SLOWER_WITHIN = 70, 30
"""Readings until a statement's past is known, and until it is told that it became slower."""
FLIP_WITHIN = 6
"""Readings until a plan is told that made a statement slower: it is asked for again after a minute, which a reading and a round must see first."""
SLOW_CALL = "SELECT pg_sleep(pause) FROM couriers WHERE id = 1"
STEADY_CALL = "SELECT pg_sleep(0.01) FROM couriers"
FLIPPED = "SELECT sum(paid) FROM plan_shop.orders WHERE customer = 7"
STEADY_PLAN = "SELECT count(*) FROM plan_shop.customers WHERE name = 'c7'"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often statements and plans are read, in seconds, and when a plan is asked for again."""

    name: str
    statements_s: float
    plans_s: float = 0.0
    plans: PlanPace = OWN_PLAN_PACE

    @property
    def rates(self) -> WatchRates:
        """As the agent takes it."""
        return replace(WatchRates(), statements_s=self.statements_s, plans_s=self.plans_s)


OWN, OFTEN = Pace("own pace", 30.0), Pace("60 times as often", 0.5)
OWN_PLANS, OFTEN_PLANS = Pace("own pace", 30.0, 60.0), Pace("30 times as often", 1.0, 2.0, PlanPace(20.0, 2.0))
SLOWER_RUNS = [OFTEN] * share(1, 2, 20) + [OWN] * share(0, 0, 1)
FLIP_RUNS = [OFTEN_PLANS] * share(1, 2, 20) + [OWN_PLANS] * share(0, 0, 1)


@pytest.fixture(scope="module", autouse=True)
def _neighbour() -> Iterator[None]:
    with as_asked():
        yield


@contextmanager
def couriers(server: PostgresServer) -> Iterator[None]:
    """Have a statement that waits for somebody outside for as long as a table says, called by eight sessions, and one that always waits as long."""
    server.run("DROP TABLE IF EXISTS couriers; CREATE TABLE couriers AS SELECT 1 AS id, 0.02::float8 AS pause", is_script=True)
    try:
        with sessions(server, 8, repeated(SLOW_CALL)), sessions(server, 1, repeated(STEADY_CALL)):
            yield
    finally:
        server.run("DROP TABLE couriers")


def planning_each_time(server: PostgresServer) -> AbstractContextManager[None]:
    """Call both statements with a plan of their own each time: a prepared one keeps the plan that it has until something makes it void."""
    return sessions(server, 1, repeated(FLIPPED, STEADY_PLAN, "SELECT pg_sleep(0.01)"), user="plan_shop", prepare_threshold=None)


def readings(watched: Watched, sql: str) -> int:
    """Return how often calls of a statement were told."""
    name = named(sql)
    return sum(each.event_name == DatabaseEvent.TOP_QUERY and each.attributes.get(names.STATEMENT_HASH) == name for each in watched.out.records)


async def readings_until(watched: Watched, sql: str, done: Callable[[], object], pace: Pace) -> int:
    """Wait until something is so; return after how many readings of a statement it was."""
    before, deadline = readings(watched, sql), time.monotonic() + 60.0 + 2 * KNOWN_AFTER * pace.statements_s
    while not done():
        assert time.monotonic() < deadline, f"it did not happen within {readings(watched, sql) - before} readings"
        await asyncio.sleep(pace.statements_s / 5)
    return readings(watched, sql) - before


@pytest.mark.parametrize("pace", SLOWER_RUNS, ids=[f"{n} {each.name}" for n, each in enumerate(SLOWER_RUNS)])
async def test_a_statement_made_half_as_long_again_is_named(pace: Pace, record_property: Callable[[str, object], None]) -> None:
    """It alone, once, with how much, within fifteen minutes of readings each half minute."""
    record_property("trouble", f"half as long again, {pace.name}, as if at its own")
    server = shared_server()
    async with judging(server, rates=pace.rates) as watched:

        def told() -> list[dict[str, object]]:
            return watched.out.of(DatabaseEvent.REGRESSION)

        with couriers(server):
            await readings_until(watched, SLOW_CALL, lambda: readings(watched, SLOW_CALL) >= KNOWN_AFTER, pace)
            assert not told()
            server.run("UPDATE couriers SET pause = 0.03")
            took = await readings_until(watched, SLOW_CALL, told, pace)
            await asyncio.sleep(5 * pace.statements_s)
        (found,) = told()
    print(f"half as long again, {pace.name}: {took} readings, {found}")
    assert found[names.STATEMENT_HASH] == named(SLOW_CALL)
    assert float(str(found[names.REGRESSION_RATIO])) == pytest.approx(1.5, abs=0.2)
    assert took <= SLOWER_WITHIN
    record_property("took_s", took * OWN.statements_s)


@pytest.mark.parametrize("pace", FLIP_RUNS, ids=[f"{n} {each.name}" for n, each in enumerate(FLIP_RUNS)])
async def test_a_plan_that_made_a_statement_slower_is_told(pace: Pace, record_property: Callable[[str, object], None]) -> None:
    """Of it alone, with both plans, within three minutes of readings each half minute."""
    record_property("trouble", f"plan flip, {pace.name}, as if at its own")
    with shop() as server, planning_each_time(server):
        async with judging(server, rates=pace.rates, plan_pace=pace.plans) as watched:

            def told(kind: DatabaseEvent) -> list[dict[str, object]]:
                return watched.out.of(kind)

            def both_known() -> bool:
                return {each[names.STATEMENT_HASH] for each in told(DatabaseEvent.QUERY_PLAN)} >= {named(FLIPPED), named(STEADY_PLAN)}

            await readings_until(watched, FLIPPED, both_known, pace)
            server.run("ALTER TABLE plan_shop.orders ALTER customer SET (n_distinct = 2)")
            server.run("ANALYZE plan_shop.orders")
            took = await readings_until(watched, FLIPPED, lambda: told(DatabaseEvent.PLAN_CHANGE), pace)
            await asyncio.sleep(5 * pace.statements_s)
            (found,) = told(DatabaseEvent.PLAN_CHANGE)
    print(f"plan flip, {pace.name}: {took} readings, from {found[names.PLAN_MEAN_BEFORE]} to {found[names.PLAN_MEAN]} ms")
    assert found[names.STATEMENT_HASH] == named(FLIPPED)
    assert "Index" in str(found[names.QUERY_PLAN_BEFORE])
    assert "Seq Scan" in str(found[names.QUERY_PLAN])
    assert took <= FLIP_WITHIN
    record_property("took_s", took * OWN_PLANS.statements_s)
