"""How late an event loop is, and which callback holds it up.

A timer four times a second: how late it comes is how long everybody waits. While it is late, the background looks at what the loop's thread is doing,
once a second: that names a callback that blocks for long by its own line, which no timing of callbacks could without a price for each of them.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Callable
from time import perf_counter_ns
from typing import Final

from hookline.services.calls import is_of_the_application
from hookline.services.durations import DurationSeries
from hookline.services.moments import Moments

EVERY_S: Final = 0.25
NOTED_FROM_NS: Final = 1_000_000
BLOCKED_FROM_S: Final = 0.25
MAX_FRAMES: Final = 40

Blocked = Callable[[float, "tuple[str, int, str] | None", str], object]


class LoopWatch:
    """The timer of one loop. `tick` runs in the loop, `look` in the background."""

    def __init__(self, loop: asyncio.AbstractEventLoop, lateness: DurationSeries, moments: Moments, on_blocked: Blocked) -> None:
        self._loop = loop
        self._lateness = lateness
        self._moments = moments
        self._on_blocked = on_blocked
        self._thread_id = threading.get_ident()
        self._due_ns = 0
        self._told_due_ns = 0
        self._longest_ns = 0
        self._handle: asyncio.TimerHandle | None = None
        self._is_stopped = False
        self._again()

    def tick(self) -> None:
        """Note how late it is; do it again."""
        now = perf_counter_ns()
        late_ns = max(0, now - self._due_ns)
        self._lateness.add(late_ns)
        self._longest_ns = max(self._longest_ns, late_ns)
        if late_ns > NOTED_FROM_NS:
            self._moments.add(self._due_ns, now)
        self._again()

    def _again(self) -> None:
        if not self._is_stopped and not self._loop.is_closed():
            self._due_ns = perf_counter_ns() + int(EVERY_S * 1e9)
            self._handle = self._loop.call_later(EVERY_S, self.tick)

    def look(self) -> None:
        """Look whether the loop is held up now, and by what; each time is told of once."""
        due_ns = self._due_ns
        late_s = (perf_counter_ns() - due_ns) / 1e9
        if late_s < BLOCKED_FROM_S or due_ns == self._told_due_ns or self._loop.is_closed() or not self._loop.is_running():
            return
        frame = sys._current_frames().get(self._thread_id)
        if frame is None:
            return
        self._told_due_ns = due_ns
        stack = traceback.extract_stack(frame, limit=MAX_FRAMES)
        ours = next((one for one in reversed(stack) if is_of_the_application(one.filename)), None)
        place = (ours.filename, ours.lineno or 0, ours.name) if ours is not None else None
        self._on_blocked(late_s, place, "".join(traceback.format_list(stack)))

    def taken_longest_ns(self) -> int:
        """Return the longest hold-up since the last time it was asked for, the present one too."""
        longest_ns, self._longest_ns = self._longest_ns, 0
        now_ns = perf_counter_ns() - self._due_ns if self._loop.is_running() else 0
        return max(longest_ns, now_ns, 0)

    @property
    def is_over(self) -> bool:
        """Whether its loop has ended."""
        return self._loop.is_closed()

    def stop(self) -> None:
        """End the timer; from any thread."""
        self._is_stopped = True
        handle = self._handle
        if handle is not None and not self._loop.is_closed():
            if threading.get_ident() == self._thread_id:
                handle.cancel()
            else:
                self._loop.call_soon_threadsafe(handle.cancel)
