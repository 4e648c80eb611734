"""The journal on a real folder: what it answers, what it refuses, what a start finds."""

import asyncio
import errno
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import Mock

import pytest

from hookline.errors import AlreadyRunning, ConfigInvalid, Refused, TooLarge
from hookline.settings import schema
from hookline_collector.journal import Journal, record
from hookline_collector.journal.disk import FileDisk
from hookline_collector.journal.segment import SegmentIds
from hookline_collector.observe.catalogue import JOURNAL_ITEMS, RECEIVED, TORN_BYTES
from hookline_collector.observe.metrics import Metrics
from hookline_collector.signal import Signal
from support.journaling.requests import body, names_in
from support.journaling.world import MemoryDisk, World
from support.running import SOON_S

T = Signal.TRACES
BODY = body(T, ["one", "two"], filler=100)


class CountingDisk(FileDisk):
    """Counts syncs of files, and makes each slow enough that appends gather."""

    syncs = 0

    def sync(self, file: int) -> None:
        self.syncs += 1
        super().sync(file)


class FailingDisk(FileDisk):
    """Fails every write with one error."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def write(self, file: int, pieces: Sequence[memoryview]) -> int:
        raise OSError(self._code, os.strerror(self._code))


async def test_what_is_appended_is_found_by_the_next_process(tmp_path: Path) -> None:
    """Bodies come back byte for byte and in order, and count as received."""
    async with Journal(tmp_path) as journal:
        for n in range(5):
            await journal.append(T, body(T, [f"s{n}"]), 1)
        await journal.append(Signal.LOGS, body(Signal.LOGS, ["l"]), 1)
    figures = Metrics()
    async with Journal(tmp_path, metrics=figures) as journal:
        assert [names_in(T, one) for one in journal.records(T)] == [[f"s{n}"] for n in range(5)]
        assert journal.depth(T).items == 5
        assert figures.total(RECEIVED, T) == 5
        assert figures.total(RECEIVED, Signal.LOGS) == 1
        assert figures.level(JOURNAL_ITEMS, Signal.TRACES) == 5


async def test_waiting_requests_share_one_sync(tmp_path: Path) -> None:
    """Two hundred requests at once cost a few syncs, not two hundred."""
    disk = CountingDisk()
    async with Journal(tmp_path, disk=disk) as journal:
        await asyncio.gather(*(journal.append(T, BODY, 2) for _ in range(200)))
        assert journal.depth(T).items == 400
        assert disk.syncs <= 3


async def test_files_and_folders_are_private(tmp_path: Path) -> None:
    """Nobody else may read what waits on the disk."""
    async with Journal(tmp_path / "journal") as journal:
        await journal.append(T, BODY, 2)
    for path in [tmp_path / "journal", *(tmp_path / "journal").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


async def test_a_full_journal_asks_senders_to_come_back(tmp_path: Path) -> None:
    """Past max_bytes appends are refused with the time to wait; what is larger than the whole journal is rejected for good."""
    async with Journal(tmp_path, schema.JournalSettings(max_bytes=2_000), retry_after_s=7.0) as journal:
        await journal.append(T, bytes(1_500), 1)
        with pytest.raises(Refused, match=r"the journal is full: .* of 2,000 bytes") as refused:
            await journal.append(T, bytes(600), 1)
        assert refused.value.retry_after_s == 7.0
        with pytest.raises(TooLarge, match="larger than the whole journal"):
            await journal.append(T, bytes(2_000), 1)
        await journal.append(Signal.LOGS, bytes(100), 1)
        assert journal.held_bytes <= 2_000


async def test_requests_being_written_count_against_the_limit(tmp_path: Path) -> None:
    """A burst cannot pass the limit between two syncs."""
    async with Journal(tmp_path, schema.JournalSettings(max_bytes=10_000)) as journal:
        outcomes = await asyncio.gather(*(journal.append(T, bytes(1_000), 1) for _ in range(50)), return_exceptions=True)
        assert sum(outcome is None for outcome in outcomes) == 9
        assert journal.held_bytes <= 10_000


class GatedDisk(FileDisk):
    """Closes no file until `may_close`, and says when it has synced so often."""

    def __init__(self) -> None:
        super().__init__()
        self.may_close = threading.Event()
        self.synced = threading.Semaphore(0)

    def sync(self, file: int) -> None:
        super().sync(file)
        self.synced.release()

    def close(self, file: int) -> None:
        self.may_close.wait(SOON_S)
        super().close(file)


async def test_what_is_written_behind_a_seal_stays_in_the_queue_however_late_the_loop_hears_of_both(tmp_path: Path) -> None:
    """The loop hears of the segment that is open now last, whatever else it did while the thread was at work."""
    disk = GatedDisk()
    async with Journal(tmp_path, disk=disk) as journal:
        queue = journal._journals[T]
        await journal.append(T, body(T, ["first"]), 1)
        assert disk.synced.acquire(timeout=SOON_S)
        sealing = asyncio.create_task(queue.seal())
        await asyncio.sleep(0)
        behind = asyncio.create_task(journal.append(T, body(T, ["behind"]), 1))
        await asyncio.sleep(0)
        disk.may_close.set()
        assert disk.synced.acquire(timeout=SOON_S)  # in the loop's thread: it hears of the seal and of the write at once
        await asyncio.gather(sealing, behind)
        assert [segment.items for segment in queue.index.segments] == [1, 1]
        assert journal.depth(T).items == 2


async def test_what_makes_nothing_due_wakes_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for a segment looks when one is begun, and again when it is worth an insert."""
    limits = schema.JournalSettings(segment_max_age_s=3600.0)
    async with Journal(tmp_path, limits, worth_bytes=20 * len(body(T, ["s"], 500))) as journal:
        index = journal._journals[T].index
        looking = Mock(side_effect=index.first_due)
        monkeypatch.setattr(index, "first_due", looking)
        waiting = asyncio.create_task(journal.next(T))
        for _ in range(15):
            await journal.append(T, body(T, ["s"], 500), 1)
        assert looking.call_count == 2
        for _ in range(5):
            await journal.append(T, body(T, ["s"], 500), 1)
        segment = await asyncio.wait_for(waiting, SOON_S)
        assert segment is not None and segment.items > 15


