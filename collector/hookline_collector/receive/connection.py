"""One HTTP/1.1 connection: uvicorn's protocol on httptools, with the bounds that it lacks.

uvicorn waits for ever for the rest of a request's head and reads a head of any size. Here a head must be complete within the
request timeout and be small, a message may not bring more bytes than two bodies, and past so many connections the next is closed.
Trailers are dropped unread. The protocol is used without uvicorn's server, whose main loop wakes ten times a second.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from typing import cast

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from hookline.settings.schema import Limits

MAX_HEAD_BYTES = 64 * 1024
KEEP_ALIVE_S = 75  # longer than the minute after which SDKs send metrics
_HOP_HEADERS = (b"connection", b"upgrade", b"http2-settings")
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedConnection(HttpToolsProtocol):
    """A connection whose head, bytes and company are bounded."""

    def __init__(self, config: uvicorn.Config, state: ServerState, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        super().__init__(config, state, {}, loop)
        self._limits = limits
        self._in_head = True
        self._has_begun = False
        self._received = 0
        self._ignored_upgrade = False
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection, or close it when there are too many."""
        if len(self.connections) >= self._limits.max_connections:
            cast(asyncio.Transport, transport).abort()
            return
        super().connection_made(cast(asyncio.Transport, transport))
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_timer()
        if self.transport is not None:
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser and look at the bounds afterwards."""
        if self.transport is None or self.transport.is_closing():
            return
        self._received += len(data)
        self._unset_keepalive_if_required()
        self._feed(data)
        if self._in_head and self._has_begun:
            self._expect_head()
        if self._in_head and self._received > MAX_HEAD_BYTES:
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()
        elif self._received > 2 * self._limits.max_body_bytes + MAX_HEAD_BYTES:
            self.transport.abort()

    def eof_received(self) -> bool:  # type: ignore[override] # asyncio takes a truth value, uvicorn returns none
        """Let a sender that closes its half after a whole request have the answer."""
        waits = self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body
        if not waits or self.scheme == "https":
            return False
        self.cycle.keep_alive = False
        return True

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("not HTTP/1.1")

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read a request that offers another protocol (Java offers h2c) as what it is. The parser would leave its body unread."""
        if self._ignored_upgrade or self.parser.get_method() == b"CONNECT":
            self.send_400_response("not HTTP/1.1")
            return
        self._ignored_upgrade = True
        kept = [name + b": " + value for name, value in self.headers if name not in _HOP_HEADERS]
        head = b"\r\n".join((self.parser.get_method() + b" " + self.url + b" HTTP/1.1", *kept, b"connection: close", b"", b""))
        self.parser = httptools.HttpRequestParser(self)
        self._feed(head + rest)

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head, self._has_begun, self._received = True, True, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is dropped."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """End the head and start the request."""
        if self.parser.should_upgrade():
            return
        self._in_head = False
        self._stop_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the body; what comes next is a head."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._in_head, self._has_begun, self._received = True, False, 0

    def _expect_head(self) -> None:
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(self._limits.request_timeout_s, self._give_up)

    def _give_up(self) -> None:
        self._head_timer = None
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect_head()  # the sender may be waiting for the answer before
        else:
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class HttpServer:
    """Serves an ASGI app over bounded connections, from an address that is bound when it starts."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._limits = limits
        self._state = ServerState()
        self._config = uvicorn.Config(
            app,
            interface="asgi3",
            http="httptools",
            ws="none",
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_S,
        )
        self._config.load()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Bind and serve; return the bound host and port. Raises OSError when it cannot."""
        loop = asyncio.get_running_loop()
        new: Callable[[], asyncio.BaseProtocol] = lambda: BoundedConnection(self._config, self._state, loop, self._limits)  # noqa: E731
        self._server = await loop.create_server(
            new, host, port, ssl=tls, reuse_address=True, reuse_port=False, ssl_handshake_timeout=10.0 if tls else None
        )
        bound: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return bound

    async def stop(self, grace_s: float) -> None:
        """Take no new connections, let requests at work end within the grace, close the rest."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._state.connections):
            cast(BoundedConnection, connection).shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=grace_s)
        for connection in list(self._state.connections):
            cast(BoundedConnection, connection).transport.abort()
        self._server = None
