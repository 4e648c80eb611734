"""The collector's own metrics: counters and gauges that every part changes and `/metrics`, the status and the self-telemetry read.

A metric is a record that says what it is; all of them stand in `catalogue`. A name that is not declared there cannot be counted.

Invariant, per signal and in items (spans, log records, data points), at any time:
received = stored + rejected + deduplicated + quarantined + in the journal (+ those being written this instant).
What is received is counted when its request was journaled or rejected, so the sum never waits for a request in flight.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from hookline_collector.signal import Signal

SIGNAL, REASON, RULE, STATE = "signal", "reason", "rule", "state"


@dataclass(frozen=True, slots=True, eq=False)
class Counter:
    """A sum that only grows, cumulative since the start. `labels` are those of SIGNAL and REASON by which it is told apart."""

    name: str
    unit: str
    meaning: str
    labels: tuple[str, ...] = (SIGNAL,)


@dataclass(frozen=True, slots=True, eq=False)
class Gauge:
    """A value that is as it is now. `labels` is (SIGNAL,), others that are given all at once (`Metrics.spread`), or nothing."""

    name: str
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()


CountKey = tuple[Counter, str]
Changes = Mapping[CountKey, int]
Counts = Mapping[tuple[Counter, str, str], int]
Levels = Mapping[tuple[Gauge, tuple[str, ...]], float]
"""By the gauge and the values of its labels."""


class Metrics:
    """Thread-safe counters by (counter, signal, reason) and gauges by (gauge, values of its labels)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: defaultdict[tuple[Counter, str, str], int] = defaultdict(int)
        self._levels: dict[tuple[Gauge, tuple[str, ...]], float] = {}

    def add(self, counter: Counter, signal: Signal, amount: int = 1, reason: str = "") -> None:
        """Add to a counter; `reason` says why, for those that are told apart by it."""
        with self._lock:
            self._counts[counter, signal.value, reason] += amount

    def move(self, signal: Signal, changes: Changes, levels: Mapping[Gauge, float] | None = None) -> None:
        """Change several (counter, reason) and gauges of a signal in one step, so that the invariant holds for every reader."""
        with self._lock:
            for (counter, reason), amount in changes.items():
                self._counts[counter, signal.value, reason] += amount
            for gauge, value in (levels or {}).items():
                self._levels[gauge, (signal.value,)] = value

    def set(self, gauge: Gauge, value: float) -> None:
        """Set a gauge that is not told apart by signal."""
        with self._lock:
            self._levels[gauge, ()] = value

    def spread(self, gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
        """Set a gauge by the values of its labels; what it had before and has no value now is gone."""
        with self._lock:
            self._levels = {key: value for key, value in self._levels.items() if key[0] is not gauge}
            self._levels |= {(gauge, labels): value for labels, value in values.items()}

    def total(self, counter: Counter, signal: Signal | None = None) -> int:
        """Return a counter's sum over reasons, and over signals when none is given."""
        with self._lock:
            return sum(n for (what, of, _), n in self._counts.items() if what is counter and (signal is None or of == signal.value))

    def count(self, counter: Counter, signal: Signal, reason: str) -> int:
        """Return what was counted of a signal for a reason."""
        with self._lock:
            return self._counts.get((counter, signal.value, reason), 0)

    def level(self, gauge: Gauge, signal: Signal | None = None) -> float:
        """Return a gauge's value, 0 when it was never set."""
        with self._lock:
            return self._levels.get((gauge, (signal.value,) if signal else ()), 0.0)

    def snapshot(self) -> tuple[Counts, Levels]:
        """Return copies of all counters and gauges, taken together."""
        with self._lock:
            return dict(self._counts), dict(self._levels)
