"""What Hookline promises, in numbers, for two cores: one row a promise, under the name of the figure that shows whether it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from benchmarks.figures import Figure, quantity
from play.agents.rows import AGENTS_UNDER_TEST


@dataclass(frozen=True, slots=True)
class Promise:
    """A limit that a figure keeps or misses; `part` is the benchmark that measures it."""

    part: str
    name: str
    sign: Literal["≤", "≥"]
    limit: float
    unit: str

    @property
    def target(self) -> str:
        """The limit in words."""
        return f"{self.sign} {quantity(self.limit, self.unit)}"

    def is_kept_by(self, figure: Figure) -> bool:
        """Whether a figure keeps it. Raises ValueError when the two are not in the same unit."""
        if figure.unit != self.unit:
            raise ValueError(f"{self.name!r} is promised in {self.unit!r} and measured in {figure.unit!r}")
        return figure.value <= self.limit if self.sign == "≤" else figure.value >= self.limit


PROMISES = (
    Promise("hook", "hook, whole process, p50", "≤", 3, "ms"),
    Promise("hook", "hook, whole process, p99", "≤", 10, "ms"),
    Promise("day", "a working day: processor time of hooks, relay and collector by 1,000 events", "≤", 15, "CPU-s"),
    Promise("day", "idle with an open session: relay and collector", "≤", 0.5, "% of a core"),
    Promise("day", "idle with an open session: wake-ups of relay and collector", "≤", 2, "/s"),
    Promise("whole", "hook event to visible in a query, p99", "≤", 1_000, "ms"),
    Promise("whole", "answer: summary, p95", "≤", 100, "ms"),
    Promise("whole", "answer: status, p95", "≤", 100, "ms"),
    Promise("whole", "answer: live, p95", "≤", 100, "ms"),
    Promise("whole", "answer: first page, p95", "≤", 100, "ms"),
    Promise("whole", "graceful stop of relay and collector", "≤", 5, "s"),
    Promise("relay", "relay: resident memory when idle", "≤", 60, "MB"),
    Promise("reads", "a person's two years: the slowest answer, p95", "≤", 100, "ms"),
    Promise("reads", "a team's month: the slowest answer, p95", "≤", 300, "ms"),
    Promise("reads", "a team's year: the slowest answer, p95", "≤", 1_000, "ms"),
    Promise("panels", "a person's two years: panels slower than 100 ms", "≤", 0, ""),
    Promise("panels", "a person's two years: page statements slower than 100 ms", "≤", 0, ""),
    Promise("panels", "a team's month: panels slower than 300 ms", "≤", 0, ""),
    Promise("panels", "a team's month: page statements slower than 300 ms", "≤", 0, ""),
    Promise("pages", "Today, cold browser: from the click to drawn, p50", "≤", 500, "ms"),
    Promise("pages", "Today, cold browser, warm collector: from the click to drawn, p50", "≤", 500, "ms"),
    Promise("pages", "Today, cold browser: over the wire", "≤", 600, "kB"),
    Promise("pages", "Latency, cold browser: over the wire", "≤", 600, "kB"),
    Promise("pages", "Today, a while of looking and a second visit: sent again unchanged", "≤", 0, "answers"),
    Promise("pages", "a change, from OTLP to the card on Live, p95", "≤", 1_000, "ms"),
    Promise("pages", "20,000 stretches, band: a frame while the pointer moves, p95", "≤", 50, "ms"),
    Promise("pages", "20,000 stretches, calendar: a frame while the pointer moves, p95", "≤", 50, "ms"),
    Promise("pages", "10,000 spans, scrolling: the longest task of the page's thread", "≤", 50, "CPU-ms"),
    Promise("pages", "10,000 spans, zooming: the longest task of the page's thread", "≤", 50, "CPU-ms"),
    Promise("readers", "ten readers while 20,000 spans a second come in, p95", "≤", 250, "ms"),
    Promise("readers", "ten readers while spans come in: refused without Retry-After", "≤", 0, "answers"),
    Promise("receive", "OTLP/gRPC, 512-span requests, to fsynced and answered", "≥", 300_000, "spans/s"),
    Promise("receive", "OTLP/gRPC at 50,000 spans/s, p99", "≤", 50, "ms"),
    Promise("journal", "OTLP/gRPC to stored, embedded, until the last", "≥", 150_000, "spans/s"),
    Promise("journal", "OTLP/gRPC to stored, embedded: answered and not stored", "≤", 0, "spans"),
    Promise("journal", "OTLP/gRPC to stored, embedded: resident memory, most", "≤", 400, "MB"),
    Promise("server", "OTLP/gRPC to a server that takes all: the collector's own share", "≥", 300_000, "spans/CPU-s"),
    Promise("server", "OTLP/gRPC to a server that takes all: resident memory, most", "≤", 100, "MB"),
    Promise("server", "OTLP/gRPC to stored, on a server: resident memory, most", "≤", 100, "MB"),
    *(
        promise
        for where, limit_mb in (("embedded", 400), ("on a server", 100))
        for promise in (
            Promise("memory", f"under more load than is stored, {where}: resident memory, most", "≤", limit_mb, "MB"),
            Promise("memory", f"under more load than is stored, {where}: it grows by", "≤", 10, "MB an hour"),
        )
    ),
    Promise("sessions", "cleanup decision over 10,000 open sessions", "≤", 500, "CPU-ms"),
    Promise("fold", "fold, one core", "≥", 20_000, "events/CPU-s"),
    Promise("fold", "adapt, one core, level metadata", "≥", 10_000, "events/CPU-s"),
    Promise("fold", "fold: memory after the last event", "≤", 5, "MB"),
    Promise("backfill", "backfill: one gigabyte of transcripts", "≤", 5, "minutes"),
    Promise("redaction", "redaction: secrets of the best known kinds found", "≥", 100, "%"),
    *(Promise("agents", f"{name}: waits before its first request for hooks, at most", "≤", 50, "ms") for name in ("claude-code", *AGENTS_UNDER_TEST)),
    Promise("watching", "databases at 1 Hz: agent and server", "≤", 1, "% of a core"),
    Promise("watching", "databases at 1 Hz: memory", "≤", 80, "MB"),
    Promise("watching", "databases at 10 Hz: agent and server", "≤", 2, "% of a core"),
    *(
        Promise("pgbench", f"pgbench {load}, PostgreSQL {version}, on against off: fewer transactions a second, far end", "≤", 5, "%")
        for version in (13, 14, 15, 16, 17, 18)
        for load in ("read and write", "select only")
    ),
    Promise("samples", "a sample at 10 Hz: its age on the agent's socket, p99", "≤", 100, "ms"),
    Promise("samples", "a sample at 10 Hz: age of the newest in a query, p99", "≤", 1_000, "ms"),
    Promise("samples", "a sample that shows it: to the webhook, p99", "≤", 1_000, "ms"),
    Promise("databases", "any answer, a day of ten databases, p95", "≤", 100, "ms"),
    Promise("databases", "a day of ten databases: panels slower than 100 ms", "≤", 0, ""),
    Promise("alerts", "200 alert rules at 1 s with nothing new", "≤", 2, "% of a core"),
    *(
        Promise("regressions", f"regressions: alarms in 100 unchanged statement-days, dependence {r}", "≤", 1, "alarms")
        for r in ("0", "0.5", "0.8", "0.95")
    ),
    *(
        Promise("regressions", f"regressions: 1.5 times as slow, found within 15 minutes, dependence {r}, known for 16 hours", "≥", 90, "%")
        for r in ("0", "0.5", "0.8", "0.95")
    ),
    Promise("forecasts", "forecast: the 80 % interval holds, the reference's kinds, near: least of a kind", "≥", 75, "%"),
    Promise("forecasts", "forecast: the 80 % interval holds, the reference's kinds, near: most of a kind", "≤", 90, "%"),
    Promise("webhook", "breach to webhook, the machine quiet, p99", "≤", 500, "ms"),
    Promise("webhook", "breach to webhook while 20,000 spans a second come in, p99", "≤", 1_000, "ms"),
    Promise("service", "a request in process, timing alone: added, p50", "≤", 3, "us"),
    Promise("service", "a request in process, with one span and its log: added, p50", "≤", 80, "us"),
    Promise("service", "a request under load, timing alone: added, p99.9", "≤", 5, "ms"),
    Promise("service", "a request under load, with one span and its log: added, p99.9", "≤", 5, "ms"),
)
