"""Whether the machine slept: seen by two clocks of which one stands still meanwhile.

Linux: CLOCK_BOOTTIME runs on while the machine is suspended, CLOCK_MONOTONIC does not. macOS: CLOCK_MONOTONIC runs on, CLOCK_UPTIME_RAW
does not. Neither is set by anybody, so a step of the wall clock (NTP, a person) is no sleep. Elsewhere the wall clock has to do for the one
that runs on; there a step forward looks like a sleep.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

LEAST_S = 2.0  # a shorter gap is a clock's noise, or nothing that a person would call sleep

MonotonicClock = Callable[[], float]


def system_clocks() -> tuple[MonotonicClock, MonotonicClock]:
    """Return (a clock that runs on while the machine sleeps, one that does not), in seconds."""
    if sys.platform == "linux":
        return (lambda: time.clock_gettime(time.CLOCK_BOOTTIME)), (lambda: time.clock_gettime(time.CLOCK_MONOTONIC))
    if sys.platform == "darwin":
        return (lambda: time.clock_gettime(time.CLOCK_MONOTONIC)), (lambda: time.clock_gettime(time.CLOCK_UPTIME_RAW))
    return time.time, time.monotonic


class SleepWatch:
    """Notices sleeps between two looks."""

    def __init__(self, running: MonotonicClock, standing: MonotonicClock) -> None:
        self._running = running
        self._standing = standing
        self._gap_s = running() - standing()

    def slept_s(self) -> float:
        """Return how long the machine slept since the last look; 0 where it did not."""
        gap_s = self._running() - self._standing()
        slept_s, self._gap_s = gap_s - self._gap_s, gap_s
        return slept_s if slept_s >= LEAST_S else 0.0
