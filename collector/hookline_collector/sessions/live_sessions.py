"""All live sessions, keyed by session id, never by trace.

Single owner: `take` and `snapshot` are called from the event loop only (ingest publishes there). Listeners are told of
changed sessions through bounded queues: a listener that does not keep up misses intermediate states, never the last one,
because what waits for it is a set of ids, not a list of events.

A session whose process does not live any more is shown as ended from the next look on, before anybody told of it; the cleanup writes that down.
Time and dead processes change states without any event: `pulse` tells the listeners of that.

Bounded: past `max_live` the oldest ended sessions leave first, then the ones silent for longest; what leaves memory stays in
ClickHouse. Of an ended one that left, the id and the end are remembered (MAX_LEFT of them): what comes late of it and says nothing
newer does not bring it back half.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from dataclasses import replace

from hookline.contract.scopes import Source
from hookline.system.clock import NS_PER_S
from hookline_collector.observe.announcements import Accepted
from hookline_collector.sessions.closing import Orphan, orphans
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.requests_made import RequestPrice, priced, unpriced
from hookline_collector.sessions.state import HISTORY_END, SessionState, SessionView, view
from hookline_collector.signals.observations import Observation, ObservationKind
from hookline_collector.signals.requests import observations

PULSE_S = 1.0
MAX_LEFT = 50_000
MAX_SUBAGENTS = 10_000
IsAlive = Callable[[str, str, str], bool | None]


def nobody_knows(host: str, pid: str, created: str) -> None:
    """Know nothing of any process."""
    del host, pid, created


class LiveSessions:
    """The sessions in memory and who wants to know of their changes."""

    def __init__(
        self, max_live: int, idle_after_s: float, clock_ns: Callable[[], int], is_alive: IsAlive = nobody_knows, price: RequestPrice = unpriced
    ) -> None:
        self._max_live = max_live
        self._idle_after_ns = int(idle_after_s * NS_PER_S)
        self._clock_ns = clock_ns
        self._is_alive = is_alive
        self._price = price
        self._over: dict[str, SessionView] = {}
        self._shown: dict[str, tuple[object, ...]] = {}
        self._facts: dict[str, Facts] = {}
        self._left: dict[str, int] = {}
        self._listeners: set[Listener] = set()
        self._is_listened_to = asyncio.Event()
        self._watchers: list[Callable[[Observation], None]] = []
        self._is_closed = False
        self.evicted = 0
        self._session_of: dict[str, str] = {}  # by subagent

    def __len__(self) -> int:
        return len(self._facts)

    def take(self, accepted: Accepted) -> None:
        """Take in an accepted request; what is not an agent's passes by."""
        self.add(observations(accepted.signal, accepted.message))

    def add(self, found: Iterable[Observation]) -> None:
        """Take observations in and tell the listeners which sessions changed."""
        changed = set()
        for observation in map(self._placed, found):
            facts = self._facts.get(observation.session_id)
            if facts is None:
                if observation.time_ns <= self._left.get(observation.session_id, -1):
                    continue
                facts = self._facts[observation.session_id] = Facts(observation.session_id)
            facts.add(priced(observation, self._price))
            for watch in self._watchers:
                watch(observation)
            self._over.pop(observation.session_id, None)
            changed.add(observation.session_id)
        if len(self._facts) > self._max_live:
            self._evict()
        for listener in self._listeners:
            listener.tell(changed)

    def _placed(self, seen: Observation) -> Observation:
        """Return what an agent says of its subagent's thread as said of the session that the subagent is of."""
        if seen.seen is ObservationKind.SUBAGENT_STARTED and seen.key:
            self._session_of[seen.key] = seen.session_id
            if len(self._session_of) > MAX_SUBAGENTS:
                del self._session_of[next(iter(self._session_of))]
        elif seen.source is Source.NATIVE and (session_id := self._session_of.get(seen.session_id)):
            return replace(seen, session_id=session_id)
        return seen

    def watch(self, watcher: Callable[[Observation], None]) -> None:
        """Let `watcher` see every observation that is taken in, at once and in its order; it must be quick, and ask of sessions later."""
        self._watchers.append(watcher)

    def get(self, session_id: str) -> SessionView | None:
        """Return one session as it is now; None when it is not in memory."""
        facts = self._facts.get(session_id)
        return self._view(facts, self._clock_ns()) if facts and facts.sources else None

    def snapshot(self) -> list[SessionView]:
        """Return every session as it is now, the most recently heard of first."""
        now_ns = self._clock_ns()
        views = [self._view(facts, now_ns) for facts in self._facts.values() if facts.sources]
        return sorted(views, key=lambda v: v.last_ns, reverse=True)

    def as_reported(self) -> list[SessionView]:
        """Return every session as its telemetry alone tells it, without a look at its process."""
        now_ns = self._clock_ns()
        return [self._reported(facts, now_ns) for facts in self._facts.values() if facts.sources]

    def pulse(self) -> None:
        """Tell the listeners of the sessions that time or the end of a process changed since the last pulse; nothing where nobody listens."""
        if not self._listeners:
            self._shown.clear()
            return
        shown: dict[str, tuple[object, ...]] = {v.session_id: (v.state, v.waiting_for, v.since_ns, v.end_reason) for v in self.snapshot()}
        changed = {session_id for session_id, state in shown.items() if self._shown and self._shown.get(session_id) != state}
        self._shown = shown
        for listener in self._listeners:
            listener.tell(changed)

    async def beat(self) -> None:
        """Pulse, as a service does it: it waits while nobody listens."""
        self.pulse()
        await self._is_listened_to.wait()

    def _view(self, facts: Facts, now_ns: int) -> SessionView:
        told = self._reported(facts, now_ns)
        if not told.pid or (told.state is SessionState.ENDED and told.end_reason != HISTORY_END):
            return told
        alive = self._is_alive(told.host, told.pid, told.process_created)
        return told if alive is None else view(facts, now_ns, self._idle_after_ns, alive)

    def _reported(self, facts: Facts, now_ns: int) -> SessionView:
        """Return a session as its telemetry tells it; one that is over is computed once, until more is heard of it."""
        if kept := self._over.get(facts.session_id):
            return kept
        told = view(facts, now_ns, self._idle_after_ns)
        if told.state is SessionState.ENDED and told.ended_ns <= now_ns:
            self._over[facts.session_id] = told
        return told

    def orphans(self, seen: SessionView) -> list[Orphan]:
        """Return the spans that a session has open, for the cleanup."""
        facts = self._facts.get(seen.session_id)
        return list(orphans(facts, seen)) if facts else []

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        """Give a listener for as long as the block runs."""
        listener = Listener()
        if self._is_closed:
            listener.close()
        self._listeners.add(listener)
        self._is_listened_to.set()
        try:
            yield listener
        finally:
            self._listeners.discard(listener)
            if not self._listeners:
                self._is_listened_to.clear()

    def close(self) -> None:
        """Let every listener come to its end: the collector stops."""
        self._is_closed = True
        for listener in self._listeners:
            listener.close()

    def _evict(self) -> None:
        """Drop a tenth of the bound at once, so that a steady stream of new sessions does not sort at each of them."""
        views = [self._reported(facts, self._clock_ns()) for facts in self._facts.values()]
        views.sort(key=lambda v: (v.state is not SessionState.ENDED, v.last_ns))
        surplus = len(self._facts) - self._max_live + self._max_live // 10
        for gone in views[:surplus]:
            del self._facts[gone.session_id]
            self._over.pop(gone.session_id, None)
            if gone.state is SessionState.ENDED:
                self._left[gone.session_id] = max(gone.ended_ns, gone.last_ns)
        for oldest in list(self._left)[: max(0, len(self._left) - MAX_LEFT)]:
            del self._left[oldest]
        self.evicted += surplus


class Listener:
    """Ids of sessions that changed since the listener last looked."""

    def __init__(self) -> None:
        self._changed: set[str] = set()
        self._is_closed = False
        self._woken = asyncio.Event()

    def tell(self, session_ids: set[str]) -> None:
        """Note changes and wake the listener."""
        if session_ids:
            self._changed |= session_ids
            self._woken.set()

    def take(self) -> set[str]:
        """Return what changed since the last look, and forget it."""
        changed, self._changed = self._changed, set()
        return changed

    def close(self) -> None:
        """Let `changes` end after what is still to tell."""
        self._is_closed = True
        self._woken.set()

    async def changes(self, pause_s: float = 0.2, at_least_every_s: float | None = None) -> AsyncGenerator[set[str], None]:
        """Yield sets of changed ids, at most one each `pause_s` seconds; an empty one where nothing changed for `at_least_every_s`."""
        while not self._is_closed or self._changed:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), at_least_every_s)
            if not self._is_closed:
                self._woken.clear()
            changed = self.take()
            if changed or not self._is_closed:
                yield changed
                await asyncio.sleep(0.0 if self._is_closed else pause_s)
