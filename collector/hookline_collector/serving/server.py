"""An ASGI app over bounded connections, from an address that is bound when it starts or was bound before.

uvicorn's protocol is used without uvicorn's server, whose main loop wakes ten times a second and which handles signals of its own. There is
no access log: a link may hold the token.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from hookline.settings.schema import CollectorSettings
from hookline_collector.serving.connection import BoundedConnection
from hookline_collector.serving.places import Bounds, ConnectionPlaces

TLS_PATIENCE_S = 10.0


class HttpServer:
    """Serves one app."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self._bounds = bounds
        self._places = ConnectionPlaces(bounds)
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
            timeout_keep_alive=cast(int, bounds.keep_alive_s),
        )
        self._config.load()
        self._server: asyncio.Server | None = None

    @property
    def connections(self) -> list[BoundedConnection]:
        """Those that are open."""
        return [cast(BoundedConnection, each) for each in self._state.connections]

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> tuple[str, int]:
        """Bind and serve; return the bound host and port. Raises OSError when it cannot."""
        self._server = await asyncio.get_running_loop().create_server(
            self._connection, host, port, ssl=tls, reuse_address=True, reuse_port=False, ssl_handshake_timeout=TLS_PATIENCE_S if tls else None
        )
        bound: tuple[str, int] = self._server.sockets[0].getsockname()[:2]
        return bound

    async def start_on(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        """Serve on a socket that is bound already."""
        self._server = await asyncio.get_running_loop().create_server(
            self._connection, sock=listener, ssl=tls, ssl_handshake_timeout=TLS_PATIENCE_S if tls else None
        )

    async def stop(self, grace_s: float) -> None:
        """Take no new connections, let requests at work end within the grace, close the rest."""
        if self._server is None:
            return
        await self._accept_no_more(self._server)
        self._places.close()
        for connection in self.connections:
            connection.shutdown()
        if self._state.tasks:
            await asyncio.wait(self._state.tasks, timeout=grace_s)
        for connection in self.connections:
            connection.transport.abort()
        await _turns()
        self._server = None

    async def _accept_no_more(self, server: asyncio.Server) -> None:
        """Close the listener. asyncio forgets, and leaves open, what it accepted and had not begun by then: such are begun first."""
        for listener in server.sockets:
            asyncio.get_running_loop().remove_reader(listener.fileno())
        await _turns()
        server.close()

    def _connection(self) -> asyncio.BaseProtocol:
        return BoundedConnection(self._config, self._state, asyncio.get_running_loop(), self._bounds, self._places)


async def _turns() -> None:
    """Let the loop do what is due: begin what was accepted, end what was aborted."""
    for _ in range(3):
        await asyncio.sleep(0)


def tls_context(settings: CollectorSettings) -> ssl.SSLContext | None:
    """Return the TLS context of the settings, None without a certificate."""
    if not settings.tls_certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(settings.tls_certificate, settings.tls_key)
    return context
