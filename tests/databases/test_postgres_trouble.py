"""A server in trouble: the agent says so, keeps what it has, waits for no lock, and comes back by itself."""

import asyncio
import time
from dataclasses import replace

import psycopg
import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.postgres.link import LinkLimits, LinkTarget, PgLink
from hookline.databases.troubles import LinkLost, NotNow
from support.postgres import VERSIONS, PostgresServer, shared_server
from support.watching import QUICK, Watched, watching

pytestmark = pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here")


def states(watched: Watched) -> list[str]:
    """Return the states that were told."""
    return [event[names.AGENT_STATE] for event in watched.out.of(DatabaseEvent.STATE)]


async def test_a_server_that_hangs_is_blind_and_holds_up_no_other() -> None:
    """Its processes are stopped; another database goes on being looked at; it is seen again when they go on."""
    healthy = shared_server()
    with PostgresServer.start() as hanging:
        async with watching(hanging) as watched, watching(healthy) as other:
            await watched.is_in_state("seeing")
            hanging.freeze()
            await watched.is_in_state("blind")
            count = other.watch.ring.count
            await other.until(lambda: other.watch.ring.count > count + 5)
            assert "does not answer" in watched.watch.state.why
            assert watched.watch.ring.latest is not None, "what was seen is kept"
            await watched.until(lambda: watched.out.values("hookline.db.up")[-1:] == [0.0])
            hanging.thaw()
            await watched.is_in_state("seeing")
        assert states(watched) == ["seeing", "blind", "seeing"]


@pytest.mark.long
async def test_a_restart_is_survived_and_growth_goes_on() -> None:
    """After a crash statistics may be gone: nothing is counted twice, nothing negative."""
    with PostgresServer.start() as server:
        async with watching(server) as watched:
            await watched.until(lambda: watched.out.values("postgresql.commits"))
            server.stop(at_once=True)
            await watched.is_in_state("blind")
            server.begin()
            await watched.is_in_state("seeing")
            seen = len(watched.out.values("postgresql.commits"))
            await watched.until(lambda: len(watched.out.values("postgresql.commits")) > seen)
            assert all(value >= 0 for value in watched.out.values("postgresql.commits"))
            assert all(event[names.PG_CALLS] > 0 for event in watched.out.of(DatabaseEvent.TOP_QUERY))


@pytest.mark.long
async def test_who_has_a_connection_keeps_it_when_all_are_taken() -> None:
    """It goes on looking; without one it says that there is none, and has one when there is room."""
    with PostgresServer.start(max_connections="8", superuser_reserved_connections="0", max_wal_senders="0") as server:
        async with watching(server, replace(QUICK, relations_s=0.0)) as early:
            await early.until(lambda: early.out.values("hookline.db.statements.evicted"))
            taken: list[psycopg.Connection[object]] = []
            try:
                with pytest.raises(psycopg.OperationalError):
                    while True:
                        taken.append(server.connect())
                count = early.watch.ring.count
                await early.until(lambda: early.watch.ring.count > count + 5)
                await early.until(lambda: early.out.values("hookline.db.connections.used_percent")[-1] > 70)
                assert early.watch.state.state == "seeing"
                async with watching(server, user="postgres") as late:
                    await late.until(lambda: late.watch.state.why == "all connections are taken")
                    for each in taken:
                        each.close()
                    await late.is_in_state("seeing")
            finally:
                for each in taken:
                    each.close()


async def test_a_role_without_privileges_and_a_missing_extension_are_named() -> None:
    """What can be seen is; the rest is named with its reason, and comes by itself when it is granted."""
    server = shared_server()
    server.run("DROP DATABASE IF EXISTS bare")
    server.run("CREATE DATABASE bare")
    server.run("DROP ROLE IF EXISTS poor")
    server.run("CREATE ROLE poor LOGIN")
    async with watching(server, user="poor", database="bare") as watched:
        await watched.is_in_state("partly")
        missing = await watched.until(lambda: watched.watch.state.missing if "statements" in watched.watch.state.missing else None)
        assert "pg_stat_statements is not in the database bare" in missing["statements"]
        assert "GRANT pg_monitor" in missing["role"]
        assert watched.out.values("hookline.db.up")[-1:] in ([1.0], [])
        assert watched.watch.ring.count > 0


async def test_a_statement_that_would_wait_for_a_lock_gives_up() -> None:
    """After a tenth of a second, and the connection is as good as before."""
    server = shared_server()
    server.run("DROP TABLE IF EXISTS held; CREATE TABLE held AS SELECT 1 AS id", is_script=True)
    link = await PgLink.open(LinkTarget(server.url(), {}), LinkLimits(5_000, 100))
    try:
        with server.connect() as holder:
            holder.execute("BEGIN")
            holder.execute("LOCK held IN ACCESS EXCLUSIVE MODE")
            began = time.monotonic()
            with pytest.raises(NotNow):
                await link.ask("SELECT pg_relation_size('public.held')")
            assert time.monotonic() - began < 3
            assert await link.ask("SELECT 1") == [(1,)]
            holder.execute("ROLLBACK")
        with pytest.raises(Exception, match="read-only"):
            await link.ask("CREATE TABLE t (a int)")
        with pytest.raises(Exception, match="multiple commands"):
            await link.ask("SELECT 1; SELECT %(b)s::int", {"b": 2})
    finally:
        await link.close()


@pytest.mark.long
@pytest.mark.unwatched  # the driver closes a link that was given up while it was opened when it is collected
async def test_a_hanging_server_delays_a_link_no_longer_than_its_time() -> None:
    """Nothing of the driver that waits for the server is waited for."""
    with PostgresServer.start() as server:
        link = await PgLink.open(LinkTarget(server.url(), {}), LinkLimits(500, 100))
        server.freeze()
        with pytest.raises(LinkLost, match="does not answer"):
            await asyncio.wait_for(link.ask("SELECT 1"), 8)
        with pytest.raises(LinkLost, match="does not answer"):
            await asyncio.wait_for(PgLink.open(LinkTarget(server.url(), {}), LinkLimits()), 8)
        await asyncio.wait_for(link.close(), 3)
        server.thaw()
