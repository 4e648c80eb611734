"""The port of a server that opens for the first who comes: nobody is sent away, and later ones come without a detour."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import AsyncIterator

import pytest

from hookline.errors import AlreadyRunning
from hookline_collector.receive.doorman import Doorman, can_keep

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ports are shared on Linux")


class House:
    """An echo that opens when the doorman says so, and knows from which ports it was spoken to."""

    def __init__(self, quiet_s: float = 3600.0) -> None:
        self.doorman = Doorman(self.open, quiet_s)
        self.server: asyncio.Server | None = None
        self.peers: list[int] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.failures = 0

    async def open(self, address: str) -> None:
        """Open the server, unless it is to fail first."""
        if self.failures:
            self.failures -= 1
            raise OSError("not yet")
        host, _, port = address.rpartition(":")
        self.server = await asyncio.start_server(self._serve, host, int(port), reuse_port=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.peers.append(writer.get_extra_info("peername")[1])
        self.writers.append(writer)
        while chunk := await reader.read(65536):
            writer.write(chunk)
        writer.close()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Come in by the door."""
        host, _, port = self.doorman.address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        self.writers.append(writer)
        return reader, writer


@contextlib.asynccontextmanager
async def house(quiet_s: float = 3600.0) -> AsyncIterator[House]:
    """Give a house with its doorman at the door."""
    one = House(quiet_s)
    one.doorman.listen("127.0.0.1:0", "collector.otlp_grpc")
    try:
        yield one
    finally:
        await one.doorman.shut()
        if one.server:
            one.server.close()
        await one.doorman.leave()
        for writer in one.writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bytes:
    """Say a line and return the answer."""
    writer.write(text)
    await writer.drain()
    return await reader.readline()


async def test_the_server_opens_for_the_first_and_later_ones_come_without_a_detour() -> None:
    """Who came while it opened is led in; what is said arrives whole in both directions, to the end."""
    async with house() as one:
        assert one.server is None
        first, second = await one.connect(), await one.connect()
        large = b"x" * 500_000 + b"\n"
        assert await said(*second, b"two\n") == b"two\n"
        first[1].write(large)
        assert await first[0].readexactly(len(large)) == large
        third = await one.connect()
        assert await said(*third, b"three\n") == b"three\n"
        assert third[1].get_extra_info("sockname")[1] in one.peers
        assert first[1].get_extra_info("sockname")[1] not in one.peers
        for reader, writer in (first, second, third):
            writer.write_eof()
            assert await reader.read() == b""


async def test_who_was_led_in_and_is_quiet_comes_again_by_the_front() -> None:
    """The connection is closed, as by a server that ages connections."""
    async with house(quiet_s=0.05) as one:
        reader, writer = await one.connect()
        assert await said(reader, writer, b"one\n") == b"one\n"
        assert await reader.read() == b""


async def test_a_server_that_does_not_open_at_once_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first stays at the door meanwhile."""
    monkeypatch.setattr("hookline_collector.receive.doorman.AGAIN_S", 0.0)
    async with house() as one:
        one.failures = 2
        reader, writer = await one.connect()
        assert await said(reader, writer, b"one\n") == b"one\n"


async def test_a_port_of_somebody_else_is_taken() -> None:
    """Also one that is shared: two collectors on one port would each get half."""
    async with house() as one:
        with pytest.raises(AlreadyRunning, match=r"collector\.otlp_grpc"):
            House().doorman.listen(one.doorman.address, "collector.otlp_grpc")
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(AlreadyRunning):
        House().doorman.listen(f"127.0.0.1:{other.getsockname()[1]}", "collector.otlp_grpc")


def test_names_are_left_to_the_server() -> None:
    """They may stand for several sockets."""
    assert can_keep("127.0.0.1:0")
    assert can_keep("[::1]:4317")
    assert not can_keep("localhost:4317")
