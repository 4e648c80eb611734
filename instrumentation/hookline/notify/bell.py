"""A bell in the terminal of the session that waits: a terminal rings or marks its tab, tmux marks the window and can show an alert."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from hookline.system.programs import Failed, run

BELL = b"\a"


def ring(pid: int) -> None:
    """Ring in the terminal of a process of our own. Raises Failed."""
    path = terminal_of(pid)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError as why:
        raise Failed(f"cannot open {path}: {why.strerror}") from None
    try:
        if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
            raise Failed(f"{path} is not a terminal")
        os.write(descriptor, BELL)
    except OSError as why:
        raise Failed(f"cannot ring the bell of {path}: {why.strerror}") from None
    finally:
        os.close(descriptor)


def terminal_of(pid: int) -> str:
    """Return the terminal of a process of our own user. Raises Failed where it has none.

    psutil looks once at which terminals there are and remembers that, so it does not know one that was opened later: the system is asked each time.
    """
    try:
        path = _terminal_of(pid) if psutil.Process(pid).uids().real == os.getuid() else ""
    except (psutil.Error, OSError, ValueError, IndexError) as why:
        raise Failed(f"cannot look at process {pid}: {type(why).__name__}") from None
    if not path:
        raise Failed(f"process {pid} has no terminal")
    return path


def _terminal_of(pid: int) -> str:
    if not sys.platform.startswith("linux"):
        name = run(["ps", "-o", "tty=", "-p", str(pid)], timeout_s=5.0).strip()
        return f"/dev/{name}" if name.strip("?") else ""
    device = int(Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()[4])
    return next((str(path) for path in _terminals() if _is_device(path, device)), "") if device else ""


def _terminals() -> Iterator[Path]:
    yield from (path for path in Path("/dev/pts").iterdir() if path.name.isdigit())
    yield from (path for path in Path("/dev").iterdir() if path.name.startswith("tty"))


def _is_device(path: Path, device: int) -> bool:
    try:
        return path.stat().st_rdev == device
    except OSError:
        return False
