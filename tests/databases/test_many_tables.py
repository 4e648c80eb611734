"""A database with ten thousand tables: the agent reads the largest, keeps no more, and waits for no lock that somebody holds."""

import threading
import tracemalloc

import pytest

from hookline.contract.databases import DatabaseEvent
from support.postgres import VERSIONS, PostgresServer
from support.watching import watching

TABLES, AT_ONCE = 10_000, 500
LONGEST_WAIT_S = 0.1
MOST_GROWN_BYTES = 30e6
HELD = """SELECT coalesce(max(extract(epoch FROM clock_timestamp() - a.query_start)), 0)::float8 FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE a.usename = 'hookline' AND NOT l.granted"""

pytestmark = [pytest.mark.skipif(not VERSIONS, reason="no PostgreSQL is here"), pytest.mark.unwatched, pytest.mark.middle]


async def test_of_ten_thousand_tables_the_largest_are_told_and_no_lock_is_waited_for() -> None:
    """One of them is held by an ALTER all the while; whoever waits for it waits a tenth of a second at most."""
    with PostgresServer.start() as server:
        for first in range(0, TABLES, AT_ONCE):
            server.run("; ".join(f"CREATE TABLE t{n} AS SELECT {n} AS id" for n in range(first, first + AT_ONCE)), is_script=True)
        waits: list[float] = []
        over = threading.Event()

        def look() -> None:
            with server.connect() as looking:
                while not over.wait(0.01):
                    waits.extend(row[0] for row in looking.execute(HELD).fetchall())

        looker = threading.Thread(target=look, daemon=True)
        with server.connect() as holder:
            holder.execute("BEGIN")
            holder.execute("ALTER TABLE t1 ADD COLUMN more int")
            looker.start()
            tracemalloc.start()
            async with watching(server, database="postgres") as watched:
                told = await watched.until(lambda: [*watched.out.of(DatabaseEvent.RELATION)], 60)
                count = watched.watch.ring.count
                await watched.until(lambda: watched.watch.ring.count > count + 20, 60)
                assert watched.watch.state.state in {"seeing", "partly"}
                assert "relations" not in watched.watch.state.missing
                assert tracemalloc.get_traced_memory()[1] < MOST_GROWN_BYTES
            tracemalloc.stop()
            over.set()
            looker.join(5)
            holder.execute("ROLLBACK")
    assert 0 < len(told) <= 2 * AT_ONCE
    assert max(waits) < LONGEST_WAIT_S + 0.1, "an agent's statement waits for a lock no longer than its own limit, and what looking at it takes"
