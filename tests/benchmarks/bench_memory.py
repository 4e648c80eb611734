"""The collector's memory under more load than it can store, with the embedded engine and on a server: the most, and whether it stays flat.

A collector in a process of its own, senders beside it, and every minute a line: what was resident in the middle and at most, how much of it was
ours (anonymous) and how much were pages of programs, how many spans were answered and how many refused. The most is the kernel's own mark, so no
moment is missed. By how much it grows in an hour is the Theil-Sen slope (the median over all pairs) of what each ten seconds had in the middle,
without the first fifth, in which a process grows into its load; less than ten minutes say nothing of it.

    bench_memory.py [--seconds 3600] [--only embedded|server] [--body-mb 15]

Twelve minutes for each of both, an hour with `make bench ARGS=memory LONG=1`. The server is a stand-in, in a process of its own.
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
SHORT_S, LONG_S = 720.0, 3_600.0
SAMPLE_S, STEP_S, LINE_S = 1.0, 10.0, 60.0
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


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds, in MB."""

    resident: float
    ours: float
    programs: float
    most: float

    @classmethod
    def by(cls, pid: int) -> Held:
        """Ask the kernel."""
        lines = (line.partition(":") for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        found = {name: int(value.split()[0]) * 1024 / 1e6 for name, _, value in lines if value.endswith(" kB")}
        return cls(found["VmRSS"], found["RssAnon"], found["RssFile"], found["VmHWM"])


def forget_the_most(pid: int) -> None:
    """Have the kernel's mark begin anew: a start is not what is measured."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


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


def watch(pid: int, seconds: float, sent: Senders | None = None) -> list[tuple[float, Held]]:
    """Print a line every minute, and at the end; return what was held each second, and when."""
    seen: list[tuple[float, Held]] = []
    begun, told = time.monotonic(), 0
    for number in itertools.count(1):
        time.sleep(max(0.0, begun + number * SAMPLE_S - time.monotonic()))
        at = time.monotonic() - begun
        seen.append((at, Held.by(pid)))
        if at >= seconds or at - (seen[told - 1][0] if told else 0.0) >= LINE_S:
            print(line([held for _, held in seen[told:]], at, sent), flush=True)
            told = len(seen)
        if at >= seconds:
            break
    return seen


def line(held: list[Held], at: float, sent: Senders | None) -> str:
    """Say in one line what was held since the last."""
    middle = [statistics.median(getattr(one, name) for one in held) for name in ("resident", "ours", "programs")]
    counts = f"  {sent.answered:>12,} spans answered  {sent.refused:>10,} refused" if sent else ""
    words = "{:5.0f} MB resident, {:5.0f} ours, {:4.0f} programs".format(*middle)
    return f"{at:6.0f} s  {words}; most {max(one.resident for one in held):5.0f}{counts}"


def growth(seen: list[tuple[float, Held]]) -> float:
    """Return by how many MB an hour memory grew: the median of the slopes between all pairs of steps, after the first fifth."""
    steps = [
        (statistics.median(at for at, _ in step), statistics.median(held.resident for _, held in step))
        for _, found in itertools.groupby(seen, key=lambda one: one[0] // STEP_S)
        if (step := list(found))
    ]
    late = steps[len(steps) // GROWING_SHARE :]
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
                forget_the_most(running.process.pid)
                with load(running, asked.senders, asked.body_mb) as sent:
                    seen = watch(running.process.pid, asked.seconds, sent)
                left = watch(running.process.pid, AFTERWARDS_S)[-1][1].resident
                stored = int(running.query("SELECT count() AS n FROM otel_traces")[0]["n"])
            finally:
                running.kill()
    name = "under more load than is stored, embedded" if where == "embedded" else "under more load than is stored, on a server"
    note = f"{asked.seconds:g} s, {sent.answered:,} spans answered, {stored:,} stored, {left:.0f} MB afterwards"
    tell(f"{name}: resident memory, most", seen[-1][1].most, "MB", "size", note=note)
    if asked.seconds >= SLOPE_FROM_S:
        tell(f"{name}: it grows by", growth(seen), "MB an hour", "size")


def main() -> None:
    """Measure both, or one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=LONG_S if os.environ.get("HOOKLINE_BENCH_LONG") else SHORT_S)
    parser.add_argument("--senders", type=int, default=6)
    parser.add_argument("--body-mb", type=float, default=0.2)
    parser.add_argument("--only", choices=("embedded", "server"))
    asked = parser.parse_args()
    for where in (asked.only,) if asked.only else ("embedded", "server"):
        measure(where, asked)


if __name__ == "__main__":
    main()
