"""A collector whose ClickHouse is a server: its own memory, idle and under more spans than the server takes."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.bench_journal import bench_store
from support.clickhouse_server import ClickHouseServer
from support.person import new_person
from support.running import start_collector


def main(seconds: float = 5.0) -> None:
    """Print `promise | target | measured`."""
    with tempfile.TemporaryDirectory() as folder, ClickHouseServer(Path(folder) / "server") as server:
        person = new_person(Path(folder))
        running = start_collector(person, {"HOOKLINE_STORE_URL": server.url, "HOOKLINE_RETENTION_TRACES_DAYS": "0"})
        try:
            process = psutil.Process(running.process.pid)
            time.sleep(3.0)
            idle_mb = process.memory_info().rss / 1e6
            stored, _ = bench_store(running, seconds)
            busy_mb = process.memory_info().rss / 1e6
        finally:
            running.kill()
    print(" | ".join(stored))
    print(f"collector on a ClickHouse server, resident memory | ≤ 100 MB | {idle_mb:.0f} MB, {busy_mb:.0f} MB after the load")


if __name__ == "__main__":
    main()
