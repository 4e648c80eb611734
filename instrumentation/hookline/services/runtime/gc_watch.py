"""Pauses for garbage collection: Python says when each begins and ends."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from time import perf_counter_ns
from typing import Any, Final

from hookline.services.durations import DurationSeries
from hookline.services.moments import Moments

NOTED_FROM_NS: Final = 200_000


class GcWatch:
    """Counts pauses by generation."""

    def __init__(self, generations: Sequence[DurationSeries], moments: Moments) -> None:
        self._generations = generations
        self._moments = moments
        self._started_ns = 0

    def start(self) -> None:
        """Listen."""
        gc.callbacks.append(self.seen)

    def stop(self) -> None:
        """Listen no longer."""
        if self.seen in gc.callbacks:
            gc.callbacks.remove(self.seen)

    def seen(self, phase: str, info: dict[str, Any]) -> None:
        """Count a pause when it ends."""
        if phase == "start":
            self._started_ns = perf_counter_ns()
        elif self._started_ns:
            now = perf_counter_ns()
            started_ns, self._started_ns = self._started_ns, 0
            self._generations[min(info["generation"], len(self._generations) - 1)].add(now - started_ns)
            if now - started_ns > NOTED_FROM_NS:
                self._moments.add(started_ns, now)
