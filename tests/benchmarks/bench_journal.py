"""Journal and hand-over: appends a second, what a sync costs, spans a second into the real store, from an event to visible.

The first half is the journal alone. The second half is a whole collector with the embedded engine, in a process of its own, and the
load in another one, all on the same machine: what counts is what stands in `otel_traces`, not what was answered. The load lasts a minute, a tenth
above the promised pace: what is not stored by then waits in the journal, and the time until it is counts, too.

    bench_journal.py [SECONDS of each part of the first half, 2] [SECONDS of load, 60]
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.figures import quantile, tell, tell_quantiles
from benchmarks.load_traces import SPANS, bench_request
from hookline.errors import Refused, Rejected
from hookline.settings import schema
from hookline_collector.journal import Journal
from hookline_collector.journal.disk import FileDisk
from hookline_collector.observe.catalogue import STORED
from hookline_collector.signal import Signal
from support.person import new_person
from support.running import Running, start_collector

LOAD = Path(__file__).with_name("load_traces.py")
LOAD_SPANS_PER_S = 165_000.0
MOST_QUESTIONS = 60
STALLED_S = 30.0
"""What is not stored when nothing more was for so long counts as lost."""


class TimedDisk(FileDisk):
    """Notes how long each sync took."""

    def __init__(self) -> None:
        super().__init__()
        self.syncs: list[float] = []

    def sync(self, file: int) -> None:
        begun = time.perf_counter()
        super().sync(file)
        self.syncs.append(time.perf_counter() - begun)


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


def bench_appends(folder: Path, seconds: float) -> None:
    """Measure the journal alone."""
    size_mb = len(bench_request(1)) / 1e6
    for concurrency in (1, 8, 64):
        cpu = time.process_time()
        rate, latencies, syncs = asyncio.run(append(folder / str(concurrency), concurrency, seconds))
        cpu_s = time.process_time() - cpu
        name = f"journal: {concurrency} senders of {size_mb * 1000:.0f} KB, to fsynced"
        per_sync = len(latencies) / len(syncs)
        note = f"p99 {quantile(latencies, 0.99) * 1000:.1f} ms, sync p50 {quantile(syncs, 0.5) * 1000:.2f} ms, {per_sync:.1f} requests each"
        tell(name, rate * SPANS, "spans/s", "clock", "more", note)
        tell(f"{name}, processor time", len(latencies) * SPANS / cpu_s, "spans/CPU-s", "processor", "more")


def bench_load(running: Running, seconds: float, where: str, pace_spans: float = 0.0) -> None:
    """Send at a pace, or as fast as the collector answers, and see how fast the rows are there, and whether all of them are."""
    process = psutil.Process(running.process.pid)
    command = [sys.executable, str(LOAD), "grpc", running.found.otlp_grpc, "--concurrency", "6"]
    command += ["--seconds", str(seconds), "--pace-spans", str(pace_spans)]
    had, cpu, begun, most_mb = stored(running), sum(process.cpu_times()[:2]), time.perf_counter(), 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        while load.poll() is None:
            most_mb = max(most_mb, process.memory_info().rss / 1e6)
            time.sleep(0.1)
        answered = json.loads(load.communicate()[0])
    spans, sent_s = int(answered["requests"] * SPANS), answered["seconds"]
    during = (stored(running) - had) / (time.perf_counter() - begun)
    there, went_on = 0, time.perf_counter()
    while there < spans and time.perf_counter() < went_on + STALLED_S:
        before, there = there, stored(running) - had
        if there > before:
            went_on = time.perf_counter()
        most_mb = max(most_mb, process.memory_info().rss / 1e6)
        time.sleep(0.2)
    took_s, used_s = went_on - begun, sum(process.cpu_times()[:2]) - cpu
    sent = f"{spans:,} spans sent in {sent_s:.0f} s, {there:,} stored in {took_s:.0f} s; {answered['failures']} requests refused"
    tell(f"OTLP/gRPC to stored, {where}, until the last", there / took_s, "spans/s", "clock", "more", sent)
    tell(f"OTLP/gRPC to stored, {where}: answered and not stored", max(0, spans - there), "spans", "size")
    tell(f"OTLP/gRPC to stored, {where}: stored and not answered", max(0, there - spans), "spans", "size")
    tell(f"OTLP/gRPC to stored, {where}, while the load runs", during, "spans/s", "clock", "more", "the load takes its part of the cores")
    tell(f"OTLP/gRPC to stored, {where}, the collector's part", there / used_s, "spans/CPU-s", "processor", "more")
    tell(f"OTLP/gRPC to stored, {where}: resident memory, most", most_mb, "MB", "size")


def stored(running: Running) -> int:
    """Return how many spans stand in the table. While inserts take all memory that the engine may have, it is asked again."""
    for _ in range(MOST_QUESTIONS):
        try:
            return int(running.query("SELECT count() AS n FROM otel_traces WHERE ServiceName = 'checkout'")[0]["n"])
        except (Refused, Rejected):
            time.sleep(1.0)
    raise Refused(f"asked {MOST_QUESTIONS} times how many spans are stored, and never answered")


def bench_latency(running: Running, events: int) -> None:
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
    tell_quantiles("request to visible in a query, at low load", took)


def main(seconds: float = 2.0, load_s: float = 60.0) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        bench_appends(Path(folder) / "journal", seconds)
        running = start_collector(new_person(Path(folder)), {"HOOKLINE_RETENTION_TRACES_DAYS": "0"})  # the load has times of its own
        try:
            bench_latency(running, 25)
            bench_load(running, load_s, "embedded", LOAD_SPANS_PER_S)
            tell("graceful stop of the collector", running.stop(), "s")
        finally:
            running.kill()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
