"""The collector's own figures: plain counters that every part adds to and `/metrics`, the status and the self-telemetry read.

Invariant, per signal and in items (spans, log records, data points), at any time:
received = stored + rejected + deduplicated + quarantined + in the journal (+ those being written this instant).
What is received is counted when its request was journaled or rejected, so the sum never waits for a request in flight.
"""

import threading
from collections import Counter
from collections.abc import Mapping

from hookline_collector.signal import Signal

COUNTERS = ("received", "stored", "rejected", "deduplicated", "quarantined", "requests", "refused", "invalid", "bytes")


class Metrics:
    """Thread-safe counters by (name, signal, reason) and gauges by name."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._gauges: dict[tuple[str, str], float] = {}

    def add(self, name: str, signal: Signal, amount: int = 1, reason: str = "") -> None:
        """Add to a counter of COUNTERS; `reason` says why for rejected, refused, invalid and quarantined."""
        with self._lock:
            self._counts[name, signal.value, reason] += amount

    def move(self, signal: Signal, changes: Mapping[tuple[str, str], int], gauges: Mapping[str, float] | None = None) -> None:
        """Change several (name, reason) counters and gauges of a signal in one step, so that the invariant holds for every reader."""
        with self._lock:
            for (name, reason), amount in changes.items():
                self._counts[name, signal.value, reason] += amount
            for name, value in (gauges or {}).items():
                self._gauges[name, signal.value] = value

    def set(self, name: str, value: float, signal: str = "") -> None:
        """Set a gauge, such as journal_bytes, journal_items, flush_seconds."""
        with self._lock:
            self._gauges[name, signal] = value

    def total(self, name: str, signal: Signal | None = None) -> int:
        """Return a counter's sum over reasons, and over signals when none is given."""
        with self._lock:
            return sum(n for (what, of, _), n in self._counts.items() if what == name and (signal is None or of == signal.value))

    def snapshot(self) -> tuple[dict[tuple[str, str, str], int], dict[tuple[str, str], float]]:
        """Return copies of all counters and gauges, taken together."""
        with self._lock:
            return dict(self._counts), dict(self._gauges)
