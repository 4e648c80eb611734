"""What it costs that nothing acknowledged is lost at a power cut: inserts with and without syncs of the engine's folder, and how long one takes.

The engine runs embedded, in this process. `none` is an engine that is never synced, as it was before the waterline; the default is a sync every
five seconds, or every 64 MiB. Run: python tests/benchmarks/bench_durable.py [SECONDS]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.bench_store import spans
from benchmarks.figures import tell, tell_quantiles
from hookline.errors import Refused
from hookline.settings import Settings
from hookline.settings.schema import RetentionSettings
from hookline_collector.journal import Journal
from hookline_collector.journal.record import header, mark_of
from hookline_collector.signal import Signal
from hookline_collector.store import Store

FOR_EVER = RetentionSettings(traces_days=0, logs_days=0, metrics_days=0, metric_minutes_days=0, metric_hours_days=0, derived_days=0)


class Securing:
    """Secures a store now and then in a thread of its own, while the block runs, and notes how long each time took."""

    def __init__(self, store: Store, every_s: float) -> None:
        self._store = store
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.took: list[float] = []

    def __enter__(self) -> Securing:
        if self._every_s:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._every_s:
            self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(self._every_s):
            begun = time.perf_counter()
            with suppress(Refused):
                self._store.secure()
                self.took.append(time.perf_counter() - begun)


def insert(store: Store, name: str, items: int, seconds: float, pause_s: float = 0.0) -> tuple[float, list[float]]:
    """Insert the same spans under new tokens for a while; return spans a second and how long each insert took."""
    body, took, begun = spans(items), list[float](), time.perf_counter()
    while (now := time.perf_counter()) - begun < seconds:
        store.insert(Signal.TRACES, body, f"{name} {len(took)}")
        took.append(time.perf_counter() - now)
        time.sleep(pause_s)
    return len(took) * items / (time.perf_counter() - begun), took


def bench_load(store: Store, every_s: float, seconds: float) -> None:
    """Insert portions of 8,192 spans one after the other."""
    written, cpu = psutil.disk_io_counters(), time.process_time()
    with Securing(store, every_s) as securing:
        rate, took = insert(store, f"load {every_s}", 8_192, seconds)
    cpu_s, after = time.process_time() - cpu, psutil.disk_io_counters()
    name = f"8,192 spans an insert, synced {f'every {every_s:g} s' if every_s else 'never'}"
    tell(name, rate, "spans/s", "clock", "more", f"insert p50 {statistics.median(took) * 1000:.0f} ms, max {max(took) * 1000:.0f} ms")
    tell(f"{name}, processor time", len(took) * 8_192 / cpu_s, "spans/CPU-s", "processor", "more")
    if written and after:
        tell(f"{name}: all that the machine wrote", (after.write_bytes - written.write_bytes) / seconds / 1e6, "MB/s", "clock")
    if securing.took:
        tell_quantiles(f"{name}: a sync", securing.took, (0.5, 1.0))


def bench_trickle(store: Store, seconds: float) -> None:
    """Insert a few spans two times a second, as one agent at work does."""
    with Securing(store, 1.0) as securing:
        insert(store, "trickle", 8, seconds, 0.5)
    tell_quantiles("a sync while two small inserts come a second", securing.took, (0.5, 1.0))


def bench_start(folder: Path) -> None:
    """Open a journal in which a long outage left many segments, and a store that was killed."""
    place, body = folder / "journal" / "traces", spans(8)
    place.mkdir(parents=True)
    for number in range(2_000):
        segment_id = f"{number:012x}-00112233445566778899"
        (place / f"{segment_id}.binpb").write_bytes(header(mark_of(segment_id), body, 8) + body)

    async def work() -> float:
        begun = time.process_time()
        async with Journal(folder / "journal"):
            return time.process_time() - begun

    tell("a start with 2,000 segments waiting", asyncio.run(work()), "CPU-s", "processor")


def main(seconds: float = 4.0) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(data_dir=Path(folder)), retention=FOR_EVER)
        store = Store.open(settings)
        try:
            insert(store, "warm", 8_192, 2.0)
            for every_s in (0.0, 5.0, 1.0):
                bench_load(store, every_s, seconds)
            bench_trickle(store, seconds)
        finally:
            store.close()
        bench_start(Path(folder))


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
