"""The collector's own figures in the two forms that the world reads: Prometheus text and OTLP metrics.

Both are made from one `MetricsReading`, taken at one moment, so that they never disagree. Counters are cumulative since the
collector's start. Names: `hookline.collector.received` with `hookline.signal` and `hookline.reason` in OTLP,
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
from hookline_collector.observe.metrics import Metrics
from hookline_collector.signal import Signal

PREFIX = "hookline.collector."
SERVICE = "hookline-collector"
UNITS = {"bytes": "By", "received": "{item}", "stored": "{item}", "rejected": "{item}", "deduplicated": "{item}", "quarantined": "{item}"}
MEANINGS = {
    "received": "Spans, log records and data points received.",
    "stored": "Items stored in ClickHouse.",
    "rejected": "Items rejected for good, by reason.",
    "deduplicated": "Items that had been received before.",
    "quarantined": "Items set aside because the store refused them.",
    "requests": "OTLP requests.",
    "refused": "OTLP requests told to try again later, by reason.",
    "bytes": "Bytes of OTLP requests after decompression.",
}


@dataclass(frozen=True, slots=True)
class MetricsReading:
    """All figures at one moment: counters by (name, signal, reason), gauges by (name, signal), the process's own."""

    at_ns: int
    started_ns: int
    counts: Mapping[tuple[str, str, str], int]
    gauges: Mapping[tuple[str, str], float]
    process: Mapping[str, float] = field(default_factory=dict)

    def total(self, name: str, *signals: Signal) -> int:
        """Return a counter's sum over reasons and the given signals."""
        return sum(count for (what, of, _), count in self.counts.items() if what == name and of in signals)


def read(figures: Metrics, started_ns: int) -> MetricsReading:
    """Take a reading now."""
    counts, gauges = figures.snapshot()
    return MetricsReading(time.time_ns(), started_ns, counts, gauges, _process())


def _process() -> dict[str, float]:
    me = psutil.Process()
    with me.oneshot():
        times = me.cpu_times()
        return {"cpu_seconds": times.user + times.system, "resident_bytes": float(me.memory_info().rss), "threads": float(me.num_threads())}


def to_prometheus(reading: MetricsReading) -> str:
    """Return the reading in Prometheus's text format, version 0.0.4."""
    return "\n".join(_prometheus_lines(reading)) + "\n"


def _prometheus_lines(reading: MetricsReading) -> Iterator[str]:
    for name in sorted({name for name, _, _ in reading.counts}):
        metric = f"hookline_collector_{name}_total"
        yield from _head(metric, "counter", MEANINGS.get(name, name))
        for (_, signal, reason), value in sorted((k, v) for k, v in reading.counts.items() if k[0] == name):
            yield f"{metric}{_labels(signal=signal, reason=reason)} {value}"
    for name in sorted({name for name, _ in reading.gauges}):
        metric = f"hookline_collector_{name}"
        yield from _head(metric, "gauge", name.replace("_", " "))
        for (_, signal), level in sorted((k, v) for k, v in reading.gauges.items() if k[0] == name):
            yield f"{metric}{_labels(signal=signal)} {level:g}"
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


def _labels(**labels: str) -> str:
    shown = ",".join(f'{name}="{_escape(value)}"' for name, value in labels.items() if value)
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
    for name in sorted({name for name, _, _ in reading.counts}):
        found = [(_where(signal, reason), float(value)) for (what, signal, reason), value in reading.counts.items() if what == name]
        yield _sum(PREFIX + name, UNITS.get(name, "{request}"), found, reading)
    for name in sorted({name for name, _ in reading.gauges}):
        yield _gauge(PREFIX + name, "1", [(_where(signal), value) for (what, signal), value in reading.gauges.items() if what == name], reading)
    if reading.process:
        yield _sum("process.cpu.time", "s", [({}, reading.process["cpu_seconds"])], reading)
        yield _gauge("process.memory.usage", "By", [({}, reading.process["resident_bytes"])], reading)
        yield _gauge("process.thread.count", "{thread}", [({}, reading.process["threads"])], reading)


def _where(signal: str, reason: str = "") -> dict[str, str]:
    return {name: value for name, value in (("hookline.signal", signal), ("hookline.reason", reason)) if value}


def _sum(name: str, unit: str, points: Iterable[tuple[dict[str, str], float]], reading: MetricsReading) -> Metric:
    metric = Metric(name=name, unit=unit, description=MEANINGS.get(name.removeprefix(PREFIX), ""))
    metric.sum.is_monotonic = True
    metric.sum.aggregation_temporality = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
    metric.sum.data_points.extend(_point(where, value, reading, reading.started_ns) for where, value in points)
    return metric


def _gauge(name: str, unit: str, points: Iterable[tuple[dict[str, str], float]], reading: MetricsReading) -> Metric:
    metric = Metric(name=name, unit=unit)
    metric.gauge.data_points.extend(_point(where, value, reading, 0) for where, value in points)
    return metric


def _point(where: dict[str, str], value: float, reading: MetricsReading, started_ns: int) -> NumberDataPoint:
    return NumberDataPoint(start_time_unix_nano=started_ns, time_unix_nano=reading.at_ns, as_double=value, attributes=_key_values(where))


def _key_values(attributes: Mapping[str, str]) -> list[KeyValue]:
    return [KeyValue(key=key, value=AnyValue(string_value=value)) for key, value in attributes.items()]
