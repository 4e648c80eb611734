"""Whether a session's process lives: asked of this host's own processes, and of nothing else."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psutil

from hookline_collector.sessions.process import is_alive
from support.cases import with_each

HERE = socket.gethostname()


def created_of(pid: int, later_s: float = 0.0) -> str:
    """Return when a process was created, as the relay writes it."""
    moment = datetime.fromtimestamp(psutil.Process(pid).create_time(), UTC) + timedelta(seconds=later_s)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_process_lives_until_it_ends() -> None:
    """The same pid and creation time are asked before and after."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        created = created_of(child.pid)
        assert is_alive(HERE, str(child.pid), created) is True
    finally:
        child.communicate()
    assert is_alive(HERE, str(child.pid), created) is False


def test_a_pid_that_came_round_again_is_another_process() -> None:
    """The creation time tells them apart; rounding to milliseconds does not."""
    pid = os.getpid()
    assert is_alive(HERE, str(pid), created_of(pid, 0.001)) is True
    assert is_alive(HERE, str(pid), created_of(pid, -3600)) is False


def test_a_zombie_lives_no_more() -> None:
    """A killed client whose parent does not look has a pid, and runs nothing."""
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    created = created_of(child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    try:
        assert is_alive(HERE, str(child.pid), created) is False
    finally:
        child.wait()


@with_each(
    "host, pid, created",
    [
        ("another-host", "1", "2026-01-01T00:00:00Z"),
        (HERE, "", "2026-01-01T00:00:00Z"),
        (HERE, "-1", "2026-01-01T00:00:00Z"),
        (HERE, "4x2", "2026-01-01T00:00:00Z"),
        (HERE, "²", "2026-01-01T00:00:00Z"),
        (HERE, "1", ""),
        (HERE, "1", "this morning"),
        (HERE, "9" * 30, "2026-01-01T00:00:00Z"),
        ("", "", ""),
    ],
)
def test_what_cannot_be_known_is_not_guessed(host: str, pid: str, created: str) -> None:
    """Another host, or a process that is not named for good: neither alive nor gone."""
    assert is_alive(host, pid, created) is None
