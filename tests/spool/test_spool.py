"""The relay's side of the spool: order, removal, damage, limits and what vanishes meanwhile."""

import os
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookline.errors import Corrupt
from hookline.settings import Settings
from hookline.settings.schema import SpoolSettings
from hookline.spool import SpoolReader, prepare, write_event
from hookline.spool.event_file import format_event, parse_event
from hookline.spool.listing import Listing

NOW = 1_800_000_000 * 10**9
ENV = {"agent": "claude-code", "claude_pid": "1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return prepare(Settings(data_dir=tmp_path / "data"))


def leave(folder: Path, payload: str, time_ns: int = NOW) -> str:
    path = write_event(folder, payload.encode(), ENV, time_ns)
    assert path is not None
    return path.name


def take(reader: SpoolReader, now_ns: int = NOW + 10**9) -> list[str]:
    return [event.payload.decode() for event in reader.take(now_ns)]


def test_events_come_in_the_order_of_their_times_and_then_of_their_names(folder: Path) -> None:
    """Whatever the order in which they were written."""
    leave(folder, "third", NOW + 3)
    names = sorted((leave(folder, "a", NOW + 2), leave(folder, "b", NOW + 2)))
    leave(folder, "first", NOW + 1)
    events = SpoolReader(folder).take(NOW + 10**9)
    assert [event.time_ns for event in events] == [NOW + 1, NOW + 2, NOW + 2, NOW + 3]
    assert [event.name for event in events][1:3] == names


def test_an_event_is_handed_out_once_and_again_by_the_next_reader_until_it_is_removed(folder: Path) -> None:
    """A relay that was killed finds what it had not removed, with the same uid."""
    leave(folder, "x")
    reader = SpoolReader(folder)
    [event] = reader.take(NOW + 10**9)
    assert reader.take(NOW + 2 * 10**9) == []
    [again] = SpoolReader(folder).take(NOW + 10**9)
    assert again == event
    reader.remove([event.name])
    assert reader.depth().files == 0
    assert SpoolReader(folder).take(NOW + 10**9) == []


def test_a_name_that_comes_round_again_is_a_new_event(folder: Path) -> None:
    """Names are unique among the events that lie there, not for ever."""
    name = leave(folder, "old")
    reader = SpoolReader(folder)
    [old] = reader.take(NOW + 10**9)
    reader.remove([name])
    (folder / name).write_bytes(format_event(ENV, b"new"))
    [new] = reader.take(NOW + 2 * 10**9)
    assert (new.name, new.payload) == (name, b"new")
    assert new.uid != old.uid


def test_a_fresh_event_waits_until_an_earlier_one_can_no_longer_appear(folder: Path) -> None:
    """Of two hooks at once the one that began first may end last."""
    reader = SpoolReader(folder, settle_s=0.03)
    leave(folder, "second", NOW + 1_000_000)
    assert take(reader, NOW + 20_000_000) == []
    assert reader.next_in_s(NOW + 20_000_000) == pytest.approx(0.011)
    leave(folder, "first", NOW)
    assert take(reader, NOW + 31_000_000) == ["first", "second"]
    assert reader.next_in_s(NOW) is None


def test_an_event_from_the_future_does_not_wait_for_its_time(folder: Path) -> None:
    """Clocks are set back."""
    leave(folder, "x", NOW + 3600 * 10**9)
    assert take(SpoolReader(folder), NOW) == ["x"]


def test_a_backlog_is_taken_in_portions_of_bounded_size(folder: Path) -> None:
    """By count, and by bytes, though at least one at a time."""
    for number in range(5):
        leave(folder, "x" * 1000, NOW + number)
    reader = SpoolReader(folder)
    assert len(reader.take(NOW + 10**9, max_events=2)) == 2
    assert len(reader.take(NOW + 10**9, max_bytes=1)) == 1
    assert reader.depth().unread == 2
    assert len(reader.take(NOW + 10**9, max_bytes=1500)) == 2


def test_events_that_come_meanwhile_are_found_at_the_next_look(folder: Path) -> None:
    """Also several within one tick of the file clock."""
    reader = SpoolReader(folder, settle_s=0)
    for number in range(50):
        leave(folder, str(number), time.time_ns())
        assert take(reader, time.time_ns()) == [str(number)]


def test_the_depth_follows_every_arrival_and_removal(folder: Path) -> None:
    """Files and bytes are those that lie there, whoever removed the others."""
    names = [leave(folder, "x" * size, NOW + size) for size in (10, 20, 30)]
    overhead = len(format_event(ENV, b""))
    reader = SpoolReader(folder)
    reader.take(NOW + 10**9, max_events=1)
    assert (reader.depth().files, reader.depth().bytes, reader.depth().unread) == (3, 60 + 3 * overhead, 2)
    reader.remove(names[:1])
    (folder / names[1]).unlink()
    assert take(reader) == ["x" * 30]
    assert (reader.depth().files, reader.depth().bytes, reader.depth().unread) == (1, 30 + overhead, 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hookline/1 agent=x",
        b"hookline/2 agent=x\n{}",
        b"{}\n{}",
        b"hookline/1 a=b\n \n",
        b"hookline/1 " + b"x" * 5000 + b"\n{}",
        b"\xff\xfe\n\x00",
    ],
    ids=["empty", "no payload line", "other version", "no environment", "blank payload", "endless line", "binary"],
)
def test_what_is_no_event_is_set_aside_once_and_counted(folder: Path, content: bytes) -> None:
    """It is kept for a person to look at, and never tried again."""
    (folder / "1-0.ev").write_bytes(content)
    leave(folder, "good")
    reader = SpoolReader(folder)
    assert take(reader) == ["good"]
    assert (reader.depth().bad, reader.depth().files) == (1, 1)
    [kept] = (folder / "bad").iterdir()
    assert kept.read_bytes() == content


