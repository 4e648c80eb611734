"""From the journal into the store: one worker a signal, one breaker before the store.

A worker takes the oldest segment that is due, waits at the breaker and delivers it; when the store's disk has it, too, it leaves the
journal (`retirement`). Segments are not merged: a token belongs to one segment for ever. While the store is away segments wait in
order and the journal grows up to its limit; a segment that the store refuses while it takes others is held back for a while, and
set aside when that goes on (`suspects`). Nothing polls: an idle worker waits.

Metrics: `stored`, `quarantined` (refused, damaged), `flushes`, `flush_failures` by signal, `flush_seconds` (the last insert's),
`store_available` (1 while the breaker is closed); those of `retirement`.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass

from hookline.errors import Corrupt, Refused
from hookline.settings.schema import MIB
from hookline.system.backoff import Backoff
from hookline_collector.delivery.breaker import FIRST_PAUSE_S, BreakerState
from hookline_collector.delivery.kept_buffer import KeptBuffer
from hookline_collector.delivery.quarantine import Quarantine
from hookline_collector.delivery.retirement import Retirement
from hookline_collector.delivery.segment_delivery import DeliveryDeps, SegmentDelivery, SegmentStore
from hookline_collector.delivery.shared_breaker import SharedBreaker
from hookline_collector.delivery.suspects import FEW, Suspects
from hookline_collector.journal import Journal, Segment
from hookline_collector.observe.announcements import Stored, Topic
from hookline_collector.observe.catalogue import FLUSH_FAILURES, FLUSH_SECONDS, FLUSHES, STORE_AVAILABLE
from hookline_collector.observe.health import PartHealth
from hookline_collector.observe.metrics import Metrics
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.serving.waiting import next_change
from hookline_collector.signal import Signal

MAX_UNSECURED_BYTES = 64 * MIB
MANY = 1_000_000
LONGEST_DOUBT_S = 2.0
"""So long at most waits what was never refused while only a few segments were: they may be bad, and the store well."""
THREADS = len(Signal) + 1  # one a signal, and one for the disk
_STORED_AS_READ = frozenset((Signal.TRACES,))
"""Of these the store takes large segments as they lie in memory. Others it copies, so that memory kept for them would be held twice."""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """How the delivery is doing. Times are Unix seconds, None for never; `last_error` is empty while all is well."""

    state: BreakerState
    failures: int
    retry_in_s: float
    last_error: str
    last_success_at: float | None
    last_flush_s: float

    @property
    def is_available(self) -> bool:
        """Whether the store took what it was last given."""
        return self.state == "closed"


class Delivery:
    """Brings what the journal holds into the store, each record once. All calls come from one event loop."""

    name = "delivery"

    def __init__(
        self,
        journal: Journal,
        store: SegmentStore,
        quarantine: Quarantine,
        metrics: Metrics,
        max_backoff_s: float = 30.0,
        disk_pause_s: float = 5.0,
        breaker: SharedBreaker | None = None,
        secure_every_s: float = 5.0,
        max_unsecured_bytes: int = MAX_UNSECURED_BYTES,
    ) -> None:
        self._journal = journal
        self._metrics = metrics
        self._disk_pause_s = disk_pause_s
        self._backoff = Backoff(FIRST_PAUSE_S, max_backoff_s)
        self._breaker = breaker or SharedBreaker(max_backoff_s)
        self._suspects = Suspects()
        self._threads = BlockingPool("delivery", THREADS)
        self._store = store
        self._retirement = Retirement(journal, store.secure, self._threads, metrics, secure_every_s, max_unsecured_bytes, min(1.0, max_backoff_s))
        self.stored: Topic[Stored] = Topic()
        self._deps = DeliveryDeps(journal, store, quarantine, self._threads, self._answered, self.stored)
        self._deliveries: dict[str, SegmentDelivery] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._ended = asyncio.Event()
        self._settled = asyncio.Event()
        self._errors: dict[str, str] = {}  # by segment, while it waits
        self._last_success_at: float | None = None
        self._last_flush_s = 0.0
        self._metrics.set(STORE_AVAILABLE, 1.0)

    async def run(self) -> None:
        """Work until `stop`."""
        try:
            async with asyncio.TaskGroup() as group:
                retiring = group.create_task(self._retirement.run())
                emptying = [group.create_task(work) for work in (self._show_quarantine(), *map(self._empty_journal, Signal))]
                self._workers = [retiring, *emptying]
                await asyncio.wait(emptying)
                self._retirement.finish()
        finally:
            self._ended.set()
            self._settled.set()
            self._threads.close()

    async def stop(self, timeout_s: float) -> bool:
        """Store what can be stored within the time and end `run`. False when something is left; it stays on the disk."""
        self._breaker.stop()
        self._journal.drain()
        if self._workers:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._ended.wait()
            except TimeoutError:
                for worker in self._workers:
                    worker.cancel()
                await self._ended.wait()
        return not any(self._journal.depth(signal).items for signal in Signal)

    @property
    def is_available(self) -> bool:
        """Whether the store took what it was last given, and the delivery works on giving it more."""
        return bool(self._workers) and not self._ended.is_set() and not self._breaker.failures

    async def outcome(self, within_s: float) -> None:
        """Wait until something became of a segment, at most so long."""
        await next_change(self._settled, within_s)

    def status(self) -> DeliveryStatus:
        """Return how the delivery is doing now."""
        breaker = self._breaker
        errors = "; ".join(dict.fromkeys(filter(None, (*self._errors.values(), self._retirement.trouble))))
        return DeliveryStatus(breaker.state, breaker.failures, breaker.retry_in_s, errors, self._last_success_at, self._last_flush_s)

    def health(self) -> PartHealth:
        """Return whether the store takes what it is given, and when the next attempt is made where it does not."""
        found = self.status()
        if not found.is_available:
            return PartHealth(self.name, False, f"{found.last_error}; next attempt in {found.retry_in_s:.0f} s")
        detail = f"last insert took {found.last_flush_s * 1000:.0f} ms" if found.last_success_at else "nothing inserted yet"
        return PartHealth(self.name, True, "; ".join(filter(None, (detail, found.last_error))))

    async def _show_quarantine(self) -> None:
        """Look what is set aside, so that its gauges stand from the start."""
        await self._threads.run(self._deps.quarantine.list)

    async def _empty_journal(self, signal: Signal) -> None:
        buffer = KeptBuffer()
        while (segment := await self._journal.next(signal)) is not None:
            segment = self._chosen(segment)
            if not self._suspects.may_pass(segment.id) and not await self._breaker.admit(signal):
                return
            try:
                await self._attempt(segment, buffer if signal in _STORED_AS_READ else None)
            finally:
                self._breaker.leave(signal)
                self._settled.set()
        buffer.let_go()

    def _may_pass_over(self, segment: Segment) -> int:
        """Return how many refused parts are passed over: one of a segment that was refused before, all of a suspect."""
        return MANY if self._suspects.is_suspect(segment.id) else int(self._suspects.is_known(segment.id))

    def _chosen(self, oldest: Segment) -> Segment:
        """Return the oldest segment, or now and then one that was never refused, to see whether the store is away or the oldest is bad."""
        other = self._journal.newest_but(oldest.signal, self._suspects.known)
        return other if other is not None and self._suspects.begin_comparison(oldest.id) else oldest

    async def _attempt(self, segment: Segment, buffer: KeptBuffer | None) -> None:
        room = buffer.take() if buffer else None
        delivery = self._deliveries.setdefault(segment.id, SegmentDelivery(segment, self._deps))
        try:
            await delivery.run(self._may_pass_over(segment), room)
        except Refused as why:
            await self._refused(delivery, why)
        except Corrupt as why:
            await self._give_up(delivery, why)
        except OSError as why:
            self._hold(segment, why)
        else:
            if buffer and room:
                buffer.keep(room)
            self._forget(segment)
            self._retirement.add(segment)

    def _answered(self, segment: Segment, took_s: float) -> None:
        self._breaker.succeeded()
        self._suspects.succeeded()
        self._last_success_at = time.time()
        self._last_flush_s = took_s
        self._metrics.move(segment.signal, {(FLUSHES, ""): 1}, {FLUSH_SECONDS: took_s})
        self._metrics.set(STORE_AVAILABLE, 1.0)

    async def _refused(self, delivery: SegmentDelivery, why: Refused) -> None:
        segment = delivery.segment
        self._errors[segment.id] = str(why)
        self._suspects.refused(segment.id)
        self._metrics.add(FLUSH_FAILURES, segment.signal)
        if self._suspects.is_hopeless(segment.id):
            await self._give_up(delivery, why)
        elif self._suspects.is_suspect(segment.id):  # the store takes others: the fault is the segment's own, and nobody waits for it
            self._journal.hold(segment, self._backoff.pause(self._suspects.suspicions(segment.id), why.retry_after_s))
        else:
            self._breaker.failed(why.retry_after_s, LONGEST_DOUBT_S if self._suspects.in_a_row <= FEW else None)
            self._metrics.set(STORE_AVAILABLE, 0.0)
            if self._suspects.in_a_row == 1:  # it may be its own fault: another may be tried at once
                self._journal.hold(segment, self._breaker.retry_in_s)

    async def _give_up(self, delivery: SegmentDelivery, why: Corrupt | Refused) -> None:
        segment = delivery.segment
        try:
            if delivery.has_stored:  # its file leaves the journal: what is stored of it must be so for good
                await self._threads.run(self._store.secure)
            await delivery.give_up(why)
        except Refused as trouble:
            self._hold(segment, OSError(str(trouble)))
        except OSError as trouble:
            self._hold(segment, trouble)
        else:
            self._forget(segment)
            with contextlib.suppress(OSError):  # its list of parts, if it has one; a start removes it
                await self._journal.remove(segment)

    def _hold(self, segment: Segment, why: OSError) -> None:
        """Our own disk fails: go on with others and come back later."""
        self._errors[segment.id] = f"the disk under the journal fails: {why}"
        self._journal.hold(segment, self._disk_pause_s)

    def _forget(self, segment: Segment) -> None:
        self._deliveries.pop(segment.id, None)
        self._suspects.forget(segment.id)
        self._errors.pop(segment.id, None)
