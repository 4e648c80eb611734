"""CPU, memory and pressure of the machine.

Pressure is Linux's share of time in which work stood still for want of CPU, memory or disk (`some`, the last ten
seconds). Kernels without it, containers and macOS give none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

PRESSURE_DIR = Path("/proc/pressure")
_RESOURCES = ("cpu", "memory", "io")


@dataclass(frozen=True, slots=True)
class MachineSample:
    """The machine at one moment. `cpu_utilization` is since the sample before, None in the first; pressure 0-1 by resource."""

    time_ns: int
    cpu_utilization: float | None
    memory_total_bytes: int
    memory_available_bytes: int
    pressure: Mapping[str, float]

    @property
    def memory_used_bytes(self) -> int:
        """What cannot be given to a new program."""
        return max(0, self.memory_total_bytes - self.memory_available_bytes)

    @property
    def memory_utilization(self) -> float:
        """Share of memory that is used, 0-1."""
        return self.memory_used_bytes / self.memory_total_bytes if self.memory_total_bytes else 0.0


class MachineReader:
    """Samples the machine."""

    def __init__(self, pressure_dir: Path = PRESSURE_DIR) -> None:
        self._pressure_dir = pressure_dir
        self._before: tuple[float, float] | None = None

    def sample(self, time_ns: int) -> MachineSample:
        """Read the machine once."""
        memory = psutil.virtual_memory()
        return MachineSample(time_ns, self._utilization(), memory.total, memory.available, read_pressure(self._pressure_dir))

    def _utilization(self) -> float | None:
        times = psutil.cpu_times()
        total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)  # both are part of user and nice
        idle = times.idle + getattr(times, "iowait", 0.0)
        before, self._before = self._before, (total, idle)
        return None if before is None else share_busy(before, (total, idle))


def share_busy(before: tuple[float, float], now: tuple[float, float]) -> float | None:
    """Return the busy share between two (total, idle) readings; None if no time has passed."""
    total, idle = now[0] - before[0], now[1] - before[1]
    return min(1.0, max(0.0, 1.0 - idle / total)) if total > 0 else None


def read_pressure(folder: Path) -> Mapping[str, float]:
    """Return pressure by resource, 0-1; without those that the kernel does not report."""
    found = ((name, parse_pressure(folder / name)) for name in _RESOURCES)
    return {name: share for name, share in found if share is not None}


def parse_pressure(path: Path) -> float | None:
    """Read `some avg10=1.23 ...` of a pressure file as a share."""
    try:
        words = path.read_text().partition("\n")[0].split()
        return float(dict(word.split("=", 1) for word in words[1:])["avg10"]) / 100
    except (OSError, ValueError, KeyError):
        return None
