"""Whether reads block each other: ten people open dashboards while 20,000 spans a second come in, everything on the same cores.

A dashboard is what the page and the panels ask, one after the other, on two months of a person's work; each reader opens it every five seconds. The
spans come over OTLP/gRPC from a process of its own. Whoever is refused must be told when to come again.

    bench_readers.py [SECONDS]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import quantile, tell
from benchmarks.process_costs import Watched
from benchmarks.stored_work import WORKS, Work
from support.person import new_person
from support.running import Running, start_collector

READERS, EVERY_S, PACE_SPANS = 10, 5.0, 20_000
PATIENCE_S = 60.0
LOAD = Path(__file__).with_name("load_traces.py")
Question = tuple[str, bytes | None]
"""A path, and the body of a POST."""


def dashboard(work: Work) -> list[Question]:
    """Return what a person's dashboards ask."""
    last = work.first_day + timedelta(days=work.days - 1)
    week = f"since = '{last - timedelta(days=6)}', until = '{last}'"
    statements = (
        f"SELECT toDate(started) AS day, count(), countIf(outcome = 'failure') FROM tool_calls_between({week}) GROUP BY day ORDER BY day",
        f"SELECT tool, count(), quantile(0.95)(run_s) FROM tool_calls_between({week}) GROUP BY tool",
        f"SELECT model, sum(total_tokens), sum(cost_usd) FROM usage_between({week}) GROUP BY model",
        "SELECT toStartOfMinute(Timestamp) AS minute, count() FROM otel_traces WHERE Timestamp > now() - 3600 GROUP BY minute ORDER BY minute",
    )
    reports = [f"/api/v1/reports/work?{urllib.parse.urlencode({'period': f'{day}..{last}'})}" for day in (last, last - timedelta(days=6))]
    paths = ["/api/v1/summary", "/api/v1/live", "/api/v1/sessions", *reports]
    return [(path, None) for path in paths] + [("/api/v1/query", json.dumps({"sql": sql}).encode()) for sql in statements]


@dataclass(slots=True)
class Readers:
    """People who open the same dashboard again and again."""

    running: Running
    questions: list[Question]
    took: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)

    def read(self, until: float, start_s: float) -> None:
        """Be one of them, until the time is over."""
        due = time.monotonic() + start_s
        while due < until:
            time.sleep(max(due - time.monotonic(), 0.0))
            due += EVERY_S
            for question in self.questions:
                if time.monotonic() < until:
                    self.ask(question)

    def ask(self, question: Question) -> None:
        """Ask once, and note how long it took or how it was refused."""
        path, body = question
        token = self.running.client.token
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", **({"Content-Type": "application/json"} if body else {})}
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.running.found.url + path, body, headers), timeout=PATIENCE_S) as answer:
                answer.read()
            self.took.append(time.perf_counter() - begun)
        except urllib.error.HTTPError as error:
            with error:
                self.refused["asked to come again" if "Retry-After" in error.headers else f"refused ({error.code})"] += 1
        except OSError as error:
            self.refused[f"refused ({type(error).__name__})"] += 1


def measure(running: Running, work: Work, seconds: float) -> None:
    """Let them read alone, then while the spans come in."""
    readers, collector = Readers(running, dashboard(work)), Watched(running.found.pid)
    for question in readers.questions:
        readers.ask(question)
    assert not readers.refused, readers.refused
    alone = Readers(running, readers.questions)
    _together(alone, seconds / 3)
    tell("ten readers alone, p95", quantile(alone.took, 0.95) * 1000, "ms", note=f"p50 {quantile(alone.took, 0.5) * 1000:.0f} ms")
    busy = Readers(running, readers.questions)
    command = [sys.executable, str(LOAD), "grpc", running.found.otlp_grpc, "--seconds", str(seconds), "--pace-spans", str(PACE_SPANS)]
    collector.restart()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as load:
        _together(busy, seconds)
        came = json.loads(load.communicate()[0])
    used = collector.usage()
    note = f"p50 {quantile(busy.took, 0.5) * 1000:.0f} ms, {len(busy.took)} answers"
    tell("ten readers while 20,000 spans a second come in, p95", quantile(busy.took, 0.95) * 1000, "ms", note=note)
    told = busy.refused.pop("asked to come again", 0)
    asked = len(busy.took) + told + busy.refused.total()
    tell("ten readers while spans come in: refused and told when to come again", told / asked * 100, "%", "size")
    note = ", ".join(f"{count} {how}" for how, count in busy.refused.items())
    tell("ten readers while spans come in: refused without Retry-After", busy.refused.total(), "answers", "size", note=note)
    failures = f"{came['failures']:.0f} requests refused, p99 {came['p99_ms']:.0f} ms"
    tell("ten readers while spans come in: spans answered", came["spans_per_s"], "spans/s", "clock", "more", note=failures)
    tell("ten readers while spans come in: processor time of the collector", used.cpu_percent, "% of a core", "processor")
    tell("ten readers while spans come in: resident memory of the collector", collector.rss_mb(), "MB", "size")


def _together(readers: Readers, seconds: float) -> None:
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=readers.read, args=(until, EVERY_S * number / READERS)) for number in range(READERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(seconds: float = 20.0) -> None:
    """Measure and tell."""
    with tempfile.TemporaryDirectory(prefix="hookline-bench-") as folder:
        person = new_person(Path(folder))
        subprocess.run([sys.executable, str(Path(__file__).with_name("stored_work.py")), str(person.data_dir), "months"], check=True)
        running = start_collector(person, {"HOOKLINE_RETENTION_TRACES_DAYS": "0"}, furnished=False)  # the load has times of its own
        try:
            measure(running, WORKS["months"], seconds)
        finally:
            running.kill()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
