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
from hookline_collector.observe.metrics import Metrics
from hookline_collector.signal import Signal

ENDS = ("stored", "rejected", "deduplicated", "quarantined")


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
    started_at: float
    uptime_s: float
    ready: bool
    reason: str
    engine: str
    addresses: Mapping[str, str]
    parts: tuple[PartHealth, ...]
    signals: tuple[Balance, ...]
    gauges: Mapping[str, float]


Counts = Mapping[tuple[str, str, str], int]
Gauges = Mapping[tuple[str, str], float]


def balances(counts: Counts, gauges: Gauges) -> tuple[Balance, ...]:
    """Return the balance of each signal from one snapshot of the figures."""
    return tuple(_balance(signal.value, counts, int(gauges.get(("journal_items", signal.value), 0))) for signal in Signal)


def _balance(signal: str, counts: Counts, in_journal: int) -> Balance:
    totals = {name: sum(n for (what, of, _), n in counts.items() if what == name and of == signal) for name in ("received", *ENDS)}
    balanced = totals["received"] == sum(totals[name] for name in ENDS) + in_journal
    return Balance(signal, in_journal=in_journal, balanced=balanced, **totals)


def first_trouble(parts: tuple[PartHealth, ...]) -> str:
    """Return what is wrong with the first part that does not work, empty when all do. Remarks stop nothing."""
    return next((part.words for part in parts if not part.ok and not part.is_remark), "")


class StatusBoard:
    """Puts the status together from what each part says of itself."""

    def __init__(self, metrics: Metrics, parts: Iterable[Callable[[], PartHealth]], engine: str, started_ns: int) -> None:
        self._metrics = metrics
        self._parts = tuple(parts)
        self._engine = engine
        self._started_at = started_ns / 1e9
        self.addresses: Mapping[str, str] = {}
        self.is_stopping = False

    def status(self) -> CollectorStatus:
        """Return how the collector stands now. A part without a word about itself is left out."""
        counts, gauges = self._metrics.snapshot()
        parts = tuple(part for health in self._parts if (part := health()).detail)
        reason = "stopping" if self.is_stopping else first_trouble(parts)
        return CollectorStatus(
            version=VERSION,
            pid=os.getpid(),
            started_at=self._started_at,
            uptime_s=time.time() - self._started_at,
            ready=not reason,
            reason=reason,
            engine=self._engine,
            addresses=self.addresses,
            parts=parts,
            signals=balances(counts, gauges),
            gauges={f"{name}{{{of}}}" if of else name: value for (name, of), value in gauges.items()},
        )
