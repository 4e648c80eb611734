"""Delivery: every step reaches the endpoint, in order, whatever it takes, in bounded memory.

    loop ──offer(step)──▶ outbox ──batch──▶ sender ──logs, then spans──▶ endpoint
                             │                 │
                      has_room() is the    on_done(batch): the loop's spool files may go
                      loop's signal to read

One thread sends. It leaves a batch only when each of its items was accepted, set aside or counted as unsupported; until then it waits
and tries again with growing pauses. What is to be done after an answer is decided in `next_step`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from hookline.export.batch import Batch
from hookline.export.outbox import Outbox
from hookline.export.probe import LOGS, METRICS, TRACES
from hookline.export.rejected import RejectedFolder
from hookline.export.report import DeliveryReport
from hookline.export.sdk import Transmit
from hookline.export.sender import Sender
from hookline.system.log import LOG

AT_ONCE_S = 0.2  # of a stop: so long an attempt may take before its connection is closed


class ExportDelivery:
    """An outbox and the thread that sends what is in it."""

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
        linger_s: float = 0.0,
        on_news: Callable[[], object] = lambda: None,
    ) -> None:
        """`gather_items` and `linger_s` as in `Outbox`. `on_done` is called with each batch that was dealt with, `on_news` when the endpoint's health
        changes; both in the export thread."""
        self.report = DeliveryReport(on_news)
        self.outbox = Outbox(max_pending_items, gather_items, linger_s)
        self._transmit = transmit
        self._on_done = on_done
        self._sender = Sender(
            {LOGS: transmit.logs, TRACES: transmit.spans, METRICS: transmit.metrics},
            self.report,
            lambda item, why: rejected.add(item, why, endpoint),
            self.outbox.pause,
            longest_pause_s=max_backoff_s,
        )
        self._thread = threading.Thread(target=self._run, name="hookline-export", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End the thread after the attempt at hand; a call in flight is ended where the transport can."""
        self.outbox.close()
        self._thread.join(min(timeout_s, AT_ONCE_S))
        self._transmit.close()
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while self.outbox.wait():
            try:
                self._work_once()
            except Exception:  # a bug must not end delivery for good; what was at hand stays in the spool
                LOG.exception("delivery failed; its events are read again by the next relay")

    def _work_once(self) -> None:
        with self.outbox.next_batch() as batch:
            if batch is not None:
                if not self._sender.deliver(batch):
                    return
                self._on_done(batch)
        if collections := self.outbox.due_metrics():
            again_s = self._sender.deliver_metrics(collections)
            if again_s is None:
                self.outbox.drop_metrics(len(collections))
            else:
                self.outbox.postpone_metrics(again_s)
