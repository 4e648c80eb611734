"""What the embedded engine merges while it merges something large."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hookline_collector.store import Store
from support.stores import kept_open

pytestmark = pytest.mark.long

LARGE_PARTS, LARGE_ROWS, SMALL_PARTS = 9, 1_000_000, 12
IN_ONE_BLOCK = f"max_block_size = {LARGE_ROWS}, min_insert_block_size_rows = {LARGE_ROWS}, min_insert_block_size_bytes = 0"
ACTIVE = "SELECT count() FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND active"
MERGING = "SELECT count() FROM system.merges WHERE database = currentDatabase() AND table = {table:String}"


@pytest.fixture
def store() -> Iterator[Store]:
    """A database with two tables, of one engine that tests share."""
    opened = kept_open("embedded", 3)
    opened.command("CREATE TABLE large (key UInt64, a UInt64, b UInt64, c UInt64) ENGINE = MergeTree ORDER BY key")
    opened.command("CREATE TABLE small (key UInt64) ENGINE = MergeTree ORDER BY key")
    yield opened
    opened.command("DROP TABLE large SYNC")
    opened.command("DROP TABLE small SYNC")


def test_small_parts_are_merged_while_a_large_merge_runs(store: Store) -> None:
    """A merge of gigabytes takes minutes, in which thousands of parts come; behind it they would wait, and inserts for them."""

    def number(sql: str, table: str) -> int:
        return int(store.query(sql, {"table": table}).rows[0][0])

    store.command("SYSTEM STOP MERGES large")
    for _ in range(LARGE_PARTS):
        store.command(f"INSERT INTO large SELECT rand64(1), rand64(2), rand64(3), rand64(4) FROM numbers({LARGE_ROWS}) SETTINGS {IN_ONE_BLOCK}")
    store.command("SYSTEM START MERGES large")
    store.command("INSERT INTO large SELECT 1, 2, 3, 4")
    until = time.monotonic() + 60
    while not number(MERGING, "large"):
        assert time.monotonic() < until, "the large merge never began"
    for _ in range(SMALL_PARTS):
        store.command("INSERT INTO small SELECT rand64() FROM numbers(100)")
    while number(ACTIVE, "small") >= SMALL_PARTS:
        assert number(MERGING, "large"), "the large merge was over first"
