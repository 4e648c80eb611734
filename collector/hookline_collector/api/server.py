"""The HTTP server of pages and API: uvicorn on a socket that is bound before anything else starts.

Binding first means that a port in use is said at once and that port 0 is known before it is printed. Uvicorn's own signal
handling is left out: the app decides when to stop. Its access log is off because a link may hold the token.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from hookline.errors import AlreadyRunning, ConfigInvalid


class QuietServer(uvicorn.Server):
    """A uvicorn server that leaves the process's signals alone and says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.answers = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does, then say so."""
        await super().startup(sockets)
        self.answers.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Install nothing."""
        yield


def bind(address: str, key: str) -> socket.socket:
    """Return a listening socket for `host:port`; `key` names the setting in errors. Raises AlreadyRunning when the port is taken."""
    host, port = split_address(address, key)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as why:
        listener.close()
        raise AlreadyRunning(f"cannot listen on {address}: {why.strerror}; choose another with {key} (port 0 picks a free one)") from None
    listener.setblocking(False)
    return listener


def split_address(address: str, key: str) -> tuple[str, int]:
    """Return host and port of `host:port` or `[host]:port`."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise ConfigInvalid([(key, f"{address!r} is not host:port")])
    return host.strip("[]"), int(port)


def bound_address(listener: socket.socket) -> str:
    """Return the address as `host:port`, with the port that was picked."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class ApiServer:
    """Serves one ASGI app on a bound socket until it is told to stop."""

    def __init__(self, app: ASGIApp, listener: socket.socket, *, certificate: str = "", key: str = "") -> None:
        self.address = bound_address(listener)
        self._listener = listener
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            loop="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            limit_concurrency=256,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=2,
            ssl_certfile=certificate or None,
            ssl_keyfile=key or None,
        )
        self._server = QuietServer(config)

    async def serve(self) -> None:
        """Serve until `stop` is called; returns when the last answer is out or two seconds have passed."""
        await self._server.serve(sockets=[self._listener])

    async def started(self) -> None:
        """Return as soon as requests are answered."""
        await self._server.answers.wait()

    def stop(self) -> None:
        """Take no new requests and let `serve` return."""
        self._server.should_exit = True
