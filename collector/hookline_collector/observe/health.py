"""How the collector stands: each part's health, each signal's balance, and whether it is ready.

Ready means that a sender's request is journaled and answered, and that the store takes what the journal holds. A store that is away
makes the collector not ready, with the reason, while it goes on journaling.

Each part knows its own health; `StatusBoard` asks them all. No part writes into another's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hookline.version import VERSION
from hookline_collector.observe.catalogue import DEDUPLICATED, JOURNAL_ITEMS, QUARANTINED, RECEIVED, REJECTED, STORED
from hookline_collector.observe.metrics import Counter, Counts, Levels, Metrics
from hookline_collector.signal import Signal

ENDS = (STORED, REJECTED, DEDUPLICATED, QUARANTINED)


@dataclass(frozen=True, slots=True)
class PartHealth:
    """One part of the collector: whether it works, and what is to be known about it.

    A remark is to be known and stops nothing: telemetry is taken and stored all the same.
    """

    name: str
    ok: bool
    detail: str
    is_remark: bool = False

    @property
    def words(self) -> str:
        """The part and what is to be known about it."""
        return f"{self.name}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Balance:
    """One signal's items: received = stored + rejected + deduplicated + quarantined + in the journal."""

    signal: str
    received: int
    stored: int
    rejected: int
    deduplicated: int
    quarantined: int
    in_journal: int
    balanced: bool


@dataclass(frozen=True, slots=True)
class CollectorStatus:
    """What `/api/v1/status` answers."""

    version: str
    pid: int
    started_ns: int
    uptime_s: float
    ready: bool
    reason: str
    engine: str
    addresses: Mapping[str, str]
    parts: tuple[PartHealth, ...]
    signals: tuple[Balance, ...]
    gauges: Mapping[str, float]


def balances(counts: Counts, levels: Levels) -> tuple[Balance, ...]:
    """Return the balance of each signal from one snapshot of the metrics."""
    return tuple(_balance(signal.value, counts, int(levels.get((JOURNAL_ITEMS, (signal.value,)), 0))) for signal in Signal)


def _balance(signal: str, counts: Counts, in_journal: int) -> Balance:
    def total(counter: Counter) -> int:
        return sum(count for (what, of, _), count in counts.items() if what is counter and of == signal)

    received, ends = total(RECEIVED), {counter.name: total(counter) for counter in ENDS}
    return Balance(signal, received, in_journal=in_journal, balanced=received == sum(ends.values()) + in_journal, **ends)


def first_trouble(parts: tuple[PartHealth, ...]) -> str:
    """Return what is wrong with the first part that does not work, empty when all do. Remarks stop nothing."""
    return next((part.words for part in parts if not part.ok and not part.is_remark), "")


class StatusBoard:
    """Puts the status together from what each part says of itself."""

    def __init__(self, metrics: Metrics, parts: Iterable[Callable[[], PartHealth]], engine: str, started_ns: int) -> None:
        self._metrics = metrics
        self._parts = tuple(parts)
        self._engine = engine
        self._started_ns = started_ns
        self.addresses: Mapping[str, str] = {}
        self.is_stopping = False

    def status(self) -> CollectorStatus:
        """Return how the collector stands now. A part without a word about itself is left out."""
        counts, levels = self._metrics.snapshot()
        parts = tuple(part for health in self._parts if (part := health()).detail)
        reason = "stopping" if self.is_stopping else first_trouble(parts)
        return CollectorStatus(
            version=VERSION,
            pid=os.getpid(),
            started_ns=self._started_ns,
            uptime_s=(time.time_ns() - self._started_ns) / 1e9,
            ready=not reason,
            reason=reason,
            engine=self._engine,
            addresses=self.addresses,
            parts=parts,
            signals=balances(counts, levels),
            gauges={f"{gauge.name}{{{','.join(of)}}}" if of else gauge.name: value for (gauge, of), value in levels.items()},
        )
