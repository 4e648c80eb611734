"""A collector whose ClickHouse is a server: its own memory, idle and under more spans than the server takes, and its own share of the work.

The share is what the collector itself costs for each span, so the server in view takes every insert at once and stores nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.bench_journal import LOAD, bench_load
from benchmarks.figures import tell
from benchmarks.load_traces import SPANS
from support.clickhouse_server import ClickHouseServer
from support.person import new_person
from support.running import Running, start_collector, wait_for


def main(seconds: float = 5.0) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder, ClickHouseServer(Path(folder) / "server") as server:
        running = start_collector(new_person(Path(folder)), {"HOOKLINE_STORE_URL": server.url, "HOOKLINE_RETENTION_TRACES_DAYS": "0"})
        try:
            time.sleep(3.0)
            tell("collector on a server: resident memory, idle", psutil.Process(running.process.pid).memory_info().rss / 1e6, "MB", "size")
            bench_share(running, server, seconds)
            bench_load(running, seconds, "on a server")
        finally:
            running.kill()


def bench_share(running: Running, server: ClickHouseServer, seconds: float) -> None:
    """Send as fast as the collector answers; count its processor time until the server has got all of it."""
    server.answer("swallow")
    process, had = psutil.Process(running.process.pid), handed_over(running)
    before, most_mb = sum(process.cpu_times()[:2]), 0.0
    command = [sys.executable, str(LOAD), "grpc", running.found.otlp_grpc, "--seconds", str(seconds), "--concurrency", "6", "--pace-spans", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        while load.poll() is None:
            most_mb = max(most_mb, process.memory_info().rss / 1e6)
            time.sleep(0.1)
        spans = int(json.loads(load.communicate()[0])["requests"] * SPANS)
    running.query("SELECT 1")  # who reads has it stored
    wait_for(lambda: handed_over(running) - had >= spans, 60)
    used_s = sum(process.cpu_times()[:2]) - before
    server.answer("ok")
    tell("OTLP/gRPC to a server that takes all: the collector's own share", spans / used_s, "spans/CPU-s", "processor", "more", f"{spans:,} spans")
    tell("OTLP/gRPC to a server that takes all: resident memory, most", most_mb, "MB", "size")


def handed_over(running: Running) -> int:
    """Return how many spans the server has taken, as the collector counts them."""
    with urllib.request.urlopen(f"{running.found.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(float(line.split()[-1])) for line in lines if line.startswith("hookline_collector_stored_total{") and 'signal="traces"' in line)


if __name__ == "__main__":
    main()
