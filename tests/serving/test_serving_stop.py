"""A server that stops leaves nobody waiting."""

from __future__ import annotations

import asyncio
import contextlib
import socket

import pytest
from starlette.applications import Starlette

from hookline.settings.schema import LimitSettings
from hookline_collector.serving.places import Bounds
from hookline_collector.serving.server import HttpServer


@pytest.mark.parametrize("turns", range(6))
def test_whoever_is_let_in_while_it_stops_is_closed(turns: int) -> None:
    """The stop comes so many turns of the loop after the knock: before the accept, after it, before the connection has begun."""

    async def knock_and_stop() -> socket.socket:
        server = HttpServer(Starlette(), Bounds.of(LimitSettings(), has_token=False, max_body_bytes=1, keep_alive_s=1))
        visitor = socket.create_connection(await server.start("127.0.0.1", 0, None))
        for _ in range(turns):
            await asyncio.sleep(0)
        await server.stop(0)
        return visitor

    with asyncio.run(knock_and_stop()) as visitor:
        visitor.settimeout(5)
        with contextlib.suppress(ConnectionError):
            assert visitor.recv(1) == b""
