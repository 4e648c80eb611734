"""Calls that became slower, of a statement or for a route: effect first, then a test that survives autocorrelation, then held for two intervals, then
the same hours before.

An interval's mean depends on the one before it (other work, caches, time of day), so a test that takes intervals as independent calls two thirds of
unchanged series changed, and one that only compares means finds nothing where the dependence is strong. But the stronger it is, the less an
interval differs from the one before by chance, and the more a jump stands out. So what is tested are the steps that the dependence leaves (of the
logarithm, as a first-order series): a lasting change `n` intervals ago shows as one jump and as a small rest in each interval since, and both are
weighed together (generalised least squares), for each `n` of RECENT.

Real series are not of first order and have outliers. What the statistic deviates by when nothing happens is therefore measured on the statement's own
past, with a memory of a day; one jump counts the less, the larger jumps this statement has made before; no other step counts as more than MOST_STEP.
A large jump of a statement that is not known to be calm may be an outlier, which fades as the statement's dependence says: it is told only when one
would have faded, and of a statement that has made such jumps only after MOST_LASTING intervals.
What is left of a jump on average must be most of it. A change must be large (a quarter; a third while little is known of the statement), leave the
statement slower than in its two hours, matter for the database (a hundredth of its time), and stay. What is as slow as on most earlier days at this
hour is no news. All of it holds for the requests of a route as well.

`make bench ARGS=regressions` prints how often nothing is taken for something, and how soon a statement that takes half as long again is found;
docs/forecasts.md has the table, and what cannot be found.

After a change was told the statement is left alone until it is as fast again, or for an hour: then it begins anew, with the new as its normal. The
growth is split into what is known of a call: rows, blocks, reads and planning of a statement, time in databases and the rest of a request.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, pairwise
from statistics import NormalDist
from typing import NamedTuple

from hookline.system.clock import NS_PER_S

LEAST_BEFORE, MOST_BEFORE = 60, 240
RECENT = range(3, 29)
"""So many intervals ago a change may have been: a large change of a calm statement is seen in the first few."""
LEAST_RATIO, LEAST_SLOWER = 1.25, 1.15
"""By how much the jump makes it slower, and how much slower than in the two hours before it is with that."""
MOST_LASTING = 24
"""So many intervals a statement must be slower that has outliers: several of them, one after the other, look like a change for minutes."""
LEAST_Z = 4.9
LEAST_GROWTH_MS = 0.05
LEAST_SHARE = 0.01
LEAST_LEFT, SOON_FADED = 0.6, 0.9
"""So much of a jump must be left on average since, where an outlier fades within minutes: up to that dependence."""
CALM_LASTING = 10
"""So many intervals a statement that is known to be calm must be slower at most: the first outlier of a day is as large as any."""
YOUNG_RATIO, YOUNG_DEPENDENCE = 1.35, 0.7
"""By how much slower a jump must make a statement of which it is not known yet how far it drifts, up to that dependence: beyond, it stands out."""
HOLDS = 2
OVER_RATIO = 1.1
NEW_NORMAL = 120
MAX_DEPENDENCE = 0.97
MOST_STEP = 3.0
"""In standard deviations, of a step that is not the jump."""
LEAST_STEP = 0.01
"""Of logarithms: a hundredth; what deviates by less is taken to deviate by this."""
DAYS, HOUR_NS = 4, 3_600 * NS_PER_S
_NORMAL = NormalDist()


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
class CallMemory:
    """What a statement is like when nothing happens, as far back as a day: how its intervals depend on each other, how far it jumps, and how far the
    statistic deviates."""

    LEARNS_EVERY = 4
    KEEPS = 1 - LEARNS_EVERY / 2_880
    LEAST_LEARNED = 60
    LONG_KNOWN, KNOWN_CALM = 1_200, 4.0
    CALM, WILD = 3.5, 5.0
    """The largest steps of a statement in a day, in standard deviations: up to the one a jump says all, from the other on nothing."""

    _weight: float = 0.0
    _power: float = 0.0
    _with_next: float = 0.0
    _jump: float = 0.0
    _learned: float = 0.0
    _squares: list[float] = field(default_factory=lambda: [0.0] * len(RECENT))

    def learn_past(self, settled: Sequence[float], middle: float) -> None:
        """Take the newest of the settled intervals."""
        for before, after in pairwise(settled[-self.LEARNS_EVERY - 1 :]):
            self._power += (before - middle) ** 2
            self._with_next += (before - middle) * (after - middle)
        self._weight, self._power, self._with_next = (self.KEEPS * each for each in (self._weight + self.LEARNS_EVERY, self._power, self._with_next))

    def learn_statistics(self, found: Sequence[float]) -> None:
        """Take the statistic for each time ago; what is beyond four of its deviations is held to be something else."""
        self._learned = self._learned * self.KEEPS + 1
        for at, each in enumerate(found):
            most = 4 * self.deviation(at)
            self._squares[at] = self._squares[at] * self.KEEPS + min(most, max(-most, each)) ** 2

    def deviation(self, at: int) -> float:
        """Return the statistic's standard deviation, at least the one that it has of a first-order series."""
        return max(1.0, math.sqrt(self._squares[at] / self._learned)) if self.has_learned else 1.0

    def dependence(self, past: Sequence[float], middle: float) -> float:
        """Return how far an interval depends on the one before, at the upper end of what the past allows."""
        weight, power, with_next = self._weight, self._power, self._with_next
        if weight < len(past):
            weight, power = float(len(past)), sum((each - middle) ** 2 for each in past)
            with_next = sum((a - middle) * (b - middle) for a, b in pairwise(past))
        r = with_next / power if power > 0 else 0.0
        r += (1 + 4 * r) / weight
        return min(MAX_DEPENDENCE, max(0.0, r + math.sqrt(max(0.0, 1 - r * r) / weight)))

    @property
    def has_learned(self) -> bool:
        """Whether it is known how far the statistic deviates when nothing happens."""
        return self._learned > self.LEAST_LEARNED

    @property
    def is_known_calm(self) -> bool:
        """Whether it is known for long enough, and made no large jump, so that one is no outlier."""
        return self._weight >= self.LONG_KNOWN and self._jump <= self.KNOWN_CALM

    @property
    def has_jumped(self) -> bool:
        """Whether it makes larger steps than chance gives a calm one."""
        return self._jump > self.CALM

    def weight_of_jump(self, largest: float) -> float:
        """Return how much one jump says, 1 of a statement that never made large ones; `largest` is that of the past two hours."""
        self._jump = max(self._jump * self.KEEPS, largest)
        return min(1.0, max(0.0, (self.WILD - self._jump) / (self.WILD - self.CALM)))


