"""When a segment that is stored may leave the journal: not when the store has answered, but when the store's disk has it.

Stored segments gather. When the first of them has waited for `every_s`, or when they hold `max_bytes`, the store is asked to secure
everything that it took (`Store.secure`), and those that were stored before the question leave. One sync serves all of them, so what it costs
does not grow with the load. Without any segment the store is still asked once in `IDLE_S`, as it goes on merging what it has.

Metrics: `store_secure_seconds` (how long the last one took), `store_secured_unix_seconds` (when it began).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from hookline.errors import Refused
from hookline_collector.journal import Journal, Segment
from hookline_collector.observe.catalogue import STORE_SECURE, STORE_SECURED
from hookline_collector.observe.metrics import Metrics
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.waiting import next_change

IDLE_S = 38.0
"""So much sooner than the embedded engine removes what it merged (`old_parts_lifetime`) that the result is on the disk by then. Not what others
take, a minute or a part of it: threads that wake together wake each other again, waiting for the interpreter."""


class Retirement:
    """Segments between the store's answer and the store's disk. All calls come from one event loop."""

    def __init__(
        self,
        journal: Journal,
        secure: Callable[[], None],
        threads: BlockingPool,
        metrics: Metrics,
        every_s: float,
        max_bytes: int,
        retry_s: float = 1.0,
    ) -> None:
        self._journal = journal
        self._secure = secure
        self._threads = threads
        self._metrics = metrics
        self._every_s = every_s
        self._max_bytes = max_bytes
        self._retry_s = retry_s
        self._waiting: list[Segment] = []
        self._waiting_bytes = 0
        self._first_at = 0.0
        self._is_finishing = False
        self._stirred = asyncio.Event()
        self.trouble = ""

    def add(self, segment: Segment) -> None:
        """Take over a segment that is stored."""
        self._journal.keep_stored(segment)
        if not self._waiting:
            self._first_at = time.monotonic()
        self._waiting.append(segment)
        self._waiting_bytes += segment.size
        self._stirred.set()

    def finish(self) -> None:
        """Let those that wait go at once, and end `run`."""
        self._is_finishing = True
        self._stirred.set()

    async def run(self) -> None:
        """Work until `finish`. Raises what `secure` raises when the store's disk has failed for good."""
        while not self._is_finishing or self._waiting:
            await self._rest()
            if not await self._retire():
                if self._is_finishing:
                    return
                await asyncio.sleep(self._retry_s)

    async def _rest(self) -> None:
        """Wait until those that wait are due, or for `IDLE_S`."""
        idle_until = time.monotonic() + IDLE_S
        while (wait_s := self._due_in(time.monotonic(), idle_until)) > 0:
            await next_change(self._stirred, wait_s)

    def _due_in(self, now: float, idle_until: float) -> float:
        if self._is_finishing or self._waiting_bytes >= self._max_bytes:
            return 0.0
        return (self._first_at + self._every_s if self._waiting else idle_until) - now

    async def _retire(self) -> bool:
        """Let go what was stored before; False when it has to stay for now."""
        going, self._waiting, self._waiting_bytes = self._waiting, [], 0
        begun_at, begun = time.time(), time.perf_counter()
        try:
            await self._threads.run(self._secure)
        except Refused as why:
            self._waiting, self._waiting_bytes = [*going, *self._waiting], self._waiting_bytes + sum(segment.size for segment in going)
            self.trouble = str(why)
            return False
        self._metrics.set(STORE_SECURE, time.perf_counter() - begun)
        self._metrics.set(STORE_SECURED, begun_at)
        try:
            await self._journal.remove(*going)
        except OSError as why:
            self.trouble = f"segments that are stored cannot be removed from the journal: {why.strerror or why}"
        else:
            self.trouble = ""
        return True
