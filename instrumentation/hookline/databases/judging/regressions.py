"""Statements that became slower: effect first, then a test that survives autocorrelation, then held for a few intervals.

An interval's mean depends on the one before it (other work, caches, time of day), so a test that takes intervals as independent calls two thirds of
unchanged series changed. Here a change must be large (a quarter), matter for the database (a hundredth of its time), be several of the series' own
standard errors, which dependence makes larger, be unlikely by rank (Mann and Whitney, over blocks as long as the correlation time), and stay.
`make bench ARGS=regressions` prints how often nothing is taken for something, and how soon a statement that takes half as long again is found.

After a change was told the statement is left alone until it is as fast again, or for an hour: then it begins anew, with the new as its normal. The
growth is split: calls, rows, blocks and reads for each call, and planning.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from statistics import NormalDist
from typing import NamedTuple

LEAST_BEFORE, MOST_BEFORE = 60, 240
RECENT = (6, 12, 20, 28)
"""So many intervals are compared with what was before: a large change of a calm statement is seen in the first few."""
LEAST_RATIO = 1.25
LEAST_Z = 4.8
LEAST_GROWTH_MS = 0.05
LEAST_SHARE = 0.01
MOST_P = 0.004
HOLDS = 2
OVER_RATIO = 1.1
NEW_NORMAL = 120
MAX_CORRELATION = 0.95
_NORMAL = NormalDist()


class StatementInterval(NamedTuple):
    """What a statement did in an interval that ended at `at_ns`. Times are milliseconds; `share` is of all statements' time."""

    at_ns: int
    calls: float
    exec_ms: float
    rows: float = 0.0
    blocks: float = 0.0
    read_ms: float = 0.0
    plan_ms: float = 0.0
    share: float = 1.0

    @property
    def mean_ms(self) -> float:
        """Time of a call."""
        return self.exec_ms / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class SlowerStatement:
    """A change that was found. `parts` are ratios, after to before, of what may have made it."""

    before_ms: float
    after_ms: float
    since_ns: int
    p: float
    parts: dict[str, float]

    @property
    def ratio(self) -> float:
        """How many times as long a call takes."""
        return self.after_ms / self.before_ms if self.before_ms else math.inf


@dataclass(slots=True)
class StatementHistory:
    """The last intervals of one statement. `step` takes each in its order."""

    _intervals: deque[StatementInterval] = field(default_factory=lambda: deque(maxlen=MOST_BEFORE + RECENT[-1]))
    _held: int = 0
    _found: SlowerStatement | None = None
    _told_for: int = 0

    def step(self, interval: StatementInterval) -> SlowerStatement | None:
        """Return a change when it is found, once."""
        if not interval.calls:
            return None
        self._intervals.append(interval)
        if self._found is not None:
            self._goes_on(interval)
            return None
        found = self._slower()
        self._held = self._held + 1 if found else 0
        if found is None or self._held < HOLDS:
            return None
        self._held, self._found, self._told_for = 0, found, 0
        return found

    def _goes_on(self, interval: StatementInterval) -> None:
        found = self._found
        self._told_for += 1
        recent = _last(self._intervals, RECENT[0])
        is_over = found is not None and _mean(recent) <= OVER_RATIO * found.before_ms
        if is_over or self._told_for >= NEW_NORMAL:
            self._found = None
            self._intervals.clear()
            self._intervals.append(interval)

    def _slower(self) -> SlowerStatement | None:
        """Return a change over a short recent time, or over a longer one, in which a smaller or noisier one can be seen."""
        for length in RECENT:
            known = len(self._intervals)
            if known < LEAST_BEFORE + length:
                continue
            before, recent = list(islice(self._intervals, max(0, known - length - MOST_BEFORE), known - length)), _last(self._intervals, length)
            if (found := compared(before, recent)) is not None:
                return found
        return None


def compared(before: Sequence[StatementInterval], recent: Sequence[StatementInterval]) -> SlowerStatement | None:
    """Return the change between two times, None where there is none that is large, matters and is unlikely by chance."""
    before_ms, after_ms = _mean(before), _mean(recent)
    if not before_ms or after_ms < LEAST_RATIO * before_ms or after_ms - before_ms < LEAST_GROWTH_MS:
        return None
    if sum(each.share for each in recent) / len(recent) < LEAST_SHARE:
        return None
    log_before = [math.log(each.mean_ms) for each in before if each.mean_ms > 0]
    log_recent = [math.log(each.mean_ms) for each in recent if each.mean_ms > 0]
    if effect_size(log_before, log_recent) < LEAST_Z:
        return None
    length = block_length(log_before, len(log_recent))
    p = rank_test(blocks(log_before, length), blocks(log_recent, length))
    if p > MOST_P:
        return None
    return SlowerStatement(before_ms, after_ms, recent[0].at_ns, p, growth(before, recent))


