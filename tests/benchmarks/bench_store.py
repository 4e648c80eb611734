"""What the store costs: spans, log records and points a CPU-second by batch size, bytes a row, memory, idle CPU, people's queries.

The engine runs embedded, in this process, with the whole schema: what is measured includes derived tables and the merges that run
meanwhile. `plain` spans come from any SDK; `agent` spans from the relay, so that the derived tables have rows of them too.
Run: python tests/benchmarks/bench_store.py [SECONDS]
"""

import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import tell
from hookline.settings import Settings
from hookline_collector.signal import Signal
from hookline_collector.store import Store
from hookline_collector.store.insert.nesting import flatten

REQUEST_ITEMS = 512
RESOURCE = {"service.name": "claude-code", "host.name": "laptop", "user.name": "ann", "os.type": "linux", "telemetry.distro.name": "hookline"}


@dataclass(frozen=True, slots=True)
class Load:
    """What one kind of insert reached."""

    items_per_cpu_s: float
    items_per_s: float
    p50_ms: float


def cpu_s() -> float:
    """CPU time of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def spans(count: int, seed: int = 1, scope: str = "an.sdk") -> bytes:
    """Requests of spans as the relay sends them: nine texts and a number each, about 600 bytes."""
    rng, body, now = random.Random(seed), ExportTraceServiceRequest(), time.time_ns()
    for first in range(0, count, REQUEST_ITEMS):
        scoped = _under_resource(body.resource_spans).scope_spans.add()
        scoped.scope.name = scope
        for _ in range(min(REQUEST_ITEMS, count - first)):
            start = now - rng.randrange(10**12)
            tool = rng.choice(["Bash", "Read", "Edit"])
            span = scoped.spans.add(
                trace_id=rng.randbytes(16), span_id=rng.randbytes(8), parent_span_id=rng.randbytes(8), name=f"execute_tool {tool}", kind=1,
                start_time_unix_nano=start, end_time_unix_nano=start + rng.randrange(10**10),
            )  # fmt: skip
            texts = {
                "session.id": f"session-{rng.randrange(50)}-0000-0000",
                "gen_ai.tool.name": tool,
                "gen_ai.tool.call.id": f"toolu_{rng.randrange(10**15)}",
                "hookline.project.name": f"project {rng.randrange(9)}",
                "vcs.ref.head.name": "main",
                "hookline.outcome": "success",
                "gen_ai.operation.name": "execute_tool",
                "hookline.prompt.id": f"prompt-{rng.randrange(900)}-0000-0000",
                "gen_ai.request.model": "a-model-name-5",
            }
            for key, value in texts.items():
                span.attributes.add(key=key).value.string_value = value
            span.attributes.add(key="hookline.tool.run_ms").value.int_value = rng.randrange(10**5)
    return body.SerializeToString()


def with_arrays(body: bytes) -> bytes:
    """The same spans, each with an array that has to become JSON."""
    request = ExportTraceServiceRequest.FromString(body)
    for entry in request.resource_spans:
        for span in entry.scope_spans[0].spans:
            span.attributes.add(key="argv").value.array_value.values.add().string_value = "--all"
    return request.SerializeToString()


def logs(count: int) -> bytes:
    """Log records of five attributes."""
    rng, body, now = random.Random(1), ExportLogsServiceRequest(), time.time_ns()
    for first in range(0, count, REQUEST_ITEMS):
        scoped = _under_resource(body.resource_logs).scope_logs.add()
        for _ in range(min(REQUEST_ITEMS, count - first)):
            record = scoped.log_records.add(time_unix_nano=now - rng.randrange(10**12), severity_number=9, event_name="api_request")
            record.body.string_value = f"the model answered after {rng.randrange(10**4)} ms with {rng.randrange(10**4)} tokens"
            for key in ("session.id", "model", "user.id", "organization.id", "terminal.type"):
                record.attributes.add(key=key).value.string_value = f"{key} {rng.randrange(50)}"
    return body.SerializeToString()


def points(count: int) -> bytes:
    """Gauge points of four attributes."""
    rng, body, now = random.Random(1), ExportMetricsServiceRequest(), time.time_ns()
    for first in range(0, count, REQUEST_ITEMS):
        metric = _under_resource(body.resource_metrics).scope_metrics.add().metrics.add(name="process.memory.usage", unit="By")
        for _ in range(min(REQUEST_ITEMS, count - first)):
            point = metric.gauge.data_points.add(time_unix_nano=now - rng.randrange(10**12), as_int=rng.randrange(10**9))
            for key in ("session.id", "process.pid", "host.name", "project"):
                point.attributes.add(key=key).value.string_value = f"{key} {rng.randrange(50)}"
    return body.SerializeToString()


def _under_resource(entries: Any) -> Any:
    entry = entries.add()
    for key, value in RESOURCE.items():
        entry.resource.attributes.add(key=key).value.string_value = value
    return entry


def prepare(folder: Path) -> None:
    """Write the bodies to files, in a process of its own: what it takes to make them is not the store's memory."""
    for items in (1_000, 10_000, 25_000):
        for seed in range(3):
            (folder / f"plain-{items}-{seed}").write_bytes(spans(items, seed))
    for seed in range(3):
        (folder / f"agent-10000-{seed}").write_bytes(spans(10_000, seed, "hookline.agent"))
        (folder / f"arrays-10000-{seed}").write_bytes(with_arrays(spans(10_000, seed)))
        (folder / f"logs-10000-{seed}").write_bytes(logs(10_000))
        (folder / f"points-10000-{seed}").write_bytes(points(10_000))


