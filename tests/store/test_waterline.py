"""The waterline: what of the engine's folder counts after a cut, in whatever mixture the disk has it."""

import itertools
import os
import re
import shutil
import stat
import threading
from importlib.resources import files
from pathlib import Path

import pytest

from hookline.errors import ConfigInvalid, Refused
from hookline_collector.delivery.retirement import IDLE_S
from hookline_collector.serving import filesystem
from hookline_collector.serving.filesystem import keep_private, sync_file_system
from hookline_collector.store import embedded
from hookline_collector.store.embedded import waterline
from hookline_collector.store.embedded.parts import EnginePart, part_of, parts, tables
from hookline_collector.store.embedded.rewind import above, rewind
from hookline_collector.store.embedded.waterline import NOTE, PLACE_BYTES, Broken, Waterline, WaterlineNote, read_note, unpacked

TABLE = "store/abc/abcdef"


def engine(folder: Path, names: list[str], lines: list[str] | None = None) -> Path:
    """Make a table as the engine has it: parts and the log of their tokens."""
    table = folder / TABLE
    for name in names:
        (table / name).mkdir(parents=True)
        (table / name / "data.bin").write_text(name)
    (table / "deduplication_logs").mkdir(parents=True, exist_ok=True)
    text = "".join(lines if lines is not None else [f"1\t{name}\ttoken of {name}\n" for name in names if name.endswith("_0")])
    (table / "deduplication_logs" / "deduplication_log_1.txt").write_text(text)
    return table


def tokens(table: Path) -> list[str]:
    """Return the parts whose tokens a table knows."""
    return [line.split("\t")[1] for line in (table / "deduplication_logs" / "deduplication_log_1.txt").read_text().splitlines()]


def opened(folder: Path) -> Waterline:
    """Take a folder over as a start does, with the configuration that follows."""
    one = Waterline(folder)
    (folder / "config.xml").write_text(f"<!-- the engine -->\n<!-- waterline {one.mark} -->\n")
    return one


@pytest.mark.parametrize(("part_is_there", "token_is_there"), list(itertools.product([True, False], repeat=2)))
def test_above_the_waterline_neither_rows_nor_tokens_count(tmp_path: Path, part_is_there: bool, token_is_there: bool) -> None:
    """All four mixtures of a part and its token that a cut can leave come to the same: the segment is stored again, once."""
    names = ["20260101_1_1_0", "20260101_2_2_0", *(["20260101_3_3_0"] if part_is_there else [])]
    known = ["20260101_1_1_0", "20260101_2_2_0", *(["20260101_3_3_0"] if token_is_there else [])]
    table = engine(tmp_path, names, [f"1\t{name}\ttoken\n" for name in known])
    rewind(tmp_path, {TABLE: 2})
    assert sorted(part.name for part in parts(table)) == tokens(table) == ["20260101_1_1_0", "20260101_2_2_0"]


def test_a_merge_over_the_waterline_is_undone_as_its_sources_are_there(tmp_path: Path) -> None:
    """Sources are kept for a while; the engine finds them again when the result is gone."""
    table = engine(tmp_path, ["20260101_1_1_0", "20260101_2_2_0", "20260101_3_3_0", "20260101_1_3_1", "20260102_4_4_0"])
    assert rewind(tmp_path, {TABLE: 2}) == 3
    assert sorted(part.name for part in parts(table)) == ["20260101_1_1_0", "20260101_2_2_0"]
    assert tokens(table) == ["20260101_1_1_0", "20260101_2_2_0"]


