"""Reading processes. A process may end, be another user's or be a zombie at any moment: that is an absence, not an error."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

from hookline.system.process import ProcessKey

_PROC = "/proc"


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """Counters of one process, with those of the children that it has waited for; what it holds at the moment."""

    user_s: float = 0.0
    system_s: float = 0.0
    read_bytes: int = 0
    write_bytes: int = 0
    rss_bytes: int = 0
    threads: int = 0


def children_by_parent() -> Mapping[int, list[int]]:
    """Return every process's children, by one pass over the process table."""
    found: dict[int, list[int]] = defaultdict(list)
    for pid, parent in _listed() if os.path.isdir(f"{_PROC}/self") else _asked():  # noqa: PTH112 - each path costs as much as the look
        found[parent].append(pid)
    return found


def _listed() -> Iterator[tuple[int, int]]:
    """Yield processes and their parents as Linux lists them: a fifth of what psutil costs, which looks at each twice to know it again."""
    for name in os.listdir(_PROC):  # noqa: PTH208
        if not name.isdigit():
            continue
        told = _read_small(f"{_PROC}/{name}/stat", 1024)
        with suppress(ValueError, IndexError):
            yield int(name), int(told[told.rindex(b")") :].split(b" ", 3)[2])  # "pid (any name) state parent ..."


def _asked() -> Iterator[tuple[int, int]]:
    """Yield processes and their parents as any system tells them."""
    for process in psutil.process_iter():
        try:
            yield process.pid, process.ppid()
        except (psutil.Error, OSError):
            continue


def children_of(pid: int) -> list[int]:
    """Return one process's children. Linux lists them by the thread that made them, at a hundredth of what a pass over all processes costs.

    One that is just being made or is about to end may be missing: whoever needs all of them asks `children_by_parent`.
    """
    threads = f"{_PROC}/{pid}/task"
    if not os.path.exists(f"{threads}/{pid}/children"):  # noqa: PTH110 - another system, a kernel without the list, or a process that is gone
        return children_by_parent().get(pid, [])
    found: list[int] = []
    with suppress(OSError):  # it ends just now
        for thread in os.listdir(threads):  # noqa: PTH208
            found += map(int, _read_small(f"{threads}/{thread}/children", 65536).split())
    return found


def _read_small(path: str, most_bytes: int) -> bytes:
    """Return a small file's content; nothing of one that is gone."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(file, most_bytes)
    except OSError:
        return b""
    finally:
        os.close(file)


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
    """Return disk bytes read and written; zeros where the system does not say (macOS, another user's process)."""
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
