"""Room is asked for before a step; definitions are kept beside and put back; partitions are dropped when all in them is past its time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hookline_collector.observe.disk_room import NEEDED_BYTES, Free, NoRoom, Room, free_under
from hookline_collector.store.embedded.definitions import KEPT, is_whole, keep, mend
from hookline_collector.store.schema.retention import is_expired
from support.cases import with_each

TABLE = "ATTACH TABLE _ UUID '267a7798-ec71-476a-b2e3-5006a805da6d'\n(\n    `x` String DEFAULT 'a(b\\'c'\n)\nENGINE = MergeTree\nORDER BY x\n"
UUID = "0676ce18-3538-42e6-b78e-84266c8bfaa9"


def engine_folder(folder: Path) -> Path:
    """An engine's folder with a database of two tables; returns the folder of their definitions."""
    tables = folder / "store" / "067" / UUID
    tables.mkdir(parents=True)
    (tables / "a.sql").write_text(TABLE)
    (tables / "b.sql").write_text(TABLE)
    (folder / "metadata").mkdir()
    (folder / "metadata" / "d").symlink_to(f"../store/067/{UUID}")
    (folder / "metadata" / "d.sql").write_text(f"ATTACH DATABASE _ UUID '{UUID}'\nENGINE = Atomic\n")
    return tables


@with_each("cut", range(len(TABLE)))
def test_a_definition_that_was_cut_anywhere_is_not_whole(cut: int) -> None:
    """Also one that was never written, and one whose end was written as zeros."""
    assert is_whole(TABLE)
    assert not is_whole(TABLE[:cut]) or TABLE[:cut].endswith(("MergeTree\n", ")\n"))
    assert not is_whole(TABLE[:cut] + "\0" * (len(TABLE) - cut))


def test_torn_definitions_are_put_back_from_the_copy(tmp_path: Path) -> None:
    """The copy is written when something changed, and holds through a start that finds definitions torn."""
    tables = engine_folder(tmp_path)
    assert keep(tmp_path)
    assert not keep(tmp_path)
    (tables / "a.sql").write_bytes(b"")
    (tmp_path / "metadata" / "d.sql").write_text("ATTACH")
    assert not keep(tmp_path), "a torn definition takes no place in the copy"
    assert [found.is_whole_again for found in mend(tmp_path)] == [True, True]
    assert (tables / "a.sql").read_text() == TABLE
    assert (tmp_path / "metadata" / "d.sql").read_text() == f"ATTACH DATABASE _ UUID '{UUID}'\nENGINE = Atomic\n"
    assert mend(tmp_path) == []


@pytest.mark.parametrize("copy", [b"", b"00000000\n{}", b"junk"])
def test_without_a_copy_a_torn_definition_is_set_aside_and_named(tmp_path: Path, copy: bytes) -> None:
    """The rest of the database opens; a database's own definition needs no copy."""
    tables = engine_folder(tmp_path)
    (tmp_path / KEPT).write_bytes(copy)
    (tables / "a.sql").write_bytes(b"\0" * 40)
    (tmp_path / "metadata" / "d.sql").write_bytes(b"")
    (tables / "mutation_7.txt").write_text("format ver")
    (tables / "format_version.txt").write_text("")
    found = {Path(mended.path).name: mended for mended in mend(tmp_path)}
    assert {name: mended.is_whole_again for name, mended in found.items()} == {
        "d.sql": True,
        "a.sql": False,
        "mutation_7.txt": False,
        "format_version.txt": True,
    }
    assert found["a.sql"].words == f"store/067/{UUID}/a.sql was torn; Hookline could not restore it; it is in damaged/"
    assert len(list((tmp_path / "damaged").iterdir())) == 2
    assert (tables / "b.sql").read_text() == TABLE


@pytest.mark.parametrize(
    ("free", "enough"),
    [(Free(NEEDED_BYTES, 10**9), True), (Free(NEEDED_BYTES - 1, 10**9), False), (Free(10**9, 10**9, 3), False), (Free(10**9, 10**9, 10**6), True)],
)
def test_room_is_bytes_and_files(tmp_path: Path, free: Free, enough: bool) -> None:
    """A file system without inodes left is as full as one without blocks; the message says what is missing and where."""
    room = Room(tmp_path, look=lambda _: free)
    assert room.health().ok == enough
    if not enough:
        with pytest.raises(NoRoom, match="no room for a step: "):
            room.require("a step")


def test_the_ballast_goes_when_there_is_no_room_and_comes_back(tmp_path: Path) -> None:
    """It is real blocks of a private file."""
    found = Free(10**9, 10**10)
    room = Room(tmp_path, 4096, look=lambda _: found)
    room.restore()
    ballast = tmp_path / "ballast"
    assert ballast.stat().st_blocks * 512 >= 4096
    assert ballast.stat().st_mode & 0o077 == 0
    found = Free(0, 10**10)
    with pytest.raises(NoRoom):
        room.make("a step")
    assert not ballast.exists()
    room.restore()
    assert not ballast.exists()
    found = Free(10**9, 10**10)
    room.restore()
    assert ballast.exists()


def test_room_is_looked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    """A data folder that is not there yet has the room of its parent."""
    assert free_under(tmp_path / "not" / "yet").of_bytes == free_under(tmp_path).of_bytes


@with_each(
    "partition, days, today, expired",
    [
        ("2026-03-01", 30, date(2026, 3, 31), False),
        ("2026-03-01", 30, date(2026, 4, 1), True),
        ("2026-03-01", 0, date(2099, 1, 1), False),
        ("202602", 30, date(2026, 3, 30), False),
        ("202602", 30, date(2026, 3, 31), True),
        ("202612", 1, date(2027, 1, 2), True),
        ("2026", 30, date(2027, 1, 30), False),
        ("2026", 30, date(2027, 1, 31), True),
        ("tuple()", 1, date(2099, 1, 1), False),
        ("202613", 1, date(2099, 1, 1), False),
    ],
)
def test_a_partition_is_dropped_when_its_last_moment_is_past_its_time(partition: str, days: int, today: date, expired: bool) -> None:
    """Days, months and years; a table that is kept for ever and names that are none of these stay."""
    assert is_expired(partition, days, today) is expired