def effect_size(before: Sequence[float], recent: Sequence[float]) -> float:
    """Return how many of its own standard errors two times differ by, given how far intervals depend on each other (at the upper end of that)."""
    n, m = len(before), len(recent)
    middle = sum(before) / n
    spread = sum((each - middle) ** 2 for each in before) / (n - 1)
    r = correlation(before)
    r = min(MAX_CORRELATION, max(0.0, r + math.sqrt(max(0.0, 1 - r * r) / n)))
    error = math.sqrt(spread * (_inflation(r, n) / n + _inflation(r, m) / m)) or LEAST_ERROR
    return (sum(recent) / m - middle) / max(error, LEAST_ERROR)


LEAST_ERROR = 0.02


def _inflation(r: float, n: int) -> float:
    """Return by how much dependence makes the variance of a mean of n larger (a first-order series)."""
    return 1 + 2 * sum((1 - k / n) * r**k for k in range(1, n))


def block_length(values: Sequence[float], recent: int) -> int:
    """Return how many intervals say as much as an independent one, at most a quarter of those that are to be tested."""
    r = min(MAX_CORRELATION, max(0.0, correlation(values)))
    return max(1, min(math.ceil((1 + r) / (1 - r)), recent // 4))


def correlation(values: Sequence[float]) -> float:
    """Return how far a value depends on the one before, corrected for a short series."""
    n = len(values)
    middle = sum(values) / n
    spread = sum((each - middle) ** 2 for each in values)
    if not spread:
        return 0.0
    r = sum((a - middle) * (b - middle) for a, b in pairwise(values)) / spread
    return r + (1 + 4 * r) / n


def blocks(values: Sequence[float], length: int) -> list[float]:
    """Return the means of blocks of a length, counted from the end; what is left at the beginning is left out."""
    first = len(values) % length
    return [sum(values[at : at + length]) / length for at in range(first, len(values), length)]


def rank_test(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how likely the other sample is by chance as much larger than the one (one-sided Mann-Whitney; exact while it is small)."""
    n, m = len(one), len(other)
    u = sum((a < b) + 0.5 * (a == b) for a in one for b in other)
    if n * m <= EXACT:
        counts = _counts(n, m)
        return sum(counts[math.floor(u) :]) / sum(counts)
    spread = math.sqrt(n * m * (n + m + 1) / 12)
    return 1 - _NORMAL.cdf((u - n * m / 2 - 0.5) / spread)


EXACT = 400
"""Up to so many pairs all ways to mix two samples are counted."""


def _counts(n: int, m: int) -> list[int]:
    """Return of all ways to mix two samples how many give each U: coefficients of the Gaussian binomial."""
    counts = [1]
    for k in range(1, m + 1):
        grown = [0] * (len(counts) + n + k)
        for at, each in enumerate(counts):
            grown[at] += each
            grown[at + n + k] -= each
        for at in range(k, len(grown)):
            grown[at] += grown[at - k]
        counts = grown[: n * k + 1]
    return counts


def growth(before: Sequence[StatementInterval], recent: Sequence[StatementInterval]) -> dict[str, float]:
    """Return by how much what makes a call longer has grown, as ratios; what was not there before is left out."""

    def each_call(intervals: Sequence[StatementInterval], name: str) -> float:
        return float(sum(getattr(each, name) for each in intervals)) / sum(each.calls for each in intervals)

    found = {name: (each_call(before, name), each_call(recent, name)) for name in ("rows", "blocks", "read_ms", "plan_ms")}
    found["calls"] = (sum(each.calls for each in before) / len(before), sum(each.calls for each in recent) / len(recent))
    return {name: round(after / was, 3) for name, (was, after) in found.items() if was > 0}


def _mean(intervals: Sequence[StatementInterval]) -> float:
    calls = sum(each.calls for each in intervals)
    return sum(each.exec_ms for each in intervals) / calls if calls else 0.0


def _last(intervals: deque[StatementInterval], count: int) -> list[StatementInterval]:
    return list(islice(intervals, max(0, len(intervals) - count), None))
