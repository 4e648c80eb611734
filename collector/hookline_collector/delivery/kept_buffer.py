"""Memory into which segments are read one after the other, kept for the next one as long as there soon is one.

A segment under load has eight megabytes: new memory for each is two thousand pages that the kernel zeroes, maps and takes back, which stops every
thread of the process for a moment. Kept, it costs nothing more than is held while a segment is stored anyway.
"""

from __future__ import annotations

import asyncio
import contextlib

KEPT_S = 2.0


class KeptBuffer:
    """One buffer, lent to one reader at a time. All calls come from one event loop."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        self._kept_s = kept_s
        self._buffer: bytearray | None = None
        self._timer: asyncio.TimerHandle | None = None

    def take(self) -> bytearray:
        """Return the kept buffer, or a new one. It is the caller's own, also for good: where something failed, others may still look at it."""
        self._cancel()
        taken, self._buffer = self._buffer, None
        return bytearray() if taken is None else taken

    def keep(self, buffer: bytearray) -> None:
        """Keep a buffer that its reader has done with, for a while; one at which somebody still looks is left to them."""
        self.let_go()
        if not buffer:
            return
        with contextlib.suppress(BufferError):
            buffer.pop()
            self._buffer = buffer
            self._timer = asyncio.get_running_loop().call_later(self._kept_s, self.let_go)

    def let_go(self) -> None:
        """Keep nothing."""
        self._cancel()
        self._buffer = None

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
