"""What `hookline.instrument(app)` adds to a request, beside OpenTelemetry's own middleware, in process and through a real server under load.

In process: one Starlette route, blocks of calls of the bare and of the watched application in turn, in one process for each variant. Other work on
the machine makes blocks slower, never faster: so what counts is the quarter of the blocks that were disturbed least, the same of both. Spans are
made, batched, and refused by a collector that is not there.

Under load: uvicorn in three processes (bare, watched, OpenTelemetry's middleware), asked in turns over eight connections; processor time of the
server a request, and the longest waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from benchmarks.figures import quantile, tell

NOWHERE = "http://127.0.0.1:9"
BLOCKS, CALLS = 60, 300
ROUNDS, ROUND_S, CONNECTIONS = 40, 0.3, 8
VARIANTS = ("timing", "span", "otel", "otel without messages")
UNDER_LOAD = ("bare", "timing", "span", "otel")
HEADERS = [(b"host", b"shop.example"), (b"user-agent", b"bench"), (b"accept", b"*/*"), (b"accept-encoding", b"gzip"), (b"connection", b"keep-alive")]


async def hello(request: Request) -> Response:
    """Answer."""
    return PlainTextResponse("hello")


def bare() -> Any:
    """Return the application as it is."""
    return Starlette(routes=[Route("/orders/{id}", hello)])


def watched(variant: str) -> Any:
    """Return it with what a variant puts around it."""
    if variant == "bare":
        return bare()
    if variant.startswith("otel"):
        return _with_otel(without_messages=variant != "otel")
    one_in = 1 if variant == "span" else 0
    return hookline.instrument(bare(), endpoint=NOWHERE, one_in=one_in, logs_a_second=1e9, slow_s=60)


def _with_otel(*, without_messages: bool) -> Any:
    """Return it with OpenTelemetry's middleware: spans are batched and dropped, metrics are kept in memory."""
    import os

    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

    class Dropping(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    tracers = TracerProvider()
    tracers.add_span_processor(BatchSpanProcessor(Dropping()))
    app: Any = bare()
    build = app.build_middleware_stack
    more: dict[str, Any] = {"exclude_spans": ["send", "receive"]} if without_messages else {}
    meters = MeterProvider([InMemoryMetricReader()])
    app.build_middleware_stack = lambda: OpenTelemetryMiddleware(build(), tracer_provider=tracers, meter_provider=meters, **more)
    return app


async def called(app: Any, calls: int) -> tuple[float, float]:
    """Call an application so often; return the median and the processor time of a call, in microseconds."""
    like: dict[str, Any] = {"type": "http", "method": "GET", "path": "/orders/7", "query_string": b"", "root_path": "", "headers": HEADERS}
    like |= {"scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 5000), "asgi": {"version": "3.0"}}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        """Take it."""

    taken, clock = [], time.perf_counter_ns
    began = time.process_time_ns()
    for _ in range(calls):
        scope = dict(like)
        start = clock()
        await app(scope, receive, send)
        taken.append(clock() - start)
    return statistics.median(taken) / 1e3, (time.process_time_ns() - began) / calls / 1e3


async def in_process(variant: str) -> dict[str, float]:
    """Measure a variant beside the bare application, block by block."""
    apps = {"bare": bare(), variant: watched(variant)}
    blocks: dict[str, list[tuple[float, float]]] = {name: [] for name in apps}
    for app in apps.values():
        await called(app, 1_000)
    gc.freeze()
    for _ in range(BLOCKS):
        for name, app in apps.items():
            blocks[name].append(await called(app, CALLS))
    told = {name: quiet(found) for name, found in blocks.items()}
    before, after = told["bare"], told[variant]
    return {"bare": before[0], "p50": after[0], "added": after[0] - before[0], "processor": after[1] - before[1]}


def quiet(blocks: list[tuple[float, float]]) -> tuple[float, float]:
    """Return what the least disturbed quarter of the blocks says."""
    quarter = len(blocks) // 4
    median, processor = ([sorted(values)[:quarter] for values in zip(*blocks, strict=True)])[:2]
    return statistics.median(median), statistics.median(processor)


# Under load


@contextlib.contextmanager
def served(variant: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Serve a variant by uvicorn in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, __file__, "serve", variant, str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                break
            time.sleep(0.1)
        yield process, port
    finally:
        process.terminate()
        process.wait(20)


def serve(variant: str, port: int) -> None:
    """Serve until somebody ends it."""
    import uvicorn

    uvicorn.run(watched(variant), host="127.0.0.1", port=port, log_level="error", access_log=False, loop="asyncio", http="httptools")


async def asked(port: int, seconds: float, taken: list[float]) -> None:
    """Ask over one kept connection for some time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = b"GET /orders/7 HTTP/1.1\r\nhost: shop\r\nuser-agent: bench\r\naccept: */*\r\n\r\n"
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        start = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        taken.append(time.perf_counter() - start)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def under_load(servers: dict[str, tuple[subprocess.Popen[bytes], int]]) -> dict[str, dict[str, float]]:
    """Ask the servers in turns, in another order each time; return what a request took of each."""
    taken: dict[str, list[float]] = {name: [] for name in servers}
    rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    order = list(servers)
    for number in range(ROUNDS + 1):
        random.Random(number).shuffle(order)
        for name in order:
            process, port = servers[name]
            before, asked_before = processor_ns(process.pid), len(taken[name])
            await asyncio.gather(*(asked(port, ROUND_S, taken[name]) for _ in range(CONNECTIONS)))
            count = len(taken[name]) - asked_before
            if number:  # the first warms up
                rounds[name].append(((processor_ns(process.pid) - before) / count / 1e3, 0.0))
            else:
                taken[name].clear()
    return {name: {"cpu": quiet(rounds[name])[0], "p999": quantile(found, 0.999) * 1e3} for name, found in taken.items()}


def processor_ns(pid: int) -> int:
    """Return the processor time of a process and all its threads; the kernel counts it in nanoseconds here."""
    return sum(int(path.read_text().split()[0]) for path in Path(f"/proc/{pid}/task").glob("*/schedstat"))


def measured(variant: str) -> dict[str, float]:
    """Measure a variant in a process of its own."""
    done = subprocess.run([sys.executable, __file__, "in-process", variant], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure all of it."""
    words = {
        "timing": "timing alone",
        "span": "with one span and its log",
        "otel": "OpenTelemetry's middleware",
        "otel without messages": "OpenTelemetry's without spans of messages",
    }
    for variant in VARIANTS:
        found = measured(variant)
        note = f"of {found['bare']:.1f} us bare"
        tell(f"a request in process, {words[variant]}: added, p50", found["added"], "us", "clock", note=note)
        tell(f"a request in process, {words[variant]}: added", found["processor"], "CPU-us", "processor")
    with contextlib.ExitStack() as stack:
        servers = {variant: stack.enter_context(served(variant)) for variant in UNDER_LOAD}
        found_under_load = asyncio.run(under_load(servers))
    before = found_under_load["bare"]
    for variant in UNDER_LOAD[1:]:
        now = found_under_load[variant]
        tell(f"a request under load, {words[variant]}: added", now["cpu"] - before["cpu"], "CPU-us", "processor", note=f"of {before['cpu']:.0f} bare")
        tell(f"a request under load, {words[variant]}: added, p99.9", now["p999"] - before["p999"], "ms", note=f"of {before['p999']:.2f} ms bare")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2], int(sys.argv[3]))
    elif sys.argv[1:2] == ["in-process"]:
        print(json.dumps(asyncio.run(in_process(sys.argv[2]))))
        hookline.uninstrument()
    else:
        main()
