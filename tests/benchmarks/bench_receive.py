"""The receivers in front of the real journal, fsync on: spans a second to answered, latency at a pace, memory, JSON.

The load comes from a process of its own on the same machine. The store is not there: what stands for it takes for each insert the least that the
real one takes, and the journal's segments leave as they do in a collector, those of five seconds together.
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import orjson
import psutil
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from hookline.settings import Settings
from hookline_collector.delivery.retirement import Retirement
from hookline_collector.delivery.service import MAX_UNSECURED_BYTES
from hookline_collector.ingest import Ingest
from hookline_collector.journal import Journal
from hookline_collector.observe.catalogue import STORED
from hookline_collector.observe.metrics import Metrics
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.receive.json import to_protobuf
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.figures import tell
from benchmarks.load_traces import SPANS, bench_request

LOAD = Path(__file__).with_name("load_traces.py")
INSERT_S = 0.05
"""What the engine takes for an insert of a few rows; of none that a collector makes is less."""
SECURE_EVERY_S = 5.0


async def serve(folder: Path) -> None:
    """Serve until stdin closes; print the addresses first."""
    base = Settings(data_dir=folder)
    collector = dataclasses.replace(base.collector, otlp_grpc="127.0.0.1:0", otlp_http="127.0.0.1:0")
    settings = dataclasses.replace(base, collector=collector)
    figures = Metrics()
    async with Journal(settings.journal_dir, settings.journal, figures) as journal:
        heavy = HeavyWork()
        ingest = Ingest(settings.limits, journal, figures, heavy)
        receivers = GrpcReceiver(settings, ingest), HttpReceiver(settings, ingest, heavy)
        for receiver in receivers:
            await receiver.start()
        print(json.dumps([receiver.address for receiver in receivers]), flush=True)
        retirement = Retirement(journal, lambda: None, BlockingPool("delivery", 1), figures, SECURE_EVERY_S, MAX_UNSECURED_BYTES)
        emptying = [asyncio.create_task(work) for work in (_empty(journal, retirement), retirement.run())]
        await asyncio.to_thread(sys.stdin.read)
        for task in emptying:
            task.cancel()
        for receiver in receivers:
            await receiver.stop(1)
        await ingest.close()
        heavy.close()


async def _empty(journal: Journal, retirement: Retirement) -> None:
    while (segment := await journal.next(Signal.TRACES)) is not None:
        await asyncio.sleep(INSERT_S)
        journal.account(segment, segment.items, {(STORED, ""): segment.items})
        retirement.add(segment)


def load(protocol: str, address: str, *, seconds: float, concurrency: int = 6, pace_spans: float = 0.0) -> dict[str, float]:
    """Run the load generator and return its figures."""
    command = [sys.executable, str(LOAD), protocol, address, "--seconds", str(seconds), "--concurrency", str(concurrency)]
    done = subprocess.run([*command, "--pace-spans", str(pace_spans)], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def json_rate() -> float:
    """Return spans a second of CPU from OTLP/JSON to protobuf."""
    request = ExportTraceServiceRequest.FromString(bench_request(0))
    parsed = json_format.MessageToDict(request, use_integers_for_enums=True)
    for span, found in zip(parsed["resourceSpans"][0]["scopeSpans"][0]["spans"], request.resource_spans[0].scope_spans[0].spans, strict=True):
        span |= {"traceId": found.trace_id.hex(), "spanId": found.span_id.hex(), "parentSpanId": found.parent_span_id.hex()}
    body = orjson.dumps(parsed)
    begun = time.process_time()
    for _ in range(50):
        to_protobuf(Signal.TRACES, body, 1_000_000, 64)
    spent_s: float = time.process_time() - begun
    return 50 * SPANS / spent_s


def main(seconds: float = 5.0) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "serve", folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            grpc, http = json.loads(server.stdout.readline())
            process = psutil.Process(server.pid)
            tell("receivers, ingest and journal: memory when idle", process.memory_info().rss / 1e6, "MB", "size")
            for protocol, address in (("gRPC", grpc), ("HTTP", http)):
                cpu = sum(process.cpu_times()[:2])
                found = load(protocol.lower(), address, seconds=seconds)
                cpu_s = sum(process.cpu_times()[:2]) - cpu
                name = f"OTLP/{protocol}, 512-span requests, to fsynced and answered"
                note = f"p99 {found['p99_ms']:.1f} ms, {found['failures']:.0f} failures"
                tell(name, found["spans_per_s"], "spans/s", "clock", "more", note)
                tell(f"{name}, by the collector's part alone", found["requests"] * SPANS / cpu_s, "spans/CPU-s", "processor", "more")
            paced = load("grpc", grpc, seconds=seconds, pace_spans=50_000)
            tell("OTLP/gRPC at 50,000 spans/s, p99", paced["p99_ms"], "ms", note=f"p50 {paced['p50_ms']:.1f} ms")
            tell("receivers, ingest and journal: memory after the load", process.memory_info().rss / 1e6, "MB", "size")
            server.communicate()
    tell("OTLP/JSON to protobuf", json_rate(), "spans/CPU-s", "processor", "more")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(Path(sys.argv[2])))
    else:
        main()
