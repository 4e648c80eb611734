"""Publishes the price file to the store, as soon as the store answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from hookline.errors import ConfigInvalid
from hookline_collector.observe.health import PartHealth
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.work.prices import load_prices, publish

log = logging.getLogger(__name__)


class PricePublisher:
    """Publishes the prices once. An invalid file is reported; the previous prices stay in force."""

    name = "prices"

    def __init__(self, store: PatientStore, path: Callable[[], Path | None]) -> None:
        self._store = store
        self._path = path
        self._problem = ""
        self._is_published = False

    async def run(self) -> None:
        """Load and publish, then end."""
        try:
            prices = await asyncio.to_thread(lambda: load_prices(self._path()))
        except ConfigInvalid as why:
            log.error("%s; the previous prices stay in force", why)
            self._problem = str(why)
            return
        store = self._store.store
        await self._store.once_it_answers(lambda: publish(prices, store.query, store.command))
        self._is_published = True

    def health(self) -> PartHealth:
        """Return whether the prices of the file are in force."""
        if self._problem:
            return PartHealth(self.name, False, self._problem)
        return PartHealth(self.name, True, "in force" if self._is_published else "waiting for the store")
