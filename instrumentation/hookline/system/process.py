"""Which process is which, and whether it still lives.

A process is known by its pid and the time of its creation: pids come round again. Creation times are told from the boot
time, which moves by up to a second when the clock is set, so they are compared with some slack. A process may end, be
another user's or be a zombie at any moment: that is an absence, not an error.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import psutil

from hookline.system.clock import NS_PER_S, iso, parse_iso

CREATION_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class ProcessKey:
    """One process: its pid and its creation time in Unix seconds."""

    pid: int
    created_s: float


def format_created(created_s: float) -> str:
    """Return a creation time as `process.creation.time` wants it."""
    return iso(int(created_s * NS_PER_S))


def parse_created(text: str) -> float | None:
    """Return a creation time in Unix seconds; None for what is none."""
    time_ns = parse_iso(text)
    return None if time_ns is None else time_ns / NS_PER_S


def identify(pid: int, before_s: float | None = None) -> ProcessKey | None:
    """Return the living process of that pid; None where there is none, or where it was created after `before_s` (the pid came round)."""
    try:
        process = psutil.Process(pid)
        key = ProcessKey(pid, process.create_time())
        is_dead = process.status() == psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError, ValueError):
        return None
    is_younger = before_s is not None and key.created_s > before_s + CREATION_SLACK_S
    return None if is_dead or is_younger else key


def boot_time_rest_s() -> float:
    """Return what creation times are too early by: the kernel tells the boot time, from which they are told, in whole seconds. 0 on other systems."""
    boot_clock = getattr(time, "CLOCK_BOOTTIME", None)
    if boot_clock is None or not psutil.LINUX:
        return 0.0
    return time.time() - time.clock_gettime(boot_clock) - psutil.boot_time()


def has_terminal(process: psutil.Process) -> bool:
    """Whether a process has a controlling terminal. psutil names only those that were there when it was first asked, so the kernel is."""
    try:
        return is_in_terminal(Path(f"/proc/{process.pid}/stat").read_bytes())
    except (OSError, ValueError, IndexError):
        return process.terminal() is not None


def is_in_terminal(stat: bytes) -> bool:
    """Whether a process has one by the line that the kernel writes of it: its fourth number behind the name."""
    return int(stat.rpartition(b")")[2].split()[4]) != 0


def is_alive(key: ProcessKey) -> bool:
    """Whether that very process lives. A zombie does not; one that may not be looked at does."""
    try:
        process = psutil.Process(key.pid)
        if abs(process.create_time() - key.created_s) > CREATION_SLACK_S:
            return False
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.AccessDenied:
        return True
    except (psutil.Error, OSError, ValueError):
        return False


def first_ancestor(pid: int, passed_over: Collection[str]) -> int | None:
    """Return the process itself or the nearest above it whose name is not among some; None where it is gone."""
    try:
        process: psutil.Process | None = psutil.Process(pid)
        while process is not None and process.name().removeprefix("-") in passed_over:
            process = process.parent()
        return process.pid if process is not None and process.pid > 1 else None
    except (psutil.Error, OSError, ValueError):
        return None
