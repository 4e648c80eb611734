"""Samples as OTLP metrics, by the semantic conventions of `process.*` and `system.*`.

The points are built here rather than by SDK instruments: each has its own session, an instrument keeps every set of
attributes that it ever saw, and its time is when it was collected, not when it was sampled. Counters go as the growth
since the sample before (delta), so that `sum(Value)` over any rows is what was used in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from opentelemetry.sdk.metrics.export import AggregationTemporality, Gauge, Metric, NumberDataPoint, Sum

from hookline.contract import semconv
from hookline.records import Attributes
from hookline.resources.machine import MachineSample
from hookline.resources.tree import TreeSample


@dataclass(frozen=True, slots=True)
class TreePoint:
    """A tree's sample with the one before it and what it belongs to. `since_ns` is when counting began."""

    attributes: Attributes
    since_ns: int
    before: TreeSample
    now: TreeSample


def gauge(name: str, unit: str, value: float, attributes: Attributes, time_ns: int) -> Metric:
    """Return a metric with one gauge point."""
    return Metric(name, None, unit, Gauge([NumberDataPoint(attributes, 0, time_ns, value)]))


def level(name: str, unit: str, points: Iterable[tuple[Attributes, int, int, float]], *, is_monotonic: bool = False) -> Metric:
    """Return an amount that goes up and down (an UpDownCounter), or a total; points are (attributes, since, time, value)."""
    return Metric(name, None, unit, Sum([NumberDataPoint(*point) for point in points], AggregationTemporality.CUMULATIVE, is_monotonic))


def tree_metrics(points: Sequence[TreePoint], cpus: int, temporality: AggregationTemporality) -> list[Metric]:
    """Return the metrics of all trees of one sampling."""
    if not points:
        return []
    counters = _Counters(points, temporality)
    now = [(point.attributes, point.since_ns, point.now) for point in points]
    return [
        counters.metric(semconv.METRIC_PROCESS_CPU_TIME, "s", semconv.CPU_MODE, {"user": "user_s", "system": "system_s"}),
        counters.metric(semconv.METRIC_PROCESS_DISK_IO, "By", semconv.DISK_IO_DIRECTION, {"read": "read_bytes", "write": "write_bytes"}),
        Metric(semconv.METRIC_PROCESS_CPU_UTILIZATION, None, "1", Gauge([NumberDataPoint(a, 0, s.time_ns, s.utilization(cpus)) for a, _, s in now])),
        level(semconv.METRIC_PROCESS_MEMORY, "By", [(a, since, s.time_ns, s.rss_bytes) for a, since, s in now]),
        level(semconv.METRIC_PROCESS_THREADS, "{thread}", [(a, since, s.time_ns, s.threads) for a, since, s in now]),
    ]


class _Counters:
    """Counters of many trees under one temporality."""

    def __init__(self, points: Sequence[TreePoint], temporality: AggregationTemporality) -> None:
        self._points = points
        self._temporality = temporality

    def metric(self, name: str, unit: str, key: str, fields: dict[str, str]) -> Metric:
        points = [self._point(point, {**point.attributes, key: value}, field) for point in self._points for value, field in fields.items()]
        return Metric(name, None, unit, Sum(points, self._temporality, True))

    def _point(self, point: TreePoint, attributes: Attributes, field: str) -> NumberDataPoint:
        value = getattr(point.now, field)
        if self._temporality is AggregationTemporality.CUMULATIVE:
            return NumberDataPoint(attributes, point.since_ns, point.now.time_ns, value)
        return NumberDataPoint(attributes, point.before.time_ns, point.now.time_ns, value - getattr(point.before, field))


def machine_metrics(sample: MachineSample) -> list[Metric]:
    """Return the machine's metrics of one sampling."""
    now = sample.time_ns
    used, free = sample.memory_used_bytes, sample.memory_available_bytes
    used_state, free_state = {semconv.SYSTEM_MEMORY_STATE: "used"}, {semconv.SYSTEM_MEMORY_STATE: "free"}
    metrics = [
        level(
            semconv.METRIC_SYSTEM_MEMORY,
            "By",
            [(used_state, 0, now, used), (free_state, 0, now, free)],
        ),
        gauge(semconv.METRIC_SYSTEM_MEMORY_UTILIZATION, "1", sample.memory_utilization, used_state, now),
    ]
    if sample.cpu_utilization is not None:
        metrics.append(gauge(semconv.METRIC_SYSTEM_CPU_UTILIZATION, "1", sample.cpu_utilization, {}, now))
    if sample.pressure:
        points = [NumberDataPoint({semconv.PRESSURE_RESOURCE: name}, 0, now, share) for name, share in sample.pressure.items()]
        metrics.append(Metric(semconv.METRIC_PRESSURE, None, "1", Gauge(points)))
    return metrics
