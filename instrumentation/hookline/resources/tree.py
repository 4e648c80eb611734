"""Counters of a process tree that never go back.

A tree's counters are the sum over its living members. On Linux a child's counters pass to its parent when the parent
waits for it, so the sum stays whole although most tools live shorter than the time between two samples. A child that
nobody waited for takes its counters along and the sum falls: then this step counts as zero and the next goes on from
there. Members that were given to init stay members as long as they live. Counting begins with the first sample: what
the process did before belongs to an earlier session (`/clear`) or to its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hookline.resources.table import ProcessReading, descend, read_process
from hookline.system.process import ProcessKey

MAX_MEMBERS = 512


@dataclass(frozen=True, slots=True)
class TreeSample:
    """A tree at one moment. Counters run since the watch began; `elapsed_s` and `cpu_s` are since the sample before."""

    time_ns: int
    elapsed_s: float
    cpu_s: float
    user_s: float
    system_s: float
    read_bytes: int
    write_bytes: int
    rss_bytes: int
    threads: int
    processes: int

    def utilization(self, cpus: int) -> float:
        """Return the share of the machine's CPUs since the sample before, 0-1."""
        return min(1.0, self.cpu_s / (self.elapsed_s * cpus)) if self.elapsed_s > 0 else 0.0


def add_up(readings: Mapping[ProcessKey, ProcessReading]) -> ProcessReading:
    """Return the sum over all members."""
    return ProcessReading(
        user_s=sum(reading.user_s for reading in readings.values()),
        system_s=sum(reading.system_s for reading in readings.values()),
        read_bytes=sum(reading.read_bytes for reading in readings.values()),
        write_bytes=sum(reading.write_bytes for reading in readings.values()),
        rss_bytes=sum(reading.rss_bytes for reading in readings.values()),
        threads=sum(reading.threads for reading in readings.values()),
    )


def advance(last: TreeSample, before: ProcessReading, now: ProcessReading, processes: int, time_ns: int, elapsed_s: float) -> TreeSample:
    """Return the next sample: each counter grows by what its sum grew, never falls."""
    user_s, system_s = max(0.0, now.user_s - before.user_s), max(0.0, now.system_s - before.system_s)
    return TreeSample(
        time_ns=time_ns,
        elapsed_s=elapsed_s,
        cpu_s=user_s + system_s,
        user_s=last.user_s + user_s,
        system_s=last.system_s + system_s,
        read_bytes=last.read_bytes + max(0, now.read_bytes - before.read_bytes),
        write_bytes=last.write_bytes + max(0, now.write_bytes - before.write_bytes),
        rss_bytes=now.rss_bytes,
        threads=now.threads,
        processes=processes,
    )


class TreeWatch:
    """Samples one process and everything below it."""

    def __init__(self, root: ProcessKey) -> None:
        self._root = root
        self._members: frozenset[ProcessKey] = frozenset()
        self._before: ProcessReading | None = None
        self._last = TreeSample(0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0, 0, 0)
        self._sampled_s = 0.0

    def sample(self, children: Mapping[int, list[int]], time_ns: int, monotonic_s: float) -> TreeSample | None:
        """Read the tree; None when its root cannot be read."""
        readings = self._read(children)
        if not any(key.pid == self._root.pid for key in readings):
            return None
        now = add_up(readings)
        elapsed_s = monotonic_s - self._sampled_s if self._before else 0.0
        self._last = advance(self._last, self._before or now, now, len(readings), time_ns, elapsed_s)
        self._members, self._before, self._sampled_s = frozenset(readings), now, monotonic_s
        return self._last

    def _read(self, children: Mapping[int, list[int]]) -> dict[ProcessKey, ProcessReading]:
        roots = (self._root.pid, *(key.pid for key in self._members))
        pids = list(dict.fromkeys(pid for root in roots for pid in descend(root, children)))[:MAX_MEMBERS]
        found = dict(pair for pid in pids if (pair := read_process(pid)) is not None)
        return {key: reading for key, reading in found.items() if self._belongs(key)}

    def _belongs(self, key: ProcessKey) -> bool:
        """Tell a member from a stranger that got the pid of a dead one: nothing below the root is older than it."""
        return key.created_s >= self._root.created_s - 2.0
