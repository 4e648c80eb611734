"""What `hookline up` does about parts that are there already."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hookline.operate.up import await_former
from hookline.settings import Settings
from hookline.system import locks
from hookline.system.parent_watch import SUPERVISED, is_supervised

PART = """
import sys
from pathlib import Path
from hookline.system import locks
with locks.hold(Path(sys.argv[1]), "collector"):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def part_on(folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the collector's lock until its standard input closes, as a part does when its supervisor is gone."""
    lock = folder / "collector.lock"
    with subprocess.Popen(
        [sys.executable, "-c", PART, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_what_a_killed_supervisor_left_is_waited_for(tmp_path: Path) -> None:
    """It is said by its number, and when it has gone the start goes on."""
    with part_on(tmp_path, {SUPERVISED: "1"}) as process:
        said: list[str] = []

        def say(line: str) -> None:
            said.append(line)
            assert process.stdin is not None
            process.stdin.close()

        await_former(Settings(data_dir=tmp_path), say)
        assert locks.holder(tmp_path / "collector.lock") is None
    assert len(said) == 1
    assert f"process {process.pid}" in said[0]


def test_a_part_that_somebody_started_alone_is_not_waited_for(tmp_path: Path) -> None:
    """The start goes on to say at once that it already runs."""
    with part_on(tmp_path, {}) as process:
        await_former(Settings(data_dir=tmp_path), pytest.fail)
        assert not is_supervised(process.pid)
    assert not is_supervised(process.pid)
