"""Journal and hand-over: appends a second, what a sync costs, spans a second into the real store, from an event to visible.

The first half is the journal alone. The second half is a whole collector with the embedded engine, in a process of its own, and the
load in another one, all on the same machine: what counts is what stands in `otel_traces`, not what was answered.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.load_traces import SPANS, bench_request
from hookline.settings import schema
from hookline_collector.journal import Journal
from hookline_collector.journal.disk import FileDisk
from hookline_collector.observe.catalogue import STORED
from hookline_collector.signal import Signal
from support.person import new_person
from support.running import Running, start_collector, wait_for

LOAD = Path(__file__).with_name("load_traces.py")
Rows = list[tuple[str, str, str]]


class TimedDisk(FileDisk):
    """Notes how long each sync took."""

    def __init__(self) -> None:
        super().__init__()
        self.syncs: list[float] = []

    def sync(self, file: int) -> None:
        begun = time.perf_counter()
        super().sync(file)
        self.syncs.append(time.perf_counter() - begun)


def percentile(values: list[float], share: float) -> float:
    """Return the value that a share of all values does not exceed, in milliseconds."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] * 1000


async def append(folder: Path, concurrency: int, seconds: float) -> tuple[float, list[float], list[float]]:
    """Append 200 KB bodies for a while; return requests a second, latencies and sync times."""
    disk, body, latencies = TimedDisk(), bench_request(1), []
    async with Journal(folder, schema.JournalSettings(max_bytes=1 << 40), disk=disk) as journal:
        emptying = asyncio.create_task(empty(journal))
        until = time.perf_counter() + seconds

        async def work() -> None:
            while (begun := time.perf_counter()) < until:
                await journal.append(Signal.TRACES, body, SPANS)
                latencies.append(time.perf_counter() - begun)

        await asyncio.gather(*(work() for _ in range(concurrency)))
        emptying.cancel()
    return len(latencies) / seconds, latencies, disk.syncs


async def empty(journal: Journal) -> None:
    """Remove segments as they fill, so that the disk does not."""
    while (segment := await journal.next(Signal.TRACES)) is not None:
        journal.account(segment, segment.items, {(STORED, ""): segment.items})
        await journal.remove(segment)


def bench_appends(folder: Path, seconds: float) -> Rows:
    """Measure the journal alone."""
    size_mb = len(bench_request(1)) / 1e6
    rows: Rows = []
    for concurrency in (1, 8, 64):
        rate, latencies, syncs = asyncio.run(append(folder / str(concurrency), concurrency, seconds))
        text = f"{rate:,.0f} requests/s, {rate * size_mb:,.0f} MB/s, {rate * SPANS / 1000:,.0f} k spans/s"
        text += f"; p50 {percentile(latencies, 0.5):.2f} ms, p99 {percentile(latencies, 0.99):.1f} ms"
        text += f"; sync p50 {percentile(syncs, 0.5):.2f} ms, {len(latencies) / len(syncs):.1f} requests a sync"
        rows.append((f"{concurrency} senders of {size_mb * 1000:.0f} KB, to fsynced", "≥ 300 k spans/s" if concurrency > 1 else "-", text))
    return rows


def bench_store(running: Running, seconds: float) -> Rows:
    """Send as fast as the collector answers, and see how fast the rows are there."""
    process = psutil.Process(running.process.pid)
    address = running.found.otlp_grpc
    command = [sys.executable, str(LOAD), "grpc", address, "--seconds", str(seconds), "--concurrency", "6", "--pace-spans", "0"]
    cpu, begun = sum(process.cpu_times()[:2]), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        answered = json.loads(load.communicate()[0])
    spans = int(answered["requests"] * SPANS)
    stored_during = stored(running)
    at_end_s = time.perf_counter() - begun
    wait_for(lambda: stored(running) >= spans, 120)
    took_s = time.perf_counter() - begun
    used_s = sum(process.cpu_times()[:2]) - cpu
    memory = f"{process.memory_info().rss / 1e6:.0f} MB resident"
    whole = f"{spans / took_s:,.0f} spans/s until the last of {spans:,.0f} was stored ({took_s:.1f} s)"
    return [
        ("OTLP/gRPC → stored, while the load runs on the same cores", "≥ 100 k spans/s", f"{stored_during / at_end_s:,.0f} spans/s; {whole}"),
        ("… CPU and memory of collector and engine", "-", f"{spans / used_s:,.0f} spans per CPU second, {memory}"),
    ]


def stored(running: Running) -> int:
    """Return how many spans stand in the table."""
    return int(running.query("SELECT count() AS n FROM otel_traces WHERE ServiceName = 'checkout'")[0]["n"])


def bench_latency(running: Running, events: int) -> Rows:
    """Send one small request now and then, and ask until a query sees it."""
    took: list[float] = []
    for number in range(events):
        name = f"visible-{number}"
        body = bench_request(number, spans=1).replace(b"GET /api/orders/{id}", name.encode().ljust(20))
        url = f"http://{running.found.otlp_http}/v1/traces"
        begun = time.perf_counter()
        urllib.request.urlopen(urllib.request.Request(url, body, {"Content-Type": "application/x-protobuf"})).read()
        sql = f"SELECT 1 FROM otel_traces WHERE SpanName LIKE '{name} %' LIMIT 1"
        while not running.query(sql):
            time.sleep(0.005)
        took.append(time.perf_counter() - begun)
        time.sleep(0.05 + number % 7 / 50)
    text = f"p50 {percentile(took, 0.5):.0f} ms, p99 {percentile(took, 0.99):.0f} ms, mean {statistics.mean(took) * 1000:.0f} ms"
    return [("request → visible in a query, at low load", "≤ 1 s p99", text)]


def bench_idle(running: Running, seconds: float) -> Rows:
    """Leave the collector alone."""
    process = psutil.Process(running.process.pid)
    time.sleep(2.0)
    cpu = sum(process.cpu_times()[:2])
    time.sleep(seconds)
    share = (sum(process.cpu_times()[:2]) - cpu) / seconds
    return [("collector with embedded engine, idle", "≤ 3 % of a core", f"{share:.1%}")]


def main(seconds: float = 10.0) -> None:
    """Measure and print `promise | target | measured`."""
    with tempfile.TemporaryDirectory() as folder:
        rows = bench_appends(Path(folder) / "journal", seconds / 5)
        running = start_collector(new_person(Path(folder)), {"HOOKLINE_RETENTION_TRACES_DAYS": "0"})  # the load has times of its own
        try:
            rows += bench_latency(running, 60)
            rows += bench_store(running, seconds)
            rows += bench_idle(running, seconds)
            stopped_s = running.stop()
        finally:
            running.kill()
    rows.append(("graceful stop", "≤ 5 s", f"{stopped_s:.2f} s"))
    for row in rows:
        print(" | ".join(row))


if __name__ == "__main__":
    main()
