"""What every watched database has, whatever its kind: looks in memory, what is missing, whether it is seen, and what is told of that.

What looks saw is told at an interval's end. While they are made often, because somebody waits or many are at work, samples are told twice a second,
so that whoever asks the store sees what happens now; never more than `EARLY_ROWS` a second, so many of them come a little less often.

seeing   looks come through, and every piece of work does
partly   looks come through; what cannot be read is named, with the reason
blind    no look comes through; since when, why, and that it is tried again
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from hookline.contract.databases import DB_NAMESPACE, WAIT_CLASS, WAIT_NAME, WaitClass
from hookline.databases.database_events import DatabaseName, lock_record, sample_records, state_record
from hookline.databases.database_points import DatabaseOut, DatabasePoint
from hookline.databases.lock_trees import LockIncidents, lock_trees
from hookline.databases.sample_groups import SampleGroups
from hookline.databases.sample_interval import SampleInterval
from hookline.databases.sample_ring import SampleRing
from hookline.databases.samples import SessionsLook

LookListener = Callable[[SessionsLook], None]
BlindListener = Callable[[str, int], None]
"""Is told why nothing is seen, and when (Unix nanoseconds)."""
INCIDENTS_EVERY_S = 0.5
"""Trees are worked out for incidents so often at most."""
EARLY_S, EARLY_ROWS = 0.5, 100
"""How soon samples of looks that are made often are told, and how many a second at most."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """What the agent sees of a database now. `missing` says why a part is not read."""

    state: str
    why: str
    since_ns: int
    missing: dict[str, str]
    version: str = ""
    cores: int = 0


@dataclass(slots=True)
class DatabaseWatch:
    """One database's looks and state. Whoever judges looks adds a listener, or reads the ring."""

    where: DatabaseName
    out: DatabaseOut
    interval_s: float
    ring: SampleRing = field(default_factory=SampleRing)
    listeners: list[LookListener] = field(default_factory=list)
    blind_listeners: list[BlindListener] = field(default_factory=list)
    hurry: Callable[[], Mapping[str, float]] = dict
    """Which work whoever judges wants done how often now, in seconds."""
    more: Callable[[], list[DatabasePoint]] = list
    """What else is told at an interval's end."""
    state: WatchState = field(default_factory=lambda: WatchState("blind", "not asked yet", time.time_ns(), {}))
    lost: int = 0
    _interval: SampleInterval = field(default_factory=SampleInterval)
    _untold: SampleGroups = field(default_factory=SampleGroups)
    _told_ns: int = 0
    _incidents: LockIncidents = field(init=False)
    _interval_ns: int = field(default_factory=time.time_ns)
    _incidents_ns: int = 0
    _lost_told: int = 0
    _idle_blocking_s: float = 0.0
    _wanted: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Follow this database's locks."""
        self._incidents = LockIncidents(self.where.name, self.interval_s)

    def took(self, look: SessionsLook) -> None:
        """Take a look: keep it, let it be judged, tell of locks, and at an interval's end of all that was seen."""
        self.ring.add(look)
        self._interval.add(look)
        self._untold.add(look)
        if look.at_ns - self._incidents_ns >= INCIDENTS_EVERY_S * 1e9:
            self._incidents_ns = look.at_ns
            self._follow_locks(look)
        for listener in self.listeners:
            listener(look)
        if look.at_ns - self._interval_ns >= self.interval_s * 1e9:
            self.flush(look.at_ns)
        elif look.stands_for_s < EARLY_S and look.at_ns - self._told_ns >= max(EARLY_S, len(self._untold) / EARLY_ROWS) * 1e9:
            self._tell_samples(look.at_ns)

    def _tell_samples(self, at_ns: int) -> None:
        untold, self._untold, self._told_ns = self._untold, SampleGroups(), at_ns
        if untold.seconds:
            self.out.events(sample_records(self.where, untold, at_ns))

    def _follow_locks(self, look: SessionsLook) -> None:
        trees = lock_trees(look.sessions)
        for tree in trees:
            root = tree.root.session
            if root is not None and root.wait_class is WaitClass.IDLE_IN_TRANSACTION:
                self._idle_blocking_s = max(self._idle_blocking_s, root.state_s)
        if told := self._incidents.step(trees, look.at_ns):
            self.out.events([lock_record(self.where, incident, look.at_ns) for incident in told])

    def flush(self, at_ns: int) -> None:
        """Tell what was seen since the interval began."""
        interval, self._interval = self._interval, SampleInterval()
        since_ns, self._interval_ns = self._interval_ns, at_ns
        if self.state.state == "blind":
            for listener in self.blind_listeners:
                listener(self.state.why, at_ns)
        lost, self._lost_told = self.lost - self._lost_told, self.lost
        self._tell_samples(at_ns)
        points = [
            DatabasePoint(
                "hookline.db.sessions", round(sessions, 4), {DB_NAMESPACE: key.database, WAIT_CLASS: str(key.wait_class), WAIT_NAME: key.wait}
            )
            for key, sessions in interval.sessions().items()
        ]
        if interval.looks and not points:
            points.append(DatabasePoint("hookline.db.sessions", 0.0, {WAIT_CLASS: str(WaitClass.CPU)}))
        points += [
            DatabasePoint("hookline.db.up", float(self.state.state != "blind")),
            DatabasePoint("hookline.db.looks", interval.looks),
            DatabasePoint("hookline.db.looks.lost", lost),
            DatabasePoint("hookline.db.agent.age", self.age_s(at_ns)),
        ]
        if interval.looks:
            points += [
                DatabasePoint("hookline.db.blocked.sessions", interval.most_blocked),
                DatabasePoint("hookline.db.blocked.longest", round(interval.longest_blocked_s, 3)),
                DatabasePoint("hookline.db.idle_in_transaction.blocking", round(self._idle_blocking_s, 3)),
            ]
        self._idle_blocking_s = 0.0
        self.out.points(points + self.more(), since_ns)

    async def rest(self, seconds: float) -> None:
        """Wait so long, or until somebody wants work done sooner."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        self._wanted.clear()

    def wake(self) -> None:
        """End a rest: `hurry` says something new."""
        self._wanted.set()

    def age_s(self, now_ns: int) -> float:
        """Return the age of the newest look; since the start where there is none."""
        latest = self.ring.latest
        return max(0.0, (now_ns - (latest.at_ns if latest else self.state.since_ns)) / 1e9)

    def sees(self, missing: dict[str, str], *, version: str = "", cores: int = 0) -> None:
        """Say that looks come through; `missing` is what does not."""
        now = self.state
        if now.state != "blind" and now.missing == missing and version in ("", now.version) and cores in (0, now.cores):
            return
        state = "partly" if missing else "seeing"
        why = "; ".join(f"{part}: {reason}" for part, reason in sorted(missing.items()))
        self._becomes(WatchState(state, why, self.state.since_ns, dict(missing), version or self.state.version, cores or self.state.cores))

    def blind(self, why: str) -> None:
        """Say that nothing is seen. What was seen before is told at once, and kept."""
        if self.state.state != "blind":
            self.flush(time.time_ns())
        self._becomes(WatchState("blind", why, self.state.since_ns, {}, self.state.version, self.state.cores))

    def _becomes(self, now: WatchState) -> None:
        before = self.state
        if (before.state, before.why) == (now.state, now.why):
            self.state = now
            return
        since_ns = time.time_ns() if before.state != now.state else before.since_ns
        self.state = WatchState(now.state, now.why, since_ns, now.missing, now.version, now.cores)
        self.out.events([state_record(self.where, now.state, now.why, since_ns, self.lost)])
