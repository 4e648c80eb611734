"""What watches a process that serves: its tables, its kept requests, its way out. One a process; `active` holds it.

The tail decides, and in the process: every request is timed, and only the few that are slow, failed or drawn become spans and a log record. So a
request that nobody will look at costs two microseconds, and one that somebody will look at has its whole tree.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from opentelemetry.context import get_current
from opentelemetry.sdk.metrics.export import MetricsData

from hookline.contract import services as names
from hookline.contract.services import KeptBecause
from hookline.export.transport import open_exporters
from hookline.services.calls import ServiceCall
from hookline.services.durations import CountedExemplar, DurationSeries, DurationTable, Labels
from hookline.services.kept_spans import BackgroundWork, KeptItem, KeptTelling, KeptTold, clock_offset_ns
from hookline.services.moments import Moments
from hookline.services.options import ServiceOptions, endpoint_of, wants_cumulative
from hookline.services.providers import FoundProviders, found_providers, resource_of
from hookline.services.recent_routes import HALVED_EVERY_S, LEAST_SLOW_NS, RouteTimes
from hookline.services.sdk_spans import SdkSpans
from hookline.services.served_request import CURRENT, NotedException, ServedRequest, draw_again
from hookline.services.service_delivery import ServiceDelivery
from hookline.services.service_metrics import MetricsMaking, meter_of, own_provider, sdk_histogram

LOG: Final = logging.getLogger("hookline.services")
JUDGED_EVERY_S: Final = 5.0
MAX_ROUTES: Final = 2_000
BURST: Final = 4.0
FLUSH_S: Final = 1.0


class ServiceWatch:
    """Everything that a service's requests and calls are given to."""

    def __init__(self, options: ServiceOptions, found: FoundProviders | None = None) -> None:
        found = found_providers() if found is None else found
        self.options = options
        self.resource = resource_of(options.service, found)
        self.tracer: Any = found.tracer.get_tracer(names.SERVICES_SCOPE) if found.tracer is not None else None
        self.spans = SdkSpans(self.tracer)
        self.is_active = True
        self.routes: dict[tuple[str, str], RouteTimes] = {}
        self.begun: list[Callable[[], int]] = []
        self.uncounted: list[Callable[[], None]] = []
        self.quick_ns = 0 if self.tracer is not None or found.meter is not None else min(LEAST_SLOW_NS, int(options.slow_s * 1e9))
        self.has_many_apps = False
        self.pauses, self.lags = Moments(), Moments()
        self.unwatched_loop = True
        self.on_loop: Callable[[], object] = lambda: None
        self.on_second: list[Callable[[], object]] = []
        self._logger = found.logger.get_logger(names.SERVICES_SCOPE) if found.logger is not None else None
        sums_up = wants_cumulative()
        self._own_meters, reader = own_provider(self.resource, sums_up=sums_up) if found.meter is None else (None, None)
        self.meter = meter_of(found.meter if found.meter is not None else self._own_meters)
        self.http, self.rpc_server, self.rpc_client, self.db, self.pool_wait, self.lag, self.pause = self._tables = tuple(
            self._table(metric, is_own=found.meter is None)
            for metric in (
                names.HTTP_DURATION,
                names.RPC_SERVER_DURATION,
                names.RPC_CLIENT_DURATION,
                names.DB_DURATION,
                names.POOL_WAIT,
                names.LOOP_LAG,
                names.GC_PAUSE,
            )
        )
        self.telling = KeptTelling(self.resource, self.pauses, self.lags)
        making = MetricsMaking(self.resource, self._tables if found.meter is None else (), reader, sums_up=sums_up)
        self.delivery = ServiceDelivery(
            partial(open_exporters, endpoint_of(options)),
            self._told,
            partial(self._collected, making),
            self._every_second,
            max_pending=options.max_pending,
            metrics_every_s=options.metrics_every_s,
        )
        self._limit_ns = int(options.slow_s * 1e9)
        self._tokens = self._most_tokens = max(1.0, options.logs_a_second * BURST)
        self._tokens_at_s = self._judged_at_s = self._halved_at_s = time.monotonic()
        self._suppressed = 0

    def _table(self, metric: names.ServiceMetric, *, is_own: bool) -> DurationTable:
        return DurationTable(metric, None if is_own else sdk_histogram(self.meter, metric))

    def start(self) -> None:
        """Begin to send."""
        self.delivery.start()

    def stop(self, flush_s: float = FLUSH_S) -> None:
        """Send what there is, for no longer than this, and end."""
        self.is_active = False
        self.delivery.stop(flush_s)
        if self._own_meters is not None:
            self._own_meters.shutdown()

    def restart(self) -> None:
        """Go on in a process that was forked: it has no threads, and must not draw its parent's ids."""
        draw_again()
        self.unwatched_loop = True
        self.delivery.restart()

    def loop_seen(self) -> None:
        """A coroutine of ours runs: its event loop is one to watch."""
        if self.unwatched_loop:
            self.unwatched_loop = False
            self.on_loop()

    # Requests

    def count_all(self) -> None:
        """Count the quick requests that wait for it."""
        for count in self.uncounted:
            count()

    def under_way(self) -> int:
        """Return how many requests over HTTP have begun and have not ended yet."""
        self.count_all()
        return sum(begun() for begun in self.begun) - sum(sum(series.counts) for series in list(self.http.series.values()))

    def new_route(self, kind: str, name: str) -> RouteTimes:
        """Return the times of a route, made when it is first heard of; past the bound all others are one."""
        name = name if len(self.routes) < MAX_ROUTES else ""
        return self.routes.setdefault((kind, name), RouteTimes(kind, name, limit_ns=self._limit_ns))

    def routes_with_calls(self) -> list[RouteTimes]:
        """Return the routes whose requests called databases; websockets are long whatever they call."""
        return [times for times in list(self.routes.values()) if times.db_calls and times.method != "websocket"]

    def judge(self, request: ServedRequest, times: RouteTimes, series: DurationSeries) -> None:
        """Say whether a request is kept, and why."""
        ns = request.ns
        is_drawn, request.is_sampled = request.is_sampled, request.is_sampled or request.has_sampled_parent
        if request.is_servers_fault:
            self.keep(request, series, KeptBecause.FAILED)
        elif request.can_be_slow and ns > self._limit_ns:
            self.keep(request, series, KeptBecause.LIMIT, self._limit_ns)
        elif request.can_be_slow and ns > times.slow_ns:
            self.keep(request, series, KeptBecause.ROUTE, times.slow_ns)
        elif request.is_sampled:
            self.keep(request, series, KeptBecause.SAMPLED if is_drawn else "", wants_log=is_drawn)
        elif request.sdk_span is not None:
            self.spans.ended(request)

    def keep(self, request: ServedRequest, series: DurationSeries, reason: str, threshold_ns: int = 0, *, wants_log: bool = True) -> None:
        """Keep a request with its tree. Without a `reason` it is part of a trace that its caller samples, and no log is wanted."""
        wants_log = wants_log and self._has_token()
        request.reason, request.threshold_ns = reason, threshold_ns
        if request.sdk_span is not None:
            self.spans.ended(request)
        elif not (wants_log or request.has_sampled_parent):
            return
        request.let_go()
        request.identify()
        suppressed = 0
        if wants_log:
            suppressed, self._suppressed = self._suppressed, 0
        item = KeptItem(request, None, wants_log, clock_offset_ns(), suppressed, self.tracer is None)
        self._show(request, series)
        if wants_log or self.tracer is None:
            self.delivery.offer(item)

    def _collected(self, making: MetricsMaking) -> MetricsData | None:
        self.count_all()
        return making.collect()

    def _told(self, item: KeptItem) -> KeptTold:
        """Return what our collector is told of an item; the process's own logs get what is theirs."""
        told = self.telling.told(item)
        if self._logger is None:
            return told
        for log in told.logs:
            self._logger.emit(log.log_record)
        return KeptTold(told.spans, [])

    def _show(self, request: ServedRequest, series: DurationSeries) -> None:
        now = time.time_ns()
        series.show(CountedExemplar(request.ns, now, request.trace_id, request.span_id))
        for call in request.calls or ():
            if call.series is not None and call.ended_ns:
                call.series.show(CountedExemplar(call.ns, now, request.trace_id, request.span_id))

    def _has_token(self) -> bool:
        """Whether a log may be written; where too many are slow at once, a few of them say the same."""
        now = time.monotonic()
        self._tokens = min(self._most_tokens, self._tokens + (now - self._tokens_at_s) * self.options.logs_a_second)
        self._tokens_at_s = now
        if self._tokens < 1.0:
            self._suppressed += 1
            return False
        self._tokens -= 1.0
        return True

    def background_ended(self, request: ServedRequest, error: BaseException | None = None) -> None:
        """Tell of what ran on after an answer, where it failed, was long, or its request was kept."""
        now = time.perf_counter_ns()
        ns = now - request.ended_ns
        if self.tracer is not None or (error is None and ns < self._limit_ns and not request.reason):
            return
        if error is not None and not self._has_token():
            return
        work = BackgroundWork(request.ended_ns, now, NotedException.of(error) if error is not None else None)
        request.let_go()
        self.delivery.offer(KeptItem(request, None, False, clock_offset_ns(), background=work))

    # Calls

    def call_ended(self, call: ServiceCall, table: DurationTable, request: ServedRequest | None = None) -> None:
        """Count a call that has ended, and give it to its request: the present one, unless it is named."""
        context = get_current() if self.tracer is not None else None
        series = call.target.series.get((call.words, call.error_type, call.status))
        if series is None:
            series = self._new_series(call, table)
        call.series = series
        series.add(call.ns, context)
        if request is None:
            request = CURRENT.get()
        if context is not None:
            self.spans.called(call, context)
        if request is not None and not request.is_finished:
            request.add_call(call)
        elif context is None and (call.error_type or call.ns > self._limit_ns) and self._has_token():
            if request is not None:
                request.identify()
                call.parent_trace, call.parent_span = request.trace_id, request.span_id
            self.delivery.offer(KeptItem(None, call, False, clock_offset_ns()))

    def _new_series(self, call: ServiceCall, table: DurationTable) -> DurationSeries:
        def labels() -> Labels:
            found = {**call.target.attributes, **call.words.labels}
            if call.status:
                found[names.DB_STATUS if call.kind == "db" else names.RPC_STATUS] = call.status
            if call.error_type:
                found[names.ERROR_TYPE] = call.error_type
            return found

        summary = tuple(sorted(call.words.labels.items()))
        return call.target.remember(
            (call.words, call.error_type, call.status), table.of((call.target.key, summary, call.error_type, call.status), labels)
        )

    # In the background

    def _every_second(self) -> None:
        self.count_all()
        now = time.monotonic()
        if now - self._judged_at_s >= JUDGED_EVERY_S:
            self._judged_at_s = now
            is_minute = now - self._halved_at_s >= HALVED_EVERY_S
            if is_minute:
                self._halved_at_s = now
            for times in list(self.routes.values()):
                times.judge(is_minute=is_minute)
        for act in self.on_second:
            act()
