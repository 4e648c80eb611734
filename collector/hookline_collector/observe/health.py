"""How the collector stands: each part's health, each signal's balance, and whether it is ready.

Ready means that a sender's request is journaled and answered, and that the store takes what the journal holds. A store that is away
makes the collector not ready, with the reason, while it goes on journaling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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
