"""From the journal into the store: order, outages, bad records, damage, stop."""

import asyncio
import errno
import itertools
import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hookline.errors import Refused, Rejected
from hookline.settings import schema
from hookline_collector.delivery import segment_delivery
from hookline_collector.journal.disk import FileDisk
from hookline_collector.observe.announcements import Stored
from hookline_collector.observe.catalogue import FLUSH_FAILURES, QUARANTINE_DROPPED, QUARANTINE_FILES, QUARANTINED, STORE_AVAILABLE, STORED
from hookline_collector.signal import Signal
from support.journaling.life import SMALL, Life
from support.journaling.requests import body, names_in
from support.journaling.world import MemoryStore, World
from support.running import SOON_S

T = Signal.TRACES
PROMPT = schema.JournalSettings(segment_max_age_s=0.25)


class Store(MemoryStore):
    """Also notes the order of what went in, whose first names were refused, and refuses names that begin with "heavy"."""

    def __init__(self) -> None:
        super().__init__(World())
        self.order: list[str] = []
        self.refused: set[str] = set()
        self.accepts_heavy = False

    def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
        names = names_in(signal, payload)
        if not self.accepts_heavy and any(name.startswith("heavy") for name in names):
            raise Refused("memory limit exceeded", retry_after_s=0.0)
        self.refused.add(names[0])
        super().insert(signal, payload, token)
        self.refused.discard(names[0])
        self.order += names


def ahead_of_older(order: list[str]) -> int:
    """Return how many runs of names came before older ones."""
    waiting = sorted(order)
    found, before = 0, ""
    for name in order:
        is_new_run = name > waiting[0] and int(name[1:]) != int(before[1:] or -2) + 1
        found += is_new_run
        waiting.remove(name)
        before = name
    return found


async def test_what_the_store_took_is_announced_once_and_what_it_refused_is_not(tmp_path: Path) -> None:
    """Whoever waits for data (a cache, a rule) hears of items when a query can see them."""
    store = Store()
    async with Life(tmp_path, store) as life:
        heard: list[Stored] = []
        subscription = life.delivery.stored.subscribe("cache", heard.append)
        pump = asyncio.create_task(subscription.run())
        life.begin()
        await life.send(T, ["one", "two"])
        await life.send(T, ["bad"])
        await life.drain()
        await life.send(Signal.LOGS, ["three"])
        await life.drain()
        await subscription.drained()
        assert sum(told.items for told in heard if told.signal is T) == 2
        assert heard[-1] == Stored(Signal.LOGS, 1)
        pump.cancel()


async def test_what_is_appended_is_stored_and_leaves_the_journal(tmp_path: Path) -> None:
    """All three signals; afterwards no file is left, and the metrics say what happened."""
    store = Store()
    async with Life(tmp_path, store) as life:
        life.begin()
        for n in range(20):
            await life.send(T, [f"t{n}"])
            await life.send(Signal.LOGS, [f"l{n}"])
        await life.drain()
        await life.until(lambda: life.journal.held_bytes == 0)
        assert set(store.stored) == {f"{s}{n}" for s in "tl" for n in range(20)}
        assert life.figures.total(STORED) == 40
        assert life.balance() == 0
        assert life.delivery.status().is_available
        assert life.delivery.status().last_success_at is not None
    assert [path.name for path in (tmp_path / "journal").rglob("*") if path.is_file()] == ["lock"]


async def test_everything_drains_in_order_when_the_store_comes_back(tmp_path: Path) -> None:
    """During an outage senders are answered, and the breaker says so. Of what waits the oldest goes first; only beside a segment that was
    refused another may be tried, once, to see whom the refusals are about."""
    store = Store()
    store.is_away = True
    async with Life(tmp_path, store) as life:
        life.begin()
        for n in range(60):
            assert await life.send(T, [f"s{n:02}"], filler=300)
            await asyncio.sleep(0)
        await life.until(lambda: life.figures.total(FLUSH_FAILURES) > 12)
        status = life.delivery.status()
        assert not status.is_available
        assert status.failures > 12
        assert "the store is away" in status.last_error
        assert life.figures.level(STORE_AVAILABLE) == 0.0
        assert life.journal.depth(T).items == 60
        refused = len(store.refused)
        store.is_away = False
        await life.drain()
        assert ahead_of_older(store.order) <= refused
        assert sorted(store.order) == [f"s{n:02}" for n in range(60)]
        assert life.delivery.status().last_error == ""


