"""The hand-over before the real ClickHouse: what it refuses, and that parts of a segment are stored once."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookline.settings import schema
from hookline_collector.observe.catalogue import FLUSH_FAILURES, RECEIVED, STORED
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from support.journaling.life import Life
from support.stores import derived_store, emptied_store, empty

__all__ = ["derived_store", "emptied_store"]
UNREADABLE = b"\x0a\x02\x12\x7f"  # a resource whose scope is said to be longer than the resource
LIMITS = schema.JournalSettings(segment_max_age_s=0.01)


async def test_only_what_clickhouse_cannot_read_is_set_aside(tmp_path: Path, emptied_store: Store) -> None:
    """Several parts, two unreadable records among them: each good span is in the table once, the bad ones are in the quarantine."""
    async with Life(tmp_path, emptied_store, limits=LIMITS, max_backoff_s=0.1) as life:
        for n in range(12):
            if n in (3, 10):
                await life.journal.append(Signal.TRACES, UNREADABLE, 1, {(RECEIVED, ""): 1})
            await life.send(Signal.TRACES, [f"{n}-{m}" for m in range(100)], filler=7_000)
        life.begin()
        await life.until(lambda: life.is_empty, within_s=60)
        assert life.balance() == 0
        assert [life.quarantine.read(entry.name) for entry in life.quarantine.list()] == [UNREADABLE] * 2
        assert life.figures.total(STORED) == 1_200
    rows = emptied_store.query("SELECT count() AS n, uniqExact(SpanName) AS names FROM otel_traces").rows
    assert [int(value) for value in rows[0]] == [1_200, 1_200]


async def test_a_segment_found_again_is_not_stored_again(tmp_path: Path, emptied_store: Store) -> None:
    """As after a kill between insert and removal: every table of the chain drops the parts that it has."""
    async with Life(tmp_path, emptied_store, limits=LIMITS, max_backoff_s=0.1) as life:
        for n in range(6):
            await life.send(Signal.TRACES, [f"again-{n}-{m}" for m in range(100)], filler=7_000)
            await life.send(Signal.LOGS, [f"again-{n}"])
        copies = {path: path.read_bytes() for path in (tmp_path / "journal").rglob("*.binpb")}
        life.begin()
        await life.until(lambda: life.is_empty, within_s=60)
    for path, content in copies.items():
        path.write_bytes(content)
    async with Life(tmp_path, emptied_store, limits=LIMITS, max_backoff_s=0.1) as life:
        life.begin()
        await life.until(lambda: life.is_empty, within_s=60)
        assert life.figures.total(STORED) == 606
    for sql, count in (("SELECT count() FROM otel_traces", 600), ("SELECT count() FROM otel_logs", 6)):
        assert int(emptied_store.query(sql).rows[0][0]) == count


@pytest.fixture
def strict_store(derived_store: Store) -> Iterator[Store]:
    """Give a store without rows whose spans a view reads that takes none named odd."""
    empty(derived_store)
    derived_store.command("CREATE TABLE strict (x UInt8) ENGINE = MergeTree ORDER BY x SETTINGS non_replicated_deduplication_window = 10000")
    derived_store.command("CREATE MATERIALIZED VIEW strict_mv TO strict AS SELECT throwIf(SpanName = 'odd') AS x FROM otel_traces")
    yield derived_store
    derived_store.command("DROP VIEW IF EXISTS strict_mv SYNC")
    derived_store.command("DROP TABLE strict SYNC")


async def test_a_view_that_fails_doubles_nothing(tmp_path: Path, strict_store: Store) -> None:
    """The table in front of the view has the rows already: they are sent again under the same token only, until the view is mended."""
    async with Life(tmp_path, strict_store, limits=LIMITS, max_backoff_s=0.1) as life:
        for n in range(8):
            await life.send(Signal.TRACES, ["odd" if n == 5 else f"even-{n}"])
        life.begin()
        await life.until(lambda: life.figures.total(FLUSH_FAILURES) > 2, within_s=60)
        assert life.quarantine.list() == ()
        await asyncio.to_thread(strict_store.command, "DROP VIEW strict_mv SYNC")
        await life.until(lambda: life.is_empty, within_s=60)
    rows = strict_store.query("SELECT count() AS n, uniqExact(SpanName) AS names FROM otel_traces").rows
    assert [int(value) for value in rows[0]] == [8, 8]
