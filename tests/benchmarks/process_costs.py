"""What running processes cost from one moment to another: processor time, wake-ups, bytes written.

A wake-up is a voluntary context switch: a thread had waited, and ran again. Each costs a battery more than the little that it does.
Only Linux tells them by thread; elsewhere `wakeups` counts the process's own.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

SETTLED_S, SETTLES_IN = 5.0, 84
"""A process at rest uses next to nothing for so long; no more often is looked whether it does. A year of a team takes minutes."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What processes have used."""

    cpu_s: float
    wakeups: int
    written_bytes: int
    seconds: float

    def __add__(self, other: Usage) -> Usage:
        """Return what both used in the same time."""
        wakeups, written = self.wakeups + other.wakeups, self.written_bytes + other.written_bytes
        return Usage(self.cpu_s + other.cpu_s, wakeups, written, max(self.seconds, other.seconds))

    @property
    def wakeups_per_s(self) -> float:
        """Wake-ups a second."""
        return self.wakeups / self.seconds

    @property
    def cpu_percent(self) -> float:
        """The share of a core."""
        return self.cpu_s / self.seconds * 100


class Watched:
    """A process with all its threads, and the children that it has waited for."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.restart()

    def restart(self) -> None:
        """Count from now on."""
        self._begun, self._cpu_s, self._switches, self._written = time.monotonic(), self._cpu(), self._by_thread(), self._bytes()

    def settle(self) -> None:
        """Wait until a collector that began has done what it does at its beginning, such as adding up days and merging what was left."""
        for _ in range(SETTLES_IN):
            self.restart()
            time.sleep(SETTLED_S)
            if self.usage().cpu_s < SETTLED_S / 50:
                return

    def usage(self) -> Usage:
        """Return what it used since; a thread that came and went meanwhile is missing from the wake-ups."""
        wakeups = sum(count - self._switches.get(thread, 0) for thread, count in self._by_thread().items())
        return Usage(self._cpu() - self._cpu_s, wakeups, self._bytes() - self._written, time.monotonic() - self._begun)

    def wakers(self, most: int = 4) -> str:
        """Say which threads woke up how often a second, by their names; Linux cuts these to 15 letters."""
        seconds, counts = time.monotonic() - self._begun, Counter[str]()
        for thread, switches in self._by_thread().items():
            try:
                name = Path(f"/proc/{self._process.pid}/task/{thread}/comm").read_text().strip()
            except OSError:
                continue
            counts[name] += switches - self._switches.get(thread, 0)
        return ", ".join(f"{name} {count / seconds:.1f}" for name, count in counts.most_common(most) if count)

    def rss_mb(self) -> float:
        """Resident memory now."""
        return float(self._process.memory_info().rss / 1e6)

    def _cpu(self) -> float:
        return float(sum(self._process.cpu_times()[:4]))

    def _by_thread(self) -> Mapping[str, int]:
        tasks = Path(f"/proc/{self._process.pid}/task")
        if not tasks.is_dir():
            return {"": int(self._process.num_ctx_switches().voluntary)}
        return {task.name: switches for task in tasks.iterdir() if (switches := _voluntary(task)) is not None}

    def _bytes(self) -> int:
        return int(self._process.io_counters().write_bytes) if hasattr(self._process, "io_counters") else 0


def _voluntary(task: Path) -> int | None:
    try:
        lines = (task / "status").read_text().splitlines()
    except OSError:
        return None  # it ended
    return next((int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches:")), None)


def disk_bytes(folder: Path) -> int:
    """Return what the files of a folder take on the disk; what goes while we look counts no more."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except OSError:
            continue
    return total
