"""Between the store's answer and the store's disk: what is stored stays in the journal until it is secured."""

import asyncio
import threading
from pathlib import Path

import pytest

from hookline.errors import HooklineError, Refused
from hookline.settings import schema
from hookline_collector.delivery import Delivery, Quarantine
from hookline_collector.delivery.retirement import Retirement
from hookline_collector.journal import Journal
from hookline_collector.journal.disk import FileDisk
from hookline_collector.observe.catalogue import JOURNAL_STORED_SEGMENTS, STORE_SECURED, STORED
from hookline_collector.observe.metrics import Metrics
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.signal import Signal
from hookline_collector.store.embedded.waterline import Broken
from support.journaling.life import Life
from support.journaling.requests import body
from support.journaling.world import MemoryStore, World

T = Signal.TRACES


class Store(MemoryStore):
    """Secures only what it may, and counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__(World())
        self.why: Exception | None = None
        self.asked = 0

    def secure(self) -> None:
        self.asked += 1
        if self.why is not None:
            raise self.why
        super().secure()


def files(folder: Path) -> list[str]:
    """Return the segments that the journal keeps."""
    return [path.name for path in (folder / "journal").rglob("*.binpb")]


async def test_what_is_stored_leaves_the_journal_only_when_it_is_secured(tmp_path: Path) -> None:
    """Until then it counts as stored, keeps its room and is not sent again; the metrics and the status say that it waits, and why."""
    store = Store()
    store.why = Refused("the disk is full", retry_after_s=0.0)
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["one"])
        await life.drain()
        await life.until(lambda: store.asked > 2)
        assert life.figures.total(STORED) == 1
        assert (life.journal.depth(T).items, life.balance()) == (0, 0)
        assert len(files(tmp_path)) == 1
        assert life.journal.held_bytes > 0
        assert life.figures.level(JOURNAL_STORED_SEGMENTS, Signal.TRACES) == 1
        assert life.delivery.status().last_error == "the disk is full"
        assert life.delivery.status().is_available
        store.why = None
        await life.until(lambda: not life.journal.held_bytes and not life.delivery.status().last_error)
        assert (files(tmp_path), store.inserts) == ([], 1)
        assert life.figures.level(STORE_SECURED) > 0


async def test_what_was_not_secured_is_stored_again_by_the_next_process(tmp_path: Path) -> None:
    """The power went after the store's answer and before its disk had it."""
    store = Store()
    store.why = Refused("not yet", retry_after_s=0.0)
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["one", "two"])
        await life.drain()
    store.rewind()
    assert store.stored == {}
    store.why = None
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.until(lambda: not files(tmp_path))
    assert store.stored == {"one": 1, "two": 1}


async def test_one_sync_serves_many_segments_and_enough_bytes_bring_it_at_once(tmp_path: Path) -> None:
    """They gather for as long as the settings say, unless they hold too much; the end does not wait for them to be due."""
    store, figures = Store(), Metrics()
    threads = BlockingPool("test", 1)
    async with Journal(tmp_path / "journal", schema.JournalSettings(segment_max_age_s=0.0), figures) as journal:
        retirement = Retirement(journal, store.secure, threads, figures, every_s=3600, max_bytes=2_000)
        running = asyncio.create_task(retirement.run())

        async def store_one() -> None:
            await journal.append(T, body(T, ["x"], filler=300), 1)
            segment = await journal.next(T)
            assert segment is not None
            retirement.add(segment)

        for _ in range(3):
            await store_one()
        assert (store.asked, len(files(tmp_path))) == (0, 3)
        while not store.asked:
            await store_one()
            await asyncio.sleep(0.01)
        while journal.held_bytes:  # noqa: ASYNC110 - nothing signals that the files are gone
            await asyncio.sleep(0.01)
        assert files(tmp_path) == []
        await store_one()
        retirement.finish()
        await running
        assert files(tmp_path) == []
        assert store.asked <= 3
    threads.close()


async def test_a_disk_that_lost_something_ends_the_process(tmp_path: Path) -> None:
    """Only a start can tell what it was. Whoever watches the process starts it again, and the journal still has everything."""
    store = Store()
    store.why = Broken("the disk under the database failed")
    figures = Metrics()
    async with Journal(tmp_path / "journal", schema.JournalSettings(segment_max_age_s=0.0), figures) as journal:
        delivery = Delivery(journal, store, Quarantine(tmp_path / "quarantine", 1_000), figures, secure_every_s=0.0)
        await journal.append(T, body(T, ["one"]), 1)
        with pytest.raises(ExceptionGroup) as ended:
            await delivery.run()
        assert ended.group_contains(HooklineError, match="the disk under the database failed")
    assert len(files(tmp_path)) == 1


async def test_a_segment_that_is_set_aside_whole_is_secured_as_far_as_it_is_stored(tmp_path: Path) -> None:
    """Its file leaves the journal, so what is stored of it could not be stored again after a cut."""
    fails = threading.Event()

    class Failing(FileDisk):
        def read(self, path: Path) -> bytes:
            if fails.is_set() and path.suffix == ".binpb" and "journal" in path.parts:
                raise OSError("it cannot be read any more")
            return super().read(path)

    class Half(Store):
        secured_at: tuple[str, ...] = ()

        def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
            if self.stored:
                fails.set()
                raise Refused("the second part is refused", retry_after_s=0.0)
            super().insert(signal, payload, token)

    store = Half()
    async with Life(tmp_path, store, Failing(), limits=schema.JournalSettings(segment_max_age_s=0.0), part_bytes=500) as life:
        await asyncio.gather(*(life.send(T, [f"s{n}"], filler=400) for n in range(2)))
        life.begin()
        await life.drain()
        assert len(life.quarantine.list()) == 1
        assert set(store.secured[1]) == set(store.stored)
        assert len(store.stored) == 1
        assert life.balance() == 0
