"""What the agent's looks say sessions waited for, against pg_wait_sampling, which looks a hundred times a second from within the server."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from support.database_trouble import hot_row
from support.postgres import PostgresServer
from support.watching import QUICK, watching

LIBRARY = Path("/usr/lib/postgresql/15/lib/pg_wait_sampling.so")
pytestmark = [pytest.mark.skipif(not LIBRARY.exists(), reason="pg_wait_sampling is not here"), pytest.mark.unwatched, pytest.mark.long]
LOOKS = 60
WITHIN = 0.08
"""Of a share: sixty looks at eight sessions know it to a few hundredths."""


async def test_shares_of_waits_are_those_that_the_server_itself_samples() -> None:
    """Sessions that want one row in turn: who waits for it, who holds it and sleeps."""
    with PostgresServer.start(15, shared_preload_libraries="pg_stat_statements,pg_wait_sampling") as server:
        server.run("CREATE EXTENSION pg_wait_sampling")
        async with watching(server, replace(QUICK, statements_s=0.0, relations_s=0.0, sizes_s=0.0, settings_s=0.0)) as watched:
            await watched.is_in_state("seeing")
            trouble = hot_row(server)
            await asyncio.to_thread(trouble.__enter__)
            try:
                await asyncio.to_thread(server.run, "SELECT pg_wait_sampling_reset_profile()")
                first = watched.watch.ring.count
                watched.out.records.clear()
                await watched.until(lambda: watched.watch.ring.count >= first + LOOKS)
                profile = await asyncio.to_thread(
                    server.run,
                    "SELECT event_type || ':' || event, sum(count)::float8 FROM pg_wait_sampling_profile"
                    " WHERE (event_type = 'Lock' OR event = 'PgSleep') GROUP BY 1",
                )
                await watched.until(lambda: watched.out.of(DatabaseEvent.QUERY_SAMPLE))
            finally:
                await asyncio.to_thread(trouble.__exit__, None, None, None)
    seen: defaultdict[str, float] = defaultdict(float)
    for sample in watched.out.of(DatabaseEvent.QUERY_SAMPLE):
        seen[f"{sample.get(names.PG_WAIT_TYPE, '')}:{sample.get(names.PG_WAIT_EVENT, '')}"] += float(sample[names.SAMPLE_INTERVAL])
    theirs, whole = dict(profile), sum(count for _, count in profile)
    ours = {name: seconds for name, seconds in seen.items() if name in theirs or name.startswith("Lock:")}
    for name in theirs.keys() | ours.keys():
        mine, other = ours.get(name, 0.0) / sum(ours.values()), theirs.get(name, 0.0) / whole
        print(f"{name}: {mine:.3f} in looks, {other:.3f} in the server")
        assert mine == pytest.approx(other, abs=WITHIN)
