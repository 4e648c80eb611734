"""The collector's own metrics as Prometheus text and as OTLP metrics.

Both are made from one `MetricsReading`, taken at one moment, so that they never disagree, and both hold every metric of the catalogue from
the start, with its meaning: what was never counted is 0, or without a sample where its labels are not known before. Counters are cumulative
since the collector's start. Names: `hookline.collector.received` with `hookline.signal` and `hookline.reason` in OTLP,
`hookline_collector_received_total{signal,reason}` in Prometheus text.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import psutil
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality, Metric, NumberDataPoint

from hookline.contract import semconv
from hookline.contract.scopes import COLLECTOR_SCOPE
from hookline.version import VERSION
from hookline_collector.observe.catalogue import COUNTERS, GAUGES
from hookline_collector.observe.metrics import REASON, SIGNAL, Counter, Counts, Gauge, Levels, Metrics
from hookline_collector.signal import Signal

PREFIX = "hookline.collector."
SERVICE = "hookline-collector"
Labels = dict[str, str]
Point = tuple[Labels, float]


@dataclass(frozen=True, slots=True)
class MetricsReading:
    """All metrics at one moment, and the process's own figures."""

    at_ns: int
    started_ns: int
    counts: Counts
    levels: Levels
    process: Mapping[str, float] = field(default_factory=dict)

    def total(self, counter: Counter, *signals: Signal) -> int:
        """Return a counter's sum over reasons and the given signals."""
        return sum(count for (what, of, _), count in self.counts.items() if what is counter and of in signals)

    def counted(self, counter: Counter) -> list[Point]:
        """Return a counter's points, in a fixed order: at least 0 for each signal where signals are all that tells them apart."""
        found = {(of, reason): float(count) for (what, of, reason), count in self.counts.items() if what is counter}
        if counter.labels == (SIGNAL,):
            found = {(signal.value, ""): 0.0 for signal in Signal} | found
        return [(_labels(of, reason), count) for (of, reason), count in sorted(found.items())]

    def level(self, gauge: Gauge) -> list[Point]:
        """Return a gauge's points, in a fixed order; none before it was first set."""
        found = sorted((labels, value) for (what, labels), value in self.levels.items() if what is gauge)
        return [(dict(zip(gauge.labels, labels, strict=True)), value) for labels, value in found]


def _labels(signal: str, reason: str = "") -> Labels:
    return {name: value for name, value in ((SIGNAL, signal), (REASON, reason)) if value}


def read(metrics: Metrics, started_ns: int) -> MetricsReading:
    """Take a reading now."""
    counts, levels = metrics.snapshot()
    return MetricsReading(time.time_ns(), started_ns, counts, levels, _process())


def _process() -> dict[str, float]:
    me = psutil.Process()
    with me.oneshot():
        times = me.cpu_times()
        return {"cpu_seconds": times.user + times.system, "resident_bytes": float(me.memory_info().rss), "threads": float(me.num_threads())}


def to_prometheus(reading: MetricsReading) -> str:
    """Return the reading in Prometheus's text format, version 0.0.4."""
    return "\n".join(_prometheus_lines(reading)) + "\n"


def _prometheus_lines(reading: MetricsReading) -> Iterator[str]:
    for counter in COUNTERS:
        metric = f"hookline_collector_{counter.name}_total"
        yield from _head(metric, "counter", counter.meaning)
        yield from (f"{metric}{_shown(labels)} {value:.0f}" for labels, value in reading.counted(counter))
    for gauge in GAUGES:
        metric = f"hookline_collector_{gauge.name}"
        yield from _head(metric, "gauge", gauge.meaning)
        yield from (f"{metric}{_shown(labels)} {value:.15g}" for labels, value in reading.level(gauge))
    yield from _process_lines(reading)


def _process_lines(reading: MetricsReading) -> Iterator[str]:
    yield from (*_head("hookline_collector_info", "gauge", "The version that runs."), f'hookline_collector_info{{version="{VERSION}"}} 1')
    yield from (*_head("process_start_time_seconds", "gauge", "Start of the process."), f"process_start_time_seconds {reading.started_ns / 1e9:.3f}")
    if reading.process:
        cpu, memory = reading.process["cpu_seconds"], reading.process["resident_bytes"]
        yield from (*_head("process_cpu_seconds_total", "counter", "Processor time used."), f"process_cpu_seconds_total {cpu:.2f}")
        yield from (*_head("process_resident_memory_bytes", "gauge", "Resident memory."), f"process_resident_memory_bytes {memory:.0f}")


def _head(metric: str, kind: str, meaning: str) -> tuple[str, str]:
    return f"# HELP {metric} {meaning}", f"# TYPE {metric} {kind}"


def _shown(labels: Labels) -> str:
    shown = ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items())
    return f"{{{shown}}}" if shown else ""


def _escape(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def to_otlp(reading: MetricsReading) -> ExportMetricsServiceRequest:
    """Return the reading as an OTLP metrics request, fit for the collector's own store."""
    request = ExportMetricsServiceRequest()
    resource = request.resource_metrics.add(schema_url=semconv.SCHEMA_URL)
    attributes = {semconv.SERVICE_NAME: SERVICE, "service.version": VERSION, semconv.HOST_NAME: socket.gethostname(), semconv.DISTRO_NAME: "hookline"}
    resource.resource.attributes.extend(_key_values(attributes))
    scope = resource.scope_metrics.add(schema_url=semconv.SCHEMA_URL)
    scope.scope.name, scope.scope.version = COLLECTOR_SCOPE, VERSION
    scope.metrics.extend(_metrics(reading))
    return request


def _metrics(reading: MetricsReading) -> Iterator[Metric]:
    for counter in COUNTERS:
        yield _sum(PREFIX + counter.name, counter.unit, counter.meaning, reading.counted(counter), reading)
    for gauge in GAUGES:
        yield _gauge(PREFIX + gauge.name, gauge.unit, gauge.meaning, reading.level(gauge), reading)
    if reading.process:
        yield _sum("process.cpu.time", "s", "Processor time used.", [({}, reading.process["cpu_seconds"])], reading)
        yield _gauge("process.memory.usage", "By", "Resident memory.", [({}, reading.process["resident_bytes"])], reading)
        yield _gauge("process.thread.count", "{thread}", "Threads of the process.", [({}, reading.process["threads"])], reading)


def _sum(name: str, unit: str, meaning: str, points: Iterable[Point], reading: MetricsReading) -> Metric:
    metric = Metric(name=name, unit=unit, description=meaning)
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.data_points.extend(_point(labels, value, reading, reading.started_ns) for labels, value in points)
    return metric


def _gauge(name: str, unit: str, meaning: str, points: Iterable[Point], reading: MetricsReading) -> Metric:
    metric = Metric(name=name, unit=unit, description=meaning)
    metric.gauge.data_points.extend(_point(labels, value, reading, 0) for labels, value in points)
    return metric


def _point(labels: Labels, value: float, reading: MetricsReading, started_ns: int) -> NumberDataPoint:
    attributes = _key_values({f"hookline.{name}": label for name, label in labels.items()})
    return NumberDataPoint(start_time_unix_nano=started_ns, time_unix_nano=reading.at_ns, as_double=value, attributes=attributes)


def _key_values(attributes: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in attributes.items()]
