"""A collector whose ClickHouse is a server: its own memory, idle and under more spans than the server takes."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.bench_journal import bench_load
from benchmarks.figures import tell
from support.clickhouse_server import ClickHouseServer
from support.person import new_person
from support.running import start_collector


def main(seconds: float = 5.0) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder, ClickHouseServer(Path(folder) / "server") as server:
        running = start_collector(new_person(Path(folder)), {"HOOKLINE_STORE_URL": server.url, "HOOKLINE_RETENTION_TRACES_DAYS": "0"})
        try:
            time.sleep(3.0)
            tell("collector on a server: resident memory, idle", psutil.Process(running.process.pid).memory_info().rss / 1e6, "MB", "size")
            bench_load(running, seconds, "on a server")
        finally:
            running.kill()


if __name__ == "__main__":
    main()
