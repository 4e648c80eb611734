"""What delivery knows about itself: for the state file, `hookline status` and the tests.

Written by the export thread alone, read by the loop; each field is one assignment, so no lock is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hookline.export.next_step import Done
from hookline.export.probe import LOGS, METRICS, TRACES


@dataclass(slots=True)
class DeliveryCounts:
    """Items of one signal by what became of them."""

    accepted: int = 0
    rejected: int = 0
    unsupported: int = 0


@dataclass(slots=True)
class DeliveryReport:
    """How delivery does. `health` is starting, ok, retrying or blocked; `why` explains the last two."""

    on_news: Callable[[], object] = lambda: None
    spans: DeliveryCounts = field(default_factory=DeliveryCounts)
    logs: DeliveryCounts = field(default_factory=DeliveryCounts)
    metrics: DeliveryCounts = field(default_factory=DeliveryCounts)
    health: str = "starting"
    why: str = ""
    last_ok_ns: int = 0
    last_error: str = ""
    last_error_ns: int = 0

    @property
    def is_away(self) -> bool:
        """Whether the last attempt failed."""
        return self.health in {"retrying", "blocked"}

    def finish(self, signal: str, done: Done, now_ns: int) -> None:
        """Note that the endpoint took a request, or does not take its signal."""
        counts = self._counts(signal)
        counts.accepted += done.accepted
        counts.rejected += done.rejected
        counts.unsupported += done.unsupported
        if not done.unsupported:
            self.last_ok_ns = now_ns
            self._turn("ok", "")
        if done.rejected:
            self._note(f"{signal}: {done.rejected} refused: {done.why}", now_ns)
        elif done.unsupported:
            self._note(done.why, now_ns)

    def set_aside(self, signal: str, why: str, now_ns: int) -> None:
        """Note that the endpoint will never take an item."""
        self._counts(signal).rejected += 1
        self._note(f"{signal}: refused: {why}", now_ns)

    def fail(self, health: str, why: str, now_ns: int) -> None:
        """Note why the endpoint did not take one."""
        self._note(why, now_ns)
        self._turn(health, why)

    def _counts(self, signal: str) -> DeliveryCounts:
        return {LOGS: self.logs, TRACES: self.spans, METRICS: self.metrics}[signal]

    def _note(self, why: str, now_ns: int) -> None:
        self.last_error, self.last_error_ns = why, now_ns

    def _turn(self, health: str, why: str) -> None:
        was, self.health, self.why = self.health, health, why
        if was != health:
            self.on_news()
