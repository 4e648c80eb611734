"""Delivery: every step reaches the endpoint, in order, whatever it takes, in bounded memory.

    loop ──offer(step)──▶ queue ──pack──▶ parcel ──logs, then spans──▶ endpoint
                            │                          │
                     has_room() is the            on_done(parcel): the loop's spool files may go
                     loop's signal to read

One thread sends. A parcel is left only when each of its items was accepted, set aside or counted as unsupported; until
then the thread waits and tries again with growing pauses. What waits here is bounded by items and bytes: past it
`has_room` is False and the events stay where they are durable, in the spool.

What an answer means depends on what the endpoint has shown before: see `trust`.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from hookline.export.batch import Batch, Weighed, chunks, halves, pack, weigh
from hookline.export.probe import DOUBTS, EndpointProbe, Send
from hookline.export.rejected import RejectedFolder
from hookline.export.report import DeliveryCounts, DeliveryReport
from hookline.export.result import ExportOutcome, ExportResult
from hookline.export.transmit import Transmit
from hookline.records import FoldStep
from hookline.system.backoff import pause_s
from hookline.system.log import LOG

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

MAX_PENDING_BYTES = 8 * 1024 * 1024
MAX_PENDING_METRICS = 120  # collections; past it the SDK keeps adding up and samples are skipped
METRICS_A_REQUEST = 30


class _Stopped(Exception):
    """Delivery was told to stop; what is not accepted stays in the spool."""


class ExportDelivery:
    """The queue to the endpoint and the thread that works it off."""

    def __init__(
        self,
        transmit: Transmit,
        rejected: RejectedFolder,
        on_done: Callable[[Batch], None],
        *,
        endpoint: str,
        max_backoff_s: float,
        max_pending_items: int,
        gather_items: int = 0,
        on_news: Callable[[], object] = lambda: None,
    ) -> None:
        """`gather_items`: a request waits for so many, unless somebody waits until all was dealt with (0: all go at once).

        `on_done` is called with each finished parcel, `on_news` when the endpoint's health changes; both in the export thread."""
        self.report = DeliveryReport(on_news)
        self._transmit = transmit
        self._rejected = rejected
        self._on_done = on_done
        self._endpoint = endpoint
        self._max_backoff_s = max_backoff_s
        self._max_items = max_pending_items
        self._gather_items = gather_items
        self._is_awaited = False
        self._changed = threading.Condition()
        self._queue: deque[Weighed] = deque()
        self._metrics: deque[MetricsData] = deque()
        self._items = self._bytes = 0
        self._is_busy = False
        self._stopping = threading.Event()
        self._failures = 0
        self._metrics_failures = 0
        self._metrics_at = 0.0
        self._trust = EndpointProbe(transmit.spans)
        self._thread = threading.Thread(target=self._run, name="hookline-export", daemon=True)

    # The loop's side

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def offer(self, step: FoldStep) -> None:
        """Queue a step. Never blocks: ask `has_room` before reading more events."""
        if not (step.spans or step.logs or step.released):
            return
        entry = weigh(step)
        with self._changed:
            self._queue.append(entry)
            self._items += entry.items
            self._bytes += entry.size
            if self._is_due():
                self._changed.notify_all()

    def offer_metrics(self, data: MetricsData) -> None:
        """Queue one collection of metrics; ask `has_metrics_room` before collecting."""
        with self._changed:
            self._metrics.append(data)
            self._changed.notify_all()

    def has_room(self) -> bool:
        """Whether more events may be read."""
        return self._items < self._max_items and self._bytes < MAX_PENDING_BYTES

    def has_metrics_room(self) -> bool:
        """Whether metrics may be collected."""
        return len(self._metrics) < MAX_PENDING_METRICS

    @property
    def pending(self) -> int:
        """Spans and log records that wait for the endpoint."""
        return self._items

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Wait until everything offered was dealt with; say whether it was."""
        with self._changed:
            self._is_awaited = True
            self._changed.notify_all()
            try:
                return self._changed.wait_for(lambda: not (self._queue or self._metrics or self._is_busy), timeout_s)
            finally:
                self._is_awaited = False

    def stop(self, timeout_s: float) -> None:
        """End the thread after the attempt at hand; a call in flight is ended where the transport can."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._thread.join(min(timeout_s, 0.2))
        self._transmit.close()
        self._thread.join(timeout_s)

    # The thread's side

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                self._work_once()
            except _Stopped:
                return
            except Exception:  # a bug must not end delivery for good; what was at hand stays in the spool
                LOG.exception("delivery failed; its events are read again by the next relay")

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            while not (self._is_due() or self._metrics_wait_s() == 0 or self._stopping.is_set()):
                self._changed.wait(self._metrics_wait_s())
            self._is_busy = True
        return not self._stopping.is_set()

    def _is_due(self) -> bool:
        """Whether there is enough for a request, or somebody waits for what there is."""
        return bool(self._queue) and (self._items >= self._gather_items or self._is_awaited or not self.has_room())

    def _metrics_wait_s(self) -> float | None:
        """Return how long the metrics that wait have to wait still; None when there are none."""
        return max(0.0, self._metrics_at - time.monotonic()) if self._metrics else None

    def _work_once(self) -> None:
        if self._is_due():
            with self._changed:
                parcel, taken = pack(self._queue)
            try:
                self._deliver_parcel(parcel)
            finally:
                with self._changed:
                    self._items -= sum(entry.items for entry in taken)
                    self._bytes -= sum(entry.size for entry in taken)
        if self._metrics_wait_s() == 0:
            self._deliver_metrics()

    def _deliver_parcel(self, parcel: Batch) -> None:
        for logs in chunks(parcel.logs):
            self._deliver(logs, "logs", self._transmit.logs, self.report.logs)
        for spans in chunks(parcel.spans):
            self._deliver(spans, "traces", self._transmit.spans, self.report.spans)
        self._on_done(parcel)

    def _deliver(self, items: Sequence[Any], signal: str, send: Send, counts: DeliveryCounts, doubts: int = 0) -> None:
        """Send items until none of them is left to care for. `doubts` is how often the endpoint gave no clear answer to them."""
        while True:
            verdict = send(items)
            doubts += verdict.kind is ExportOutcome.DOUBTFUL
            kind = self._trust.settle(verdict, signal, send, doubts)
            if kind is ExportOutcome.ACCEPTED:
                self._accept(verdict, len(items), signal, counts)
                return
            if kind is ExportOutcome.UNSUPPORTED:
                self._drop_unsupported(verdict, len(items), counts)
                return
            if kind in {ExportOutcome.REFUSED, ExportOutcome.TOO_LARGE}:
                self._divide(items, verdict, signal, send, counts)
                return
            self._pause(kind, verdict, signal)

    def _accept(self, verdict: ExportResult, sent: int, signal: str, counts: DeliveryCounts) -> None:
        self._failures = 0
        self._trust.note(signal)
        counts.accepted += sent - min(sent, verdict.rejected)
        counts.rejected += min(sent, verdict.rejected)
        self.report.succeed(time.time_ns())
        if verdict.rejected:
            self.report.last_error, self.report.last_error_ns = f"{signal}: {verdict.rejected} refused: {verdict.why}", time.time_ns()

    def _drop_unsupported(self, verdict: ExportResult, sent: int, counts: DeliveryCounts) -> None:
        self._failures = 0
        counts.unsupported += sent
        self.report.last_error, self.report.last_error_ns = verdict.why, time.time_ns()

    def _divide(self, items: Sequence[Any], verdict: ExportResult, signal: str, send: Send, counts: DeliveryCounts) -> None:
        self._stop_if_asked()
        if len(items) == 1:
            self._rejected.add(items[0], verdict.why, self._endpoint)
            counts.rejected += 1
            self.report.last_error, self.report.last_error_ns = f"{signal}: refused: {verdict.why}", time.time_ns()
            return
        for half in halves(items):
            self._deliver(half, signal, send, counts, doubts=DOUBTS - 2)

    def _pause(self, kind: ExportOutcome, verdict: ExportResult, signal: str) -> None:
        self._failures += 1
        self.report.fail(_health(kind), f"{signal}: {verdict.why}", time.time_ns())
        self._stopping.wait(self._next_pause_s(self._failures, verdict))
        self._stop_if_asked()

    def _stop_if_asked(self) -> None:
        if self._stopping.is_set():
            raise _Stopped

    def _deliver_metrics(self) -> None:
        """Send what waits, one attempt. Metrics never hold up events: after a failure they wait for a time of their own."""
        batch = [self._metrics[index] for index in range(min(len(self._metrics), METRICS_A_REQUEST))]
        verdict = self._transmit.metrics(batch)
        kind = self._trust.settle(verdict, "metrics", self._transmit.metrics, DOUBTS)
        if kind in {ExportOutcome.RETRY, ExportOutcome.BLOCKED}:
            self._postpone_metrics(kind, verdict)
            return
        with self._changed:
            for _ in batch:
                self._metrics.popleft()
        self._metrics_failures = 0
        if kind is ExportOutcome.ACCEPTED:
            self._accept(verdict, len(batch), "metrics", self.report.metrics)
        elif kind is ExportOutcome.UNSUPPORTED:
            self._drop_unsupported(verdict, len(batch), self.report.metrics)
        else:
            self.report.metrics.rejected += len(batch)

    def _postpone_metrics(self, kind: ExportOutcome, verdict: ExportResult) -> None:
        self._metrics_failures += 1
        self.report.fail(_health(kind), f"metrics: {verdict.why}", time.time_ns())
        self._metrics_at = time.monotonic() + self._next_pause_s(self._metrics_failures, verdict)

    def _next_pause_s(self, failures: int, verdict: ExportResult) -> float:
        return pause_s(failures, verdict.retry_after_s, self._max_backoff_s, random.random())  # noqa: S311 - spreads load


def _health(kind: ExportOutcome) -> str:
    return "blocked" if kind is ExportOutcome.BLOCKED else "retrying"
