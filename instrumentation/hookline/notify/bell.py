"""A bell in the terminal of the session that waits: a terminal rings or marks its tab, tmux marks the window and can show an alert."""

from __future__ import annotations

import os
import stat

import psutil

from hookline.notify.programs import Failed

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
    """Return the terminal of a process of our own user. Raises Failed where it has none."""
    try:
        process = psutil.Process(pid)
        path = process.terminal() if process.uids().real == os.getuid() else None
    except (psutil.Error, OSError) as why:
        raise Failed(f"cannot look at process {pid}: {type(why).__name__}") from None
    if not path:
        raise Failed(f"process {pid} has no terminal")
    return str(path)
