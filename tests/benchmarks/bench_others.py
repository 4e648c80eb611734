"""Hookline's collector beside the OpenTelemetry Collector with its ClickHouse exporter, given the same requests and the same kind of server.

Each request has a name of its own in its resource, so that what is stored can be counted request by request: of an acknowledged one all 512 spans
must be there, and none twice.

- load: so many requests, six senders, each sends the next when it is answered and sends again what was refused; then until the last is stored;
- kill: the same at a pace, `kill -9` in the middle, a start on what it left, and no sender that sends again what was answered.

The OpenTelemetry Collector is built by otelcol/build.sh (with Go); without it this benchmark says so and measures nothing.

    bench_others.py [REQUESTS]
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from grpc import aio

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.collectors_in_view import OTELCOL, CollectorInView, HooklineInView, OtelcolInView, ServerInView, ask, server_for_go
from benchmarks.figures import quantile, tell
from benchmarks.load_traces import METHOD, SPANS, bench_request

SENDERS = 6
STORED_WITHIN_S = 90.0
BODIES = 8
PLAIN, NAMED = b"checkout", b"%08d"


def request(number: int) -> bytes:
    """Return a request whose service has a name of its own, as long as the plain one's."""
    return _body(number % BODIES).replace(PLAIN, NAMED % number, 1)


_body = cache(bench_request)


@dataclass(slots=True)
class Senders:
    """Sends requests once each until each is answered; notes which were acknowledged."""

    address: str
    every_s: float = 0.0
    acknowledged: set[int] = field(default_factory=set)
    latencies: list[float] = field(default_factory=list)
    refusals: int = 0
    is_over: bool = False

    async def send(self, requests: int) -> None:
        """Send all of them."""
        numbers = iter(range(requests))
        begun = time.monotonic()
        async with aio.insecure_channel(self.address) as opened:
            channel: Any = opened
            call = channel.unary_unary(METHOD)

            async def work() -> None:
                for number in numbers:
                    await asyncio.sleep(max(begun + number * self.every_s - time.monotonic(), 0.0))
                    await self._one(call, number)

            await asyncio.gather(*(work() for _ in range(SENDERS)))

    async def _one(self, call: Callable[[bytes], Awaitable[bytes]], number: int) -> None:
        body = request(number)
        while not self.is_over:
            begun = time.perf_counter()
            try:
                await call(body)
            except aio.AioRpcError:
                self.refusals += 1
                await asyncio.sleep(0.1)
            else:
                self.latencies.append(time.perf_counter() - begun)
                self.acknowledged.add(number)
                return


def stored(server: ServerInView, collector: CollectorInView) -> dict[int, int]:
    """Return how many spans of each request are stored."""
    rows = ask(server, f"SELECT ServiceName, count() FROM {collector.table} WHERE match(ServiceName, '^[0-9]{{8}}$') GROUP BY 1")
    return {int(name): int(count) for name, count in rows}


def all_stored(server: ServerInView, collector: CollectorInView, wanted: set[int]) -> dict[int, int]:
    """Wait until all of these requests are there, or nothing more comes."""
    deadline, last, since = time.monotonic() + STORED_WITHIN_S, -1, time.monotonic()
    while True:
        found = stored(server, collector)
        total = sum(found.values())
        if total != last:
            last, since = total, time.monotonic()
        is_complete = all(found.get(number, 0) >= SPANS for number in wanted)
        if is_complete or time.monotonic() > deadline or time.monotonic() > since + 25:
            return found
        time.sleep(0.3)


def measure_load(server: ServerInView, collector: CollectorInView, requests: int) -> None:
    """Send as fast as it answers, until everything is stored."""
    collector.start()
    process, senders = psutil.Process(collector.pid), Senders(collector.address)
    most, is_over = [0.0], threading.Event()

    def watch() -> None:
        while not is_over.wait(0.1):
            most[0] = max(most[0], process.memory_info().rss / 1e6)

    threading.Thread(target=watch, daemon=True).start()
    engine = psutil.Process(server.pid)
    cpu, engine_cpu, begun = sum(process.cpu_times()[:2]), sum(engine.cpu_times()[:2]), time.perf_counter()
    asyncio.run(senders.send(requests))
    answered_s, answered_cpu_s = time.perf_counter() - begun, sum(process.cpu_times()[:2]) - cpu
    found = all_stored(server, collector, senders.acknowledged)
    used_s, engine_s = sum(process.cpu_times()[:2]) - cpu, sum(engine.cpu_times()[:2]) - engine_cpu
    is_over.set()
    collector.end(signal.SIGTERM)
    note = f"p50 {quantile(senders.latencies, 0.5) * 1000:.0f} ms, p99 {quantile(senders.latencies, 0.99) * 1000:.0f} ms, {senders.refusals} refusals"
    tell(f"{collector.name}: answered", requests * SPANS / answered_s, "spans/s", "clock", "more", note)
    tell(f"{collector.name}: processor time until all was answered", answered_cpu_s / requests / SPANS * 1e6, "CPU-s/M spans", "processor")
    tell(f"{collector.name}: processor time until all was stored", used_s / requests / SPANS * 1e6, "CPU-s/M spans", "processor")
    tell(f"{collector.name}: … of the ClickHouse server meanwhile", engine_s / requests / SPANS * 1e6, "CPU-s/M spans", "processor")
    tell(f"{collector.name}: resident memory, most", most[0], "MB", "size")
    _tell_balance(f"{collector.name}: after the load", senders.acknowledged, found)


def measure_kill(server: ServerInView, collector: CollectorInView, requests: int) -> None:
    """Kill it in the middle, start it again, and count. What it then has not stored after a while counts as lost."""
    collector.start()
    senders = Senders(collector.address, every_s=8.0 / requests)
    sending = threading.Thread(target=lambda: asyncio.run(senders.send(requests)))
    sending.start()
    time.sleep(4.0)
    collector.end(signal.SIGKILL)
    senders.is_over = True
    sending.join()
    collector.start()
    found = all_stored(server, collector, senders.acknowledged)
    with suppress(psutil.Error):
        collector.end(signal.SIGTERM)
    _tell_balance(f"{collector.name}: after kill -9", senders.acknowledged, found)


def _tell_balance(name: str, acknowledged: set[int], found: dict[int, int]) -> None:
    lost = sum(max(SPANS - found.get(number, 0), 0) for number in acknowledged)
    twice = sum(max(count - SPANS, 0) for count in found.values())
    note = f"of {len(acknowledged) * SPANS:,} acknowledged"
    tell(f"{name}, spans lost", lost, "spans", "size", note=note)
    tell(f"{name}, spans stored twice", twice, "spans", "size", note=note)


def main(requests: int = 300) -> None:
    """Measure each, on a server of its own."""
    if not OTELCOL.exists():
        print(f"The OpenTelemetry Collector is not at {OTELCOL}: build it with tests/benchmarks/otelcol/build.sh")
        return
    for kind in ("hookline", "memory", "disk", "disk, fsync"):
        for number, measure in enumerate((measure_load, measure_kill)):
            with tempfile.TemporaryDirectory(prefix="hookline-bench-") as name, server_for_go(Path(name) / "server") as server:
                folder = Path(name) / str(number)
                collector = HooklineInView(folder, server.url) if kind == "hookline" else OtelcolInView(folder, server.url, kind)  # type: ignore[arg-type]
                measure(server, collector, requests)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
