"""The journal does not trust its folder: whatever stands under a segment's name, a start goes on and intact records are stored."""

import os
import random
import socket
import zlib
from pathlib import Path

import pytest

from hookline.errors import Corrupt, Rejected
from hookline.settings.schema import JournalSettings
from hookline_collector.ingest.remembered import journaled_keys
from hookline_collector.journal import Journal, Segment, Slice
from hookline_collector.journal.disk import MAX_FILE_BYTES, FileDisk
from hookline_collector.journal.record import header, mark_of
from hookline_collector.journal.segment import read_slices, write_slices
from hookline_collector.observe.catalogue import QUARANTINED, RECEIVED
from hookline_collector.sessions.rebuild import AGENTS_MARK, journaled_observations
from hookline_collector.signal import Signal
from support.journaling.life import Life
from support.journaling.requests import body
from support.journaling.world import MemoryStore, World

T = Signal.TRACES
ID = "0123456789ab-00112233445566778899"
OTHER = "0123456789ac-00112233445566778899"


def segment_of(folder: Path, *bodies: tuple[bytes, int], segment_id: str = ID) -> Path:
    """Write a segment with these requests, as a former process left it."""
    path = folder / "journal" / "traces" / f"{segment_id}.binpb"
    path.parent.mkdir(parents=True, exist_ok=True)
    mark = mark_of(segment_id)
    path.write_bytes(b"".join(header(mark, one, items) + one for one, items in bodies))
    return path


def make(kind: str, path: Path) -> None:
    """Put something odd under a name."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link to a device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(path))
    else:
        with path.open("wb") as file:
            file.truncate(3 * 1024 * MIB)


MIB = 1024 * 1024


@pytest.mark.parametrize("kind", ["pipe", "link to a device", "socket", "file with holes"])
@pytest.mark.parametrize("suffix", [".binpb", ".parts"])
async def test_what_is_no_file_of_ours_is_set_aside_unread(tmp_path: Path, kind: str, suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, a device, a socket, a file of three gigabytes: nothing is waited for or read, and what stands beside it is stored."""
    monkeypatch.chdir(segment_of(tmp_path, (body(T, ["good"]), 1), segment_id=OTHER).parent)
    if suffix == ".parts":
        segment_of(tmp_path, (body(T, ["whole"]), 1))
    make(kind, Path(ID + suffix))
    store = MemoryStore(World())
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.drain()
        assert set(store.stored) == {"good"}
        assert life.balance() == 0
        aside = [entry.name for entry in life.quarantine.list()]
        assert aside == ([] if (kind, suffix) == ("file with holes", ".binpb") else [ID])  # larger than all that is ever kept
        await life.until(lambda: life.journal.held_bytes == 0)


def test_a_file_larger_than_any_segment_is_not_read(tmp_path: Path) -> None:
    """Whatever asks for it: the memory of the process is not what a file in the folder says."""
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    with pytest.raises(OSError, match="more than anything written here"):
        FileDisk().read(path)
    with pytest.raises(OSError, match="more than anything written here"):
        FileDisk().read_into(path, bytearray())


def test_a_buffer_holds_the_file_that_was_last_read_into_it(tmp_path: Path) -> None:
    """Longer, shorter or empty."""
    buffer = bytearray(b"what was before")
    for number, size in enumerate((0, 700_000, 3, 1_200_000, 900_000, 0, 5)):
        path = tmp_path / str(number)
        path.write_bytes(random.Random(number).randbytes(size))
        FileDisk().read_into(path, buffer)
        assert buffer == path.read_bytes()


async def test_a_folder_under_a_segments_name_is_left_alone(tmp_path: Path) -> None:
    """It is nothing that the journal made, and nothing that it could set aside and later drop."""
    path = segment_of(tmp_path, (body(T, ["good"]), 1), segment_id=OTHER).with_name(f"{ID}.binpb")
    path.mkdir()
    store = MemoryStore(World())
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.drain()
        assert set(store.stored) == {"good"}
    assert path.is_dir()


@pytest.mark.parametrize("lines", [b"", b"not numbers\n", b"1 2\n", b"1 2 3 4\n", b"0 -1 5\n", b"0 5 4\n", b"0 0 99999999999\n", b"\xff\xfe 1 2\n"])
def test_a_malformed_list_of_parts_is_damage_and_nothing_else(tmp_path: Path, lines: bytes) -> None:
    """Also where its checksum is right; only an empty list means something: nothing is to be sent any more."""
    segment = Segment(ID, T, tmp_path / f"{ID}.binpb", 100, 1, 0.0)
    segment.parts_path.write_bytes(b"%08x\n" % zlib.crc32(lines) + lines)
    if not lines:
        assert read_slices(FileDisk(), segment) == ()
        return
    with pytest.raises(Corrupt):
        read_slices(FileDisk(), segment)


