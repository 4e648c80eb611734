"""The collector's own metrics, sent through its own ingest, so that they are stored like everybody's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from hookline.errors import Refused
from hookline_collector.observe import exposition
from hookline_collector.observe.exposition import MetricsReading
from hookline_collector.observe.health import PartHealth
from hookline_collector.signal import Signal


class SelfMetrics:
    """Sends a reading every `every_s` seconds; 0 never sends."""

    name = "own metrics"

    def __init__(self, reading: Callable[[], MetricsReading], accept: Callable[[Signal, bytes], Awaitable[object]], every_s: float) -> None:
        self._reading = reading
        self._accept = accept
        self._every_s = every_s

    async def run(self) -> None:
        """Send until cancelled. A reading that is refused is left out: the next one holds the same sums."""
        while self._every_s > 0:
            await asyncio.sleep(self._every_s)
            request = exposition.to_otlp(self._reading())
            with contextlib.suppress(Refused):
                await self._accept(Signal.METRICS, request.SerializeToString())

    def health(self) -> PartHealth:
        """Return how often it sends."""
        return PartHealth(self.name, True, f"every {self._every_s:g} s" if self._every_s > 0 else "switched off")
