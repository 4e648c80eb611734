"""A window that moves: what came in the last so many seconds, kept in SLOTS pieces, so in bounded memory however much comes.

The window moves in steps of a sixtieth: what leaves it leaves with its piece, up to a step late. What comes late falls into the piece of its own
time while that is still there; what is older says nothing; what claims to come from the future counts as now. Percentiles come from a sketch with
logarithmic buckets, right to one percent of the value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.rule import Aggregate

SLOTS = 60
_LOG_GAMMA = math.log(1.02)
_TINY = 1e-9
_ZERO = 0
_OFFSET = 1_000_000  # keys of the sketch: zero is 0, positive ones lie around +_OFFSET, negative ones around -_OFFSET


@dataclass(slots=True)
class _Piece:
    index: int
    count: float = 0.0
    total: float = 0.0
    matched: float = 0.0
    low: float = math.inf
    high: float = -math.inf
    last_ns: int = 0
    last: float = 0.0
    lightest: float = math.inf
    sketch: dict[int, float] = field(default_factory=dict)


class SlidingWindow:
    """The items of the last `over_ns` nanoseconds, as sums by piece."""

    def __init__(self, over_ns: int, *, with_sketch: bool = False) -> None:
        self.over_ns = over_ns
        self._step_ns = max(1, over_ns // SLOTS)
        self._with_sketch = with_sketch
        self._pieces: dict[int, _Piece] = {}

    def add(self, at_ns: int, value: float, now_ns: int, *, weight: float = 1.0, is_match: bool = False) -> None:
        """Take an item in."""
        at_ns = min(at_ns, now_ns)
        if at_ns <= now_ns - self.over_ns:
            return
        self.trim(now_ns)
        index = at_ns // self._step_ns
        piece = self._pieces.get(index)
        if piece is None:
            piece = self._pieces[index] = _Piece(index)
        piece.count += weight
        piece.total += value * weight
        piece.matched += weight * is_match
        piece.low, piece.high = min(piece.low, value), max(piece.high, value)
        if at_ns >= piece.last_ns:
            piece.last_ns, piece.last = at_ns, value
        if self._with_sketch:
            key = _bucket(value)
            piece.sketch[key] = piece.sketch.get(key, 0.0) + weight
            piece.lightest = min(piece.lightest, weight)

    def trim(self, now_ns: int) -> None:
        """Let go of what left the window."""
        oldest = (now_ns - self.over_ns) // self._step_ns
        for index in [index for index in self._pieces if index < oldest]:
            del self._pieces[index]

    def value(self, aggregate: Aggregate, now_ns: int) -> float | None:
        """Return what an aggregate makes of the window; None where nothing is in it."""
        self.trim(now_ns)
        pieces = self._pieces.values()
        if not pieces:
            return None
        if aggregate.quantile is not None:
            return self._quantile(aggregate.quantile)
        count = sum(piece.count for piece in pieces)
        if aggregate in (Aggregate.AVG, Aggregate.SHARE) and not count:
            return None
        return _AGGREGATES[aggregate](list(pieces), count, self.over_ns)

    def count(self) -> float:
        """Return how many items are in it."""
        return sum(piece.count for piece in self._pieces.values())

    def next_change_ns(self) -> int | None:
        """Return when the oldest piece leaves; None where there is none."""
        return (min(self._pieces) + 1) * self._step_ns + self.over_ns if self._pieces else None

    def empty_at_ns(self) -> int | None:
        """Return when the last piece leaves; None where there is none."""
        return (max(self._pieces) + 1) * self._step_ns + self.over_ns if self._pieces else None

    def _quantile(self, q: float) -> float | None:
        merged: dict[int, float] = {}
        for piece in self._pieces.values():
            for key, weight in piece.sketch.items():
                merged[key] = merged.get(key, 0.0) + weight
        rank, seen = q * (sum(merged.values()) - min(piece.lightest for piece in self._pieces.values())), 0.0
        low = min(piece.low for piece in self._pieces.values())
        high = max(piece.high for piece in self._pieces.values())
        for key in sorted(merged):
            seen += merged[key]
            if seen > rank:
                return min(high, max(low, _value(key)))
        return None


def _bucket(value: float) -> int:
    if abs(value) < _TINY:
        return _ZERO
    key = math.ceil(math.log(abs(value)) / _LOG_GAMMA)
    return _OFFSET + key if value > 0 else -_OFFSET - key


def _value(key: int) -> float:
    if key == _ZERO:
        return 0.0
    size = 2 * math.exp(_LOG_GAMMA * (abs(key) - _OFFSET)) / (1 + math.exp(_LOG_GAMMA))
    return size if key > 0 else -size


_AGGREGATES: Mapping[Aggregate, Callable[[list[_Piece], float, int], float]] = {
    Aggregate.COUNT: lambda _, count, __: count,
    Aggregate.RATE: lambda pieces, _, over_ns: sum(piece.total for piece in pieces) / (over_ns / NS_PER_S),
    Aggregate.SUM: lambda pieces, _, __: sum(piece.total for piece in pieces),
    Aggregate.AVG: lambda pieces, count, _: sum(piece.total for piece in pieces) / count,
    Aggregate.MIN: lambda pieces, _, __: min(piece.low for piece in pieces),
    Aggregate.MAX: lambda pieces, _, __: max(piece.high for piece in pieces),
    Aggregate.SHARE: lambda pieces, count, _: 100 * sum(piece.matched for piece in pieces) / count,
    Aggregate.LAST: lambda pieces, _, __: max(pieces, key=lambda piece: piece.last_ns).last,
    Aggregate.IN_A_ROW: lambda _, count, __: count,
}


def changes(windows: Iterator[SlidingWindow]) -> int | None:
    """Return when the first of some windows changes by time alone."""
    return min((at_ns for window in windows if (at_ns := window.next_change_ns()) is not None), default=None)
