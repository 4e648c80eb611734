"""Several collections of metrics as one.

The SDK's encoder takes each resource and each scope to occur once and keeps only the last of a kind; OTLP wants each
metric once in its scope. So points are gathered by resource, scope and metric before they are sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from opentelemetry.sdk.metrics.export import Metric, MetricsData, ResourceMetrics, ScopeMetrics
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

_Scopes = dict[InstrumentationScope, list[Metric]]


def merge(batch: Iterable[MetricsData]) -> MetricsData:
    """Return all points of the batch, in their order."""
    found: dict[Resource, _Scopes] = {}
    for data in batch:
        for group in data.resource_metrics:
            scopes = found.setdefault(group.resource, {})
            for scope in group.scope_metrics:
                scopes.setdefault(scope.scope, []).extend(scope.metrics)
    return MetricsData([ResourceMetrics(resource, _to_scopes(scopes), resource.schema_url) for resource, scopes in found.items()])


def _to_scopes(scopes: _Scopes) -> list[ScopeMetrics]:
    return [ScopeMetrics(scope, gather(metrics), scope.schema_url or "") for scope, metrics in scopes.items()]


def gather(metrics: Iterable[Metric]) -> list[Metric]:
    """Join the points of metrics of one name."""
    by_name: dict[str, list[Metric]] = {}
    for metric in metrics:
        by_name.setdefault(metric.name, []).append(metric)
    return [_join(same) for same in by_name.values()]


def _join(same: list[Metric]) -> Metric:
    points: list[Any] = [point for metric in same for point in metric.data.data_points]
    data: Any = same[0].data
    return same[0] if len(same) == 1 else replace(same[0], data=replace(data, data_points=points))
