"""Where the server is on this machine: whether its processes run or queue for a core, what waits, and how full the disk is.

`/proc/PID/schedstat` may be read by all. Its two times, running and waiting for a core, are exact: their growth between two looks tells "on a core"
from "wants one". Nothing here asks the server.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hookline.contract.databases import CPU_STATE
from hookline.contract.semconv import PRESSURE_RESOURCE
from hookline.databases.database_points import DatabasePoint, ReadingPoints
from hookline.databases.samples import CoreTimes
from hookline.databases.statement_growth import CounterTable

MAX_PROCESSES = 64
EVERY_S = 0.5
"""Processes are looked at so often at most, however often sessions are."""
STAYS_S = 6.0
"""So long a process is looked at after it was seen at work: most statements are shorter than the time between two looks."""
_PRESSURE = ("cpu", "io", "memory")


def is_here(pid: int, program: str) -> bool:
    """Whether a process of that number on this machine is one of the server's, so that the server is here."""
    try:
        return program in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return False


@dataclass(slots=True)
class HostReader:
    """Reads what this machine tells of a server's processes."""

    folder: str = ""
    proc: Path = Path("/proc")
    cpus: int = field(default_factory=lambda: os.cpu_count() or 0)
    _times: dict[int, tuple[int, int]] = field(default_factory=dict)
    _read_s: float = 0.0
    _seen_s: dict[int, float] = field(default_factory=dict)
    _running: float = 0.0
    _queued: float = 0.0
    _seconds: float = 0.0
    _table: CounterTable = field(default_factory=CounterTable)
    _table_s: float = 0.0

    def cores(self, pids: Iterable[int], now_s: float) -> CoreTimes | None:
        """Return how these processes, and those of the last looks, had cores since the reading before; None where that was a moment ago, or not of at
        least half of those that are at work now.

        Of a session that a service opens for each request little is known: it is gone before it is looked at twice.
        """
        now_at_work = set(pids)
        for pid in now_at_work:
            self._seen_s.pop(pid, None)
            self._seen_s[pid] = now_s  # the one seen last is the last
        passed_s = now_s - self._read_s
        if passed_s < EVERY_S:
            return None
        self._seen_s = {pid: seen_s for pid, seen_s in self._seen_s.items() if now_s - seen_s <= STAYS_S}
        before, self._times, self._read_s = self._times, self._read(list(self._seen_s)[-MAX_PROCESSES:]), now_s
        both = [(self._times[pid], before[pid]) for pid in self._times.keys() & before.keys()]
        if not before or 2 * len(now_at_work & before.keys() & self._times.keys()) < len(now_at_work & self._times.keys()):
            return None
        running = sum(now[0] - then[0] for now, then in both) / 1e9
        queued = sum(now[1] - then[1] for now, then in both) / 1e9
        self._running, self._queued, self._seconds = self._running + running, self._queued + queued, self._seconds + passed_s
        return CoreTimes(running / passed_s, queued / passed_s)

    def _read(self, pids: Iterable[int]) -> dict[int, tuple[int, int]]:
        found = {}
        for pid in pids:
            try:
                running, waiting, _ = (self.proc / str(pid) / "schedstat").read_bytes().split()
            except (OSError, ValueError):
                continue
            found[pid] = (int(running), int(waiting))
        return found

    def points(self) -> list[DatabasePoint]:
        """Return the machine's points since they were asked for before."""
        into = ReadingPoints(self._table)
        if self._seconds:
            into.gauge("hookline.db.host.cpu", self._running / self._seconds, {CPU_STATE: "running"})
            into.gauge("hookline.db.host.cpu", self._queued / self._seconds, {CPU_STATE: "queued"})
            self._running = self._queued = self._seconds = 0.0
        now_s = time.monotonic()
        passed_s, self._table_s = now_s - self._table_s, now_s
        for resource in _PRESSURE:
            grown_us = self._table.growth(resource, self._pressure_us(resource))
            if grown_us is not None and passed_s > 0:
                into.gauge("hookline.db.host.pressure", min(1.0, grown_us / 1e6 / passed_s), {PRESSURE_RESOURCE: resource})
        return into.points

    def disk(self) -> list[DatabasePoint]:
        """Return how full the disk of the data is. Call it from a thread: a disk far away may not answer."""
        path = Path(self.folder) if self.folder else None
        while path is not None:  # the folder itself may be another's
            try:
                disk = os.statvfs(path)
            except OSError:
                path = path.parent if path != path.parent else None
                continue
            size, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
            return [DatabasePoint("hookline.db.disk.free", free), DatabasePoint("hookline.db.disk.size", size)]
        return []

    def _pressure_us(self, resource: str) -> int:
        try:
            first = (self.proc / "pressure" / resource).read_text().partition("\n")[0]
            return int(first.rpartition("total=")[2])
        except (OSError, ValueError):
            return 0