async def test_with_a_torn_list_of_parts_the_intact_records_can_be_sent_again(tmp_path: Path) -> None:
    """What of the segment is stored is not known any more, so a person decides; no start fails over it, and nothing intact is out of reach."""
    path = segment_of(tmp_path, (body(T, ["one"]), 1), (body(T, ["two", "three"]), 2))
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    path.write_bytes(damaged)
    write_slices(FileDisk(), Segment(ID, T, path, len(damaged), 3, 0.0), [Slice(0, 0, len(damaged))])
    torn = path.with_suffix(".parts")
    torn.write_bytes(torn.read_bytes()[:-3])
    store = MemoryStore(World())
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.drain()
        (entry,) = life.quarantine.list()
        assert (entry.name, entry.can_be_replayed) == (ID, True)
        assert (await life.quarantine.replay(entry.name, life.journal)).items == 3
        await life.drain()
        assert store.stored == {"one": 1}
        assert life.figures.count(QUARANTINED, Signal.TRACES, "damaged") == 3 + 2
        assert life.balance() == 0
        assert [entry.can_be_replayed for entry in life.quarantine.list()] == [False]
    assert not torn.exists()


async def test_a_replay_of_nothing_readable_says_so_and_keeps_it(tmp_path: Path) -> None:
    """A pipe that was set aside is not waited for either."""
    os.mkfifo(segment_of(tmp_path).with_name(f"{OTHER}.binpb"))
    async with Life(tmp_path, MemoryStore(World())) as life:
        life.begin()
        await life.drain()
        with pytest.raises(Rejected, match=r"cannot be sent again: .*not a regular file"):
            await life.quarantine.replay(OTHER, life.journal)
        assert [entry.name for entry in life.quarantine.list()] == [OTHER]


@pytest.mark.parametrize("store_knows", [True, False])
async def test_a_replay_that_is_cut_off_is_the_same_when_it_is_done_again(tmp_path: Path, store_knows: bool) -> None:
    """Between its two steps the process dies: the request is in the journal and still in the quarantine. Sent again it is stored once."""
    store = MemoryStore(World())
    async with Life(tmp_path, store) as life:
        life.begin()
        await life.send(T, ["bad"])
        await life.drain()
        (entry,) = life.quarantine.list()
        store.is_forgiving = True
        await life.journal.enter(T, *entry.content(life.quarantine.read(entry.name)))  # the first step, and no second
        if store_knows:
            await life.drain()
        await life.quarantine.replay(entry.name, life.journal)
        await life.drain()
        assert store.stored == {"bad": 1}
        assert life.quarantine.list() == ()
        assert life.balance() == 0


async def test_a_body_that_protobuf_cannot_read_ends_no_start(tmp_path: Path) -> None:
    """Its checksum is right, so it was written like this. What asks the journal for what it holds goes on, and the store refuses it."""
    odd = b"\x0a\x7f" + AGENTS_MARK
    segment_of(tmp_path, (odd, 1), (body(T, ["good"]), 1))
    async with Journal(tmp_path / "journal") as journal:
        assert list(journaled_observations(journal.records)) == []
        for one in journal.records(T):
            assert list(journaled_keys(T, one)) == []


async def test_damage_without_a_header_counts_as_an_item(tmp_path: Path) -> None:
    """How many items were in it nobody knows; at least one was, and the metrics say so."""
    path = segment_of(tmp_path, (body(T, ["gone"]), 1), (body(T, ["good"]), 1))
    path.write_bytes(b"\x00" * 20 + path.read_bytes()[20:])
    store = MemoryStore(World())
    async with Life(tmp_path, store) as life:
        assert life.figures.total(RECEIVED, T) == 2
        life.begin()
        await life.drain()
        assert life.figures.count(QUARANTINED, Signal.TRACES, "damaged") == 1
        assert set(store.stored) == {"good"}
        assert life.balance() == 0


async def test_a_start_syncs_all_that_waits_at_once(tmp_path: Path) -> None:
    """Two thousand segments that a long outage left are no two thousand syncs."""

    class Counting(FileDisk):
        syncs = 0

        def sync(self, file: int) -> None:
            self.syncs += 1
            super().sync(file)

        def sync_all(self, folder: Path) -> None:
            self.syncs += 1
            super().sync_all(folder)

    for number in range(200):
        segment_of(tmp_path, (body(T, [f"s{number}"]), 1), segment_id=f"{number:012x}-00112233445566778899")
    disk = Counting()
    async with Journal(tmp_path / "journal", disk=disk) as journal:
        assert journal.depth(T).items == 200
    assert disk.syncs == 1


async def test_a_segment_that_is_on_its_way_out_can_come_back(tmp_path: Path) -> None:
    """Sent again while its file is being removed, and also where it could not be removed at first: what comes back is not removed."""

    class Stubborn(FileDisk):
        fails = 1

        def unlink(self, path: Path) -> None:
            if self.fails and path.suffix == ".binpb":
                self.fails -= 1
                raise OSError("it stays")
            super().unlink(path)

    path = segment_of(tmp_path, (body(T, ["one"]), 1))
    content = path.read_bytes()
    async with Journal(tmp_path / "journal", JournalSettings(segment_max_age_s=0.0), disk=Stubborn()) as journal:
        segment = await journal.next(T)
        assert segment is not None
        with pytest.raises(OSError, match="it stays"):
            await journal.remove(segment)
        assert await journal.enter(T, ID, content) == 1
        assert await journal.enter(T, ID, content) == 1
        assert journal.depth(T).items == 1
        await journal.append(Signal.LOGS, body(Signal.LOGS, ["l"]), 1)
        other = await journal.next(Signal.LOGS)
        assert other is not None
        await journal.remove(other)
        assert path.read_bytes() == content
