"""What was counted as metrics of OpenTelemetry: the tables of durations by hand, the rest by instruments of the SDK.

Instruments that are read when metrics are collected cost nothing in between, so they are the SDK's: into the process's own provider, where it has
one, else into one of ours without a reader of its own, which the background asks.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from opentelemetry.metrics import Meter, Observation
from opentelemetry.sdk.metrics import Counter, Exemplar, MeterProvider, ObservableCounter
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    InMemoryMetricReader,
    Metric,
    MetricsData,
    ResourceMetrics,
    ScopeMetrics,
)
from opentelemetry.sdk.resources import Resource

from hookline.contract import semconv
from hookline.contract.services import SERVICES_SCOPE, ServiceMetric
from hookline.services.durations import Buckets, CountedExemplar, DurationTable, Labels
from hookline.services.kept_spans import SCOPE
from hookline.version import VERSION

Read = Callable[[], Iterable[tuple[float, Labels]]]
"""Reads the values of an instrument, with their labels."""


def meter_of(provider: Any) -> Meter:
    """Return our meter of a provider."""
    meter: Meter = provider.get_meter(SERVICES_SCOPE, VERSION, semconv.SCHEMA_URL)
    return meter


def own_provider(resource: Resource, *, sums_up: bool) -> tuple[MeterProvider | None, InMemoryMetricReader | None]:
    """Return a provider that only we ask."""
    temporality = AggregationTemporality.CUMULATIVE if sums_up else AggregationTemporality.DELTA
    reader = InMemoryMetricReader({Counter: temporality, ObservableCounter: temporality})
    return MeterProvider([reader], resource, shutdown_on_exit=False), reader


def observe(meter: Meter, metric: ServiceMetric, read: Read, is_active: Callable[[], bool]) -> None:
    """Register an instrument that is read when metrics are collected; afterwards it says nothing, since none can be taken back."""

    def told(_options: object) -> list[Observation]:
        return [Observation(value, dict(labels)) for value, labels in read()] if is_active() else []

    make = {
        "counter": meter.create_observable_counter,
        "updown": meter.create_observable_up_down_counter,
        "gauge": meter.create_observable_gauge,
    }[metric.kind]
    make(metric.name, [told], metric.unit, metric.meaning)


def sdk_histogram(meter: Meter, metric: ServiceMetric) -> Callable[..., Any]:
    """Return what records a value in a histogram of the process's own provider."""
    return meter.create_histogram(metric.name, metric.unit, metric.meaning, explicit_bucket_boundaries_advisory=list(metric.bounds)).record


class MetricsMaking:
    """Collections of all metrics that go to our collector."""

    def __init__(self, resource: Resource, tables: Sequence[DurationTable], reader: InMemoryMetricReader | None, *, sums_up: bool) -> None:
        self._resource = resource
        self._tables = tables
        self._reader = reader
        self._sums_up = sums_up
        self._since_ns = time.time_ns()

    def collect(self) -> MetricsData | None:
        """Return everything since the last time; None if there is nothing."""
        now = time.time_ns()
        metrics = [metric for metric in (self._histogram(table, now) for table in self._tables) if metric is not None]
        read = self._reader.get_metrics_data() if self._reader is not None else None
        metrics += [metric for group in (read.resource_metrics if read else ()) for scope in group.scope_metrics for metric in scope.metrics]
        if not self._sums_up:
            self._since_ns = now
        if not metrics:
            return None
        scope = ScopeMetrics(SCOPE, metrics, semconv.SCHEMA_URL)
        return MetricsData([ResourceMetrics(self._resource, [scope], semconv.SCHEMA_URL)])

    def _histogram(self, table: DurationTable, now_ns: int) -> Metric | None:
        points = [self._point(table.metric, buckets, now_ns) for buckets in table.collect(sums_up=self._sums_up)]
        if not points:
            return None
        temporality = AggregationTemporality.CUMULATIVE if self._sums_up else AggregationTemporality.DELTA
        return Metric(table.metric.name, table.metric.meaning, table.metric.unit, Histogram(points, temporality))

    def _point(self, metric: ServiceMetric, buckets: Buckets, now_ns: int) -> HistogramDataPoint:
        none: Any = None  # OTLP has least and most as optional, and the encoder takes it so
        return HistogramDataPoint(
            attributes=dict(buckets.labels),
            start_time_unix_nano=self._since_ns,
            time_unix_nano=now_ns,
            count=sum(buckets.counts),
            sum=buckets.total_s,
            bucket_counts=buckets.counts,
            explicit_bounds=metric.bounds,
            min=none,
            max=none,
            exemplars=[_exemplar(one) for one in one_a_bucket(buckets.exemplars, metric.bounds)],
        )


def one_a_bucket(exemplars: Iterable[CountedExemplar], bounds: Sequence[float]) -> list[CountedExemplar]:
    """Return the newest exemplar of each bucket."""
    newest: dict[int, CountedExemplar] = {}
    for one in sorted(exemplars, key=lambda one: one.time_ns):
        newest[bisect_left(bounds, one.ns / 1e9)] = one
    return list(newest.values())


def _exemplar(one: CountedExemplar) -> Exemplar:
    return Exemplar({}, one.ns / 1e9, one.time_ns, one.span_id, one.trace_id)
