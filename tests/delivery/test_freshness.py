"""A read sees every record that was acknowledged before it began, whoever asks, and whatever happens to the store."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from hookline.settings import schema
from hookline_collector.delivery.freshness import FRESH, Freshness
from hookline_collector.journal import signal_journal
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.world import MemoryStore, World

T, L = Signal.TRACES, Signal.LOGS
PATIENT = schema.JournalSettings(segment_max_age_s=3600.0)
"""Nothing is stored because of its age while a test runs."""


class GatedStore(MemoryStore):
    """Inserts wait at a gate that is open at first."""

    def __init__(self) -> None:
        super().__init__(World())
        self.gate = threading.Event()
        self.gate.set()

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        self.gate.wait()
        super().insert(signal, payload, token)


def fresh_in(life: Life, longest_s: float = 60.0) -> Freshness:
    """Return what readers of a life ask first."""
    return Freshness(life.journal, life.delivery, longest_s)


async def test_nothing_is_stored_until_somebody_reads(tmp_path: Path) -> None:
    """Then all of it is, and one insert a signal serves everything that gathered."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        for n in range(20):
            await life.send(T, [f"span {n}"])
            await life.send(L, [f"record {n}"])
        assert store.inserts == 0
        assert await fresh_in(life).catch_up() == FRESH
        assert (store.inserts, len(store.stored)) == (2, 40)


async def test_readers_who_come_together_share_one_flush(tmp_path: Path) -> None:
    """Ten of them make as many inserts as one."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        await life.send(T, ["a"])
        fresh = fresh_in(life)
        assert await asyncio.gather(*(fresh.catch_up() for _ in range(10))) == [FRESH] * 10
        assert store.inserts == 1


async def test_a_reader_with_nothing_new_waits_for_nothing(tmp_path: Path) -> None:
    """It does not even give the loop away, so nothing can have been woken."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        await life.send(T, ["a"])
        fresh = fresh_in(life)
        await fresh.catch_up()
        with pytest.raises(StopIteration) as answer:
            fresh.catch_up().send(None)
        assert answer.value.value == FRESH
        assert store.inserts == 1


async def test_what_is_acknowledged_during_a_flush_belongs_to_the_next(tmp_path: Path) -> None:
    """The first reader does not wait for it, a reader who comes after it does."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        fresh = fresh_in(life)
        await life.send(T, ["before"])
        store.gate.clear()
        first = asyncio.create_task(fresh.catch_up())
        await life.until(lambda: life.journal.depth(T).segments == 1 and life.journal.waiting_of(life.journal.hasten()) != frozenset())
        await life.send(T, ["between"])
        second = asyncio.create_task(fresh.catch_up())
        await asyncio.sleep(0)
        store.gate.set()
        assert await first == FRESH
        assert store.stored["before"] == 1
        assert await second == FRESH
        assert store.stored["between"] == 1


async def test_a_store_that_is_away_is_not_waited_for(tmp_path: Path) -> None:
    """The answer says that it is not fresh; when the store is back it is again."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT, max_backoff_s=0.01) as life:
        life.begin()
        store.is_away = True
        await life.send(T, ["a"])
        fresh = fresh_in(life)
        note = await fresh.catch_up()
        assert not note.is_fresh
        assert "takes nothing now" in note.reason
        store.is_away = False
        await life.drain()
        assert await fresh.catch_up() == FRESH
        assert store.stored == {"a": 1}


async def test_a_slow_store_is_waited_for_only_so_long(tmp_path: Path) -> None:
    """What it was given meanwhile comes in later."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        store.gate.clear()
        await life.send(T, ["a"])
        note = await fresh_in(life, longest_s=0.01).catch_up()
        assert "the store is slow" in note.reason
        store.gate.set()
        await life.drain()


async def test_what_the_store_cannot_read_makes_nobody_wait(tmp_path: Path) -> None:
    """It is set aside, and then nothing is missing that could ever be read."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        await life.send(T, ["bad"])
        await life.send(T, ["good"])
        assert await fresh_in(life).catch_up() == FRESH
        assert store.stored == {"good": 1}


async def test_a_delivery_that_does_not_run_is_not_waited_for(tmp_path: Path) -> None:
    """As before the start and after the stop."""
    async with Life(tmp_path, GatedStore(), limits=PATIENT) as life:
        await life.send(T, ["a"])
        assert not (await fresh_in(life).catch_up()).is_fresh


async def test_what_is_worth_an_insert_waits_for_nobody(tmp_path: Path) -> None:
    """So what a reader waits for stays small."""
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        life.begin()
        await life.send(T, ["large"], filler=schema.MIB)
        await life.drain()
        assert store.stored == {"large": 1}


async def test_what_is_old_takes_the_others_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So signals wake the store, and its disk, once and not one after the other."""
    now_s = 100.0
    monkeypatch.setattr(signal_journal, "time", SimpleNamespace(monotonic=lambda: now_s))
    store = GatedStore()
    async with Life(tmp_path, store, limits=PATIENT) as life:
        await life.send(T, ["old"])
        now_s += PATIENT.segment_max_age_s / 2
        await life.send(L, ["young"])
        now_s += PATIENT.segment_max_age_s / 2
        life.begin()
        await life.drain()
        assert store.stored == {"old": 1, "young": 1}


async def test_the_mark_moves_with_what_is_acknowledged(tmp_path: Path) -> None:
    """But not with metrics: no figure of work comes from them."""
    async with Life(tmp_path, GatedStore(), limits=PATIENT) as life:
        fresh = fresh_in(life)
        before = fresh.mark()
        await life.send(T, ["a", "b"])
        await life.send(L, ["c"])
        assert fresh.mark() == before + 3