async def test_a_failure_that_nobody_foresaw_leaves_no_bytes_that_do_not_count(tmp_path: Path) -> None:
    """Also when no error of the disk ends a write in the middle, the next requests are found again."""

    class Odd(FileDisk):
        fails = False

        def write(self, file: int, pieces: Sequence[memoryview]) -> int:
            if self.fails:
                super().write(file, [pieces[0][:20]])
                raise MemoryError
            return super().write(file, pieces)

    disk = Odd()
    async with Journal(tmp_path, disk=disk) as journal:
        await journal.append(T, body(T, ["before"]), 1)
        disk.fails = True
        with pytest.raises(Refused):
            await journal.append(T, body(T, ["refused"]), 1)
        disk.fails = False
        await journal.append(T, body(T, ["after"]), 1)
        assert [names_in(T, one) for one in journal.records(T)] == [["before"], ["after"]]


@pytest.mark.parametrize(
    ("code", "says"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the disk is read-only"), (errno.EIO, "I/O error"), (errno.ENODEV, "cannot be written")],
)
async def test_a_failing_disk_refuses_with_its_reason(tmp_path: Path, code: int, says: str) -> None:
    """The sender is told to come back, the person what is wrong and where; nothing is left behind."""
    async with Journal(tmp_path, disk=FailingDisk(code)) as journal:
        with pytest.raises(Refused, match=says) as refused:
            await journal.append(T, BODY, 2)
        assert str(tmp_path) in str(refused.value)
        assert journal.depth(T).items == 0
        assert journal.held_bytes == 0
    assert list((tmp_path / "traces").iterdir()) == []


async def test_after_a_failed_sync_the_segment_is_sealed_where_it_was_good(tmp_path: Path) -> None:
    """The request whose sync failed is refused and cut off; the one before it stays; the one after it goes to a new segment."""
    disk = MemoryDisk(World())
    async with Journal(tmp_path, disk=disk) as journal:
        await journal.append(T, body(T, ["before"]), 1)
        disk.sync_faults = ["fails"]
        with pytest.raises(Refused):
            await journal.append(T, body(T, ["refused"]), 1)
        await journal.append(T, body(T, ["after"]), 1)
        assert [names_in(T, one) for one in journal.records(T)] == [["before"], ["after"]]
        assert journal.depth(T).segments == 2
    async with Journal(tmp_path, disk=disk) as journal:
        assert [names_in(T, one) for one in journal.records(T)] == [["before"], ["after"]]


async def test_short_writes_are_carried_on(tmp_path: Path) -> None:
    """A write that takes a part of the bytes is followed by one for the rest."""
    disk = MemoryDisk(World())
    async with Journal(tmp_path, disk=disk) as journal:
        disk.write_faults = ["short"] * 20
        await journal.append(T, BODY, 2)
        assert list(journal.records(T)) == [BODY]


async def test_a_sender_that_goes_away_disturbs_nobody(tmp_path: Path) -> None:
    """A cancelled append may be on the disk or not; the others get their answers."""
    async with Journal(tmp_path) as journal:
        going = [asyncio.ensure_future(journal.append(T, BODY, 2)) for _ in range(10)]
        staying = [asyncio.ensure_future(journal.append(T, BODY, 2)) for _ in range(10)]
        await asyncio.sleep(0)
        for one in going:
            one.cancel()
        await asyncio.gather(*staying)
        assert journal.depth(T).items >= 20


async def test_a_segment_is_due_at_its_age_and_not_before(tmp_path: Path) -> None:
    """A little data waits for more, but not longer than segment_max_age_s."""
    async with Journal(tmp_path, schema.JournalSettings(segment_max_age_s=0.2)) as journal:
        await journal.append(T, BODY, 2)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        segment = await journal.next(T)
        assert 0.15 < loop.time() - begun < 5
        assert segment is not None
        assert segment.items == 2


async def test_a_segment_grows_while_nobody_asks_for_it(tmp_path: Path) -> None:
    """Batches grow with the load: old data is sealed when the hand-over is free, or when the segment is full."""
    async with Journal(tmp_path, schema.JournalSettings(segment_max_age_s=0.0, segment_max_bytes=5_000)) as journal:
        for _ in range(10):
            await journal.append(T, BODY, 2)
        assert journal.depth(T).segments == 1
        segment = await journal.next(T)
        assert segment is not None
        assert segment.items == 20
        for _ in range(60):
            await journal.append(T, bytes(1_000), 1)
        assert journal.depth(T).segments > 10


async def test_a_segment_ends_with_a_full_part(tmp_path: Path) -> None:
    """Each part is an insert, which costs something by itself: none is begun for which the segment has no room."""
    size, in_a_part = record.HEADER_BYTES + 100, 10
    limits = schema.JournalSettings(segment_max_age_s=0.0, segment_max_bytes=2 * in_a_part * size + 300)
    async with Journal(tmp_path, limits, part_bytes=in_a_part * size + 50) as journal:
        await asyncio.gather(*(journal.append(T, bytes(100), 1) for _ in range(45)))
        parts = []
        while journal.depth(T).segments:
            segment = await journal.next(T)
            assert segment is not None
            parts.append([part.items for part in journal.read(segment).parts])
            journal.account(segment, segment.items, {})
            await journal.remove(segment)
    assert parts == [[10, 10], [10, 10], [5]]


async def test_an_empty_request_leaves_no_trace(tmp_path: Path) -> None:
    """There is nothing to be stored."""
    async with Journal(tmp_path) as journal:
        await journal.append(T, b"", 0)
        assert journal.depth(T).segments == 0


async def test_a_torn_tail_is_cut_and_counted_at_the_start(tmp_path: Path) -> None:
    """What a crash left half written goes; the file is then what was acknowledged."""
    async with Journal(tmp_path) as journal:
        await journal.append(T, BODY, 2)
    path = next((tmp_path / "traces").glob("*.binpb"))
    size = path.stat().st_size
    with path.open("ab") as file:
        file.write(path.read_bytes()[:50])
    figures = Metrics()
    async with Journal(tmp_path, metrics=figures) as journal:
        assert journal.depth(T).items == 2
    assert path.stat().st_size == size
    assert figures.total(TORN_BYTES, T) == 50


async def test_strange_files_are_left_alone_and_rubbish_of_ours_goes(tmp_path: Path) -> None:
    """A start removes drafts and ranges without a segment, and touches nothing that it does not know."""
    folder = tmp_path / "traces"
    folder.mkdir()
    orphan = "0123456789ab-00112233445566778899"
    kept = ["notes.txt", "copy of x.binpb", "x.parts"]
    for name in [*kept, f"{orphan}.parts", f"{orphan}.parts.tmp", f"{orphan}.binpb"]:
        (folder / name).write_bytes(b"")

    async with Journal(tmp_path) as journal:
        assert journal.depth(T).segments == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(kept)


async def test_two_processes_cannot_write_one_journal(tmp_path: Path) -> None:
    """The second is refused; after a kill the folder is free at once."""
    code = (
        "import asyncio, pathlib, sys, time\nfrom hookline_collector.journal import Journal\n"
        f"async def work():\n    await Journal(pathlib.Path({str(tmp_path)!r})).open()\n    print('open', flush=True)\n    time.sleep(60)\n"
        "asyncio.run(work())"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:  # noqa: ASYNC220 - nothing else runs in this loop
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(AlreadyRunning, match="another process writes the journal"):
            await Journal(tmp_path).open()
        other.kill()

    async with Journal(tmp_path):
        pass


async def test_a_folder_that_cannot_be_made_is_a_clear_problem_of_the_settings(tmp_path: Path) -> None:
    """The start says which setting and why."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigInvalid, match=r"data_dir: the journal cannot be kept in .*file"):
        await Journal(tmp_path / "file" / "journal").open()


def test_ids_rise_and_differ_also_when_the_clock_steps_back() -> None:
    """No two segments share a token, and names sort by age."""
    times = iter([100.0, 100.0, 50.0, 100.5, 20.0])
    segment_ids = SegmentIds(clock_s=lambda: next(times))
    ids = [segment_ids.next() for _ in range(5)]
    assert ids == sorted(set(ids))
    later = SegmentIds(clock_s=lambda: 1.0)
    later.follow(ids[-1])
    assert later.next() > ids[-1]


async def test_an_append_after_the_stop_is_refused(tmp_path: Path) -> None:
    """A request that comes too late is told to come again."""
    journal = Journal(tmp_path)
    await journal.open()
    await journal.close()
    with pytest.raises(Refused, match="stopping"):
        await journal.append(T, BODY, 2)
