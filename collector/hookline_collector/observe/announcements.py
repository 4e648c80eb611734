"""What the collector announces while it works, and how anybody can listen.

`Accepted` is a request that stands in the journal, of any sender; `Stored` are items that the store has taken. Each has a `Topic`; whoever
wants to know subscribes, says what of it, and gets it in the order of announcement. Each subscriber has a bounded queue of its own and is
called with one thing at a time, so a slow or failing one harms neither the announcer nor its neighbours: past its bound the newest is
dropped and counted. A subscription is itself a service: the collector runs it, and its health says what was dropped.

All calls come from the event loop; `is_wanted` may be asked in any thread.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from hookline_collector.observe.health import PartHealth
from hookline_collector.signal import Signal

MAX_QUEUED = 1_000
MAX_QUEUED_BYTES = 64 * 1024 * 1024  # in memory, as parsed

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A request that was journaled: the parsed export request, and the names of the scopes in it. It is shared: look, do not change."""

    signal: Signal
    message: Any
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stored:
    """Items (spans, log records, data points) that the store has taken and answers for in queries."""

    signal: Signal
    items: int


def everything(_: object) -> bool:
    """Want whatever is announced."""
    return True


class Subscription(Generic[T]):
    """One subscriber's queue: a service that hands on what was announced."""

    def __init__(
        self,
        name: str,
        callback: Callable[[T], Awaitable[None] | None],
        wants: Callable[[T], bool] = everything,
        max_queued: int = MAX_QUEUED,
        max_bytes: int = MAX_QUEUED_BYTES,
    ) -> None:
        self.name = name
        self.wants = wants
        self._callback = callback
        self._max_queued = max_queued
        self._max_bytes = max_bytes
        self._waiting: deque[tuple[T, int]] = deque()
        self._woken = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._bytes = 0
        self.delivered = 0
        self.dropped = 0
        self.failed = 0

    def put(self, item: T, size: int = 0) -> None:
        """Queue something, or count it as dropped. What alone is past the bytes goes through when nothing waits."""
        is_full = len(self._waiting) >= self._max_queued or self._bytes + size > self._max_bytes
        if is_full and self._waiting:
            self.dropped += 1
            return
        self._waiting.append((item, size))
        self._bytes += size
        self._idle.clear()
        self._woken.set()

    async def run(self) -> None:
        """Hand on until cancelled. What the callback raises is logged and counted."""
        while True:
            while self._waiting:
                await self._deliver(*self._waiting.popleft())
            self._idle.set()
            self._woken.clear()
            await self._woken.wait()

    async def drained(self) -> None:
        """Return when everything queued was handed on."""
        await self._idle.wait()

    def health(self) -> PartHealth:
        """Return how many wait, were dropped and made the subscriber fail. None of it stops the collector."""
        losses = [f"{count} {what}" for count, what in ((self.dropped, "dropped"), (self.failed, "failed")) if count]
        return PartHealth(self.name, not losses, ", ".join((f"{len(self._waiting)} waiting", *losses)), is_remark=bool(losses))

    async def _deliver(self, item: T, size: int) -> None:
        self._bytes -= size
        try:
            answer = self._callback(item)
            if inspect.isawaitable(answer):
                await answer
            self.delivered += 1
        except Exception:  # a subscriber's defect must not end the delivery of what follows
            self.failed += 1
            _log.exception("%s failed on something announced", self.name)
        await asyncio.sleep(0)  # a long queue leaves room for the receivers


class Topic(Generic[T]):
    """One kind of announcement and its subscribers."""

    def __init__(self) -> None:
        self._subscriptions: list[Subscription[T]] = []

    def subscribe(
        self,
        name: str,
        callback: Callable[[T], Awaitable[None] | None],
        wants: Callable[[T], bool] = everything,
        max_queued: int = MAX_QUEUED,
        max_bytes: int = MAX_QUEUED_BYTES,
    ) -> Subscription[T]:
        """Add a subscriber. The caller sees to it that the subscription runs."""
        subscription = Subscription(name, callback, wants, max_queued, max_bytes)
        self._subscriptions.append(subscription)
        return subscription

    def is_wanted(self, item: T) -> bool:
        """Whether anybody wants this: what nobody wants need not be kept for an announcement."""
        return any(subscription.wants(item) for subscription in self._subscriptions)

    def announce(self, item: T, size: int = 0) -> None:
        """Tell whoever wants it. `size` is what it takes in memory while it waits. Never waits."""
        for subscription in self._subscriptions:
            if subscription.wants(item):
                subscription.put(item, size)
