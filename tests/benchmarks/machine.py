"""Which machine a figure was measured on, and how much of it other work took meanwhile."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import resource
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True, slots=True)
class Machine:
    """What must be the same for two runs to be compared."""

    cpu: str
    cores: int
    kernel: str
    python: str

    @classmethod
    def this(cls) -> Machine:
        """Return the one we run on."""
        return cls(_cpu_model(), usable_cores(), f"{platform.system()} {platform.release()}", platform.python_version())

    @classmethod
    def parse(cls, told: dict[str, Any]) -> Machine:
        """Read what a kept run says of its machine."""
        return cls(str(told["cpu"]), int(told["cores"]), str(told["kernel"]), str(told["python"]))

    @property
    def id(self) -> str:
        """A short name for a folder."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:12]

    def __str__(self) -> str:
        return f"{self.cores} cores of {self.cpu}, {self.kernel}, Python {self.python}"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _cpu_model() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


class Others:
    """How many cores work took that is none of ours, since this was made: the whole machine's processor time without ours and our children's.

    Children count from when they were waited for, so ask when all of them have ended.
    """

    def __init__(self) -> None:
        self._begun, self._busy_s, self._own_s = time.monotonic(), _machine_busy_s(), _own_s()

    def cores(self) -> float:
        """Return the cores that others took on average."""
        passed = max(time.monotonic() - self._begun, 1e-3)
        return max((_machine_busy_s() - self._busy_s - (_own_s() - self._own_s)) / passed, 0.0)


def _machine_busy_s() -> float:
    times = psutil.cpu_times()
    return float(sum(getattr(times, name, 0.0) for name in ("user", "nice", "system", "irq", "softirq", "steal")))


def _own_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)