async def test_while_the_store_is_away_the_journal_fills_to_its_limit_and_refuses(tmp_path: Path) -> None:
    """Past the limit senders are told to slow down; after the outage they are taken again."""
    store = Store()
    store.is_away = True
    async with Life(tmp_path, store) as life:
        life.begin()
        taken = [await life.send(T, [f"s{n}"], filler=1_000) for n in range(80)]
        assert 30 < sum(taken) < 80
        store.is_away = False
        await life.drain()
        assert sum(store.stored.values()) == sum(taken)
        assert await life.send(T, ["again"])


async def test_an_insert_of_unknown_outcome_is_repeated_under_its_token(tmp_path: Path) -> None:
    """A time-out after the store has taken the rows stores nothing twice."""
    store = Store()
    store.ambiguous = 2
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["once"])
        await life.drain()
        assert store.stored == {"once": 1}
        assert store.inserts == 3
        assert life.figures.total(STORED) == 1


async def test_only_the_bad_record_is_set_aside(tmp_path: Path) -> None:
    """A hundred requests, two of them bad: the others are stored once, the two wait in the quarantine with the reason."""
    store = Store()
    async with Life(tmp_path, store, limits=PROMPT) as life:
        names = [f"bad{n}" if n in (17, 80) else f"s{n}" for n in range(100)]
        await asyncio.gather(*(life.send(T, [name, name + "'"]) for name in names))
        await life.send(Signal.LOGS, ["log"])
        life.begin()
        await life.drain()
        assert set(store.stored.values()) == {1}
        assert len(store.stored) == 98 * 2 + 1
        assert set(life.set_aside()) == {"bad17", "bad17'", "bad80", "bad80'"}
        assert life.figures.total(QUARANTINED, T) == 4
        assert life.balance() == 0
        assert store.inserts < 40
        entry = life.quarantine.list()[0]
        note = json.loads((tmp_path / "quarantine" / "traces" / f"{entry.name}.json").read_text())
        assert note["error"].startswith("Code: 33.")
        assert note["items"] == 2


async def test_a_large_segment_goes_in_by_parts_with_tokens_of_their_own(tmp_path: Path) -> None:
    """No insert is larger than a part, but for a record that is; repeating the segment gives the same parts and tokens."""
    store = Store()
    async with Life(tmp_path, store, limits=PROMPT, part_bytes=1_000) as life:
        for n in range(20):
            await life.send(T, [f"s{n:02}"], filler=2_500 if n == 7 else 200)
        copies = {path: path.read_bytes() for path in (tmp_path / "journal" / "traces").iterdir()}
        life.begin()
        await life.drain()
    assert store.order == [f"s{n:02}" for n in range(20)]
    assert [len(payload) > 1_000 for payload in store.tokens.values()].count(True) == 1
    assert len(store.tokens) > 5
    for path, content in copies.items():
        path.write_bytes(content)
    async with Life(tmp_path, store, limits=PROMPT) as life:
        life.begin()
        await life.drain()
    assert set(store.stored.values()) == {1}


