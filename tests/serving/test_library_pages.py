"""What a process holds of its libraries' files: the pages that it uses, and every page that is its own."""

import fcntl
import mmap
import platform
from pathlib import Path

import pytest

from hookline_collector.serving import library_pages
from support import warm

MAPPED = """
import ctypes, mmap, re, sys
from pathlib import Path
from hookline_collector.serving import library_pages

def held(start):
    found = re.search(rf"^{start:x}-.*?^Rss: +(\\d+) kB", Path("/proc/self/smaps").read_text(), re.MULTILINE | re.DOTALL)
    return int(found[1]) * 1024

file = open(sys.argv[1], "rb")
"""
ONE_PAGE = """
mapped = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ)
start = int(next(line for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith(sys.argv[1])).partition("-")[0], 16)
mapped[len(mapped) // 2]
before = held(start)
library_pages.narrow()
let_go = held(start)
mapped[len(mapped) // 2]
used = held(start)
library_pages.release()
print(before, let_go, used, held(start), library_pages.noting_writes() >= 0)
"""
OWN_PAGE = """
mapped = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
start = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
mapped[:4] = b"ours"
assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start), ctypes.c_size_t(len(mapped)), mmap.PROT_READ) == 0
library_pages.narrow()
library_pages.release()
print(ctypes.string_at(start, 4).decode())
"""
linux_only = pytest.mark.skipif(platform.system() != "Linux", reason="of Linux")


def said(code: str, file: Path) -> list[str]:
    """Return what a process says that has a file of a megabyte."""
    file.write_bytes(bytes(range(256)) * 4096)
    done = warm.run(MAPPED + code, [str(file)])
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@linux_only
def test_of_a_file_only_the_pages_that_are_used_are_held(tmp_path: Path) -> None:
    """And none of it after it was let go, until it is used again."""
    before, let_go, used, at_last, is_possible = said(ONE_PAGE, tmp_path / "library.so")
    if is_possible != "True":
        pytest.skip("this system does not note writes for us")
    assert int(before) > mmap.PAGESIZE
    assert (int(let_go), int(used), int(at_last)) == (0, mmap.PAGESIZE, 0)


@linux_only
def test_what_was_written_into_a_mapping_stays(tmp_path: Path) -> None:
    """As addresses do that the loader writes before it makes a mapping read-only."""
    assert said(OWN_PAGE, tmp_path / "library.so") == ["ours"]


@linux_only
def test_a_file_that_is_no_library_is_left_alone(tmp_path: Path) -> None:
    """It may be gone before the kernel is told, and something else lie there."""
    before, let_go, used, at_last, _ = said(ONE_PAGE, tmp_path / "segment")
    assert before == let_go == used == at_last


def test_a_system_that_notes_no_writes_maps_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another system, another processor, or one that refuses it."""
    ask = library_pages.noting_writes.__wrapped__

    def refuse(*_: object) -> None:
        raise OSError(22, "no such feature")

    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "ioctl", refuse)
        assert ask() == -1
    with monkeypatch.context() as patched:
        patched.setattr(platform, "machine", lambda: "m68k")
        assert ask() == -1
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert ask() == -1
