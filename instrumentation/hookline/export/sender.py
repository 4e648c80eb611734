"""The sender: it makes the attempts and does what `next_step` decides, until nothing of a batch is left to care for.

It knows no thread: sending, pausing and the clock are given to it. One thread uses it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hookline.export.batch import Batch
from hookline.export.next_step import Attempts, Done, ExportRequest, NextStep, Send, SetAside, Split, Wait, next_step, requests_of
from hookline.export.probe import DOUBTS, METRICS, EndpointProbe
from hookline.export.report import DeliveryReport
from hookline.export.result import ExportResult

SendItems = Callable[[Sequence[Any]], ExportResult]


class Sender:
    """Sends batches and metrics to one endpoint and reports how that goes."""

    def __init__(
        self,
        send: Mapping[str, SendItems],
        report: DeliveryReport,
        set_aside: Callable[[Any, str], None],
        pause: Callable[[float], bool],
        *,
        longest_pause_s: float,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`send` makes one attempt, by signal; `pause(seconds)` says whether to go on; `set_aside(item, why)` keeps what is refused for good."""
        self._send = send
        self._report = report
        self._set_aside = set_aside
        self._pause = pause
        self._longest_pause_s = longest_pause_s
        self._clock = clock
        self._chance = chance
        self._probe = EndpointProbe()
        self._failures = self._metrics_failures = 0

    def deliver(self, batch: Batch) -> bool:
        """Deliver a batch; False when it was told to stop before all of it was dealt with."""
        return all(self._deliver(request) for request in requests_of(batch))

    def deliver_metrics(self, collections: Sequence[Any]) -> float | None:
        """Send collections of metrics, one attempt; return when to try again (monotonic), None when they are dealt with."""
        step = self._attempt(ExportRequest(METRICS, collections, DOUBTS), self._metrics_failures)
        if isinstance(step, Wait):
            self._metrics_failures += 1
            self._report.fail(step.health, f"{METRICS}: {step.why}", time.time_ns())
            return step.until_s
        self._metrics_failures = 0
        if isinstance(step, Done):
            self._report.finish(METRICS, step, time.time_ns())
        else:  # points that are refused are not looked for one by one
            self._report.metrics.rejected += len(collections)
        return None

    def _deliver(self, request: ExportRequest) -> bool:
        todo = [request]
        while todo:
            request = todo.pop()
            match self._attempt(request, self._failures):
                case Wait() as wait:
                    self._failures += 1
                    self._report.fail(wait.health, f"{request.signal}: {wait.why}", time.time_ns())
                    if not self._pause(max(0.0, wait.until_s - self._clock())):
                        return False
                    todo.append(wait.request)
                case Split(parts):
                    if not self._pause(0.0):
                        return False
                    todo += reversed(parts)
                case SetAside(item, why):
                    self._set_aside(item, why)
                    self._report.set_aside(request.signal, why, time.time_ns())
                case Done() as done:
                    self._failures = 0
                    self._report.finish(request.signal, done, time.time_ns())
        return True

    def _attempt(self, request: ExportRequest, failures: int) -> NextStep:
        """Send a request; ask the endpoint what has to be known to understand its answer; return what is to be done."""
        result = self._send[request.signal](request.items)
        attempts = Attempts(failures, self._longest_pause_s, self._chance())
        step = next_step(request, result, self._clock(), self._probe, attempts)
        while isinstance(step, Send):
            asked = step.request.signal
            self._probe = self._probe.answered(asked, self._send[asked](step.request.items).kind)
            step = next_step(request, result, self._clock(), self._probe, attempts)
        self._probe = self._probe.for_next_answer()
        if isinstance(step, Done) and not step.unsupported:
            self._probe = self._probe.shown(request.signal)
        return step
