"""Calls that became slower, of a statement or for a route: effect first, then a test that survives autocorrelation, then the same hours before.

An interval's mean depends on the one before it (other work, caches, time of day), so a test that takes intervals as independent calls two thirds of
unchanged series changed, and one that only compares means finds nothing where the dependence is strong. But the stronger it is, the less an
interval differs from the one before by chance, and the more a jump stands out. So what is tested is what a process that was learned from the
statement's own past leaves unexplained (`call_processes.py`), and an alarm is given where a lasting change in the last quarter of an hour explains it
more than so many times better as no change does (`change_evidence.py`).

A change must also leave the statement slower than in its two hours, matter for the database (a hundredth of its time), and last three intervals. What
is as slow as on most earlier days at this hour is no news. All of it holds for the requests of a route as well.

`make bench ARGS=regressions` prints how often nothing is taken for something, and how soon a statement that takes half as long again is found;
docs/forecasts.md has the table, how near that is to what can be had at all, and what cannot be found.

After a change was told the statement is left alone until it is as fast again, or for an hour: then it begins anew, with the new as its normal. The
growth is split into what is known of a call: rows, blocks, reads and planning of a statement, time in databases and the rest of a request.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from hookline.slowdowns.call_processes import CallProcesses
from hookline.slowdowns.change_evidence import LEAST_EVIDENCE, MOST_BY_CHANCE, RECENT, change_in
from hookline.system.clock import NS_PER_S

LEAST_BEFORE, MOST_BEFORE, FIRST_BEFORE = 60, 240, 10
"""Intervals that what is said is compared with; the first are only a mean to the next."""
LEAST_SLOWER = 1.15
"""How much slower than in the two hours before it must be, in its newest intervals too."""
LEAST_GROWTH_MS = 0.05
LEAST_SHARE = 0.01
NEWEST = 2, 3
"""So many of the newest intervals, and so many, must be slower on average."""
OVER_RATIO = 1.1
NEW_NORMAL = 120
DAYS, HOUR_NS = 4, 3_600 * NS_PER_S


class CallInterval(NamedTuple):
    """The calls of an interval that ended at `at_ns`: how many, how long in all, which share that is of everybody's time, and sums of what may make
    a call longer, in the order of `CallHistory.causes`."""

    at_ns: int
    calls: float
    exec_ms: float
    share: float = 1.0
    sums: tuple[float, ...] = ()

    @property
    def mean_ms(self) -> float:
        """Time of a call."""
        return self.exec_ms / self.calls if self.calls else 0.0


@dataclass(frozen=True, slots=True)
class SlowerCalls:
    """A change that was found. `each_call` has what may have made it, before and after: of a call, and `calls` of an interval."""

    before_ms: float
    after_ms: float
    since_ns: int
    p: float
    each_call: dict[str, tuple[float, float]]

    @property
    def parts(self) -> dict[str, float]:
        """By how much each has grown, as ratios; what was not there before is left out."""
        return {name: round(after / was, 3) for name, (was, after) in self.each_call.items() if was > 0}

    @property
    def ratio(self) -> float:
        """How many times as long a call takes."""
        return self.after_ms / self.before_ms if self.before_ms else math.inf


@dataclass(slots=True)
class CallHistory:
    """The last intervals of one statement or route. `step` takes each in its order; `causes` names the sums of its intervals."""

    causes: tuple[str, ...] = ()
    _intervals: deque[CallInterval] = field(default_factory=lambda: deque(maxlen=MOST_BEFORE + RECENT))
    _settled: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_BEFORE))
    _recent: deque[float] = field(default_factory=deque)
    _processes: CallProcesses = field(default_factory=CallProcesses)
    _hours: dict[int, tuple[float, float]] = field(default_factory=dict)
    _found: SlowerCalls | None = None
    _told_for: int = 0

    def step(self, interval: CallInterval) -> SlowerCalls | None:
        """Return a change when it is found, once."""
        if not interval.calls:
            return None
        self._add(interval)
        self.remember_hour(interval.at_ns, interval.exec_ms, interval.calls)
        if self._found is not None:
            self._goes_on(interval)
            return None
        found = self._slower()
        if found is None or self._is_usual_at_this_hour(found, interval.at_ns):
            return None
        self._found, self._told_for = found, 0
        return found

    def remember_hour(self, at_ns: int, exec_ms: float, more_calls: float) -> None:
        """Add calls to those of their hour."""
        hour = at_ns // HOUR_NS
        before_ms, calls = self._hours.get(hour, (0.0, 0.0))
        self._hours[hour] = (before_ms + exec_ms, calls + more_calls)
        if len(self._hours) > 24 * DAYS + 1:
            del self._hours[min(self._hours)]

    def _goes_on(self, interval: CallInterval) -> None:
        found = self._found
        self._told_for += 1
        recent = _last(self._intervals, 6)
        is_over = found is not None and _mean(recent) <= OVER_RATIO * found.before_ms
        if is_over or self._told_for >= NEW_NORMAL:
            self._found = None
            for each in (self._intervals, self._settled, self._recent):
                each.clear()
            self._add(interval)

    def _add(self, interval: CallInterval) -> None:
        """Take an interval; what settled is learned from: an interval RECENT ago is of no change that is sought."""
        self._intervals.append(interval)
        self._recent.append(math.log(max(interval.mean_ms, 1e-6)))
        if self._found is None and len(self._recent) > (RECENT if len(self._settled) >= LEAST_BEFORE else 0):
            settled = self._recent.popleft()
            if len(self._settled) >= FIRST_BEFORE:
                self._processes.learn(settled, self._settled)
            self._settled.append(settled)

    def _slower(self) -> SlowerCalls | None:
        """Return the change for which there is evidence enough."""
        if len(self._recent) < max(NEWEST):
            return None
        middle = sum(self._settled) / len(self._settled)
        recent = [each - middle for each in self._recent]
        if not all(_is_slower(recent[-newest:]) for newest in NEWEST):
            return None
        evidence, length = change_in(recent, self._processes)
        if evidence < LEAST_EVIDENCE or not _is_slower(recent[-length:]):
            return None
        return compared(list(self._intervals)[:-length], _last(self._intervals, length), self.causes, MOST_BY_CHANCE * math.exp(-evidence))

    def _is_usual_at_this_hour(self, found: SlowerCalls, at_ns: int) -> bool:
        """Whether on most of the earlier days that are known it was about as slow at this hour."""
        known = [self._hours[hour] for day in range(1, DAYS + 1) if (hour := at_ns // HOUR_NS - 24 * day) in self._hours]
        as_slow = sum(exec_ms * LEAST_SLOWER >= found.after_ms * calls for exec_ms, calls in known)
        return bool(known) and 2 * as_slow > len(known)


def _is_slower(deviations: Sequence[float]) -> bool:
    return sum(deviations) >= len(deviations) * math.log(LEAST_SLOWER)


def compared(before: Sequence[CallInterval], recent: Sequence[CallInterval], causes: Sequence[str], p: float = 0.0) -> SlowerCalls | None:
    """Return the change between two times, None where it does not matter."""
    before_ms, after_ms = _mean(before), _mean(recent)
    if not before_ms or after_ms < LEAST_SLOWER * before_ms or after_ms - before_ms < LEAST_GROWTH_MS:
        return None
    if sum(each.share for each in recent) / len(recent) < LEAST_SHARE:
        return None
    each_call = dict(zip(causes, zip(_each_call(before), _each_call(recent), strict=True), strict=True))
    each_call["calls"] = (sum(each.calls for each in before) / len(before), sum(each.calls for each in recent) / len(recent))
    return SlowerCalls(before_ms, after_ms, recent[0].at_ns, p, each_call)


def _each_call(intervals: Sequence[CallInterval]) -> list[float]:
    calls = sum(each.calls for each in intervals)
    return [sum(sums) / calls for sums in zip(*(each.sums for each in intervals), strict=True)]


def _mean(intervals: Sequence[CallInterval]) -> float:
    calls = sum(each.calls for each in intervals)
    return sum(each.exec_ms for each in intervals) / calls if calls else 0.0


def _last(intervals: deque[CallInterval], count: int) -> list[CallInterval]:
    return list(islice(intervals, max(0, len(intervals) - count), None))
