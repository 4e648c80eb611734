"""The collector's memory under more load than it can store, with the embedded engine and on a server: the most, and whether it stays flat.

A collector in a process of its own, senders beside it, and every few seconds a line: what is resident, how much of it is ours (anonymous) and how
much are pages of programs, how many spans were answered and how many refused. A run of ten minutes or more also tells by how much it grows in an
hour: the Theil-Sen slope (the median over all pairs), without the first fifth, in which a process grows into its load.

    bench_memory.py [--seconds 3600] [--only embedded|server] [--body-mb 15]

`make bench ARGS=memory LONG=1` takes an hour for each of both. The server is a stand-in, in a process of its own.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.figures import tell
from benchmarks.load_traces import SPANS, bench_request
from support.clickhouse_server import ClickHouseServer
from support.person import new_person
from support.running import Running, start_collector

AFTERWARDS_S = 10.0
SHORT_S, LONG_S = 40.0, 3_600.0
SLOPE_FROM_S = 600.0
"""A shorter run says nothing of an hour."""
GROWING_SHARE = 5


@dataclass(slots=True)
class Senders:
    """Threads that send the same body over and over, each as soon as it was answered."""

    address: str
    body: bytes
    spans: int
    answered: int = 0
    refused: int = 0
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Send until stopped."""
        host, _, port = self.address.rpartition(":")
        while not self.stop.is_set():
            try:
                self._send(http.client.HTTPConnection(host, int(port), timeout=60))
            except (OSError, http.client.HTTPException):
                self.stop.wait(0.2)

    def _send(self, connection: http.client.HTTPConnection) -> None:
        while not self.stop.is_set():
            connection.request("POST", "/v1/traces", self.body, {"Content-Type": "application/x-protobuf"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == http.client.OK:
                self.answered += self.spans
            else:
                self.refused += self.spans
                self.stop.wait(float(answer.headers.get("Retry-After") or 0.2))


def memory_mb(pid: int) -> dict[str, float]:
    """Return what a process holds, by kind."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    found = {name: int(value.split()[0]) * 1024 / 1e6 for name, value in (line.split(":") for line in lines)}
    return {"resident": found["Rss"], "ours": found["Anonymous"], "programs": found["Rss"] - found["Anonymous"]}


@contextmanager
def load(running: Running, senders: int, body_mb: float) -> Iterator[Senders]:
    """Send from threads until the end of the block."""
    requests = max(1, round(body_mb * 1e6 / len(bench_request(0))))
    body = b"".join(bench_request(seed) for seed in range(requests))
    found = Senders(running.found.otlp_http, body, SPANS * requests)
    threads = [threading.Thread(target=found.run) for _ in range(senders)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.stop.set()
        for thread in threads:
            thread.join()


def watch(pid: int, seconds: float, every_s: float, sent: Senders | None = None) -> list[tuple[float, float]]:
    """Print a line every few seconds; return when what was resident, in seconds and MB."""
    seen: list[tuple[float, float]] = []
    begun = time.monotonic()
    for number in itertools.count(1):
        time.sleep(max(0.0, begun + number * every_s - time.monotonic()))
        held, at = memory_mb(pid), time.monotonic() - begun
        seen.append((at, held["resident"]))
        counts = f"  {sent.answered:>12,} spans answered  {sent.refused:>10,} refused" if sent else ""
        print(f"{at:6.0f} s  {held['resident']:5.0f} MB resident  {held['ours']:5.0f} ours  {held['programs']:4.0f} programs{counts}", flush=True)
        if at >= seconds:
            return seen
    return seen


def growth(seen: list[tuple[float, float]]) -> float:
    """Return by how many MB an hour memory grew: the median of the slopes between all pairs, after the first fifth."""
    late = seen[len(seen) // GROWING_SHARE :]
    return statistics.median((later - earlier) / (until - since) * 3600 for (since, earlier), (until, later) in itertools.combinations(late, 2))


def measure(where: str, asked: argparse.Namespace) -> None:
    """Load a collector, and tell its memory."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {"HOOKLINE_RETENTION_TRACES_DAYS": "0"}  # the load has times of its own
        with ClickHouseServer(Path(folder) / "server") if where == "server" else nullcontext() as server:
            if server is not None:
                environment["HOOKLINE_STORE_URL"] = server.url
            running = start_collector(new_person(Path(folder)), environment)
            try:
                with load(running, asked.senders, asked.body_mb) as sent:
                    seen = watch(running.process.pid, asked.seconds, asked.every, sent)
                left = watch(running.process.pid, AFTERWARDS_S, AFTERWARDS_S / 2)[-1][1]
                stored = int(running.query("SELECT count() AS n FROM otel_traces")[0]["n"])
            finally:
                running.kill()
    name = "under more load than is stored, embedded" if where == "embedded" else "under more load than is stored, on a server"
    note = f"{asked.seconds:g} s, {sent.answered:,} spans answered, {stored:,} stored, {left:.0f} MB afterwards"
    tell(f"{name}: resident memory, most", max(mb for _, mb in seen), "MB", "size", note=note)
    if asked.seconds >= SLOPE_FROM_S:
        tell(f"{name}: it grows by", growth(seen), "MB an hour", "size")


def main() -> None:
    """Measure both, or one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=LONG_S if os.environ.get("HOOKLINE_BENCH_LONG") else SHORT_S)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--senders", type=int, default=6)
    parser.add_argument("--body-mb", type=float, default=0.2)
    parser.add_argument("--only", choices=("embedded", "server"))
    asked = parser.parse_args()
    for where in (asked.only,) if asked.only else ("embedded", "server"):
        measure(where, asked)


if __name__ == "__main__":
    main()
