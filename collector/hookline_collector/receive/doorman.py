"""Listens in place of a server that costs something while nobody comes, and opens it for the first who does.

gRPC's library wakes a process nine times a second as long as one of its servers is there, and most collectors are never spoken to by gRPC. So
the port is held by a plain socket. When somebody connects, the server opens on the same port (SO_REUSEPORT), the socket is closed, and from then
on the kernel leads everybody to the server itself. Only who came before that is led there by hand: bytes are passed on unseen, and once such a
connection was quiet for `QUIET_S` it is closed, so that its client connects anew, without a detour.

The port is first taken for ourselves alone, so that another program's is found taken, as without a doorman.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import Awaitable, Callable

from hookline_collector.serving.address import host_of, is_number
from hookline_collector.serving.binding import bind, bound_address

CHUNK_BYTES = 64 * 1024
QUIET_S = 30.0
AGAIN_S = 1.0
BACKLOG = 128
log = logging.getLogger(__name__)


def can_keep(address: str) -> bool:
    """Whether a port can be held for a server like this: on Linux, for an address that is one socket."""
    return sys.platform == "linux" and is_number(host_of(address))


class Doorman:
    """Holds one port. `open_server(address)` opens the server on it, with SO_REUSEPORT."""

    def __init__(self, open_server: Callable[[str], Awaitable[None]], quiet_s: float = QUIET_S) -> None:
        self._open_server = open_server
        self._quiet_s = quiet_s
        self._listener: socket.socket | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.address = ""

    def listen(self, address: str, key: str) -> None:
        """Hold the port; `address` is the bound one from here on. Raises AlreadyRunning when it is taken."""
        with contextlib.closing(bind(address, key)) as alone:
            self.address = bound_address(alone)
            family, where = alone.family, alone.getsockname()
        listener = self._listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.setblocking(False)
        listener.bind(where)
        listener.listen(BACKLOG)
        asyncio.get_running_loop().add_reader(listener, self._somebody_came)

    async def shut(self) -> None:
        """Hold the port no more; a server that is about to open does not."""
        self._close()
        if self._opening is not None:
            self._opening.cancel()
            await asyncio.gather(self._opening, return_exceptions=True)

    async def leave(self) -> None:
        """Let go of those who were led in."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _somebody_came(self) -> None:
        if self._listener is not None:
            asyncio.get_running_loop().remove_reader(self._listener)
            self._opening = asyncio.get_running_loop().create_task(self._open())

    async def _open(self) -> None:
        while True:
            try:
                await self._open_server(self.address)
                break
            except Exception:  # who waits at the door is not sent away for it
                log.exception("the server at %s did not open; it is tried again in %g s", self.address, AGAIN_S)
                await asyncio.sleep(AGAIN_S)
        waiting = []
        with contextlib.suppress(OSError):
            while self._listener is not None:
                waiting.append(self._listener.accept()[0])
        self._close()  # before anybody is led in: the kernel must lead nobody back to us
        for guest in waiting:
            task = asyncio.get_running_loop().create_task(self._lead(guest))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _close(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            asyncio.get_running_loop().remove_reader(listener)
            listener.close()

    async def _lead(self, guest: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        where = guest.getsockname()
        with guest, socket.socket(guest.family, socket.SOCK_STREAM) as inside:
            for one in (guest, inside):
                one.setblocking(False)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(OSError, TimeoutError):
                await loop.sock_connect(inside, where)
                async with asyncio.timeout(None) as quiet, asyncio.TaskGroup() as passing:
                    passing.create_task(self._pass_on(guest, inside, quiet))
                    passing.create_task(self._pass_on(inside, guest, quiet))

    async def _pass_on(self, source: socket.socket, to: socket.socket, quiet: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            while True:
                quiet.reschedule(loop.time() + self._quiet_s)
                chunk = await loop.sock_recv(source, CHUNK_BYTES)
                if not chunk:
                    break
                await loop.sock_sendall(to, chunk)
        with contextlib.suppress(OSError):
            to.shutdown(socket.SHUT_WR)
