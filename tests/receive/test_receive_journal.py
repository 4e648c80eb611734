"""Receivers, ingest and the real journal together: what is answered is on disk, the books balance at any instant, a stop loses nothing."""

import asyncio
import contextlib
import dataclasses
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline_collector.ingest import Ingest
from hookline_collector.journal import Journal
from hookline_collector.observe.catalogue import INVALID, REFUSED, STORED
from hookline_collector.observe.health import balances
from hookline_collector.observe.metrics import Metrics
from hookline_collector.receive import GrpcReceiver, HttpReceiver
from hookline_collector.serving.memory import HeavyWork
from hookline_collector.signal import Signal
from support.receiving import requests
from support.receiving.clients import call, post
from support.receiving.front import settings_for
from support.soaking import share


class Half:
    """A collector without a store, whose journal is emptied as if there were one."""

    def __init__(self, folder: Path, **journal: Any) -> None:
        settings = settings_for(folder)
        self.settings = dataclasses.replace(settings, journal=dataclasses.replace(settings.journal, **journal))
        self.figures = Metrics()
        self.addresses: list[str] = []
        self._stop = asyncio.Event()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(20)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        settings = self.settings
        async with Journal(settings.journal_dir, settings.journal, self.figures) as journal:
            heavy = HeavyWork()
            ingest = Ingest(settings.limits, journal, self.figures, heavy)
            receivers = GrpcReceiver(settings, ingest), HttpReceiver(settings, ingest, heavy)
            for receiver in receivers:
                await receiver.start()
                self.addresses.append(receiver.address)
            emptying = [asyncio.create_task(_empty(journal, signal)) for signal in Signal]
            self._ready.set()
            await self._stop.wait()
            await asyncio.gather(*(receiver.stop(2) for receiver in receivers))
            await ingest.close()
            heavy.close()
            for task in emptying:
                task.cancel()


async def _empty(journal: Journal, signal: Signal) -> None:
    while (segment := await journal.next(signal)) is not None:
        journal.account(segment, segment.items, {(STORED, ""): segment.items})
        await journal.remove(segment)


@contextlib.contextmanager
def serving(half: Half) -> Iterator[Half]:
    half.start()
    try:
        yield half
    finally:
        half.stop()


def test_what_was_answered_is_found_after_a_restart(tmp_path: Path) -> None:
    """Each request that got its answer is in the journal of the next process, byte for byte."""
    bodies = [requests.traces(2, first=number).SerializeToString() for number in range(1, 40, 2)]
    with serving(Half(tmp_path, segment_max_age_s=1000.0)) as half:
        for number, body in enumerate(bodies):
            assert call(half.addresses[0], body).code == "OK" if number % 2 else post(half.addresses[1], body).code == 200

    async def read() -> list[bytes]:
        async with Journal(half.settings.journal_dir, half.settings.journal) as journal:
            return list(journal.records(Signal.TRACES))

    assert asyncio.run(read()) == bodies


def test_the_books_balance_at_any_instant(tmp_path: Path) -> None:
    """Received = stored + rejected + deduplicated + in the journal, for a reader that looks all the time while much goes on."""
    spoiled = requests.traces(3)
    spoiled.resource_spans[0].scope_spans[0].spans[1].span_id = b""
    own = requests.traces(2, "hookline.agent")
    bodies = [(Signal.TRACES, message.SerializeToString()) for message in (requests.traces(5), spoiled, own, requests.traces(3, "hookline.agent"))]
    bodies += [
        (Signal.LOGS, requests.logs(2, "hookline.agent", uid="a").SerializeToString()),
        (Signal.METRICS, requests.metrics(4).SerializeToString()),
    ]
    unbalanced: list[Any] = []
    looks, each = 0, share(3, 8, 24)
    done = threading.Event()

    def look() -> None:
        nonlocal looks
        while not done.is_set():
            found = balances(*half.figures.snapshot())
            unbalanced.extend(each for each in found if not each.balanced)
            looks += 1

    def send() -> None:
        for signal, body in bodies * each:
            while call(half.addresses[0], body, f"{signal.grpc_service}/Export").code != "OK":  # a new connection each time: one may not come about
                time.sleep(0.05)

    with serving(Half(tmp_path, segment_max_age_s=0.005)) as half:
        reader = threading.Thread(target=look)
        senders = [threading.Thread(target=send) for _ in range(3)]
        reader.start()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(60)
        done.set()
        reader.join()
    assert unbalanced == []
    assert looks > 100
    traces, logs, metrics = balances(*half.figures.snapshot())
    rounds = 3 * each
    assert (traces.received, traces.rejected, traces.deduplicated) == (13 * rounds, rounds, 5 * rounds - 3)
    assert (logs.received, logs.deduplicated) == (2 * rounds, 2 * rounds - 2)
    assert (metrics.received, metrics.deduplicated) == (4 * rounds, 0)


def test_a_full_journal_tells_senders_to_slow_down(tmp_path: Path) -> None:
    """Past journal.max_bytes: UNAVAILABLE and 503, to be tried again; a request larger than the whole journal is told never to."""
    body = requests.traces(20).SerializeToString()
    with serving(Half(tmp_path, max_bytes=3 * len(body), segment_max_age_s=1000.0)) as half:
        codes = [call(half.addresses[0], body).code for _ in range(4)]
        assert codes == ["OK", "OK", "UNAVAILABLE", "UNAVAILABLE"]
        assert post(half.addresses[1], body).code == 503
        large = requests.traces(100).SerializeToString()
        assert call(half.addresses[0], large).code == "RESOURCE_EXHAUSTED"
        assert post(half.addresses[1], large).code == 413
        assert half.figures.count(REFUSED, Signal.TRACES, "journal") == 3
        assert half.figures.count(INVALID, Signal.TRACES, "too_large") == 2


@pytest.mark.parametrize("transport", ["grpc", "http"])
def test_a_stop_answers_what_is_at_work(tmp_path: Path, transport: str) -> None:
    """Requests under way when the stop begins are answered or fail in a way that is tried again; what was answered is on disk."""
    body = requests.traces(1).SerializeToString()
    answered: list[bool] = []
    began = threading.Event()

    def send() -> None:
        while True:
            try:
                ok = call(half.addresses[0], body).code if transport == "grpc" else post(half.addresses[1], body).code
            except OSError:
                return
            if ok not in ("OK", 200):
                assert ok in ("UNAVAILABLE", "CANCELLED", 503)
                return
            answered.append(True)
            began.set()

    half = Half(tmp_path, segment_max_age_s=1000.0)
    half.start()
    senders = [threading.Thread(target=send) for _ in range(4)]
    for sender in senders:
        sender.start()
    assert began.wait(20)
    half.stop()
    for sender in senders:
        sender.join(20)

    async def count() -> int:
        async with Journal(half.settings.journal_dir, half.settings.journal) as journal:
            return journal.depth(Signal.TRACES).items

    assert asyncio.run(count()) >= len(answered) > 0
