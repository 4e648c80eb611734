"""Reading processes. A process may end, be another user's or be a zombie at any moment: that is an absence, not an error.

A process is known by its pid and the time of its creation: pids come round again. Creation times are told from the boot
time, which moves by up to a second when the clock is set, so they are compared with some slack.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import psutil

CREATION_SLACK_S = 2.0


@dataclass(frozen=True, slots=True)
class ProcessKey:
    """One process: its pid and its creation time in Unix seconds."""

    pid: int
    created_s: float


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """Counters of one process, with those of the children that it has waited for; what it holds at the moment."""

    user_s: float = 0.0
    system_s: float = 0.0
    read_bytes: int = 0
    write_bytes: int = 0
    rss_bytes: int = 0
    threads: int = 0


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


def children_by_parent() -> Mapping[int, list[int]]:
    """Return every process's children, by one pass over the process table."""
    found: dict[int, list[int]] = defaultdict(list)
    for process in psutil.process_iter():
        try:
            found[process.ppid()].append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


def descend(root: int, children: Mapping[int, list[int]]) -> Iterator[int]:
    """Yield a process and all below it."""
    waiting, seen = [root], {root}
    while waiting:
        pid = waiting.pop()
        yield pid
        fresh = [child for child in children.get(pid, ()) if child not in seen]
        seen.update(fresh)
        waiting.extend(fresh)


def read_process(pid: int) -> tuple[ProcessKey, ProcessReading] | None:
    """Read one process; None when it is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return ProcessKey(pid, process.create_time()), _read(process)
    except (psutil.Error, OSError, ValueError):
        return None


def _read(process: psutil.Process) -> ProcessReading:
    times = process.cpu_times()
    read_bytes, write_bytes = _read_io(process)
    return ProcessReading(
        user_s=times.user + getattr(times, "children_user", 0.0),
        system_s=times.system + getattr(times, "children_system", 0.0),
        read_bytes=read_bytes,
        write_bytes=write_bytes,
        rss_bytes=process.memory_info().rss,
        threads=process.num_threads(),
    )


def _read_io(process: psutil.Process) -> tuple[int, int]:
    """Return disk bytes read and written; zeros where the system does not tell (macOS, another user's process)."""
    try:
        counters = process.io_counters()  # type: ignore[attr-defined,unused-ignore] # not on macOS
    except (psutil.Error, AttributeError, OSError):
        return 0, 0
    return counters.read_bytes, counters.write_bytes


def cpu_count() -> int:
    """Return the number of CPUs that processes may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
