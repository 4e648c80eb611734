"""The breaker as the signals share it: one before one store."""

import asyncio
import random
import time
from collections.abc import Callable

from hookline.system.backoff import Backoff
from hookline_collector.delivery.breaker import FIRST_PAUSE_S, Breaker, BreakerState
from hookline_collector.serving.waiting import next_change


class SharedBreaker:
    """Lets inserts through while the store answers, and one at a time as a trial after it did not."""

    def __init__(self, longest_s: float, clock_s: Callable[[], float] = time.monotonic, chance: Callable[[], float] = random.random) -> None:
        self._longest_s = longest_s
        self._clock_s = clock_s
        self._chance = chance
        self._breaker = Breaker()
        self._trial_by = ""
        self._waiting: list[str] = []
        self._is_stopping = False
        self._stirred = asyncio.Event()

    @property
    def state(self) -> BreakerState:
        """State of the breaker now."""
        return self._breaker.state(self._clock_s())

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._breaker.failures

    @property
    def retry_in_s(self) -> float:
        """How long until the next trial; 0 when inserts go through."""
        return max(0.0, self._breaker.open_until - self._clock_s()) if self._breaker.failures else 0.0

    async def admit(self, who: str) -> bool:
        """Wait until `who` may try an insert, in turn. False when a stop must not wait for a store that is away."""
        self._waiting.append(who)
        try:
            while self._breaker.failures and (self._trial_by or self.state == "open" or self._waiting[0] != who):
                if self._is_stopping:
                    return False
                await next_change(self._stirred, None if self._trial_by or self._waiting[0] != who else self.retry_in_s)
        finally:
            self._waiting.remove(who)
            self._stirred.set()
        if self._breaker.failures:
            self._trial_by = who
        return True

    def succeeded(self) -> None:
        """The store answered."""
        self._breaker = Breaker()
        self._trial_by = ""
        self._stirred.set()

    def failed(self, asked_s: float, longest_s: float | None = None) -> None:
        """The store did not take an insert. `longest_s` bounds the pause further."""
        longest_s = self._longest_s if longest_s is None else min(longest_s, self._longest_s)
        pause = Backoff(FIRST_PAUSE_S, longest_s).pause(self._breaker.failures + 1, asked_s, self._chance())
        self._breaker = self._breaker.failed(self._clock_s(), pause)

    def leave(self, who: str) -> None:
        """`who` is done with what it was admitted for, whatever became of it."""
        if self._trial_by == who:
            self._trial_by = ""
        self._stirred.set()

    def stop(self) -> None:
        """From now on nobody waits for a store that is away."""
        self._is_stopping = True
        self._stirred.set()
