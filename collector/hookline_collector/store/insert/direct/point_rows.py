"""Data points of metrics as rows, as the views behind `otlp_metric` flatten them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric

from hookline_collector.store.insert.direct.attribute_texts import Texts, moment_ns, strings
from hookline_collector.store.insert.direct.row_binary import (
    Encoder,
    RowLayout,
    Values,
    array,
    float64,
    int32,
    moment,
    pairs,
    text,
    uint8,
    uint32,
    uint64,
)

_SHARED: dict[str, Encoder] = {
    "ResourceAttributes": pairs,
    "ResourceSchemaUrl": text,
    "ScopeName": text,
    "ScopeVersion": text,
    "ScopeAttributes": pairs,
    "ScopeDroppedAttrCount": uint32,
    "ScopeSchemaUrl": text,
    "ServiceName": text,
    "MetricName": text,
    "MetricDescription": text,
    "MetricUnit": text,
    "Attributes": pairs,
    "StartTimeUnix": moment,
    "TimeUnix": moment,
    "Flags": uint32,
}
_EXEMPLARS: dict[str, Encoder] = {
    "Exemplars.FilteredAttributes": array(pairs),
    "Exemplars.TimeUnix": array(moment),
    "Exemplars.Value": array(float64),
    "Exemplars.SpanId": array(text),
    "Exemplars.TraceId": array(text),
}
_TEMPORALITY: dict[str, Encoder] = {"AggregationTemporality": int32}
_COUNTED: dict[str, Encoder] = {"Count": uint64, "Sum": float64}
_BOUNDED: dict[str, Encoder] = {"Min": float64, "Max": float64}
POINTS = {
    "gauge": RowLayout("otel_metrics_gauge", {**_SHARED, "Value": float64, **_EXEMPLARS}),
    "sum": RowLayout("otel_metrics_sum", {**_SHARED, "Value": float64, **_TEMPORALITY, "IsMonotonic": uint8, **_EXEMPLARS}),
    "histogram": RowLayout(
        "otel_metrics_histogram",
        {**_SHARED, **_COUNTED, "BucketCounts": array(uint64), "ExplicitBounds": array(float64), **_BOUNDED, **_TEMPORALITY, **_EXEMPLARS},
    ),
    "exponential_histogram": RowLayout(
        "otel_metrics_exponential_histogram",
        {
            **_SHARED,
            **_COUNTED,
            "Scale": int32,
            "ZeroCount": uint64,
            "PositiveOffset": int32,
            "PositiveBucketCounts": array(uint64),
            "NegativeOffset": int32,
            "NegativeBucketCounts": array(uint64),
            **_BOUNDED,
            **_TEMPORALITY,
            **_EXEMPLARS,
        },
    ),
    "summary": RowLayout(
        "otel_metrics_summary",
        {**_SHARED, **_COUNTED, "ValueAtQuantiles.Quantile": array(float64), "ValueAtQuantiles.Value": array(float64)},
    ),
}
"""By the name of a metric's kind on the wire."""


def point_rows(request: ExportMetricsServiceRequest) -> Iterator[tuple[str, Values]]:
    """Yield a row a data point, with the kind of its metric. Raises Odd."""
    for entry in request.resource_metrics:
        resource = strings(entry.resource.attributes)
        service = Texts.of(resource)["service.name"]
        for scoped in entry.scope_metrics:
            shared = {
                "ResourceAttributes": resource,
                "ResourceSchemaUrl": entry.schema_url,
                "ServiceName": service,
                "ScopeName": scoped.scope.name,
                "ScopeVersion": scoped.scope.version,
                "ScopeAttributes": strings(scoped.scope.attributes),
                "ScopeDroppedAttrCount": scoped.scope.dropped_attributes_count,
                "ScopeSchemaUrl": scoped.schema_url,
            }
            for metric in scoped.metrics:
                yield from _of_metric(metric, shared)


def _of_metric(metric: Metric, shared: Values) -> Iterator[tuple[str, Values]]:
    kind = metric.WhichOneof("data")
    if kind is None:
        return
    data = getattr(metric, kind)
    shared = {**shared, "MetricName": metric.name, "MetricDescription": metric.description, "MetricUnit": metric.unit}
    for point in data.data_points:
        row = {
            **shared,
            "Attributes": strings(point.attributes),
            "StartTimeUnix": moment_ns(point.start_time_unix_nano),
            "TimeUnix": moment_ns(point.time_unix_nano),
            "Flags": point.flags,
        }
        yield kind, {**row, **_own(kind, point), **_of_data(kind, data), **_exemplars(kind, point)}


def _own(kind: str, point: Any) -> dict[str, Any]:
    if kind in ("gauge", "sum"):
        return {"Value": _number(point)}
    counted = {"Count": point.count, "Sum": point.sum}
    if kind == "summary":
        quantiles = point.quantile_values
        return {**counted, "ValueAtQuantiles.Quantile": [at.quantile for at in quantiles], "ValueAtQuantiles.Value": [at.value for at in quantiles]}
    counted |= {"Min": point.min, "Max": point.max}
    if kind == "histogram":
        return {**counted, "BucketCounts": point.bucket_counts, "ExplicitBounds": point.explicit_bounds}
    return {
        **counted,
        "Scale": point.scale,
        "ZeroCount": point.zero_count,
        "PositiveOffset": point.positive.offset,
        "PositiveBucketCounts": point.positive.bucket_counts,
        "NegativeOffset": point.negative.offset,
        "NegativeBucketCounts": point.negative.bucket_counts,
    }


def _of_data(kind: str, data: Any) -> dict[str, Any]:
    if kind in ("gauge", "summary"):
        return {}
    temporality = {"AggregationTemporality": data.aggregation_temporality}
    return {**temporality, "IsMonotonic": data.is_monotonic} if kind == "sum" else temporality


def _exemplars(kind: str, point: Any) -> dict[str, Any]:
    if kind == "summary":
        return {}
    exemplars = point.exemplars
    return {
        "Exemplars.FilteredAttributes": [strings(exemplar.filtered_attributes) for exemplar in exemplars],
        "Exemplars.TimeUnix": [moment_ns(exemplar.time_unix_nano) for exemplar in exemplars],
        "Exemplars.Value": [_number(exemplar) for exemplar in exemplars],
        "Exemplars.SpanId": [exemplar.span_id.hex() for exemplar in exemplars],
        "Exemplars.TraceId": [exemplar.trace_id.hex() for exemplar in exemplars],
    }


def _number(point: Any) -> float:
    kind = point.WhichOneof("value")
    return float(getattr(point, kind)) if kind else 0.0
