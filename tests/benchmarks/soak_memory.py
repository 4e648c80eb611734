"""The collector's memory under more load than it can store, over time: `python tests/benchmarks/soak_memory.py [--seconds 3600]`.

A collector in a process of its own, senders beside it, and every few seconds a line: what is resident, how much of it is ours (anonymous) and how
much are pages of programs, how many spans were answered and how many refused. The last lines say the most, and what is left when the load ended.
`--body-mb 15` sends large requests; `--server` stores on a stand-in for a server, in a process of its own.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.load_traces import SPANS, bench_request
from support.clickhouse_server import ClickHouseServer
from support.person import new_person
from support.running import Running, start_collector

AFTERWARDS_S = 10.0


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
    found = {name: int(value.split()[0]) / 1024 for name, value in (line.split(":") for line in lines)}
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


def watch(pid: int, seconds: float, every_s: float, sent: Senders | None = None) -> list[float]:
    """Print a line every few seconds; return what was resident."""
    seen: list[float] = []
    begun = time.monotonic()
    for number in itertools.count(1):
        time.sleep(max(0.0, begun + number * every_s - time.monotonic()))
        held = memory_mb(pid)
        seen.append(held["resident"])
        at = time.monotonic() - begun
        counts = f"  {sent.answered:>12,} spans answered  {sent.refused:>10,} refused" if sent else ""
        print(f"{at:6.0f} s  {held['resident']:5.0f} MB resident  {held['ours']:5.0f} ours  {held['programs']:4.0f} programs{counts}", flush=True)
        if at >= seconds:
            return seen
    return seen


def main() -> None:
    """Load a collector, and print its memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=5.0)
    parser.add_argument("--senders", type=int, default=6)
    parser.add_argument("--body-mb", type=float, default=0.2)
    parser.add_argument("--server", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"HOOKLINE_RETENTION_TRACES_DAYS": "0"}  # the load has times of its own
        server = ClickHouseServer(Path(folder) / "server") if asked.server else None
        if server is not None:
            server.start()
            environment["HOOKLINE_STORE_URL"] = server.url
        running = start_collector(new_person(Path(folder)), environment)
        try:
            watch(running.process.pid, 0.0, 0.0)
            with load(running, asked.senders, asked.body_mb) as sent:
                seen = watch(running.process.pid, asked.seconds, asked.every, sent)
            left = watch(running.process.pid, AFTERWARDS_S, AFTERWARDS_S / 2)
            stored = running.query("SELECT count() AS n FROM otel_traces")[0]["n"]
            late = max(seen[-max(1, len(seen) // 4) :])
            print(f"most {max(seen):.0f} MB, in the last quarter {late:.0f} MB, afterwards {left[-1]:.0f} MB; {int(stored):,} spans stored")
        finally:
            running.kill()
            if server is not None:
                server.stop()


if __name__ == "__main__":
    main()
