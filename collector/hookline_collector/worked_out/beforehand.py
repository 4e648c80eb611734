"""Working out beforehand: at the start what the store holds, and now and then what came, so that the first question of a day waits for little.

And what days that are over add up to.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from hookline.errors import HooklineError
from hookline_collector.observe.health import PartHealth
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.worked_out.worked_store import WorkedStore

EVERY_S, ON_SERVER_S = 3_600.0, 60.0
"""A server may be asked by others than the collector, which then sees what was worked out last."""
AGAIN_S = 60.0
"""After what the store refused: others needed its memory, or the disk was full."""
PAUSE_S = 0.1
log = logging.getLogger(__name__)


class WorkingOut:
    """Works out what is stored, a portion at a time, with pauses in which others get to the processor."""

    name = "worked out"

    def __init__(self, worked: WorkedStore, store: PatientStore, clock_ns: Callable[[], int] = time.time_ns, every_s: float = EVERY_S) -> None:
        self._worked = worked
        self._store = store
        self._clock_ns = clock_ns
        self._every_s = every_s
        self._trouble = ""

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._store.once_it_answers(self._store.store.ping)
            try:
                await self._all()
                self._trouble = ""
            except HooklineError as why:
                log.warning("cannot work out what is stored: %s", why)
                self._trouble = str(why)
            await asyncio.sleep(min(self._every_s, AGAIN_S) if self._trouble else self._every_s)

    async def _all(self) -> None:
        while True:
            if await self._store.run(lambda: self._worked.catch_up(self._clock_ns(), most=0)):
                break
            await asyncio.sleep(PAUSE_S)
        await self._store.run(lambda: self._worked.settle(self._clock_ns()))
        while True:
            if await self._store.run(lambda: self._worked.add_up_days(self._clock_ns())):
                break
            await asyncio.sleep(PAUSE_S)

    def health(self) -> PartHealth:
        """Return how much is left to do. What cannot be worked out is answered from the facts."""
        left = self._worked.backlog
        return PartHealth(
            self.name, True, self._trouble or (f"{left} sessions to go" if left else "all that was looked at"), is_remark=bool(self._trouble)
        )
