"""From the spool to delivery: read, adapt, fold, hand over; and the other way: remove what was released.

    take ──▶ adapt ──▶ order ──▶ fold ──▶ step ──▶ outbox.offer
     ▲                                                  │
     └── remove ◀── released uids ◀── acknowledge ◀─────┘ accepted batches

An event's file is held from its reading until a Step released it and all up to that Step was accepted. The relay's own
events (a process gone, time passing) come after everything that lies in the spool, or they would close what an unread
event closes properly. What cannot be adapted or folded is set aside and counted: a bug costs its event, not the relay.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from hookline.agent_event import SEEN_BESIDE_HOOKS, AgentEvent
from hookline.export.batch import Batch
from hookline.export.outbox import Outbox
from hookline.fold import order
from hookline.fold.order import TICK_NS
from hookline.records import FoldStep, LogRecord, SpanRecord
from hookline.relay.watch.watched_sessions import WatchedSessions
from hookline.spool import SpoolEvent, SpoolReader
from hookline.system.log import LOG

EVENTS_A_CYCLE = 256
BYTES_A_CYCLE = 4 * 1024 * 1024
LATE_NS = 60_000_000_000  # an event that waited longer shows that the relay was away


class Folding(Protocol):
    """The fold with its state: events in, steps out."""

    def __call__(self, event: AgentEvent) -> FoldStep:
        """Fold one event."""


class Counting(Protocol):
    """Who counts what was accepted."""

    def count_event(self, log: LogRecord, hook_cost_s: float | None) -> None:
        """Count an event."""

    def count_spans(self, spans: tuple[SpanRecord, ...]) -> None:
        """Count spans."""

    def save(self) -> None:
        """Keep what was counted."""


class Follower(Protocol):
    """Who reads what the events do not say, such as tokens, and delivers it the same way."""

    def notice(self, event: AgentEvent) -> None:
        """Take note of an event that was folded."""

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note of accepted steps, by what they released."""


@dataclass(frozen=True, slots=True)
class _Held:
    name: str
    hook_cost_s: float | None


class AcceptedBatches:
    """Accepted batches on their way from the export thread to the loop."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._batches: deque[Batch] = deque()
        self._lock = threading.Lock()
        self._wake = wake

    def add(self, batch: Batch) -> None:
        """Note an accepted batch; called by the export thread."""
        with self._lock:
            self._batches.append(batch)
        self._wake()

    def pop_all(self) -> list[Batch]:
        """Return what was accepted since the last call; called by the loop."""
        with self._lock:
            accepted = list(self._batches)
            self._batches.clear()
        return accepted


class EventPipeline:
    """The loop's way from the spool to the outbox. Nothing here waits."""

    def __init__(
        self,
        reader: SpoolReader,
        adapt: Callable[[SpoolEvent], AgentEvent],
        fold: Folding,
        outbox: Outbox,
        sessions: WatchedSessions,
        counting: Counting,
        followers: Sequence[Follower],
        catch_up: Callable[[Sequence[AgentEvent]], bool] = lambda events: False,
    ) -> None:
        """The followers are shown every event that was folded and everything that was accepted.

        `catch_up(events)` is shown events that waited long in the spool, before they are folded; it says whether it left more there.
        """
        self._reader = reader
        self._adapt = adapt
        self._fold = fold
        self._outbox = outbox
        self._sessions = sessions
        self._counting = counting
        self._followers = followers
        self._catch_up = catch_up
        self._held: dict[str, _Held] = {}
        self._waiting: list[AgentEvent] = []
        self.events = 0
        self.bad_events = 0

    @property
    def is_holding(self) -> bool:
        """Whether files lie in the spool for events that were read."""
        return bool(self._held)

    def read(self, now_ns: int) -> bool:
        """Take some events from the spool as far as there is room for what they make; say whether any came."""
        if not self._outbox.has_room():
            return False
        files = self._reader.take(now_ns, EVENTS_A_CYCLE, BYTES_A_CYCLE)
        self._waiting += self._adapt_files(files)
        if self._catch_up([event for event in self._waiting if now_ns - event.time_ns > LATE_NS]):
            self._waiting += self._adapt_files(self._reader.take(now_ns, EVENTS_A_CYCLE, BYTES_A_CYCLE))
        ready, self._waiting = split(self._waiting, is_end=self._reader.next_in_s(now_ns) is None)
        for event in ready:
            self._fold_file(event, now_ns)
        return bool(files)

    def absorb(self, event: AgentEvent) -> None:
        """Fold one of the relay's own events. Call it only when the spool is read to its end."""
        try:
            self._outbox.offer(self._fold(event))
        except Exception:
            LOG.exception("an event of the relay's own could not be folded")
        self._sessions.see(event, event.time_ns)
        self._show(event)

    def acknowledge(self, batches: list[Batch]) -> None:
        """Count what was accepted and remove the files that it released."""
        for batch in batches:
            for log in batch.logs:
                held = self._held.get(log.uid)
                self._counting.count_event(log, held.hook_cost_s if held else None)
            self._counting.count_spans(batch.spans)
        self._counting.save()  # before the files go: a crash in between counts nothing twice
        accepted = tuple(uid for batch in batches for uid in batch.released)
        for follower in self._followers:
            follower.acknowledge(accepted)
        released = (self._held.pop(uid, None) for batch in batches for uid in batch.released)
        self._reader.remove([held.name for held in released if held is not None])

    def _adapt_files(self, files: Sequence[SpoolEvent]) -> list[AgentEvent]:
        return [event for file in files if (event := self._adapt_file(file)) is not None]

    def _adapt_file(self, file: SpoolEvent) -> AgentEvent | None:
        is_beside = file.env.get("source") in SEEN_BESIDE_HOOKS  # no hook wrote it
        self._held[file.uid] = _Held(file.name, None if is_beside else file.hook_cost_s)
        try:
            return self._adapt(file)
        except Exception as why:
            self._set_aside(file.uid, why)
            return None

    def _fold_file(self, event: AgentEvent, now_ns: int) -> None:
        try:
            step = self._fold(event)
        except Exception as why:
            self._set_aside(event.uid, why)
            return
        self.events += 1
        self._outbox.offer(step)
        self._sessions.see(event, now_ns)
        self._show(event)

    def _show(self, event: AgentEvent) -> None:
        for follower in self._followers:
            follower.notice(event)

    def _set_aside(self, uid: str, why: Exception) -> None:
        self.bad_events += 1
        name = self._held.pop(uid).name
        LOG.error("%s cannot be read and was moved to bad/: %s: %s", name, type(why).__name__, why)
        self._reader.set_aside(name)


def split(events: list[AgentEvent], is_end: bool) -> tuple[list[AgentEvent], list[AgentEvent]]:
    """Return (events to fold now, in their order; events to hold back).

    Within a tick of the file clock the order comes from what events mean, so the last tick waits for its other events,
    unless there is nothing more to come.
    """
    if is_end or not events:
        return order(events), []
    edge_ns = max(event.time_ns for event in events) - TICK_NS
    return order(event for event in events if event.time_ns <= edge_ns), [event for event in events if event.time_ns > edge_ns]
