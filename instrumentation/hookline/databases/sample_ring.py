"""The last looks at a database, in memory, bounded by looks and by sessions: for whoever judges them, and whoever looks on.

ring.latest              the newest look
ring.last(60)            those of the last minute
ring.between(a, b)       those of a time, Unix nanoseconds
await ring.newer_than(n) the number of looks ever made, as soon as it is more than n
"""

from __future__ import annotations

import asyncio
from collections import deque
from itertools import dropwhile, takewhile

from hookline.databases.samples import SessionsLook

MAX_LOOKS = 3_600
MAX_SESSIONS = 20_000
"""Some hundred bytes each: texts are shared."""
NS_PER_S = 1_000_000_000


class SampleRing:
    """Looks in their order; the oldest go first. Used within one event loop."""

    def __init__(self, max_looks: int = MAX_LOOKS, max_sessions: int = MAX_SESSIONS) -> None:
        self._max_looks = max_looks
        self._max_sessions = max_sessions
        self._looks: deque[SessionsLook] = deque()
        self._sessions = 0
        self._count = 0
        self._awaited: asyncio.Event | None = None

    def add(self, look: SessionsLook) -> None:
        """Keep a look."""
        self._looks.append(look)
        self._sessions += len(look.sessions)
        while len(self._looks) > 1 and (len(self._looks) > self._max_looks or self._sessions > self._max_sessions):
            self._sessions -= len(self._looks.popleft().sessions)
        self._count += 1
        if self._awaited is not None:
            self._awaited.set()
            self._awaited = None

    @property
    def latest(self) -> SessionsLook | None:
        """The newest look."""
        return self._looks[-1] if self._looks else None

    @property
    def count(self) -> int:
        """Looks ever made."""
        return self._count

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._looks)

    def between(self, since_ns: int, until_ns: int) -> tuple[SessionsLook, ...]:
        """Return the looks of a time, its end left out."""
        newest_first = takewhile(lambda look: look.at_ns >= since_ns, dropwhile(lambda look: look.at_ns >= until_ns, reversed(self._looks)))
        return tuple(newest_first)[::-1]

    def last(self, seconds: float) -> tuple[SessionsLook, ...]:
        """Return the looks of the last seconds before the newest one."""
        if not self._looks:
            return ()
        newest = self._looks[-1].at_ns
        return self.between(newest - int(seconds * NS_PER_S), newest + 1)

    async def newer_than(self, count: int) -> int:
        """Wait until more looks were made than `count`; return how many."""
        while self._count <= count:
            if self._awaited is None:
                self._awaited = asyncio.Event()
            await self._awaited.wait()
        return self._count
