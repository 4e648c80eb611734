"""A disk that is full, at every step of start, change of the schema, insert and retention: the database opens afterwards, with its history.

On a real small file system. Each life is a process of its own. What was there before a disk was full is there afterwards, and what was
refused meanwhile can be stored again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support import warm
from support.small_disk import SmallDisk, small_disk
from support.soaking import share
from support.template import furnish

KIB, MIB = 1024, 1024 * 1024
LEVELS = [0, 64 * KIB, 4 * MIB + 8 * KIB]
MORE_LEVELS = [8 * KIB, 16 * KIB, 24 * KIB, 48 * KIB, 512 * KIB, 4 * MIB - 8 * KIB, 4 * MIB + 256 * KIB]
pytestmark = [pytest.mark.crash, pytest.mark.soak]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    """Give a disk of 40 MB."""
    with small_disk(tmp_path / "disk", 40) as mounted:
        yield mounted


def live(disk: SmallDisk, days: int, *what: str, ballast_bytes: int = 0) -> dict[str, str]:
    """Live a life on a disk; return what each step said."""
    done = warm.run(warm.module("crash.store_life"), [str(disk.path / "data"), str(days), str(ballast_bytes), *what], within_s=100)
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert done.returncode in (0, -9), done.stderr[-2000:]
    return said


def torn(disk: SmallDisk) -> list[Path]:
    """Definitions that are empty."""
    return [path for path in disk.path.rglob("*.sql") if not path.stat().st_size]


@pytest.mark.long
@pytest.mark.parametrize("free", share(LEVELS[:1], LEVELS, LEVELS + MORE_LEVELS))
def test_the_database_opens_after_any_step_on_a_full_disk(disk: SmallDisk, free: int) -> None:
    """A start with a changed retention, which is what people do then, an insert, the retention; then there is room again."""
    furnish(disk.path / "data")
    assert live(disk, 0, "open", "insert", "count")["count"] == "20"
    disk.fill(but=free)
    full = live(disk, 300, "open", "count", "insert", "retain")
    assert full["open"] == "done"
    assert full["count"] == "20", "questions are answered while the disk is full"
    if free < 4 * MIB:
        assert full["insert"].startswith("NoRoom no room for an insert: ")
    assert torn(disk) == []
    disk.clear()
    after = live(disk, 300, "open", "count", "insert", "damages")
    assert after == {"open": "done", "count": after["count"], "insert": "done", "damages": "[]"}
    assert int(after["count"]) in (20, 40)


@pytest.mark.long
@pytest.mark.parametrize("free", share([0], [0, 16 * KIB, 40 * KIB], [4 * KIB * n for n in range(16)]))
def test_a_definition_that_a_disk_tore_at_the_wrong_moment_is_put_back(disk: SmallDisk, free: int) -> None:
    """The disk fills between the look and the step: the engine leaves empty definitions, and the next start mends them and says so."""
    furnish(disk.path / "data")
    assert live(disk, 0, "open", "insert", "count")["count"] == "20"
    disk.fill(but=free)
    live(disk, 300, "trust", "open", "kill")
    left = torn(disk)
    disk.clear()
    after = live(disk, 300, "open", "count", "insert", "damages")
    assert (after["open"], after["count"], after["insert"]) == ("done", "20", "done")
    assert after["damages"].count("Hookline restored it") >= len([path for path in left if path.name != "schema_migrations.sql"])


@pytest.mark.middle
def test_what_is_past_its_time_goes_first_on_a_full_disk(disk: SmallDisk) -> None:
    """The ballast makes the little room that dropping the days past a shortened retention needs; it is taken back when there is room."""
    furnish(disk.path / "data")
    assert live(disk, 0, "open", "insert:60000", "count", "retain", ballast_bytes=4 * MIB)["count"] == "60000"
    assert (disk.path / "data" / "ballast").stat().st_size == 4 * MIB
    disk.fill(but=256 * KIB)
    full = live(disk, 30, "open", "count", ballast_bytes=4 * MIB)
    assert full["count"] == "30000"
    assert disk.free_bytes > 256 * KIB + 4 * MIB + 512 * KIB
    disk.clear()
    live(disk, 30, "open", ballast_bytes=4 * MIB)
    assert (disk.path / "data" / "ballast").exists()
