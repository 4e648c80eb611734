"""The processor time of a process and all that it started, also of what outlives its parent: that becomes ours, and is waited for here.

On Linux (`prctl`); elsewhere only what was waited for by its parents is counted.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psutil

PR_SET_CHILD_SUBREAPER: Final = 36
WITHIN_S: Final = 5.0


@contextmanager
def reaping() -> Iterator[None]:
    """Take in the orphans of all that is started meanwhile."""
    _set_reaping(True)
    try:
        yield
    finally:
        _set_reaping(False)


def wait_for_tree(process: subprocess.Popen[bytes], patience_s: float = WITHIN_S) -> float:
    """Wait for a process, then for its orphans, which are ended after a while, daemons too; return what all of them used."""
    begun_s = psutil.Process(process.pid).create_time()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    spent = used.ru_utime + used.ru_stime
    deadline = time.monotonic() + patience_s
    while orphans := _children_since(begun_s):
        for orphan in orphans:
            if time.monotonic() > deadline:
                os.kill(orphan, signal.SIGKILL)
            pid, _, used = os.wait4(orphan, os.WNOHANG)
            spent += used.ru_utime + used.ru_stime if pid else 0
        time.sleep(0.02)
    return spent


def used_since(pid: int) -> float:
    """Return the processor time so far of a child and of all that was started after it and not yet waited for here."""
    begun_s, spent = psutil.Process(pid).create_time(), 0.0
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if child.create_time() >= begun_s:
                used = child.cpu_times()
                spent += used.user + used.system + used.children_user + used.children_system
    return spent


def _children_since(begun_s: float) -> list[int]:
    """Return our own children that are not older than that: what we started later ourselves is not among them, as nothing is meanwhile."""
    found = []
    for child in psutil.Process().children():
        with suppress(psutil.NoSuchProcess):
            if child.create_time() >= begun_s:
                found.append(child.pid)
    return found


def _set_reaping(wanted: bool) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)
