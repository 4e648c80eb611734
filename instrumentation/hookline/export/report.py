"""What delivery knows about itself: for the state file, `hookline status` and the tests.

Written by the export thread alone, read by the loop; each field is one assignment, so no lock is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class DeliveryCounts:
    """Items of one signal by what became of them."""

    accepted: int = 0
    rejected: int = 0
    unsupported: int = 0


@dataclass(slots=True)
class DeliveryReport:
    """The delivery's standing. `health` is starting, ok, retrying or blocked; `why` explains the last two."""

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

    def succeed(self, now_ns: int) -> None:
        """Note that the endpoint took a request."""
        self.last_ok_ns = now_ns
        self._turn("ok", "")

    def fail(self, health: str, why: str, now_ns: int) -> None:
        """Note why the endpoint did not take one."""
        self.last_error, self.last_error_ns = why, now_ns
        self._turn(health, why)

    def _turn(self, health: str, why: str) -> None:
        was, self.health, self.why = self.health, health, why
        if was != health:
            self.on_news()
