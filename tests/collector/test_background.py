"""What a background service may rely on: it is started again after a defect, and its health says so."""

from __future__ import annotations

import asyncio

import pytest

from hookline_collector.background import PeriodicService, Supervised
from hookline_collector.observe.health import PartHealth


class Fragile:
    """A service that fails as often as it is told to, then works until it is cancelled."""

    name = "fragile"

    def __init__(self, failures: int) -> None:
        self.starts = 0
        self.is_working = asyncio.Event()
        self._failures = failures

    async def run(self) -> None:
        """Fail, or work."""
        self.starts += 1
        if self.starts <= self._failures:
            raise ValueError("a defect")
        self.is_working.set()
        await asyncio.Event().wait()

    def health(self) -> PartHealth:
        """Be well."""
        return PartHealth(self.name, True, "works")


def test_a_service_that_fails_starts_again_and_its_health_says_so_meanwhile(caplog: pytest.LogCaptureFixture) -> None:
    """A reader of the status sees which service failed, with what, and that it comes back; the log has the rest."""

    async def work() -> None:
        service = Fragile(failures=2)
        pause = asyncio.Event()
        supervised = Supervised(service, pause_s=7.0, sleep=lambda _: pause.wait())
        running = asyncio.create_task(supervised.run())
        while supervised.health().ok:  # noqa: ASYNC110 # until it failed
            await asyncio.sleep(0)
        assert supervised.health() == PartHealth("fragile", False, "failed (ValueError) and starts again in 7 s; the log says more")
        pause.set()
        await service.is_working.wait()
        assert service.starts == 3
        assert supervised.health() == PartHealth("fragile", True, "works")
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert running.cancelled()

    asyncio.run(work())
    assert caplog.text.count("fragile failed; it starts again in 7 s") == 2


def test_a_service_that_has_done_its_work_is_not_started_again() -> None:
    """Publishing prices ends; so does what is switched off."""

    async def work() -> None:
        once = PeriodicService("once", 0.0, lambda: asyncio.sleep(0))
        await Supervised(once).run()
        assert once.health() == PartHealth("once", True, "switched off")

    asyncio.run(work())


def test_a_periodic_service_works_again_and_again() -> None:
    """The first time after one pause."""

    async def work() -> None:
        done = asyncio.Semaphore(0)

        async def count() -> None:
            done.release()

        running = asyncio.create_task(PeriodicService("ticks", 0.001, count).run())
        for _ in range(3):
            await done.acquire()
        running.cancel()

    asyncio.run(work())
