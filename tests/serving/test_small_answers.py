"""What is written in two pieces, the head and the body of an answer, leaves at once: no piece waits for the reader to acknowledge the one before."""

from __future__ import annotations

import asyncio
import socket

import pytest
from starlette.applications import Starlette

from hookline.settings.schema import LimitSettings
from hookline_collector.serving.binding import bind
from hookline_collector.serving.places import Bounds
from hookline_collector.serving.server import HttpServer


@pytest.mark.parametrize("is_bound_before", [True, False])
def test_a_connection_holds_nothing_back(is_bound_before: bool) -> None:
    """Of both ways to listen: 40 ms an answer on a kept connection were lost where the socket was bound before."""

    async def let_in() -> list[int]:
        server = HttpServer(Starlette(), Bounds.of(LimitSettings(), has_token=False, max_body_bytes=1, keep_alive_s=1))
        if is_bound_before:
            listener = bind("127.0.0.1:0", "collector.http")
            await server.start_on(listener, None)
            where = listener.getsockname()
        else:
            where = await server.start("127.0.0.1", 0, None)
        reader, writer = await asyncio.open_connection(*where)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await reader.readline()
        found = [each.transport.get_extra_info("socket") for each in server.connections]
        said = [each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in found]
        writer.close()
        await server.stop(0)
        return said

    assert [value != 0 for value in asyncio.run(let_in())] == [True]
