"""A server that is not what it was: upgraded on its address, failed over to its standby, with a standby that falls behind, with another clock."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from support.postgres import HAS_STANDBY, VERSIONS, PostgresServer, shared_server
from support.watching import QUICK, judging, watching

pytestmark = [pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here"), pytest.mark.unwatched, pytest.mark.long]
needs_standby = pytest.mark.skipif(not HAS_STANDBY, reason="there is no pg_basebackup of PostgreSQL 15 here")
RATES = replace(QUICK, relations_s=0.0, sizes_s=0.0, settings_s=0.0)


@contextmanager
def subscribed(server: PostgresServer) -> Iterator[None]:
    """Let somebody receive each change of a server, and wait for more."""
    receive = [server.client("pg_recvlogical"), "-d", server.url(), "--slot", "subscriber"]
    subprocess.run([*receive, "--create-slot", "--plugin", "test_decoding"], check=True)
    subscriber = subprocess.Popen([*receive, "--start", "--file", "/dev/null"])
    try:
        while not server.run("SELECT FROM pg_stat_replication WHERE state = 'streaming'"):
            time.sleep(0.05)
        yield
    finally:
        subscriber.terminate()
        subscriber.wait()


@pytest.mark.skipif(len(VERSIONS) < 2, reason="there is one version here")
async def test_a_server_that_is_upgraded_on_its_address_is_seen_again() -> None:
    """With the statements of its new version: from the oldest to the newest that are here. Nothing negative is told."""
    with PostgresServer.start(VERSIONS[0]) as before, PostgresServer.start(VERSIONS[-1]) as made:
        async with watching(before, RATES) as watched:
            await watched.is_in_state("seeing")
            await watched.until(lambda: watched.out.values("postgresql.commits"))
            assert watched.watch.state.version.startswith(f"{VERSIONS[0]}.")
            before.stop()
            await watched.is_in_state("blind")
            made.stop()
            shutil.rmtree(before.folder / "data")
            shutil.move(made.folder / "data", before.folder / "data")
            before.version = made.version
            before.begin()
            await watched.is_in_state("seeing")
            seen = len(watched.out.values("postgresql.commits"))
            await watched.until(lambda: len(watched.out.values("postgresql.commits")) > seen)
            assert watched.watch.state.version.startswith(f"{VERSIONS[-1]}.")
            assert not watched.watch.state.missing
            assert all(point.value >= 0 for point in watched.out.sent)


@needs_standby
async def test_a_failover_is_survived_by_whoever_watches_the_standby() -> None:
    """It says how far it is behind; the primary dies, the standby is promoted, and goes on being seen: as what it is now."""
    with PostgresServer.start() as primary:
        standby = primary.standby()
        try:
            async with watching(standby, RATES) as watched:
                await watched.until(lambda: watched.out.values("hookline.db.replication.delay"))
                primary.stop(at_once=True)
                standby.run("SELECT pg_promote(true)")
                standby.run("CREATE TABLE written AS SELECT 1 AS id")
                seen = len(watched.out.values("postgresql.commits"))
                await watched.until(lambda: len(watched.out.values("postgresql.commits")) > seen + 2)
                assert watched.watch.state.state == "seeing"
                assert watched.out.values("hookline.db.replication.delay")[-1] == 0.0
        finally:
            standby.remove()


@needs_standby
async def test_a_standby_that_does_not_replay_is_named_by_the_primary() -> None:
    """Its replay is paused, which its own lag does not show: bytes do."""
    with PostgresServer.start() as primary:
        standby = primary.standby()
        try:
            standby.run("SELECT pg_wal_replay_pause()")
            primary.run("CREATE TABLE much (note text)")
            async with judging(primary) as watched:
                await watched.is_in_state("seeing")
                for _ in range(4):
                    primary.run("INSERT INTO much SELECT repeat(md5(n::text), 60) FROM generate_series(1, 12000) n")
                found = await watched.until(
                    lambda: next((e for e in watched.out.of(DatabaseEvent.VERDICT) if e[names.VERDICT_CLASS] == "replication"), None), 30
                )
                assert "MB of WAL behind" in str(found[names.VERDICT_TEXT])
        finally:
            standby.remove()


@needs_standby
async def test_a_logical_subscriber_that_has_caught_up_is_no_trouble() -> None:
    """What sends to it waits for something to send, which is no session that waits for a standby."""
    with PostgresServer.start(wal_level="logical") as server, subscribed(server):
        async with judging(server) as watched:
            await watched.until(lambda: watched.watch.ring.latest and watched.watch.ring.latest.sessions)
            await watched.until(lambda: watched.out.of(DatabaseEvent.VERDICT))
            assert [e[names.VERDICT_CLASS] for e in watched.out.of(DatabaseEvent.VERDICT)] == ["healthy"]


async def test_ages_are_the_servers_own_when_its_clock_is_an_hour_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's clock goes an hour ahead of the server's: nobody waits an hour longer for it, and looks are as old as they are."""
    server = shared_server()
    true_ns = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: true_ns() + 3_600 * 10**9)
    sleeping = threading.Thread(target=server.run, args=("SELECT pg_sleep(3)",))
    sleeping.start()
    async with watching(server, RATES) as watched:
        sample = await watched.until(
            lambda: next((e for e in watched.out.of(DatabaseEvent.QUERY_SAMPLE) if "pg_sleep" in str(e.get(names.QUERY_TEXT, ""))), None)
        )
        assert 0 <= float(sample[names.STATEMENT_DURATION]) < 60
        assert all(0 <= value < 60 for value in watched.out.values("hookline.db.transaction.oldest"))
    sleeping.join(20)
