"""What a read does first: have everything stored that was acknowledged before it.

While nobody reads, segments wait in the journal until they are worth an insert (`Journal`). Whoever reads calls `catch_up`: what is open becomes
due now, and the call returns when all segments that held something at that moment are stored. Readers who come together wait for the same
segments, so for one flush; where nothing waits, nothing is woken and nothing is waited for.

The wait is bounded. A store that is away, and a segment that it refuses, are not waited for at all. The note says whether all is in, and why
not where it is not: that alone is never an error.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from hookline_collector.journal import Journal
from hookline_collector.signal import Signal


@dataclass(frozen=True, slots=True)
class FreshnessNote:
    """Whether a read that begins now sees everything that was acknowledged before it; `reason` says why not."""

    reason: str = ""

    @property
    def is_fresh(self) -> bool:
        """Whether nothing is missing."""
        return not self.reason


FRESH = FreshnessNote()


class HandOver(Protocol):
    """What is needed of the delivery."""

    @property
    def is_available(self) -> bool:
        """Whether the store took what it was last given, and something works on giving it more."""

    async def outcome(self, within_s: float) -> None:
        """Wait until something became of a segment, at most so long."""


class CatchingUp(Protocol):
    """What a reader needs."""

    async def catch_up(self) -> FreshnessNote:
        """Return when everything that was acknowledged before this call can be read, or when that is not to be waited for."""

    def mark(self) -> int:
        """Return a number that has changed when something was acknowledged that figures of work may come from."""


class Freshness:
    """Reads see what was acknowledged before them. All calls come from one event loop."""

    def __init__(self, journal: Journal, delivery: HandOver, longest_s: float) -> None:
        self._journal = journal
        self._delivery = delivery
        self._longest_s = longest_s

    async def catch_up(self) -> FreshnessNote:
        """Return when everything that was acknowledged before this call is stored; a note tells what is not."""
        waiting = self._journal.hasten()
        until = time.monotonic() + self._longest_s
        while waiting:
            if not self._delivery.is_available:
                return FreshnessNote("the store takes nothing now")
            if waiting == self._journal.held_of(waiting):
                return FreshnessNote("the store refuses a part of it")
            if (left_s := until - time.monotonic()) <= 0:
                return FreshnessNote(f"the store is slow: waited {self._longest_s:g} s")
            await self._delivery.outcome(left_s)
            waiting = self._journal.waiting_of(waiting)
        return FRESH

    def mark(self) -> int:
        """Return how many spans and log records were acknowledged so far."""
        return self._journal.taken(Signal.TRACES, Signal.LOGS)
