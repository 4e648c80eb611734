"""Watching the store and the disk under it, so that their health is known also when nothing is inserted."""

from __future__ import annotations

import asyncio
import contextlib
import logging

from hookline.errors import HooklineError
from hookline_collector.observe.disk_room import Room
from hookline_collector.observe.health import PartHealth
from hookline_collector.store.patient_store import PatientStore

PING_EVERY_S = 5.0
EMBEDDED_EVERY_S = 300.0
"""An engine in this very process is not away without a word; the disk is looked at with every insert, too."""
log = logging.getLogger(__name__)


class StoreWatch:
    """Pings the store, and logs when the disk fills up and when it has room again."""

    name = "store watch"

    def __init__(self, store: PatientStore, room: Room, every_s: float = PING_EVERY_S) -> None:
        self._store = store
        self._room = room
        self._every_s = every_s

    async def run(self) -> None:
        """Look until cancelled."""
        was_well = True
        while True:
            with contextlib.suppress(HooklineError):  # the store's own health says it
                await self._store.run(self._store.store.ping)
            disk = await self._store.run(self._room.health)
            if disk.ok != was_well:
                log.log(logging.INFO if disk.ok else logging.ERROR, "the disk: %s", disk.detail)
            was_well = disk.ok
            await asyncio.sleep(self._every_s)

    def health(self) -> PartHealth:
        """Return how often it looks."""
        return PartHealth(self.name, True, f"every {self._every_s:g} s")
