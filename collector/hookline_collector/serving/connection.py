"""One HTTP/1.1 connection: uvicorn's protocol on httptools, with the bounds that it lacks.

uvicorn waits for ever for the rest of a request's head, reads a head of any size, takes any number of requests that wait for their answers, and
waits for ever for a reader that does not read. Here:

- a head is complete within the patience, and small (bytes and number of headers); it has one Host;
- a message brings no more bytes than two bodies;
- few requests wait behind the one at work, and nothing more is read while one does;
- a reader takes what is written within the patience;
- the connection has a place (`places`) or is closed.

Trailers are dropped unread. What arrives is fed to the parser in slices, so that each bound is looked at every few KiB.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

import httptools
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hookline_collector.serving.places import STATE, Bounds, ConnectionPlaces

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 200
MAX_WAITING_REQUESTS = 32
SLICE_BYTES = 32 * 1024
_HOP_HEADERS = (b"connection", b"upgrade", b"http2-settings")


def _closing(status: bytes) -> bytes:
    return b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


_BAD_REQUEST = _closing(b"400 Bad Request")
_HEAD_TOO_LARGE = _closing(b"431 Request Header Fields Too Large")


class _Refused(Exception):
    """Leaves the parser; `answer` is what the sender is told."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        super().__init__()


class _Flow(FlowControl):
    """Flow control that reads nothing while the connection has enough to do."""

    def __init__(self, transport: asyncio.Transport, has_enough: Callable[[], bool]) -> None:
        super().__init__(transport)
        self._has_enough = has_enough

    def resume_reading(self) -> None:
        """Read again, unless there is enough to do."""
        if not self._has_enough():
            super().resume_reading()


class BoundedConnection(HttpToolsProtocol):
    """A connection whose head, bytes, requests, patience and company are bounded."""

    def __init__(self, config: uvicorn.Config, state: ServerState, loop: asyncio.AbstractEventLoop, bounds: Bounds, places: ConnectionPlaces) -> None:
        super().__init__(config, state, {STATE: self}, loop)
        self._bounds = bounds
        self._places = places
        self._in_head = True
        self._has_begun = False
        self._received = 0
        self._header_count = 0
        self._ignored_upgrade = False
        self._is_deaf = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it when there is no place."""
        if not self._places.take(self):
            cast(asyncio.Transport, transport).abort()
            return
        super().connection_made(cast(asyncio.Transport, transport))
        self.flow = _Flow(self.transport, lambda: self._is_deaf or bool(self.pipeline))
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._places.give_up(self)
        self._stop_head_timer()
        self._stop_write_timer()
        if self.transport is not None:
            super().connection_lost(exc)

    def leave(self) -> None:
        """Close at once, for somebody else."""
        self.transport.abort()

    async def end_unfinished(self) -> None:
        """Close once what was written is out, without the mark that ends an answer, and return when the connection is gone."""
        self.transport.close()
        await self.cycle.receive()

    def keep_place(self) -> None:
        """Keep the place: a request was let in."""
        self._places.keep(self)

    def data_received(self, data: bytes) -> None:
        """Feed the parser slice by slice and look at the bounds after each."""
        self._unset_keepalive_if_required()
        for at in range(0, len(data), SLICE_BYTES):
            if self.transport is None or self.transport.is_closing() or self._is_deaf:
                return
            self._take(data if len(data) <= SLICE_BYTES else data[at : at + SLICE_BYTES])

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio takes a truth value, uvicorn returns none
        """Let a sender that closes its half after a whole request have the answer; whoever leaves a stream that began is gone."""
        cycle = self.cycle
        waits = cycle is not None and not (cycle.response_started or cycle.response_complete or cycle.more_body)
        if not waits or self.scheme == "https" or self._bounds.ends_with_reader:
            return False
        self.cycle.keep_alive = False
        return True

    def pause_writing(self) -> None:
        """Wait for a reader that takes nothing, for as long as the patience lasts."""
        super().pause_writing()
        self._write_timer = self._write_timer or self.loop.call_later(self._bounds.patience_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._stop_write_timer()
        super().resume_writing()

    def _take(self, data: bytes) -> None:
        self._received += len(data)
        self._feed(data)
        if self._in_head and self._has_begun:
            self._expect_head()
        if self._in_head and self._received > MAX_HEAD_BYTES:
            self._refuse(_HEAD_TOO_LARGE)
        elif self._received > 2 * self._bounds.max_body_bytes + MAX_HEAD_BYTES:
            self.transport.abort()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as why:
            self._refuse(why.__context__.answer if isinstance(why.__context__, _Refused) else _BAD_REQUEST)

    def _refuse(self, answer: bytes) -> None:
        """End the connection for what came last; the answers that are due before come first."""
        newest = self.cycle
        if newest is None or newest.response_complete:
            self.transport.write(answer)
            self.transport.close()
        elif newest.more_body:  # it is the newest request itself that broke
            if not newest.response_started and not self.pipeline:
                self.transport.write(answer)
            self.transport.close()
        else:
            newest.keep_alive = False
            self._is_deaf = True
            self.flow.pause_reading()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read a request that offers another protocol (Java offers h2c) as what it is. The parser would leave its body unread."""
        if self._ignored_upgrade or self.parser.get_method() == b"CONNECT":
            self._refuse(_BAD_REQUEST)
            return
        self._ignored_upgrade = True
        kept = [name + b": " + value for name, value in self.headers if name not in _HOP_HEADERS]
        head = b"\r\n".join((self.parser.get_method() + b" " + self.url + b" HTTP/1.1", *kept, b"connection: close", b"", b""))
        self.parser = httptools.HttpRequestParser(self)
        self._feed(head + rest)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head, self._has_begun, self._received, self._header_count = True, True, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is dropped."""
        self._header_count += 1
        if self._header_count > MAX_HEADERS:
            raise _Refused(_HEAD_TOO_LARGE)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the head and start the request."""
        if self.parser.should_upgrade():
            return
        if sum(name == b"host" for name, _ in self.headers) > 1 or len(self.pipeline) >= MAX_WAITING_REQUESTS:
            raise _Refused(_BAD_REQUEST)
        self._in_head = False
        self._stop_head_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the body; what comes next is a head."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._in_head, self._has_begun, self._received = True, False, 0

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._bounds.patience_s, self._give_up)

    def _give_up(self) -> None:
        self._head_timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect_head()  # the sender may be waiting for the answer before
        else:
            self.transport.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None