async def test_a_flood_of_bad_records_is_set_aside_in_bulk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A segment of nothing but bad records does not cost an insert a record."""
    monkeypatch.setattr(segment_delivery, "MAX_BAD_PARTS", 8)

    store = Store()
    async with Life(tmp_path, store, limits=PROMPT) as life:
        await asyncio.gather(*(life.send(T, [f"bad{n}"]) for n in range(500)))
        life.begin()
        await life.drain()
        assert store.inserts < 80
        assert len(life.set_aside()) == 500
        assert life.figures.total(QUARANTINED) == 500


async def test_what_was_set_aside_can_be_sent_again_by_hand(tmp_path: Path) -> None:
    """After a repair the request goes through the journal once more, and leaves the quarantine."""
    store = Store()
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["bad1"])
        await life.drain()
        store.is_forgiving = True
        entry = life.quarantine.list()[0]
        assert (await life.quarantine.replay(entry.name, life.journal)).items == 1
        await life.drain()
        assert store.stored == {"bad1": 1}
        assert life.quarantine.list() == ()
        assert life.balance() == 0
        with pytest.raises(Rejected, match="nothing is set aside under the name"):
            await life.quarantine.replay(entry.name, life.journal)


async def test_the_quarantine_keeps_to_its_size_and_counts_what_it_drops(tmp_path: Path) -> None:
    """The oldest go first, also those of a former process."""
    limits = schema.JournalSettings(max_quarantine_bytes=3_000, segment_max_age_s=0.0)
    for first in (0, 5):
        async with Life(tmp_path, Store(), limits=limits) as life:
            life.begin()
            for n in range(first, first + 5):
                await life.send(T, [f"bad{n}"], filler=900)
                await life.drain()
            assert sum(entry.size for entry in life.quarantine.list()) <= 3_000
    assert set(life.set_aside()) == {"bad7", "bad8", "bad9"}
    assert life.figures.total(QUARANTINE_DROPPED, T) == 5
    assert life.figures.level(QUARANTINE_FILES) == 3


async def test_damage_on_the_disk_costs_only_the_damaged_record(tmp_path: Path) -> None:
    """The record is counted, its bytes are kept for a person, and what follows is stored."""
    store = Store()
    async with Life(tmp_path, store, limits=PROMPT) as life:
        for n in range(10):
            await life.send(T, [f"s{n}", f"s{n}'"])
        path = next((tmp_path / "journal" / "traces").iterdir())
        content = bytearray(path.read_bytes())
        content[content.index(b"s4") + 1] ^= 0x40
        path.write_bytes(content)
        life.begin()
        await life.drain()
        assert len(store.stored) == 18
        assert life.figures.count(QUARANTINED, Signal.TRACES, "damaged") == 2
        entry = life.quarantine.list()[0]
        assert entry.reason == "damaged"
        assert b"s4'" in life.quarantine.read(entry.name)
        assert life.balance() == 0
        with pytest.raises(Rejected, match="is damaged and cannot be sent again"):
            await life.quarantine.replay(entry.name, life.journal)


@pytest.mark.parametrize("what", ["gone", "cut", "unreadable"])
async def test_a_segment_that_was_tampered_with_does_not_hold_up_the_rest(tmp_path: Path, what: str) -> None:
    """A file that vanishes, loses its end or cannot be read is counted, and what follows is stored."""

    class Unreadable(FileDisk):
        def read(self, path: Path) -> bytes:
            if what == "unreadable" and path.suffix == ".binpb" and path.name == victim and "journal" in path.parts:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return super().read(path)

    victim = ""

    store = Store()
    async with Life(tmp_path, store, Unreadable(), limits=schema.JournalSettings(segment_max_bytes=2_000, segment_max_age_s=0.0)) as life:
        for n in range(6):
            await life.send(T, [f"s{n}"], filler=1_500)
        path = min((tmp_path / "journal" / "traces").iterdir())
        victim = path.name
        if what == "gone":
            path.unlink()
        elif what == "cut":
            os.truncate(path, 700)
        life.begin()
        await life.drain()
        assert sum(store.stored.values()) == 6 - 2
        assert life.figures.count(QUARANTINED, Signal.TRACES, "damaged") == 2
        assert life.balance() == 0
        if what == "unreadable":
            assert [entry.name for entry in life.quarantine.list()] == [path.stem]


async def test_a_segment_that_is_always_refused_does_not_hold_up_the_rest(tmp_path: Path) -> None:
    """It stays in the journal and is tried now and then; the others are stored."""
    store = Store()
    async with Life(tmp_path, store, max_backoff_s=0.02) as life:
        await life.send(T, ["heavy"], filler=2_000)
        for n in range(10):
            await life.send(T, [f"s{n}"], filler=2_000)
        life.begin()
        await life.until(lambda: len(store.stored) == 10)
        await life.until(lambda: life.journal.depth(T).held_segments == 1)
        await life.until(lambda: life.journal.depth(T).items == 1)
        assert "memory limit exceeded" in life.delivery.status().last_error
        assert life.balance() == 0


async def test_many_segments_that_are_always_refused_do_not_hold_up_the_rest(tmp_path: Path) -> None:
    """Five at the head of the queue, as after a restart: what stands behind them is stored, within a few tries and with long pauses, too."""
    store = Store()
    async with Life(tmp_path, store, max_backoff_s=30.0) as life:
        for n in range(5):
            await life.send(T, [f"heavy{n}"], filler=2_000)
        await life.send(T, ["good"], filler=2_000)
        life.begin()
        await life.until(lambda: store.stored["good"] == 1)
        assert life.figures.total(FLUSH_FAILURES) <= 3
        await life.send(T, ["late"], filler=2_000)
        await life.until(lambda: store.stored["late"] == 1)


async def give_time(life: Life, store: Store, done: Callable[[], bool]) -> None:
    """Send good requests, one after the other, until something is so."""
    async with asyncio.timeout(20):
        for name in map("other{}".format, itertools.count()):
            if done():
                return
            await life.send(T, [name])
            await life.until(lambda: store.stored[name] == 1)  # noqa: B023


async def test_a_segment_that_is_refused_for_ever_ends_in_the_quarantine(tmp_path: Path) -> None:
    """After a bounded number of tries, alone: the other parts of its segment are stored, and sent again by hand nothing is stored twice."""
    store = Store()
    async with Life(tmp_path, store, limits=schema.JournalSettings(segment_max_age_s=0.0), part_bytes=1_000) as life:
        names = ["a", "bad", "b", "heavy", "c"]
        await asyncio.gather(*(life.send(T, [name], filler=900) for name in names))
        life.begin()
        await give_time(life, store, lambda: len(life.quarantine.list()) == 2)
        assert (store.stored["a"], store.stored["b"], store.stored["c"]) == (1, 1, 1)
        assert [entry.reason for entry in life.quarantine.list()] == ["refused", "refused"]
        whole = next(entry for entry in life.quarantine.list() if entry.is_segment)
        assert (whole.items, "memory limit exceeded" in whole.error) == (1, True)
        await life.until(lambda: (life.balance(), life.is_empty, life.delivery.status().last_error) == (0, True, ""))
        store.accepts_heavy = True
        store.tokens.clear()  # as after weeks: only the list of parts tells what is stored
        assert (await life.quarantine.replay(whole.name, life.journal)).items == 1
        await life.drain()
        assert set(store.stored.values()) == {1}
        assert (store.stored["heavy"], life.balance(), len(life.quarantine.list())) == (1, 0, 1)


async def test_a_suspect_opens_no_breaker(tmp_path: Path) -> None:
    """Refused again and again while nothing else comes, it is held back and the gate stays open for what comes next."""
    store = Store()
    async with Life(tmp_path, store, max_backoff_s=0.01) as life:
        await life.send(T, ["heavy"], filler=2_000)
        await life.send(T, ["good"], filler=2_000)
        life.begin()
        await life.until(lambda: store.stored["good"] == 1)
        failures = life.figures.total(FLUSH_FAILURES)
        await life.until(lambda: life.figures.total(FLUSH_FAILURES) > failures + 5)
        assert life.delivery.status().is_available
        assert life.quarantine.list() == ()  # nothing else was taken meanwhile: it may be the store's fault


async def test_a_store_that_fails_in_an_unknown_way_is_tried_again(tmp_path: Path) -> None:
    """Only a clear refusal of the bytes counts as one."""

    class Odd(Store):
        failures = 3

        def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
            if self.failures:
                self.failures -= 1
                raise KeyError("something nobody foresaw")
            super().insert(signal, payload, token)

    store = Odd()
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["s"])
        await life.drain()
        assert store.stored == {"s": 1}
        assert life.quarantine.list() == ()


async def test_a_disk_too_full_to_set_a_record_aside_waits_and_stores_the_others(tmp_path: Path) -> None:
    """The bad segment waits for room; the segments behind it make some."""

    class Full(FileDisk):
        is_full = False

        def create(self, path: Path) -> int:
            if self.is_full and path.suffix == ".tmp":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().create(path)

    store, disk = Store(), Full()
    async with Life(tmp_path, store, disk) as life:
        for name in ("a", "bad", "b"):
            await life.send(T, [name], filler=600)
        for n in range(5):
            await life.send(T, [f"s{n}"], filler=1_900)
        disk.is_full = True
        life.begin()
        await life.until(lambda: len(store.stored) >= 4)
        assert life.set_aside() == {}
        assert "No space left" in life.delivery.status().last_error
        disk.is_full = False
        await life.drain()
        assert life.set_aside() == {"bad": 1}
        assert set(store.stored) == {"a", "b", *(f"s{n}" for n in range(5))}
        assert set(store.stored.values()) == {1}


async def test_a_segment_that_cannot_be_removed_is_not_counted_twice(tmp_path: Path) -> None:
    """On a disk that turned read-only rows are stored once, and the file goes when it can."""

    class Stuck(FileDisk):
        is_stuck = True

        def unlink(self, path: Path) -> None:
            if self.is_stuck:
                raise OSError(errno.EROFS, os.strerror(errno.EROFS))
            super().unlink(path)

    store, disk = Store(), Stuck()
    async with Life(tmp_path, store, disk) as life:
        life.begin()
        await life.send(T, ["one"])
        await life.until(lambda: "cannot be removed" in life.delivery.status().last_error)
        assert life.journal.held_bytes > 0
        assert life.balance() == 0
    async with Life(tmp_path, store, disk) as life:
        life.begin()
        await life.drain()
        disk.is_stuck = False
        await life.send(T, ["two"])
        await life.until(lambda: life.journal.held_bytes == 0)
    assert store.stored == {"one": 1, "two": 1}


async def test_a_stop_stores_what_it_can_and_says_whether_all_of_it(tmp_path: Path) -> None:
    """Nothing waits for its age at a stop; with the store away the rest stays on the disk for the next start."""
    store = Store()
    limits = schema.JournalSettings(segment_max_age_s=3600.0)
    async with Life(tmp_path, store, limits=limits) as life:
        life.begin()
        await life.send(T, ["early"])
        assert await life.delivery.stop(5.0)
        assert store.stored == {"early": 1}
    store.is_away = True
    async with Life(tmp_path, store, limits=limits, max_backoff_s=30.0) as life:
        life.begin()
        await life.send(T, ["late"])
        begun = time.monotonic()
        assert not await life.delivery.stop(60.0)
        assert time.monotonic() - begun < SOON_S
    store.is_away = False
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.drain()
    assert store.stored == {"early": 1, "late": 1}


async def test_a_stop_does_not_wait_longer_than_it_may(tmp_path: Path) -> None:
    """An insert that hangs is left behind; its segment is sent again at the next start."""

    class Hanging(Store):
        release = threading.Event()

        def insert(self, signal: Signal, payload: bytes | bytearray, token: str) -> None:
            self.release.wait(60)
            super().insert(signal, payload, token)

    store = Hanging()
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["s"])
        await asyncio.sleep(0.05)
        begun = time.monotonic()
        assert not await life.delivery.stop(0.2)
        assert time.monotonic() - begun < SOON_S
        store.release.set()
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.drain()
    assert store.stored == {"s": 1}


async def test_an_idle_hand_over_does_nothing(tmp_path: Path) -> None:
    """No polling: with nothing to do the event loop has nothing to do either."""
    async with Life(tmp_path, Store(), limits=PROMPT) as life:
        life.begin()
        await life.send(T, ["s"])
        await life.drain()
        await asyncio.sleep(0.05)
        before = time.thread_time()  # of the loop's own thread: a database that other tests left open in this process is not idle
        await asyncio.sleep(0.5)
        assert time.thread_time() - before < 0.005


async def test_records_of_one_request_stay_one_payload(tmp_path: Path) -> None:
    """What was laid end to end is what the store is given, for a whole segment in one insert."""
    store = Store()
    async with Life(tmp_path, store, limits=SMALL) as life:
        await asyncio.gather(*(life.send(T, [f"s{n}"]) for n in range(10)))
        life.begin()
        await life.drain()
    (payload,) = store.tokens.values()
    assert names_in(T, payload) == [f"s{n}" for n in range(10)]
    assert payload.count(body(T, ["s3"])) == 1
