"""Large bodies wait for room before they are read: in order, for a bounded time, and nobody small behind them."""

import asyncio
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from hookline.errors import Refused
from hookline_collector.receive import http
from hookline_collector.receive.body_room import BodyRoom
from support.receiving import requests
from support.receiving.clients import dial, post
from support.receiving.front import serving, settings_for
from support.running import wait_for

FOR_LONG_S = 60.0
HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n"


async def test_the_first_come_is_the_first_served() -> None:
    """One that would fit does not pass one that waits, and whoever leaves makes room."""
    room, order = BodyRoom(10, FOR_LONG_S, 1.0), list[str]()
    first = room.place()
    await first.take(7)

    async def enter(name: str, size: int) -> None:
        await room.take(size)
        order.append(name)

    waiting = [asyncio.create_task(enter(name, size)) for name, size in (("large", 8), ("small", 1), ("last", 1))]
    await asyncio.sleep(0)
    assert order == []
    first.keep(1)
    await asyncio.gather(*waiting[:2])
    assert (order, waiting[2].done()) == (["large", "small"], False)
    first.leave()
    first.leave()
    await waiting[2]


async def test_a_body_larger_than_the_room_has_all_of_it() -> None:
    """It comes in when nobody else is there, and what it gives back is what it had."""
    room = BodyRoom(10, FOR_LONG_S, 1.0)
    for _ in range(2):
        alone = room.place()
        await alone.take(25)
        await alone.take(25)
        next_one = asyncio.create_task(room.take(1))
        await asyncio.sleep(0)
        alone.keep(20)
        assert not next_one.done()
        alone.leave()
        room.give_back(await next_one)


async def test_who_waits_too_long_is_told_to_come_again_and_stands_in_nobodys_way() -> None:
    """Refused with a time, and so is who leaves by itself; those behind go on."""
    room = BodyRoom(10, 0.01, 0.5)
    taken = await room.take(6)
    with pytest.raises(Refused) as caught:
        await room.take(10)
    assert caught.value.retry_after_s == 0.5
    leaving, behind = asyncio.create_task(room.take(10)), asyncio.create_task(room.take(4))
    await asyncio.sleep(0)
    leaving.cancel()
    assert await behind == 4
    given = asyncio.create_task(room.take(10))
    await asyncio.sleep(0)
    room.give_back(taken + 4)
    given.cancel()  # it has its room, and has not heard of it
    with pytest.raises(asyncio.CancelledError):
        await given
    assert await room.take(10) == 10


def test_a_large_body_waits_in_its_socket_and_a_small_one_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are answered once the first is; what comes in chunks, without a length, waits as soon as it is large."""
    monkeypatch.setattr(http, "ROOM_BYTES", 600_000)
    large = requests.traces(name="x" * 500_000).SerializeToString()
    length, chunks = f"Content-Length: {len(large)}\r\n\r\n".encode(), b"Transfer-Encoding: chunked\r\n\r\n"
    with serving(settings_for(tmp_path)) as front, ExitStack() as closing:
        senders = [closing.enter_context(dial(front.http.address)) for _ in range(3)]
        senders[0].sendall(HEAD + length + large[:-1])
        wait_for(lambda: front.ingest.admission.bytes == len(large) - 1)
        sending = [
            threading.Thread(target=sender.sendall, args=(HEAD + rest,))
            for sender, rest in zip(senders[1:], (length + large, chunks + b"%x\r\n%s\r\n0\r\n\r\n" % (len(large), large)), strict=True)
        ]
        for thread in sending:
            thread.start()
        wait_for(lambda: len(front.http._room._waiting) == len(sending))
        assert post(front.http.address, requests.traces().SerializeToString()).code == 200
        assert front.journal.items() == 1
        senders[0].sendall(large[-1:])
        assert all(b" 200 " in sender.recv(1_000) for sender in senders)
        for thread in sending:
            thread.join()
        assert front.journal.items() == 4
