"""From a service to its collector: in the background, in bounded memory, whatever the collector does.

    request ──offer(item)──▶ bounded queue ──▶ spans and records ──▶ the sender of `hookline.export` ──▶ OTLP
                              the oldest go, counted

A request adds one item to a queue, under a lock that is held for a microsecond; everything else is this thread's. While the collector is away the
queue stays at its bound, and so do the collections of metrics. Nothing waits for anything at the end but for `flush_s`.

After a fork only the thread that forked lives: the child begins again with an empty queue (`restart`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from hookline.export.batch import Batch
from hookline.export.probe import LOGS, METRICS, TRACES
from hookline.export.report import DeliveryReport
from hookline.export.sender import Sender
from hookline.services.kept_spans import KeptItem

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricsData

    from hookline.export.transport import Exporters
    from hookline.services.kept_spans import KeptTold

SEND_EVERY_S: Final = 1.0
MAX_COLLECTIONS: Final = 20
CALLS_AN_ITEM: Final = 10
ITEMS_A_TIME: Final = 256
_TALKATIVE: Final = (
    *(f"opentelemetry.exporter.otlp.proto.http.{name}" for name in ("trace_exporter", "_log_exporter", "metric_exporter")),
    "opentelemetry.exporter.otlp.common.http",
    "opentelemetry.exporter.otlp.proto.grpc.exporter",
    "urllib3.connectionpool",
)
LOG: Final = logging.getLogger("hookline.services")


class ServiceDelivery:
    """A bounded queue and the thread that sends what is in it."""

    def __init__(
        self,
        open_exporters: Callable[[], Exporters],
        told: Callable[[KeptItem], KeptTold],
        collect: Callable[[], MetricsData | None],
        every_second: Callable[[], object],
        *,
        max_pending: int,
        metrics_every_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`told` makes spans and records of an item, `collect` metrics, both in the thread. `max_pending` items of up to ten calls may wait."""
        self.report = DeliveryReport(self._tell)
        self.dropped = {TRACES: 0, LOGS: 0, METRICS: 0}
        self._open_exporters = open_exporters
        self._told = told
        self._collect = collect
        self._every_second = every_second
        self._max_weight = max_pending * CALLS_AN_ITEM
        self._metrics_every_s = metrics_every_s
        self._clock = clock
        self._reset()

    def _reset(self) -> None:
        self._exporters = self._open_exporters()  # a connection that was forked would be two processes' at once
        self._changed = threading.Condition(threading.Lock())
        self._queue: deque[KeptItem] = deque()
        self._logs: deque[Any] = deque(maxlen=200)
        self._collections: deque[MetricsData] = deque()
        self._weight = 0
        self._is_stopped = self._is_flushing = False
        self._metrics_at_s = self._clock() + self._metrics_every_s
        self._second_at_s = self._retry_metrics_at_s = 0.0
        self._sender = Sender(
            {TRACES: self._exporters.send_spans, LOGS: self._exporters.send_logs, METRICS: self._send_metrics},
            self.report,
            lambda _item, _why: None,
            self._pause,
            longest_pause_s=30.0,
        )
        self._thread = threading.Thread(target=self._run, name="hookline-service", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def restart(self) -> None:
        """Begin again, in a process that was forked."""
        self._reset()
        self.start()

    # A request's side

    def offer(self, item: KeptItem) -> None:
        """Queue an item; where there is no room the oldest go."""
        weight = weight_of(item)
        with self._changed:
            self._queue.append(item)
            self._weight += weight
            while self._weight > self._max_weight and len(self._queue) > 1:
                self._drop(self._queue.popleft())

    def offer_log(self, record: Any) -> None:
        """Queue a record that belongs to no request."""
        self._logs.append(record)

    def _drop(self, item: KeptItem) -> None:
        self._weight -= weight_of(item)
        self.dropped[TRACES] += 1 + (len(item.request.calls or ()) if item.request is not None else 0)
        self.dropped[LOGS] += item.wants_log

    def _tell(self) -> None:
        """Say once that the collector went away, or came back."""
        if self.report.is_away:
            LOG.warning("telemetry waits, at most %d requests of it: %s", self._max_weight // CALLS_AN_ITEM, self.report.why)
        elif self.report.last_error:
            LOG.info("telemetry is sent again")

    @property
    def pending(self) -> int:
        """Items that wait."""
        return len(self._queue)

    def flush(self, timeout_s: float) -> bool:
        """Have everything sent now; say whether the collector took it in time."""
        with self._changed:
            self._is_flushing = True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: not self._is_flushing, timeout_s)

    def stop(self, flush_s: float) -> None:
        """Send what there is if that takes no longer than `flush_s`, and end the thread."""
        if not self._thread.is_alive():
            return
        self.flush(flush_s)
        with self._changed:
            self._is_stopped = True
            self._changed.notify_all()
        self._thread.join(min(flush_s, 0.5))
        self._exporters.close()
        self._thread.join(1.0)

    # The thread's side

    def _run(self) -> None:
        silence(threading.get_ident())
        from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, attach  # noqa: PLC0415 - what we send is no call of the service

        attach(Context({_SUPPRESS_INSTRUMENTATION_KEY: True}))
        while not self._is_stopped:
            is_flushing = self._is_flushing
            self._tick(is_flushing=is_flushing)
            self._send_items()
            self._send_collections()
            with self._changed:
                if is_flushing:
                    self._is_flushing = False
                    self._changed.notify_all()
                if not (self._is_stopped or self._is_flushing or self._queue):
                    self._changed.wait(SEND_EVERY_S)

    def _send_items(self) -> None:
        while (items := self._taken()) or self._logs:
            told = [self._told(item) for item in items]
            spans: list[Any] = [span for one in told for span in one.spans]
            logs: list[Any] = [log for one in told for log in one.logs] + [self._logs.popleft() for _ in range(len(self._logs))]
            if not self._sender.deliver(Batch(tuple(logs), tuple(spans), ())):
                self.dropped[TRACES] += len(spans)
                self.dropped[LOGS] += len(logs)
                return

    def _taken(self) -> list[KeptItem]:
        with self._changed:
            items = [self._queue.popleft() for _ in range(min(ITEMS_A_TIME, len(self._queue)))]
            self._weight -= sum(weight_of(item) for item in items)
        return items

    def _send_collections(self) -> None:
        if self._collections and self._clock() >= self._retry_metrics_at_s:
            count = len(self._collections)
            again_s = self._sender.deliver_metrics(list(self._collections))
            if again_s is None:
                for _ in range(count):
                    self._collections.popleft()
            else:
                self._retry_metrics_at_s = again_s

    def _send_metrics(self, collections: Sequence[MetricsData]) -> Any:
        from hookline.export.merge import merge  # noqa: PLC0415

        return self._exporters.send_metrics(merge(collections))

    def _tick(self, *, is_flushing: bool = False) -> None:
        """Do what is due whatever the collector does."""
        now = self._clock()
        if now >= self._second_at_s:
            self._second_at_s = now + 1.0
            self._every_second()
        if now >= self._metrics_at_s or is_flushing:
            self._metrics_at_s = now + self._metrics_every_s
            collection = self._collect()
            if collection is not None:
                self._collections.append(collection)
            while len(self._collections) > MAX_COLLECTIONS:
                self._collections.popleft()
                self.dropped[METRICS] += 1

    def _pause(self, seconds: float) -> bool:
        """Wait while the collector is away; say whether to go on."""
        until = self._clock() + seconds
        while not self._is_stopped and (left := until - self._clock()) > 0:
            with self._changed:
                self._changed.wait(min(left, 1.0))
            self._tick()
        return not self._is_stopped


def silence(thread_id: int) -> None:
    """Keep what the SDK's exporters say of a collector that is away, in this thread, out of the service's log: our own line says it once."""

    def of_another(record: logging.LogRecord) -> bool:
        return record.thread != thread_id

    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        for old in [one for one in logger.filters if getattr(one, "is_hooklines", False)]:
            logger.removeFilter(old)
        setattr(of_another, "is_hooklines", True)  # noqa: B010 - a mark on a function
        logger.addFilter(of_another)


def weight_of(item: KeptItem) -> int:
    """Return what an item weighs: its calls and itself."""
    return CALLS_AN_ITEM + len(item.request.calls or ()) if item.request is not None else CALLS_AN_ITEM
