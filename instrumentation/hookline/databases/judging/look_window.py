"""The looks of the last seconds, added up.

Sessions are told on average: session-seconds divided by seconds, whatever the pace of the looks. Sessions of one look are not independent of those
of the next a tenth of a second later, so shares are as sure as looks at most twice a second make them (`samples`); the ends of a share are
Wilson's, at 90 %.

Who waits for somebody that sits idle in a transaction does nothing, and would be all of the load soon. So what others wait for is a share of the
load without these; only the share that waits for locks is one of all.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from hookline.contract.databases import WaitClass
from hookline.databases.lock_trees import LockTree, lock_trees
from hookline.databases.samples import SessionSample, SessionsLook

LEAST_LOOKS = 4
LEAST_S = 2.5
NEAR = frozenset({"", "127.0.0.1", "::1"})
"""Where clients of the server's own machine connect from; nowhere is a socket, or a process of the server's."""
_Z = 1.6449
_INDEPENDENT_PER_S = 2.0


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the load, with its ends, and the sessions on average that it is."""

    sessions: float
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Carrier:
    """A statement and the share of some sessions' time that it was at work in."""

    hash: str
    summary: str
    share: float


@dataclass(frozen=True)
class LookWindow:
    """Looks in their order."""

    looks: Sequence[SessionsLook]

    @property
    def since_ns(self) -> int:
        """When the first of them was taken."""
        return self.looks[0].at_ns if self.looks else 0

    @property
    def until_ns(self) -> int:
        """When the last was taken."""
        return self.looks[-1].at_ns if self.looks else 0

    @cached_property
    def seconds(self) -> float:
        """How long they stand for."""
        return sum(look.stands_for_s for look in self.looks)

    @property
    def is_enough(self) -> bool:
        """Whether anything can be said."""
        return len(self.looks) >= LEAST_LOOKS and self.seconds >= LEAST_S

    @cached_property
    def _seen(self) -> tuple[tuple[SessionSample, float], ...]:
        """Each session of each look, with the seconds that it stands for: most looks at a calm server have none."""
        return tuple((session, look.stands_for_s) for look in self.looks for session in look.sessions)

    @cached_property
    def samples(self) -> float:
        """Sessions seen, as far as one look says something that the one before did not."""
        seen = sum(session.is_load for session, _ in self._seen)
        return seen * min(1.0, self.seconds * _INDEPENDENT_PER_S / max(1, len(self.looks)))

    @cached_property
    def load(self) -> float:
        """Sessions that wanted something of the server, on average."""
        return self.average(lambda session: session.is_load)

    @cached_property
    def trees(self) -> tuple[tuple[SessionsLook, tuple[LockTree, ...]], ...]:
        """The looks in which somebody waited for another, with who blocks whom."""
        return tuple((look, lock_trees(look.sessions)) for look in self.looks if look.blocked)

    @cached_property
    def held_up(self) -> float:
        """Sessions that waited because of somebody who sat idle in a transaction, on average."""
        if not self.seconds:
            return 0.0
        return sum(look.stands_for_s * len(_behind_idle(trees)) for look, trees in self.trees) / self.seconds

    def average(self, wanted: Callable[[SessionSample], bool]) -> float:
        """Return how many such sessions there were on average."""
        if not self.seconds:
            return 0.0
        return sum(seconds for session, seconds in self._seen if wanted(session)) / self.seconds

    @cached_property
    def _by_class(self) -> dict[WaitClass, float]:
        found: defaultdict[WaitClass, float] = defaultdict(float)
        for session, seconds in self._seen:
            found[session.wait_class] += seconds
        return {wait: each / self.seconds for wait, each in found.items()} if self.seconds else {}

    def of(self, *classes: WaitClass) -> Share:
        """Return the share that did this: of the load for locks, of the load that nobody idle holds up for everything else."""
        sessions = sum(self._by_class.get(wait, 0.0) for wait in classes)
        if not sessions:
            return self._nobody
        whole = self.load if WaitClass.LOCK in classes else self.load - self.held_up
        share = min(1.0, sessions / whole) if whole > 0 else 0.0
        low, high = wilson(share, self.samples * whole / self.load if self.load else 0.0)
        return Share(sessions, share, low, high)

    @cached_property
    def _nobody(self) -> Share:
        """The share of what no session did, which most judges ask for."""
        return Share(0.0, 0.0, *wilson(0.0, self.samples))

    def events(self, wait: WaitClass) -> list[tuple[str, float]]:
        """Return what sessions of a class waited for, with how many on average, the most first."""
        found: defaultdict[str, float] = defaultdict(float)
        for session, seconds in self._seen:
            if session.wait_class is wait:
                found[session.wait] += seconds
        return self._most_first(found)

    def carriers(self, wanted: Callable[[SessionSample], bool]) -> list[Carrier]:
        """Return the statements of such sessions, those that carry most first."""
        found: defaultdict[tuple[str, str], float] = defaultdict(float)
        whole = 0.0
        for session, seconds in self._seen:
            if wanted(session):
                whole += seconds
                if session.statement is not None:
                    found[session.statement.hash, session.statement.summary] += seconds
        return [Carrier(name, summary, each / whole) for (name, summary), each in sorted(found.items(), key=lambda each: -each[1])]

    def applications(self, wanted: Callable[[SessionSample], bool]) -> list[tuple[str, float]]:
        """Return the applications of such sessions, with how many on average, the most first."""
        found: defaultdict[str, float] = defaultdict(float)
        for session, seconds in self._seen:
            if wanted(session):
                found[session.application or session.user] += seconds
        return self._most_first(found)

    def _most_first(self, found: Mapping[str, float]) -> list[tuple[str, float]]:
        """Return seconds as sessions on average."""
        return sorted(((name, each / self.seconds) for name, each in found.items()), key=lambda each: -each[1]) if self.seconds else []

    def wanting_undelayed(self, wait: WaitClass, speed: float) -> float:
        """Return how many sessions would do this if none were slowed to that share of its speed while it does.

        What a session does between stays as long as it is, where its client is on another machine: one that does nothing else does it all the time at
        any speed, one that does it now and then does it for that much shorter. A client of this machine is slowed with it, so nothing changes. How
        much of its time it does it is counted from when it was seen at it first, without that look.
        """
        since: defaultdict[int, float] = defaultdict(float)
        at_it: defaultdict[int, float] = defaultdict(float)
        near: set[int] = set()
        for look in self.looks:
            now = {session.pid: session.peer in NEAR for session in look.sessions if session.wait_class is wait}
            near.update(pid for pid, is_near in now.items() if is_near)
            for pid in since:
                since[pid] += look.stands_for_s
                at_it[pid] += look.stands_for_s * (pid in now)
            for pid in now:
                since[pid] += 0.0
        shares = {pid: at_it[pid] / seconds for pid, seconds in since.items() if seconds}
        return sum(share if pid in near else share * speed / (share * speed + 1 - share) for pid, share in shares.items())

    @cached_property
    def cores(self) -> tuple[float, float] | None:
        """Cores that server processes had and that they waited for, on average; None where the server is elsewhere."""
        known = [look.cores for look in self.looks if look.cores is not None]
        return (_mean(each.running for each in known), _mean(each.queued for each in known)) if known else None

    @property
    def latest(self) -> SessionsLook | None:
        """The newest look."""
        return self.looks[-1] if self.looks else None


def _behind_idle(trees: Iterable[LockTree]) -> set[int]:
    """Return who waits because of a root that is idle in a transaction."""
    idle = (tree for tree in trees if tree.root.session is not None and tree.root.session.wait_class is WaitClass.IDLE_IN_TRANSACTION)
    return {node.pid for tree in idle for node in tree.waiting}


def wilson(share: float, samples: float) -> tuple[float, float]:
    """Return the ends of a share of so many samples."""
    if samples <= 0:
        return 0.0, 1.0
    square = _Z * _Z / samples
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(max(0.0, share * (1 - share) / samples + square / (4 * samples))) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)
