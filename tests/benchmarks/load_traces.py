"""Sends 512-span requests over OTLP/gRPC or OTLP/HTTP as fast as they are answered, or at a pace; run in a process of its own.

Prints one JSON object: requests and spans answered, seconds, latencies in milliseconds, failures. The requests are
serialised before the clock starts: 391 bytes and 10 attributes a span.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

from grpc import aio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SPANS = 512
METHOD = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
START_NS = 1_790_000_000_000_000_000

Send = Callable[[bytes], Awaitable[None]]


def bench_request(seed: int, spans: int = SPANS) -> bytes:
    """Return one serialised request; equal seeds give equal requests."""
    rng = random.Random(seed)
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    resource.resource.attributes.add(key="service.name").value.string_value = "checkout"
    part = resource.scope_spans.add()
    part.scope.name = "bench"
    for number in range(spans):
        span = part.spans.add(
            trace_id=rng.randbytes(16), span_id=rng.randbytes(8), parent_span_id=rng.randbytes(8), name="GET /api/orders/{id}", kind=2
        )
        span.start_time_unix_nano = START_NS + number
        span.end_time_unix_nano = START_NS + 1_000_000_000
        for name in range(7):
            span.attributes.add(key=f"http.request.hdr{name}").value.string_value = f"value {rng.randrange(10**6)}"
        span.attributes.add(key="http.status").value.int_value = 200
        span.attributes.add(key="ok").value.bool_value = True
        span.attributes.add(key="ratio").value.double_value = rng.random()
    return request.SerializeToString()


class Load:
    """Workers that send one request after the other; at a pace, request k is due at k / pace and lateness counts as latency.

    What could not be sent until the time was over is not.
    """

    def __init__(self, concurrency: int, seconds: float, pace_spans: float) -> None:
        self._bodies = [bench_request(seed) for seed in range(8)]
        self._concurrency = concurrency
        self._seconds = seconds
        self._every_s = SPANS / pace_spans if pace_spans else 0.0
        self._sent = 0
        self.latencies: list[float] = []
        self.failures = 0

    async def run(self, senders: list[Send]) -> dict[str, float]:
        """Send for the given time and return the figures."""
        begun = time.perf_counter()
        await asyncio.gather(*(self._work(senders[n % len(senders)], begun) for n in range(self._concurrency)))
        took = time.perf_counter() - begun
        ranked = sorted(self.latencies) or [0.0]
        at = {f"p{share}_ms": ranked[min(int(len(ranked) * share / 100), len(ranked) - 1)] * 1000 for share in (50, 99)}
        return {"spans_per_s": len(ranked) * SPANS / took, "requests": len(ranked), "failures": self.failures, "seconds": took, **at}

    async def _work(self, send: Send, begun: float) -> None:
        while True:
            number, self._sent = self._sent, self._sent + 1
            due = begun + number * self._every_s if self._every_s else time.perf_counter()
            if max(due, time.perf_counter()) >= begun + self._seconds:
                return
            await asyncio.sleep(max(due - time.perf_counter(), 0.0))
            try:
                await send(self._bodies[number % len(self._bodies)])
                self.latencies.append(time.perf_counter() - due)
            except (aio.AioRpcError, OSError):
                self.failures += 1


async def over_grpc(address: str, load: Load, connections: int) -> dict[str, float]:
    """Send over gRPC."""
    channels: list[Any] = [aio.insecure_channel(address, [("grpc.use_local_subchannel_pool", 1)]) for _ in range(connections)]
    calls = [channel.unary_unary(METHOD) for channel in channels]

    def sender(call: Callable[[bytes], Awaitable[bytes]]) -> Send:
        async def send(body: bytes) -> None:
            await call(body)

        return send

    figures = await load.run([sender(call) for call in calls])
    await asyncio.gather(*(channel.close(None) for channel in channels))
    return figures


async def over_http(address: str, load: Load, connections: int) -> dict[str, float]:
    """Send over HTTP on connections that stay."""
    host, _, port = address.rpartition(":")
    return await load.run([await _http_sender(host, int(port)) for _ in range(connections)])


async def _http_sender(host: str, port: int) -> Send:
    loop = asyncio.get_running_loop()
    connection = socket.create_connection((host, port))
    connection.setblocking(False)
    turn = asyncio.Lock()

    async def send(body: bytes) -> None:
        head = f"POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-protobuf\r\nContent-Length: {len(body)}\r\n\r\n"
        async with turn:
            await loop.sock_sendall(connection, head.encode() + body)
            if not (await loop.sock_recv(connection, 65536)).startswith(b"HTTP/1.1 200"):
                raise OSError("not taken")

    return send


def main() -> None:
    """Read the command line, send, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("protocol", choices=["grpc", "http"])
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--concurrency", type=int, default=6)
    parser.add_argument("--pace-spans", type=float, default=0.0)
    given = parser.parse_args()
    load = Load(given.concurrency, given.seconds, given.pace_spans)
    send = over_grpc if given.protocol == "grpc" else over_http
    print(json.dumps(asyncio.run(send(given.address, load, given.concurrency))))


if __name__ == "__main__":
    main()
