"""The outbox: what waits for the endpoint, between the thread that makes it and the thread that sends it. Bounded.

    maker's side    `offer`, `offer_metrics`, as far as `has_room` and `has_metrics_room`; `wait_until_empty`
    sender's side   `wait` until something is due, `next_batch`, `due_metrics`; `close` ends its waits

What is offered keeps its room until the batch that it went into was dealt with. Past the bounds `has_room` is False and events stay where
they are durable, in the spool.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hookline.export.batch import Batch, Weighed, pack, weigh
from hookline.records import FoldStep

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

MAX_PENDING_BYTES = 8 * 1024 * 1024
MAX_PENDING_METRICS = 120  # collections; past it the SDK keeps adding up and samples are skipped
METRICS_A_REQUEST = 30


class Outbox:
    """Steps in their order, and collections of metrics. Every method may be called by any thread."""

    def __init__(self, max_items: int, gather_items: int = 0, linger_s: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        """`gather_items`: a batch waits for so many, unless somebody waits until all was dealt with (0: all go at once).

        `linger_s`: what goes at once waits so long for company all the same, since a request costs more than what is in it.
        """
        self._max_items = max_items
        self._gather_items = gather_items
        self._linger_s = linger_s
        self._first_at_s = 0.0
        self._clock = clock
        self._changed = threading.Condition()
        self._closed = threading.Event()
        self._queue: deque[Weighed] = deque()
        self._metrics: deque[MetricsData] = deque()
        self._metrics_at_s = self._first_metrics_at_s = 0.0
        self._items = self._bytes = 0
        self._is_awaited = self._is_busy = False

    # The maker's side

    def offer(self, step: FoldStep) -> None:
        """Queue a step. Never blocks: ask `has_room` before making more."""
        if not (step.spans or step.logs or step.released):
            return
        entry = weigh(step)
        with self._changed:
            if not self._queue:
                self._first_at_s = self._clock()
                if self._linger_s:
                    self._changed.notify_all()
            self._queue.append(entry)
            self._items += entry.items
            self._bytes += entry.size
            if self._is_due():
                self._changed.notify_all()

    def offer_metrics(self, data: MetricsData) -> None:
        """Queue one collection of metrics; ask `has_metrics_room` before collecting."""
        with self._changed:
            self._metrics.append(data)
            if len(self._metrics) == 1:
                self._first_metrics_at_s = self._clock()
                self._changed.notify_all()

    def has_room(self) -> bool:
        """Whether more steps may be made."""
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

    # The sender's side

    def wait(self) -> bool:
        """Wait until something is due, calling what was taken before dealt with; False once the outbox is closed."""
        with self._changed:
            self._is_busy = False
            self._changed.notify_all()
            while not (self._is_due() or self._metrics_wait_s() == 0 or self._closed.is_set()):
                self._changed.wait(min((wait_s for wait_s in (self._metrics_wait_s(), self._linger_left_s()) if wait_s is not None), default=None))
            self._is_busy = not self._closed.is_set()
        return not self._closed.is_set()

    def pause(self, seconds: float) -> bool:
        """Wait so long; say whether to go on, which ends at once when the outbox is closed."""
        return not self._closed.wait(seconds)

    @contextmanager
    def next_batch(self) -> Iterator[Batch | None]:
        """Take the next batch, None when none is due; its room is free again afterwards."""
        with self._changed:
            batch, taken = pack(self._queue) if self._is_due() else (None, [])
        try:
            yield batch
        finally:
            with self._changed:
                self._items -= sum(entry.items for entry in taken)
                self._bytes -= sum(entry.size for entry in taken)

    def due_metrics(self) -> list[MetricsData]:
        """Return the collections that are to be sent now; they stay until `drop_metrics`."""
        with self._changed:
            return [self._metrics[index] for index in range(min(len(self._metrics), METRICS_A_REQUEST))] if self._metrics_wait_s() == 0 else []

    def drop_metrics(self, count: int) -> None:
        """Forget so many collections, which were dealt with."""
        with self._changed:
            for _ in range(count):
                self._metrics.popleft()

    def postpone_metrics(self, until_s: float) -> None:
        """Let metrics wait until a time. They never hold up steps, and steps never them."""
        with self._changed:
            self._metrics_at_s = until_s

    def close(self) -> None:
        """End every wait of the sender's side; what is left stays in the spool."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()

    def _is_due(self) -> bool:
        """Whether there is enough for a batch, or somebody waits for what there is."""
        if not self._queue:
            return False
        if self._is_awaited or not self.has_room():
            return True
        return self._items >= self._gather_items and not self._linger_left_s()

    def _linger_left_s(self) -> float | None:
        """Return how long what waits has to wait for company still; None when nothing waits, or not for a time."""
        if not self._queue or self._items < self._gather_items:
            return None
        return max(0.0, self._first_at_s + self._linger_s - self._clock())

    def _metrics_wait_s(self) -> float | None:
        """Return how long the metrics that wait have to wait still; None when there are none."""
        if not self._metrics:
            return None
        with_company_s = 0.0 if self._is_awaited else self._first_metrics_at_s + self._linger_s
        return max(0.0, max(self._metrics_at_s, with_company_s) - self._clock())