def test_a_merge_whose_sources_are_gone_stays_with_the_tokens_that_it_has(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What was durable before is never thrown away for what came last; this is said."""
    lines = [f"1\t20260101_{n}_{n}_0\ttoken\n" for n in (1, 2, 3)] + ["1\t20260102_4_4_0\ttoken\n"]
    table = engine(tmp_path, ["20260101_1_3_1", "20260102_4_4_0"], lines)
    rewind(tmp_path, {TABLE: 2})
    assert [part.name for part in parts(table)] == ["20260101_1_3_1"]
    assert tokens(table) == [f"20260101_{n}_{n}_0" for n in (1, 2, 3)]
    assert "reaches past the waterline" in caplog.text


def test_a_torn_end_of_a_token_log_is_cut_off(tmp_path: Path) -> None:
    """Else the engine would write its next line behind half of one. A table that the note does not know is mended, too, and keeps its parts."""
    table = engine(tmp_path, ["20260101_1_1_0", "20260101_2_2_0"], ["1\t20260101_1_1_0\ttoken\n", "1\t20260101_2_"])
    rewind(tmp_path, {})
    assert tokens(table) == ["20260101_1_1_0"]
    assert len(parts(table)) == 2
    assert [path.name for path in (table / "deduplication_logs").iterdir()] == ["deduplication_log_1.txt"]
    rewind(tmp_path, {})
    assert tokens(table) == ["20260101_1_1_0"]


def test_names_that_are_no_parts_are_none_of_ours() -> None:
    """Parts that are being written, merged or removed, and what else stands in a table's folder."""
    assert part_of("20260101_4_17_2_30") == EnginePart("20260101_4_17_2_30", "20260101", 4, 17)
    assert part_of("all_1_1_0") == EnginePart("all_1_1_0", "all", 1, 1)
    for name in ("tmp_insert_20260101_1_1_0", "tmp_merge_20260101_1_2_1", "delete_tmp_20260101_1_1_0", "detached", "format_version.txt", "a_b_c_d"):
        assert part_of(name) is None, name
    assert above([], 5) == []


def test_the_waterline_rises_over_what_was_stored_before(tmp_path: Path) -> None:
    """After a rise what is there stays at the next start; what comes later goes."""
    table = engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    one.rise()
    (table / "20260101_2_2_0").mkdir()
    one.rise()
    (table / "20260101_3_3_0").mkdir()
    one.close()
    two = opened(tmp_path)
    two.close()
    assert sorted(part.name for part in parts(table)) == ["20260101_1_1_0", "20260101_2_2_0"]


def test_a_folder_that_another_program_opened_is_not_rewound(tmp_path: Path) -> None:
    """An older version writes the configuration anew and knows no waterline: what it stored is not in our journal."""
    table = engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    one.rise()
    one.close()
    (tmp_path / "config.xml").write_text("<clickhouse/>")
    (table / "20260101_2_2_0").mkdir()
    two = opened(tmp_path)
    two.close()
    assert len(parts(table)) == 2
    assert two.mark != one.mark


def test_a_torn_note_leaves_the_one_before(tmp_path: Path) -> None:
    """The two places are written in turn, so that a cut while one is written costs one rise."""
    table = engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    for block in (2, 3, 4):
        one.rise()
        (table / f"20260101_{block}_{block}_0").mkdir()
    one.close()
    newest = read_note(tmp_path / NOTE)
    assert newest is not None
    assert newest.levels == {TABLE: 3}
    content = bytearray((tmp_path / NOTE).read_bytes())
    content[newest.number % 2 * PLACE_BYTES + 20] ^= 1
    (tmp_path / NOTE).write_bytes(content)
    before = read_note(tmp_path / NOTE)
    assert before is not None
    assert (before.number, before.levels) == (newest.number - 1, {TABLE: 2})
    for rubbish in (b"", b"\0" * 100, b"00000000\n{}\n", b"xyz\n\n", bytes(range(256))):
        assert unpacked(rubbish) is None
    assert unpacked(WaterlineNote("m", 7, {"t": 1}).packed() + b"older bytes\n") == WaterlineNote("m", 7, {"t": 1})


def test_the_waterline_waits_for_inserts_and_inserts_for_its_reading(tmp_path: Path) -> None:
    """Blocks are noted while no insert runs, so that what a segment has and has not is clear; an insert that hangs is not waited for."""
    engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    rising = threading.Thread(target=one.rise)
    with one.inserting():
        rising.start()
        assert rising.is_alive()
    rising.join(10)
    assert not rising.is_alive()
    one.close()


def test_an_insert_that_hangs_does_not_hold_up_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rise is refused for now, and tried again; what was merged meanwhile is on the disk all the same, before the engine removes its sources."""
    monkeypatch.setattr(waterline, "WAIT_S", 0.01)
    one = opened(tmp_path)
    synced: list[Path] = []
    with one.inserting():
        monkeypatch.setattr(waterline, "sync_file_system", lambda folder, *_: synced.append(folder))
        with pytest.raises(Refused, match="an insert takes long"):
            one.rise()
        assert synced == [tmp_path]
        with one.inserting():
            pass
    one.close()


def test_what_was_merged_stays_until_a_sync_had_time_for_it() -> None:
    """The engine removes it after a time of its own, and a start could not undo the merge any more: half a minute for the sync itself."""
    found = re.search(r"<old_parts_lifetime>(\d+)<", files(embedded).joinpath("engine.xml").read_text())
    assert found is not None
    assert int(found[1]) > IDLE_S + waterline.WAIT_S + 30


def test_after_a_failed_sync_nothing_is_stored_until_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel says once that pages were lost, and then takes them for clean: a second sync proves nothing. A start rewinds."""
    table = engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    one.rise()
    (table / "20260101_2_2_0").mkdir()

    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(waterline, "sync_file_system", fails)
        with pytest.raises(Broken, match=r"failed \(Input/output error\).*restart Hookline"):
            one.rise()
    for again in (one.rise, one.inserting().__enter__):
        with pytest.raises(Refused, match="restart Hookline"):
            again()
    one.close()
    two = opened(tmp_path)
    two.rise()
    assert [part.name for part in parts(table)] == ["20260101_1_1_0"]
    two.close()


def test_where_the_note_cannot_be_written_nothing_leaves_the_journal(tmp_path: Path) -> None:
    """A rise that cannot be written down is none; it is only refused, and succeeds when there is room."""
    engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    (tmp_path / NOTE).mkdir()
    with pytest.raises(Refused, match="cannot write"):
        one.rise()
    (tmp_path / NOTE).rmdir()
    one.rise()
    one.close()


def test_file_by_file_all_that_changed_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot sync a file system: files, then the folders that name them; pipes and links are passed over."""
    engine(tmp_path, ["20260101_1_1_0"])
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    monkeypatch.setattr(filesystem, "_syncfs", lambda: None)
    synced: list[str] = []
    real = os.fsync

    def noting(file: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{file}").readlink()))
        real(file)

    monkeypatch.setattr(os, "fsync", noting)
    sync_file_system(tmp_path, -1)
    table = str(tmp_path / TABLE)
    expected = [f"{table}/20260101_1_1_0/data.bin", f"{table}/20260101_1_1_0", table, str(tmp_path)]
    assert [path for path in synced if path in expected] == expected
    assert not {str(tmp_path / "pipe"), "/dev/zero"} & set(synced)


def test_tables_without_tokens_and_an_empty_folder_are_fine(tmp_path: Path) -> None:
    """The first start, and tables that nothing is inserted into twice."""
    assert list(tables(tmp_path)) == []
    (tmp_path / TABLE).mkdir(parents=True)
    assert list(tables(tmp_path)) == []
    one = opened(tmp_path)
    one.rise()
    one.close()
    shutil.rmtree(tmp_path / "store")
    opened(tmp_path).close()


@pytest.mark.parametrize(
    ("mode", "from_readers", "becomes", "says"),
    [
        (0o777, False, 0o755, "could write into"),
        (0o770, False, 0o750, "could write into"),
        (0o755, False, 0o755, ""),
        (0o755, True, 0o700, "could look into"),
        (0o772, True, 0o700, "could write into"),
        (0o1777, True, 0o1777, ""),
        (0o700, True, 0o700, ""),
    ],
)
def test_others_lose_what_they_may_do_in_our_folders(tmp_path: Path, mode: int, from_readers: bool, becomes: int, says: str) -> None:
    """Mended and said; a folder that is right, or sticky as /tmp is, stays as it is."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(mode)
    said = keep_private(folder, from_readers)
    assert (says in said) if says else not said
    assert stat.S_IMODE(folder.stat().st_mode) == becomes


def test_a_folder_of_somebody_else_that_all_may_write_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody could put a journal of their own there. One that a group shares is used, and this is said."""
    assert keep_private(tmp_path / "missing", from_readers=True) == ""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    tmp_path.chmod(0o775)
    assert "its group may do what mode 0775 says" in keep_private(tmp_path, from_readers=False)
    tmp_path.chmod(0o777)
    with pytest.raises(ConfigInvalid, match="everybody may write into"):
        keep_private(tmp_path, from_readers=False)
    tmp_path.chmod(0o700)


def counted_syncs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note each sync of a file system from now on."""
    syncs: list[Path] = []
    monkeypatch.setattr(waterline, "sync_file_system", lambda folder, *_: syncs.append(folder))
    return syncs


def change_inserts(table: Path) -> None:
    """A part more, as an insert or a merge leaves one."""
    (table / "20260101_9_9_0").mkdir()


def change_merges(table: Path) -> None:
    """A part that is being written: its content comes before its name."""
    (table / "tmp_merge_20260101_1_9_1").mkdir()


def change_renames(table: Path) -> None:
    """The same part under its own name."""
    (table / "tmp_merge_20260101_1_9_1").rename(table / "20260101_1_9_1")


def change_removes(table: Path) -> None:
    """What was merged goes."""
    (table / "20260101_9_9_0").rmdir()


def change_mutates(table: Path) -> None:
    """A change of rows is written down before it is made."""
    (table / "mutation_10.txt").write_text("format version: 1\n")


def change_defines(table: Path) -> None:
    """A definition is put in the place of the one before, under its name."""
    draft = table / "table.sql.tmp"
    draft.write_text("ATTACH TABLE")
    draft.rename(table / "table.sql")


def change_defines_again(table: Path) -> None:
    """Once more: no name is new, only what stands under it."""
    change_defines(table)


def change_adds_a_table(table: Path) -> None:
    """One that remembers no tokens counts as well."""
    (table.parent.parent / "def" / "defabc").mkdir(parents=True)


def change_adds_a_database(table: Path) -> None:
    """Its definition stands beside the store."""
    (table.parents[2] / "metadata").mkdir()
    (table.parents[2] / "metadata" / "other.sql").write_text("ATTACH DATABASE")


CHANGES = (
    change_inserts,
    change_merges,
    change_renames,
    change_removes,
    change_mutates,
    change_defines,
    change_defines_again,
    change_adds_a_table,
    change_adds_a_database,
)


def test_whatever_the_engine_did_to_its_folder_is_synced_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that is at rest costs no sync; a merge, a mutation or a new definition does, also without any insert of ours."""
    table = engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    syncs = counted_syncs(monkeypatch)
    one.rise()
    for change in CHANGES:
        before = len(syncs)
        one.rise()
        assert len(syncs) == before, f"before {change.__name__}"
        change(table)
        one.rise()
        assert len(syncs) == before + 1, change.__name__
    one.close()


def test_after_an_insert_is_always_synced_also_where_it_left_nothing_to_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have written a token, which stands in a file that was there."""
    engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    syncs = counted_syncs(monkeypatch)
    one.rise()
    with one.inserting():
        pass
    one.rise()
    one.rise()
    assert len(syncs) == 2
    one.close()


def test_what_could_not_be_written_down_is_synced_and_written_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a rise that came to its end says that all is safe."""
    engine(tmp_path, ["20260101_1_1_0"])
    one = opened(tmp_path)
    syncs = counted_syncs(monkeypatch)
    (tmp_path / NOTE).mkdir()
    for _ in range(2):
        with pytest.raises(Refused, match="cannot write"):
            one.rise()
    (tmp_path / NOTE).rmdir()
    one.rise()
    assert len(syncs) == 3
    one.close()