def insert_for(store: Store, signal: Signal, bodies: Path, items: int, seconds: float) -> Load:
    """Insert batches of so many items for so long; `bodies` is the files' name without the seed."""
    took: list[float] = []
    begun, cpu = time.perf_counter(), cpu_s()
    while time.perf_counter() - begun < seconds:
        body = bodies.with_name(f"{bodies.name}-{len(took) % 3}").read_bytes()
        before = time.perf_counter()
        store.insert(signal, body, f"{signal} {items} {time.time_ns()}")
        took.append(time.perf_counter() - before)
    spent, wall = cpu_s() - cpu, time.perf_counter() - begun
    return Load(items * len(took) / spent, items * len(took) / wall, sorted(took)[len(took) // 2] * 1000)


class Memory:
    """The largest resident memory while it is watched."""

    def __init__(self) -> None:
        self._process, self._stop, self.peak_bytes = psutil.Process(), threading.Event(), 0
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while not self._stop.wait(0.01):
            self.peak_bytes = max(self.peak_bytes, self._process.memory_info().rss)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> int:
        """Watch no longer, which takes CPU time; return the largest."""
        self._stop.set()
        self._thread.join()
        return self.peak_bytes

    @property
    def now_bytes(self) -> int:
        """Resident memory now."""
        return int(self._process.memory_info().rss)


def idle_cpu_percent(store: Store, seconds: float) -> float:
    """Share of a core that the engine takes while nothing happens and nothing is left to merge."""
    while store.query("SELECT count() FROM system.merges").scalar():
        time.sleep(0.5)
    time.sleep(3)
    before = cpu_s()
    time.sleep(seconds)
    return (cpu_s() - before) / seconds * 100


def people_p95_ms(store: Store, sql: str) -> float:
    """The 95th percentile of thirty answers."""
    took = []
    for _ in range(30):
        before = time.perf_counter()
        store.people_query(sql)
        took.append((time.perf_counter() - before) * 1000)
    return sorted(took)[28]


def flattening_items_per_s(body: bytes, items: int) -> float:
    """Spans a CPU-second that are looked through for nested values."""
    cpu = cpu_s()
    for _ in range(5):
        flatten(Signal.TRACES, body)
    return items * 5 / (cpu_s() - cpu)


def measure(seconds: float) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as name:
        folder = Path(name)
        maker = multiprocessing.get_context("spawn").Process(target=prepare, args=(folder,))
        maker.start()
        maker.join()
        with Memory() as memory:
            store = Store.open(Settings(data_dir=folder / "data"))
            try:
                _measured(store, folder, seconds, memory)
            finally:
                store.close()


def _measured(store: Store, folder: Path, seconds: float, memory: Memory) -> None:
    tell("store: memory after the start", memory.now_bytes / 1e6, "MB", "size")

    def load(title: str, signal: Signal, kind: str, items: int) -> None:
        found = insert_for(store, signal, folder / f"{kind}-{items}", items, seconds)
        note = f"{found.items_per_s:,.0f} /s, an insert p50 {found.p50_ms:.0f} ms"
        tell(f"store: {title}, {items:,} an insert", found.items_per_cpu_s, "items/CPU-s", "processor", "more", note)

    load("plain spans", Signal.TRACES, "plain", 1_000)
    load("plain spans", Signal.TRACES, "plain", 10_000)
    load("plain spans", Signal.TRACES, "plain", 25_000)
    load("spans of the relay", Signal.TRACES, "agent", 10_000)
    load("spans with an array in each", Signal.TRACES, "arrays", 10_000)
    load("log records", Signal.LOGS, "logs", 10_000)
    load("metric points", Signal.METRICS, "points", 10_000)
    for title, kind in (("looking for nested values, none there", "plain"), ("looking for nested values, in each span", "arrays")):
        speed = flattening_items_per_s((folder / f"{kind}-10000-0").read_bytes(), 10_000)
        tell(f"store: {title}", speed, "items/CPU-s", "processor", "more")
    sizes = "SELECT sum(rows), sum(bytes_on_disk) / sum(rows) FROM system.parts WHERE active AND table = 'otel_traces'"
    rows, bytes_a_row = store.query(sizes).rows[0]
    by_tool = "SELECT SpanName, count(), quantile(0.95)(Duration) FROM otel_traces GROUP BY 1"
    tell("store: bytes a span on disk", bytes_a_row, "bytes", "size", note=f"of {rows:,}")
    tell("store: people's query over all spans, p95", people_p95_ms(store, by_tool), "ms", note=f"of {rows:,}")
    tell("store: memory, most while inserting", memory.stop() / 1e6, "MB", "size")
    tell("store: the engine, idle", idle_cpu_percent(store, 10), "% of a core", "processor")
    store.trim_memory()
    tell("store: memory, idle again", memory.now_bytes / 1e6, "MB", "size")


def main() -> None:
    """Measure and tell, in a process of its own, as an engine is opened."""
    if os.environ.get("HOOKLINE_BENCH_INNER"):
        measure(float(sys.argv[1]) if len(sys.argv) > 1 else 2.0)
        return
    subprocess.run([sys.executable, __file__, *sys.argv[1:]], check=True, env={**os.environ, "HOOKLINE_BENCH_INNER": "1"})


if __name__ == "__main__":
    main()