def test_links_folders_and_pipes_are_never_followed(folder: Path, tmp_path: Path) -> None:
    """An entry that points out of the spool is set aside as it is; what it points to stays untouched."""
    secret = tmp_path / "secret"
    secret.write_bytes(format_event(ENV, b"secret"))
    (folder / "1-0.ev").symlink_to(secret)
    (folder / "2-0.ev").mkdir()
    os.mkfifo(folder / "3-0.ev")
    (folder / "4-0.ev").symlink_to("nowhere")
    reader = SpoolReader(folder)
    assert take(reader) == []
    assert reader.depth().bad == 4
    assert secret.read_bytes() == format_event(ENV, b"secret")


def test_a_bad_folder_that_is_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    """What is set aside stays in the spool."""
    (folder / "bad").rmdir()
    (folder / "bad").symlink_to(tmp_path)
    (folder / "1-0.ev").write_bytes(b"damaged")
    SpoolReader(folder).take(NOW)
    assert (folder / "bad").is_dir()
    assert not list(tmp_path.glob("*.ev"))


def test_what_is_set_aside_is_bounded(folder: Path) -> None:
    """The oldest goes first."""
    reader = SpoolReader(folder, SpoolSettings(max_bad_bytes=250))
    for number in range(5):
        (folder / f"{number}-0.ev").write_bytes(b"%d" % number * 100)
        os.utime(folder / f"{number}-0.ev", ns=(NOW + number, NOW + number))
        reader.take(NOW + 10**9)
    assert sorted(path.name.partition("-")[2] for path in (folder / "bad").iterdir()) == ["3-0.ev", "4-0.ev"]


def test_an_event_past_the_size_limit_is_set_aside_unread(folder: Path) -> None:
    """One event cannot fill the memory."""
    leave(folder, "x" * 1000)
    reader = SpoolReader(folder, SpoolSettings(max_event_bytes=500))
    assert take(reader) == []
    assert reader.depth().bad == 1


def test_files_that_vanish_between_listing_and_reading_are_no_fault(folder: Path) -> None:
    """Somebody tidied up."""
    names = [leave(folder, str(number), NOW + number) for number in range(3)]
    reader = SpoolReader(folder)
    reader.take(NOW + 10**9, max_events=1)
    (folder / names[1]).unlink()
    reader.remove([names[0], names[1], "never-there.ev"])
    assert take(reader) == ["2"]


