"""Locks that the system drops when their holder dies."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hookline.errors import AlreadyRunning
from hookline.system import locks

HOLDER = """
import sys
from pathlib import Path
from hookline.system import locks
with locks.hold(Path(sys.argv[1]), "part"):
    print(1, flush=True)
    sys.stdin.read()
"""


def test_one_holds_and_the_other_is_told_who(tmp_path: Path) -> None:
    """Within one process, too; and whoever looks sees the holder."""
    path = tmp_path / "part.lock"
    assert locks.holder(path) is None
    with locks.hold(path, "part"):
        assert locks.holder(path) == os.getpid()
        with pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), locks.hold(path, "part"):
            pass
    assert locks.holder(path) is None


def test_a_lock_goes_with_its_holder(tmp_path: Path) -> None:
    """However it died."""
    path = tmp_path / "part.lock"
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"1\n"
        assert locks.holder(path) == child.pid
        child.kill()
        child.wait()
    assert locks.holder(path) is None


def test_those_who_look_at_once_do_not_see_each_other(tmp_path: Path) -> None:
    """The file that a dead holder left still names it; nobody holds it."""
    path = tmp_path / "part.lock"
    with locks.hold(path, "part"):
        pass
    seen: list[int | None] = []
    lookers = [threading.Thread(target=lambda: seen.extend(locks.holder(path) for _ in range(300))) for _ in range(4)]
    for looker in lookers:
        looker.start()
    for looker in lookers:
        looker.join()
    assert set(seen) == {None}


def test_a_locked_file_is_given_to_nobody_else(tmp_path: Path) -> None:
    """`open_locked` waits for nobody."""
    first = locks.open_locked(tmp_path / "lock")
    with pytest.raises(BlockingIOError):
        locks.open_locked(tmp_path / "lock")
    os.close(first)
    os.close(locks.open_locked(tmp_path / "lock"))
