"""What the system says of this process: read when metrics are collected, each by itself, since any of it may be missing (macOS, containers)."""

from __future__ import annotations

import gc
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psutil

from hookline.contract import services as names
from hookline.resources.machine import PRESSURE_DIR, read_pressure
from hookline.services.durations import Labels

ProcessReadings = Iterator[tuple[float, Labels]]
_SELF: Final = Path("/proc/self")
_CGROUP_LIMITS: Final = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_NO_LIMIT: Final = 1 << 60


def cpu_time() -> ProcessReadings:
    """Processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield used.ru_utime, {names.CPU_MODE: "user"}
    yield used.ru_stime, {names.CPU_MODE: "system"}


def memory() -> ProcessReadings:
    """Resident memory."""
    yield psutil.Process().memory_info().rss, {}


def memory_limit() -> ProcessReadings:
    """What its cgroup allows."""
    for path in _CGROUP_LIMITS:
        try:
            limit = int(path.read_text())
        except (OSError, ValueError):
            continue
        if limit < _NO_LIMIT:
            yield limit, {}
            return


def memory_used() -> ProcessReadings:
    """How much of what its cgroup allows is resident."""
    yield from _percent(memory, memory_limit)


def threads() -> ProcessReadings:
    """Threads, also those that Python does not know."""
    try:
        yield len(os.listdir(_SELF / "task")), {}  # noqa: PTH208 - names are enough
    except OSError:
        yield threading.active_count(), {}


def descriptors() -> ProcessReadings:
    """Open descriptors."""
    for place in (_SELF / "fd", Path("/dev/fd")):
        try:
            yield len(os.listdir(place)) - 1, {}  # noqa: PTH208 - one is that of the list itself
        except OSError:
            continue
        return


def descriptor_limit() -> ProcessReadings:
    """How many descriptors may be open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 < soft < _NO_LIMIT:
        yield soft, {}


def descriptors_used() -> ProcessReadings:
    """How many of the descriptors that may be open are."""
    yield from _percent(descriptors, descriptor_limit)


def _percent(level: Callable[[], ProcessReadings], limit: Callable[[], ProcessReadings]) -> ProcessReadings:
    for (value, _), (most, _) in zip(level(), limit(), strict=False):
        yield 100.0 * value / most, {}


def disk_io() -> ProcessReadings:
    """Bytes from and to disks."""
    try:
        words = (_SELF / "io").read_text().split()
        yield int(words[words.index("read_bytes:") + 1]), {names.DISK_IO_DIRECTION: "read"}
        yield int(words[words.index("write_bytes:") + 1]), {names.DISK_IO_DIRECTION: "write"}
    except (OSError, ValueError, IndexError):
        return


def context_switches() -> ProcessReadings:
    """How often the process gave its core away, and how often it was taken from it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield used.ru_nvcsw, {names.SWITCH_TYPE: "voluntary"}
    yield used.ru_nivcsw, {names.SWITCH_TYPE: "involuntary"}


def paging_faults() -> ProcessReadings:
    """Page faults."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield used.ru_minflt, {names.FAULT_TYPE: "minor"}
    yield used.ru_majflt, {names.FAULT_TYPE: "major"}


def uptime() -> ProcessReadings:
    """Time since the process began."""
    yield max(0.0, time.time() - psutil.Process().create_time()), {}


def pressure() -> ProcessReadings:
    """Share of time in which somebody waited for a resource of the machine."""
    for name, share in read_pressure(PRESSURE_DIR).items():
        yield share, {names.PRESSURE_RESOURCE: name}


def collections() -> ProcessReadings:
    """Garbage collections."""
    for generation, told in enumerate(gc.get_stats()):
        yield told["collections"], {names.GC_GENERATION: generation}


def collected() -> ProcessReadings:
    """Objects that were collected."""
    for generation, told in enumerate(gc.get_stats()):
        yield told["collected"], {names.GC_GENERATION: generation}


OF_THE_PROCESS: Final = (
    (names.CPU_TIME, cpu_time),
    (names.MEMORY, memory),
    (names.MEMORY_LIMIT, memory_limit),
    (names.MEMORY_USED, memory_used),
    (names.THREADS, threads),
    (names.DESCRIPTORS, descriptors),
    (names.DESCRIPTOR_LIMIT, descriptor_limit),
    (names.DESCRIPTORS_USED, descriptors_used),
    (names.DISK_IO, disk_io),
    (names.CONTEXT_SWITCHES, context_switches),
    (names.PAGING_FAULTS, paging_faults),
    (names.UPTIME, uptime),
    (names.PRESSURE, pressure),
    (names.GC_COLLECTIONS, collections),
    (names.GC_COLLECTED, collected),
)
