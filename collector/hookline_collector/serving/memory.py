"""Work that takes much memory: done one at a time, and the memory given back to the system afterwards.

Two big requests at once would win nothing, since protobuf's parser holds the interpreter lock (about 3 ms a MiB), and would take twice the
memory. The C library keeps what a large request needed, in each thread's arena: after a flood of large requests the process stayed at
550 MB, with this at 180 MB. Where the library has no such call nothing happens.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Callable
from functools import cache
from typing import Any, ParamSpec, TypeVar

from hookline_collector.serving.blocking_pool import BlockingPool

GIVE_BACK_AFTER_S = 2.0
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of mallopt
_KEPT_BYTES, _ARENAS = 8 * 1024 * 1024, 1
LARGE_BYTES = 512 * 1024
"""From here on a piece of memory has pages of its own, which the kernel zeroes, and takes back when it is freed."""
P = ParamSpec("P")
T = TypeVar("T")


def keep_little() -> None:
    """Make the C library keep little of what was freed; for a process's start. Only glibc has such options.

    By itself it takes requests' bodies from its heaps after the first large one was freed, and has a heap for each thread: the holes between what
    is still used stay with the process. Now a large piece is a mapping of its own, which goes when it is freed, and there is one heap.

    Neither bound may be as small as requests are: at 256 KiB each request of 200 KB gave its pages back and had 230 of them zeroed anew, which made
    receiving, journaling and handing over to a server cost a fifth more.
    """
    if option := getattr(ctypes.CDLL(None), "mallopt", None):
        for name, value in ((_MMAP_THRESHOLD, LARGE_BYTES), (_TRIM_THRESHOLD, _KEPT_BYTES), (_ARENA_MAX, _ARENAS)):
            option(name, value)


def leave_what_is_there() -> None:
    """Make Python's collector of garbage pass over what a start made, all modules and tables of words; for when everything answers.

    Else an answer of ten thousand blocks has it looked through several times.
    """
    gc.freeze()


def give_back() -> None:
    """Return free pages to the system; takes some milliseconds, without the interpreter lock."""
    if trim := _malloc_trim():
        trim(0)


@cache
def _malloc_trim() -> Any:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


class HeavyWork:
    """One thread for what takes long or much memory, shared by all who have such work. Used on one event loop."""

    def __init__(self, give_back_after_s: float = GIVE_BACK_AFTER_S, give_back: Callable[[], None] = give_back) -> None:
        self._give_back_after_s = give_back_after_s
        self._give_back = give_back
        self._thread = BlockingPool("heavy", 1)
        self._giving_back: asyncio.Task[None] | None = None

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run work in the thread, after what others gave it before."""
        return await self._thread.run(work, *args, **kwargs)

    def give_back_soon(self) -> None:
        """Return to the system what big requests needed, a moment after the last of them."""
        if self._giving_back:
            self._giving_back.cancel()
        self._giving_back = asyncio.create_task(self._later())

    def close(self) -> None:
        """Take no more work; what runs is not waited for."""
        if self._giving_back:
            self._giving_back.cancel()
        self._thread.close()

    async def _later(self) -> None:
        await asyncio.sleep(self._give_back_after_s)
        await self.run(self._give_back)
