"""The store as background services ask it: in threads of their own, and with patience while it is away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

from hookline.errors import Refused
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.store.reconnecting import ReconnectingStore

T = TypeVar("T")


class PatientStore:
    """Calls of the store from the event loop. `store` is what the calls are made on, inside a thread."""

    def __init__(self, store: ReconnectingStore, threads: BlockingPool, ask_again_s: float = 1.0) -> None:
        self.store = store
        self._threads = threads
        self._ask_again_s = ask_again_s

    async def run(self, call: Callable[[], T]) -> T:
        """Make a blocking call. Raises what it raises, Refused while the store is away."""
        return await self._threads.run(call)

    async def once_it_answers(self, call: Callable[[], T]) -> T:
        """Make a blocking call as soon as the store can be asked."""
        while True:
            with contextlib.suppress(Refused):
                return await self.run(call)
            await asyncio.sleep(self._ask_again_s)