@dataclass(slots=True)
class CallHistory:
    """The last intervals of one statement or route. `step` takes each in its order; `causes` names the sums of its intervals."""

    causes: tuple[str, ...] = ()
    _intervals: deque[CallInterval] = field(default_factory=lambda: deque(maxlen=MOST_BEFORE + RECENT[-1]))
    _logs: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_BEFORE + RECENT[-1]))
    _memory: CallMemory = field(default_factory=CallMemory)
    _hours: dict[int, tuple[float, float]] = field(default_factory=dict)
    _steps: int = 0
    _usual: float = 0.0
    _held: int = 0
    _found: SlowerCalls | None = None
    _told_for: int = 0

    def step(self, interval: CallInterval) -> SlowerCalls | None:
        """Return a change when it is found, once."""
        if not interval.calls:
            return None
        self._intervals.append(interval)
        self._logs.append(math.log(max(interval.mean_ms, 1e-6)))
        self.remember_hour(interval.at_ns, interval.exec_ms, interval.calls)
        if self._found is not None:
            self._goes_on(interval)
            return None
        found = self._slower()
        self._held = self._held + 1 if found else 0
        if found is None or self._held < HOLDS or self._is_usual_at_this_hour(found, interval.at_ns):
            return None
        self._held, self._found, self._told_for = 0, found, 0
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
            self._intervals.clear()
            self._logs.clear()
            self._intervals.append(interval)
            self._logs.append(math.log(max(interval.mean_ms, 1e-6)))

    def _slower(self) -> SlowerCalls | None:
        """Return the change that stands out most; a statement that is not slower just now is only learned from, and that not each time."""
        self._steps += 1
        if len(self._logs) < LEAST_BEFORE + RECENT[0]:
            return None
        is_slower = (self._logs[-1] + self._logs[-2]) / 2 - self._usual >= math.log(LEAST_SLOWER)
        is_learning = self._steps % CallMemory.LEARNS_EVERY == 0
        if not is_slower and not is_learning:
            return None
        logs = list(self._logs)
        settled = logs[: max(LEAST_BEFORE, len(logs) - RECENT[-1])]
        self._usual = middle = sum(settled) / len(settled)
        if is_learning and len(logs) >= LEAST_BEFORE + RECENT[-1]:
            self._memory.learn_past(settled, middle)
        dependence = self._memory.dependence(settled, middle)
        found = jumps(logs, len(settled), dependence, self._memory)
        chosen = max(range(len(found)), key=lambda at: found[at][0] / self._memory.deviation(at))
        z, change = found[chosen][0] / self._memory.deviation(chosen), found[chosen][1]
        if is_learning:
            self._memory.learn_statistics([each for each, _ in found])
        length = RECENT[chosen]
        slower = (sum(logs[-length:]) / length, sum(logs[-2:]) / 2)
        if z < LEAST_Z or change < math.log(LEAST_RATIO) or min(slower) - middle < math.log(LEAST_SLOWER):
            return None
        is_young = not self._memory.has_learned and dependence < YOUNG_DEPENDENCE
        has_faded = dependence < SOON_FADED and slower[0] - middle < LEAST_LEFT * change
        if has_faded or (is_young and change < math.log(YOUNG_RATIO)):
            return None
        lasts = MOST_LASTING if self._memory.has_jumped else RECENT[0] + fades_after(change, dependence)
        if length < (min(lasts, CALM_LASTING) if self._memory.is_known_calm else lasts):
            return None
        return compared(list(self._intervals)[:-length], _last(self._intervals, length), self.causes, 1 - _NORMAL.cdf(z))

    def _is_usual_at_this_hour(self, found: SlowerCalls, at_ns: int) -> bool:
        """Whether on most of the earlier days that are known it was about as slow at this hour."""
        known = [self._hours[hour] for day in range(1, DAYS + 1) if (hour := at_ns // HOUR_NS - 24 * day) in self._hours]
        as_slow = sum(exec_ms * LEAST_SLOWER >= found.after_ms * calls for exec_ms, calls in known)
        return bool(known) and 2 * as_slow > len(known)


def jumps(logs: Sequence[float], settled: int, dependence: float, memory: CallMemory) -> list[tuple[float, float]]:
    """Return for a change of each age of RECENT how many standard errors it is, and how large: the logarithm of by how much it is slower."""
    steps = [after - dependence * before for before, after in pairwise(logs)]
    past = steps[: settled - 1]
    middle = sum(past) / len(past)
    deviation = max(LEAST_STEP, math.sqrt(sum((each - middle) ** 2 for each in past) / (len(past) - 1)))
    jump = memory.weight_of_jump(max(abs(each - middle) for each in past) / deviation)
    rest, left, most = 1 - dependence, [each - middle for each in steps[-RECENT[-1] :]], MOST_STEP * deviation
    since = list(accumulate((min(most, max(-most, each)) for each in reversed(left)), initial=0.0))
    found = []
    for length in RECENT:
        if length > len(left) or length + LEAST_BEFORE > len(logs):
            break
        first, later = left[-length], since[length - 1]
        power, sums = jump**2 + (length - 1) * rest**2, jump + (length - 1) * rest
        z = (jump * first + rest * later) / (deviation * math.sqrt(power + sums**2 / len(past)))
        found.append((z, (first + rest * later) / (1 + (length - 1) * rest**2)))
    return found


def fades_after(change: float, dependence: float) -> int:
    """Return in how many intervals an outlier of that size, a logarithm, has come down to what is not called slower: so long a change must last."""
    if change <= math.log(LEAST_SLOWER) or not 0 < dependence < 1:
        return 0
    return min(RECENT[-1] - RECENT[0] - HOLDS, math.ceil(math.log(math.log(LEAST_SLOWER) / change) / math.log(dependence)))


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
