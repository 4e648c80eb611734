"""The next segment is read while the store is busy with another."""

import threading
from pathlib import Path

import pytest

from hookline.errors import Refused
from hookline_collector.journal.disk import FileDisk
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.world import MemoryStore, World

T = Signal.TRACES
SEGMENT_FILLER = 2_500  # a request of its own segment


class Slow(MemoryStore):
    """Waits at each insert until the gate is open, and counts who came to it; refuses the first so often."""

    def __init__(self, refusals: int = 0) -> None:
        super().__init__(World())
        self.gate = threading.Event()
        self.came = 0
        self.refusals = refusals

    def insert(self, signal: Signal, payload: bytes, token: str) -> None:
        self.came += 1
        if self.refusals:
            self.refusals -= 1
            raise Refused("not now", retry_after_s=0.0)
        self.gate.wait()
        super().insert(signal, payload, token)


class NotedDisk(FileDisk):
    """Notes which segments were read, and fails so often to read one after the first."""

    def __init__(self, failures: int = 0) -> None:
        super().__init__()
        self.segments: list[str] = []
        self._failures = failures

    def read(self, path: Path) -> bytes:
        if path.suffix == ".binpb":
            if self.segments and self._failures:
                self._failures -= 1
                raise OSError("it cannot be read at the moment")
            self.segments.append(path.name)
        return super().read(path)


async def three_segments(life: Life) -> None:
    """Send three requests, each of which fills a segment."""
    for n in range(3):
        await life.send(T, [f"s{n}"], filler=SEGMENT_FILLER)


async def test_one_segment_is_read_ahead_while_another_is_inserted(tmp_path: Path) -> None:
    """One, not all that wait, and it is not read again when its turn comes."""
    store, disk = Slow(), NotedDisk()
    async with Life(tmp_path, store, disk) as life:
        await three_segments(life)
        disk.segments.clear()
        life.begin()
        await life.until(lambda: len(disk.segments) == 2 and store.came == 1)
        store.gate.set()
        await life.drain()
        assert len(disk.segments) == len(set(disk.segments)) == 3
        assert disk.segments == sorted(disk.segments)
        assert store.stored == {"s0": 1, "s1": 1, "s2": 1}
        assert life.balance() == 0


async def test_what_cannot_be_read_ahead_is_read_again_in_its_turn(tmp_path: Path) -> None:
    """A disk that fails once costs nothing."""
    store, disk = Slow(), NotedDisk(failures=1)
    async with Life(tmp_path, store, disk) as life:
        await three_segments(life)
        disk.segments.clear()
        life.begin()
        store.gate.set()
        await life.drain()
        assert store.stored == {"s0": 1, "s1": 1, "s2": 1}
        assert life.quarantine.list() == ()
        assert life.balance() == 0


@pytest.mark.parametrize("refusals", [1, 3])
async def test_what_was_refused_goes_in_once_whatever_was_read_ahead(tmp_path: Path, refusals: int) -> None:
    """Which segment is tried next is then another question; what is stored in the end is the same."""
    store, disk = Slow(refusals), NotedDisk()
    store.gate.set()
    async with Life(tmp_path, store, disk) as life:
        await three_segments(life)
        life.begin()
        await life.drain()
        assert store.stored == {"s0": 1, "s1": 1, "s2": 1}
        assert life.balance() == 0


async def test_a_stop_leaves_what_was_read_ahead_to_the_next_start(tmp_path: Path) -> None:
    """It is in the journal, as before."""
    store, disk = Slow(), NotedDisk()
    async with Life(tmp_path, store, disk) as life:
        await three_segments(life)
        disk.segments.clear()
        life.begin()
        await life.until(lambda: len(disk.segments) == 2)
        assert not await life.delivery.stop(0.05)
        store.gate.set()
    async with Life(tmp_path, store) as again:
        again.begin()
        await again.drain()
    assert store.stored == {"s0": 1, "s1": 1, "s2": 1}
