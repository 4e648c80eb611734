"""The server of pages and API, on a socket that is bound before anything else starts.

Binding first means that a port in use is said at once and that port 0 is known before it is printed.
"""

from __future__ import annotations

import socket

from starlette.types import ASGIApp

from hookline.settings import Settings
from hookline_collector.api.http.body import MAX_BYTES
from hookline_collector.serving import Bounds, HttpServer, bound_address, tls_context

KEEP_ALIVE_S = 20
GRACE_S = 2.0


class ApiServer:
    """Serves the site on a bound socket, within the bounds of OTLP/HTTP. Half of the places are for those who showed the token."""

    def __init__(self, app: ASGIApp, listener: socket.socket, settings: Settings) -> None:
        self.address = bound_address(listener)
        self._listener = listener
        self._settings = settings
        self._server = HttpServer(app, Bounds.of(settings.limits, has_token=True, max_body_bytes=MAX_BYTES, keep_alive_s=KEEP_ALIVE_S))

    async def start(self) -> None:
        """Answer from now on."""
        await self._server.start_on(self._listener, tls_context(self._settings.collector))

    async def stop(self) -> None:
        """Take no new requests; return when the last answer is out or two seconds have passed."""
        await self._server.stop(GRACE_S)