def test_a_spool_that_is_gone_or_comes_back_is_no_fault(folder: Path) -> None:
    """No folder is an empty spool."""
    reader = SpoolReader(folder)
    leave(folder, "before")
    assert take(reader) == ["before"]
    moved = folder.rename(folder.with_name("moved"))
    assert take(reader) == []
    assert (reader.depth().files, reader.depth().dropped, reader.depth().bad, reader.sweep(NOW)) == (0, 0, 0, 0)
    moved.rename(folder)
    leave(folder, "after", NOW + 1)
    assert take(reader) == ["before", "after"]


def test_reading_while_hooks_write_and_others_remove_loses_and_repeats_nothing(folder: Path) -> None:
    """Four writers; the reader removes as it goes."""
    count = 200

    def write(writer: int) -> None:
        for number in range(count):
            write_event(folder, f"{writer}.{number}".encode(), ENV)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    reader = SpoolReader(folder, settle_s=0)
    seen: list[str] = []
    deadline = time.monotonic() + 30
    while len(seen) < 4 * count and time.monotonic() < deadline:
        events = reader.take(time.time_ns())
        seen += [event.payload.decode() for event in events]
        reader.remove(event.name for event in events)
    for writer in writers:
        writer.join()
    assert sorted(seen) == sorted(f"{writer}.{number}" for writer in range(4) for number in range(count))
    assert reader.depth().files == 0


@pytest.mark.parametrize("limits", [SpoolSettings(max_files=2), SpoolSettings(max_bytes=100)], ids=["files", "bytes"])
def test_the_reader_raises_and_lowers_the_flag_of_the_limits(folder: Path, limits: SpoolSettings) -> None:
    """So that hooks drop at once past a limit and keep again as soon as there is room."""
    reader = SpoolReader(folder, limits)
    names = [leave(folder, "x" * 60, NOW + number) for number in range(2)]
    reader.take(NOW + 10**9)
    assert write_event(folder, b"dropped", ENV) is None
    assert reader.depth().dropped == 1
    reader.remove(names)
    assert write_event(folder, b"kept", ENV) is not None


def test_half_written_events_are_swept_when_they_are_old(folder: Path) -> None:
    """A hook that still writes is left alone."""
    for name, age_s in ((".1-0", 4000), (".2-0", 10)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, ns=(NOW - age_s * 10**9, NOW - age_s * 10**9))
    assert SpoolReader(folder).sweep(NOW) == 1
    assert [path.name for path in folder.glob(".*")] == [".2-0"]


def test_preparing_makes_private_folders_and_keeps_events(tmp_path: Path) -> None:
    """Also when it is done again, with other limits."""
    settings = Settings(data_dir=tmp_path / "a" / "b")
    folder = prepare(settings)
    leave(folder, "x")
    folder.chmod(0o755)
    prepare(Settings(data_dir=settings.data_dir, spool=SpoolSettings(max_bytes=5, max_files=6)))
    assert [path.stat().st_mode & 0o777 for path in (settings.data_dir, folder, folder / "bad")] == [0o700] * 3
    assert (folder / "limits").read_text().split()[:2] == ["5", "6"]
    assert take(SpoolReader(folder)) == ["x"]


def test_the_cost_of_a_hook_is_measured_where_the_file_system_tells_it(folder: Path) -> None:
    """From the file's birth to its rename."""
    leave(folder, "x")
    [event] = SpoolReader(folder).take(NOW + 10**9)
    assert event.hook_cost_s is None or 0 <= event.hook_cost_s < 5


def test_a_backlog_is_listed_without_being_read(folder: Path) -> None:
    """What is not due yet is not opened: a damaged event at its end is not noticed before."""
    for number in range(20):
        leave(folder, str(number), NOW + number)
    (folder / "1-0.ev").write_bytes(b"damaged")
    os.utime(folder / "1-0.ev", ns=(NOW + 99, NOW + 99))
    reader = SpoolReader(folder)
    assert len(reader.take(NOW + 10**9, max_events=20)) == 20
    assert (reader.depth().files, reader.depth().unread, reader.depth().bad) == (21, 1, 0)
    assert take(reader) == []
    assert (reader.depth().files, reader.depth().unread, reader.depth().bad) == (20, 0, 1)


