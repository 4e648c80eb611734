"""ClickHouse's HTTP interface beside the engine alone: time to the first byte of `SELECT 1`, and bytes a second of a large answer.

The same statements run in this process, on an engine without anything in front, and over HTTP in a collector's. Times are the best of some.
"""

from __future__ import annotations

import http.client
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import chdb

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.figures import tell
from support.clickhouse_asker import ClickHouseAsker
from support.person import new_person
from support.running import start_collector

ROWS, ROW_BYTES, TIMES = 1_000_000, 16, 20
LARGE = f"SELECT number, number FROM numbers({ROWS})"


def best_s(work: Callable[[], object], times: int = TIMES) -> float:
    """Return the shortest of some runs."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def streamed(engine: chdb.Connection) -> int:
    """Read the large answer from the engine block by block."""
    stream, size = engine.send_query(LARGE, "RowBinary"), 0
    while (block := stream.fetch()) is not None:
        size += len(block.bytes())
    return size


def asked(asker: ClickHouseAsker, connection: http.client.HTTPConnection, sql: str) -> int:
    """Ask over a connection that stays open."""
    connection.request("POST", "/", sql, asker.login)
    return len(connection.getresponse().read())


def main() -> None:
    """Measure both."""
    with tempfile.TemporaryDirectory() as folder:
        engine = chdb.connect(":memory:")  # type: ignore[no-untyped-call]
        one_s, large_s = best_s(lambda: engine.query("SELECT 1", "TabSeparated")), best_s(lambda: streamed(engine), 5)
        engine.close()
        running = start_collector(new_person(Path(folder)))
        asker = ClickHouseAsker.of(running)
        connection = http.client.HTTPConnection(asker.address, timeout=60)
        over_s = best_s(lambda: asked(asker, connection, "SELECT 1"))
        assert asked(asker, connection, f"{LARGE} FORMAT RowBinary") == ROWS * ROW_BYTES
        over_large_s = best_s(lambda: asked(asker, connection, f"{LARGE} FORMAT RowBinary"), 5)
        connection.close()
        running.kill()
    tell("SELECT 1, engine alone", one_s * 1e3, "ms")
    tell("SELECT 1 over HTTP", over_s * 1e3, "ms")
    tell("16 MB in RowBinary, engine alone", ROWS * ROW_BYTES / large_s / 1e6, "MB/s", better="more")
    tell("16 MB in RowBinary over HTTP", ROWS * ROW_BYTES / over_large_s / 1e6, "MB/s", better="more")


if __name__ == "__main__":
    main()
