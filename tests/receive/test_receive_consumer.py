"""A receiver needs one method of what is behind it: here a consumer that has nothing else stands behind both."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hookline.errors import Refused, Rejected, TooLarge
from hookline_collector.ingest import IngestResult, Reader
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import call, post
from support.receiving.front import settings_for

BODY = requests.traces(2).SerializeToString()


class Consumer:
    """Reads what it is given and answers as told."""

    def __init__(self) -> None:
        self.answer: IngestResult | Exception = IngestResult()
        self.taken: list[tuple[Signal, bytes]] = []
        self.held = 0
        self.most = 1_000_000

    async def accept(self, signal: Signal, body: bytes | Reader) -> IngestResult:
        """Answer."""
        self.taken.append((signal, body if isinstance(body, bytes) else await body(self._hold)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def _hold(self, count: int) -> None:
        self.held += count
        if self.held > self.most:
            raise Refused("too many bytes of requests in memory; slow down", 1.0)


@contextmanager
def _receivers(folder: Path, consumer: Consumer) -> Iterator[tuple[GrpcReceiver, HttpReceiver]]:
    """Serve on a loop in a thread, since the clients block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    settings, heavy = settings_for(folder), HeavyWork()
    receivers = GrpcReceiver(settings, consumer), HttpReceiver(settings, consumer, heavy)
    try:
        for receiver in receivers:
            asyncio.run_coroutine_threadsafe(receiver.start(), loop).result(20)
        yield receivers
    finally:
        for receiver in receivers:
            asyncio.run_coroutine_threadsafe(receiver.stop(0.2), loop).result(20)
        loop.call_soon_threadsafe(heavy.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize(
    ("answer", "grpc_code", "http_code"),
    [
        (IngestResult(), "OK", 200),
        (IngestResult(1, "a span without an id"), "OK", 200),
        (Refused("the journal is full", 2.0), "UNAVAILABLE", 503),
        (Rejected("no request"), "INVALID_ARGUMENT", 400),
        (TooLarge("too deep"), "RESOURCE_EXHAUSTED", 413),
        (ValueError("a defect"), "INTERNAL", 500),
    ],
)
def test_a_receiver_passes_on_what_its_consumer_answers(tmp_path: Path, answer: IngestResult | Exception, grpc_code: str, http_code: int) -> None:
    """Success, partial success, try again, never again, too large, a defect."""
    consumer = Consumer()
    consumer.answer = answer
    with _receivers(tmp_path, consumer) as (grpc, http):
        assert call(grpc.address, BODY).code == grpc_code
        assert post(http.address, BODY).code == http_code
    assert consumer.taken == [(Signal.TRACES, BODY)] * 2
    assert consumer.held == 2 * len(BODY)


def test_a_receiver_keeps_no_more_than_its_consumer_lets_it_hold(tmp_path: Path) -> None:
    """The body is refused while it is read, before anything is done with it."""
    consumer = Consumer()
    consumer.most = len(BODY) - 1
    with _receivers(tmp_path, consumer) as (grpc, http):
        assert call(grpc.address, BODY).code == "UNAVAILABLE"
        assert post(http.address, BODY).code == 503
    assert consumer.taken == []
