"""Room in memory for large bodies: whoever finds none waits with its body in the socket, and the first come is the first served.

A body waits to be examined, one at a time, whole. So six senders of 15 MB each held 90 MB for no gain: one that is read while another is examined
is as quick. A small body never waits.
"""

from __future__ import annotations

import asyncio
from collections import deque

from hookline.errors import Refused

LARGE_BYTES = 256 * 1024


class BodyRoom:
    """So many bytes of large bodies at once, or one that is larger. Used on one event loop."""

    def __init__(self, max_bytes: int, patience_s: float, retry_after_s: float) -> None:
        self._max_bytes = self._free = max_bytes
        self._patience_s = patience_s
        self._retry_after_s = retry_after_s
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def place(self) -> BodyPlace:
        """Return a place that takes no room yet."""
        return BodyPlace(self)

    async def take(self, size: int) -> int:
        """Wait for room for a body of `size` bytes; return what is to be given back. Raises Refused when none comes."""
        size = min(size, self._max_bytes)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        self._serve()
        try:
            async with asyncio.timeout(self._patience_s):
                await turn
        except BaseException as why:
            self._forget(size, turn)
            if isinstance(why, TimeoutError):
                raise Refused("too many bytes of large requests in memory; slow down", self._retry_after_s) from None
            raise
        return size

    def give_back(self, size: int) -> None:
        """Let those who wait have it."""
        self._free += size
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._free:
            size, turn = self._waiting.popleft()
            self._free -= size
            turn.set_result(None)

    def _forget(self, size: int, turn: asyncio.Future[None]) -> None:
        """Take back what somebody waited for who left, whether it had come or not."""
        if (size, turn) in self._waiting:
            self._waiting.remove((size, turn))
            self._serve()  # those behind it may need less
        else:
            self.give_back(size)


class BodyPlace:
    """What one request takes of the room."""

    __slots__ = ("_room", "_size")

    def __init__(self, room: BodyRoom) -> None:
        self._room = room
        self._size = 0

    async def take(self, size: int) -> None:
        """Wait for room; asking again takes no more. Raises Refused."""
        if not self._size:
            self._size = await self._room.take(size)

    def keep(self, size: int) -> None:
        """Give back what is above `size`."""
        if size < self._size:
            self._room.give_back(self._size - size)
            self._size = size

    def leave(self) -> None:
        """Give back everything."""
        self.keep(0)
