"""What statements and other counters grew by since they were read before.

A statement's row lives as long as its server's table has room. So a row that was not there before counts whole (`new`), one whose calls or time
fell, or whose statistics began anew, was thrown out and came back (`evicted`), and after a reset every row counts whole (`reset`). Only between two
readings can something be missed: what came and was thrown out in one interval. How much that may be is said as coverage, the share of the
database's active time that the statements explain.

The server's deviation is the population's, so calls · (deviation² + mean²) is a running sum of squares: two readings give the exact mean and
deviation of the calls between them.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import sub
from typing import NamedTuple


class StatementKey(NamedTuple):
    """What pg_stat_statements tells statements apart by."""

    user_id: int
    database_id: int
    query_id: int
    toplevel: bool


StatementNumbers = tuple[int, int, int, bool]
"""The same as it was read: of thousands that were not called nothing more is made."""


class StatementCounters(NamedTuple):
    """A statement's row: counters since its statistics began. Times are milliseconds; `since` tells a row that came back (17 and later)."""

    calls: int
    exec_ms: float
    min_ms: float
    max_ms: float
    deviation_ms: float
    rows: int
    plans: int
    plan_ms: float
    hit: int
    read: int
    dirtied: int
    written: int
    temp_read: int
    temp_written: int
    read_ms: float
    write_ms: float
    wal_records: int
    wal_fpi: int
    wal_bytes: int
    since: float = 0.0

    @property
    def squares(self) -> float:
        """Sum of the squares of all calls' times."""
        return self.calls * self.deviation_ms**2 + (self.exec_ms**2 / self.calls if self.calls else 0.0)


ZEROS = StatementCounters._make([0] * len(StatementCounters._fields))


class StatementGrowth(NamedTuple):
    """What a statement did in an interval: its row now, and the one before, None where all of it is the interval's. Of thousands of statements only
    those that took most time are told one by one, so differences are made when they are asked for."""

    key: StatementKey
    known: str
    now: StatementCounters
    before: StatementCounters | None = None

    @property
    def calls(self) -> int:
        """The interval's calls."""
        return self.now.calls - self.before.calls if self.before else self.now.calls

    @property
    def exec_ms(self) -> float:
        """The time that they took."""
        return self.now.exec_ms - self.before.exec_ms if self.before else self.now.exec_ms

    @property
    def grown(self) -> StatementCounters:
        """All differences, but for min and max, which are since the statistics began."""
        if self.before is None:
            return self.now
        return StatementCounters._make(map(sub, self.now, self.before))._replace(min_ms=self.now.min_ms, max_ms=self.now.max_ms, deviation_ms=0.0)

    @property
    def squares(self) -> float:
        """Sum of the squares of the calls' times."""
        return max(0.0, self.now.squares - self.before.squares) if self.before else self.now.squares

    @property
    def mean_ms(self) -> float:
        """Mean time of the interval's calls."""
        return self.exec_ms / self.calls if self.calls else 0.0

    @property
    def deviation_ms(self) -> float:
        """Deviation of the interval's calls, the population's."""
        return math.sqrt(max(0.0, self.squares / self.calls - self.mean_ms**2)) if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class StatementsInfo:
    """What says whether readings go on from each other: when statistics were reset (0: nobody says) and how often rows were thrown out."""

    reset_at: float = 0.0
    evictions: int = 0


@dataclass(slots=True)
class StatementTable:
    """What was read before. Ask `changed` which rows to read, then `step`."""

    _calls: dict[StatementNumbers, int] = field(default_factory=dict)
    _rows: dict[StatementKey, StatementCounters] = field(default_factory=dict)
    _info: StatementsInfo | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was read yet: what is read first is the base, and no growth."""
        return self._info is None

    def changed(self, calls: Mapping[StatementNumbers, int]) -> set[StatementNumbers]:
        """Return the keys whose rows must be read: those that are new or were called."""
        before = self._calls.get
        return {key for key, count in calls.items() if before(key) != count}

    def step(
        self, calls: Mapping[StatementNumbers, int], rows: Mapping[StatementKey, StatementCounters], info: StatementsInfo
    ) -> list[StatementGrowth]:
        """Take a reading; return the growth, none for the first."""
        is_first = self._info is None
        was_reset = self._info is not None and info.reset_at != self._info.reset_at
        growths = [] if is_first else [growth for key, now in rows.items() if (growth := self._growth(key, now, was_reset=was_reset)) is not None]
        for gone in self._rows.keys() - calls.keys():
            del self._rows[gone]
        self._rows.update(rows)
        self._calls = {**calls, **{key: row.calls for key, row in rows.items() if key in calls}}
        self._info = info
        return growths

    def evictions_since(self, info: StatementsInfo) -> int:
        """Return how often rows were thrown out since the reading before."""
        before = self._info
        if before is None:
            return 0
        return info.evictions - before.evictions if info.evictions >= before.evictions else info.evictions

    def _growth(self, key: StatementKey, now: StatementCounters, *, was_reset: bool) -> StatementGrowth | None:
        before = self._rows.get(key)
        if was_reset or before is None:
            return StatementGrowth(key, "reset" if was_reset else "new", now) if now.calls else None
        if now.calls < before.calls or now.exec_ms < before.exec_ms - 1e-6 or now.since != before.since:
            return StatementGrowth(key, "evicted", now)
        return None if now.calls == before.calls and now.plans == before.plans else StatementGrowth(key, "grown", now, before)


def added_up(growths: Sequence[StatementGrowth]) -> tuple[StatementCounters, float]:
    """Return what statements did together, without the least and the longest time, and the sum of the squares of all calls' times."""
    now, before = [each.now for each in growths], [each.before for each in growths if each.before]
    sums, since = (StatementCounters._make(map(sum, zip(*rows, strict=True)) if rows else ZEROS) for rows in (now, before))
    together = StatementCounters._make(map(sub, sums, since))._replace(min_ms=0.0, max_ms=0.0, deviation_ms=0.0, since=0.0)
    return together, max(0.0, _squares(now) - _squares(before))


def _squares(rows: Iterable[StatementCounters]) -> float:
    return sum(calls * deviation * deviation + total * total / calls for calls, total, _, _, deviation, *_ in rows if calls)


def coverage(growths: Iterable[StatementGrowth], active_ms: float | None) -> float | None:
    """Return the share of active time that statements explain; None where nobody knows."""
    if not active_ms or active_ms <= 0:
        return None
    return min(1.0, sum(growth.exec_ms for growth in growths if growth.key.toplevel) / active_ms)


@dataclass(slots=True)
class CounterTable:
    """Counters by any key: their growth since the reading before. One that fell was reset, and counts from there; what is read first is the base."""

    _before: dict[Hashable, float] = field(default_factory=dict)

    def growth(self, key: Hashable, value: float) -> float | None:
        """Return the growth, None for the first reading."""
        before = self._before.get(key)
        self._before[key] = value
        if before is None:
            return None
        return value - before if value >= before else value

    def forget(self) -> None:
        """Begin anew."""
        self._before.clear()
