"""How many requests a token may make: a bucket that fills evenly, and holds ten seconds' worth.

A program that asks in a loop is told to wait (429 with Retry-After), so that what else the collector does goes on. There is one token, so there is
one bucket: whoever shows the token or the cookie made of it draws from the same. What needs no token costs nothing here.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

BURST_S: Final = 10.0


class RequestRate:
    """A bucket of requests; `per_s` 0 has no bound."""

    def __init__(self, per_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._clock = clock
        self._left = self._most = max(1.0, per_s * BURST_S)
        self._at = clock()

    def wait_s(self) -> int:
        """Take one request: return 0, or after how many whole seconds one may come."""
        if self._per_s <= 0:
            return 0
        now = self._clock()
        self._left = min(self._most, self._left + max(0.0, now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return max(1, math.ceil((1 - self._left) / self._per_s))
        self._left -= 1
        return 0
