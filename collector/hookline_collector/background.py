"""Background services: what runs beside the receivers until the collector stops.

A service is a name, a coroutine and a health. The collector runs each through `Supervised`: after a defect of its own a service waits and
starts again, its health says so meanwhile, and what is received does not suffer. A service whose `run` returns has done its work.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from hookline_collector.observe.health import PartHealth

AFTER_DEFECT_S = 30.0
log = logging.getLogger(__name__)


class Service(Protocol):
    """Something that runs beside the receivers until it is cancelled."""

    @property
    def name(self) -> str:
        """What logs, status and people call it."""

    async def run(self) -> None:
        """Work until cancelled, or until there is nothing left to do."""

    def health(self) -> PartHealth:
        """Return how it fares now. Cheap: it is asked with every look at the status."""


class Supervised:
    """A service that survives its own defects."""

    def __init__(self, service: Service, pause_s: float = AFTER_DEFECT_S, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._service = service
        self._pause_s = pause_s
        self._sleep = sleep
        self._defect = ""

    @property
    def name(self) -> str:
        """The service's own name."""
        return self._service.name

    async def run(self) -> None:
        """Run the service to its end. After a defect log it, wait and start again."""
        while True:
            try:
                await self._service.run()
                return
            except Exception as why:
                log.exception("%s failed; it starts again in %g s", self.name, self._pause_s)
                self._defect = f"failed ({type(why).__name__}) and starts again in {self._pause_s:g} s; the log says more"
                await self._sleep(self._pause_s)
                self._defect = ""

    def health(self) -> PartHealth:
        """Return the service's own health, or that it failed and waits to be started again."""
        return PartHealth(self.name, False, self._defect) if self._defect else self._service.health()


class PeriodicService:
    """A service that does one thing every `every_s` seconds; 0 switches it off."""

    def __init__(self, name: str, every_s: float, work: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self._every_s = every_s
        self._work = work

    async def run(self) -> None:
        """Wait, work, and begin again."""
        while self._every_s > 0:
            await asyncio.sleep(self._every_s)
            await self._work()

    def health(self) -> PartHealth:
        """Return how often it works."""
        return PartHealth(self.name, True, f"every {self._every_s:g} s" if self._every_s > 0 else "switched off")