def test_more_events_than_are_remembered_come_in_order_all_the_same(folder: Path) -> None:
    """The folder is passed over again as the remembered ones are used up; the figures count all."""
    names = [leave(folder, str(number), NOW + number) for number in range(35)]
    listing = Listing(folder, max_event_bytes=1000, window=10)
    handed: list[str] = []
    for round_ in range(7):
        listing.look(NOW + 10**9 + round_)
        assert (listing.files, listing.unread, listing.ready <= 10) == (35, 35 - len(handed), True)
        assert listing.bytes == sum((folder / name).stat().st_size for name in names)
        handed += [listing.pop() for _ in range(5)]
    assert handed == names


@given(st.permutations(range(8)), st.integers(1, 9))
def test_the_oldest_come_first_whatever_the_window(order: list[int], window: int) -> None:
    """In which order the folder gives its entries does not matter."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for number in order:
            (folder / f"{number}.ev").touch()
            os.utime(folder / f"{number}.ev", ns=(NOW + number, NOW + number))
        listing = Listing(folder, max_event_bytes=1, window=window)
        handed: list[str] = []
        while len(handed) < len(order):
            listing.look(NOW)
            handed.append(listing.pop())
        assert handed == [f"{number}.ev" for number in range(8)]


words = st.text(st.characters(codec="utf-8"), max_size=30)


@given(
    st.dictionaries(st.from_regex(r"[a-z_]{1,10}", fullmatch=True), words.filter(bool)),
    st.binary(min_size=1).filter(bytes.strip),
    st.integers(0, 2**62),
)
def test_what_is_written_is_what_is_read(env: dict[str, str], payload: bytes, time_ns: int) -> None:
    """Any value survives the environment line, any bytes the payload."""
    path = Path("/spool/1-0.ev")
    content = format_event(env, payload)
    if len(content) - len(payload) > 4096:
        return
    event = parse_event(path, time_ns, content)
    assert (event.env, event.payload, event.time_ns) == (env, payload, time_ns)


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_corrupt(content: bytes) -> None:
    """Nothing else is raised."""
    try:
        parse_event(Path("/spool/1-0.ev"), NOW, content)
    except Corrupt:
        return
    assert content.startswith(b"hookline/1")


@pytest.mark.parametrize("name", ["claude", "a) S 1 (b=c children_of=1"])
def test_the_kernels_line_says_what_the_agents_children_used(name: str) -> None:
    """Whatever the process is called."""
    kernels = f"8990 ({name}) S 8989 8990 8990 34816 8990 4194304 100 200 0 0 30 40 150 100 20 0 11 0 512345 1000000 250 18446744073709551615 1 1"
    event = parse_event(Path("/spool/1-0.ev"), NOW, f"hookline/1 agent=x children_of={kernels}\n{{}}\n".encode())
    assert (event.env, event.payload) == ({"agent": "x", "children": "8990.512345.250"}, b"{}\n")


@pytest.mark.parametrize("payload", [b"{}\n", b'{"a":"' + b"b c=d " * 1000 + b'"}\n', b'{\n"a": 1\n}\n'])
def test_an_agent_that_was_gone_leaves_its_payload(payload: bytes) -> None:
    """Its line and the end of the first line are missing."""
    event = parse_event(Path("/spool/1-0.ev"), NOW, b"hookline/1 agent=x children_of=" + payload)
    assert (event.env, event.payload) == ({"agent": "x"}, payload)


def test_words_of_a_newer_hook_are_ignored() -> None:
    """Unknown keys are kept, what is no pair is passed over."""
    event = parse_event(Path("/spool/1-0.ev"), NOW, b"hookline/1 agent=x word =y new%key=a%20b\n{}")
    assert event.env == {"agent": "x", "new%key": "a b"}
