"""What a service tells of its routes: how many requests and how long, what they called databases for, and how late its loops were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality

from hookline.contract import services as names
from hookline.contract.semconv import SERVICE_NAME
from hookline_collector.alerts.item_reading import CumulativeCounters

_CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
_DURATIONS = frozenset({names.HTTP_DURATION.name, names.RPC_SERVER_DURATION.name})
_CALLED = frozenset({names.ROUTE_DB_TIME.name, names.ROUTE_DB_CALLS.name})
_LAG = names.LOOP_LAG.name
NOT_A_REQUEST = "websocket"
GRPC = "grpc"


class ServedRoute(NamedTuple):
    """A route of a service, with the method of its requests."""

    service: str
    method: str
    route: str


@dataclass(slots=True)
class RouteSums:
    """What was counted of a route's requests, or of a service's event loops."""

    count: float = 0.0
    total_s: float = 0.0
    db_s: float = 0.0
    db_calls: float = 0.0

    def add(self, other: RouteSums) -> None:
        """Add what was counted somewhere else, or later."""
        self.count += other.count
        self.total_s += other.total_s
        self.db_s += other.db_s
        self.db_calls += other.db_calls


@dataclass(frozen=True, slots=True)
class RoutePoint:
    """One point. `route` is None where it tells of a service's event loops."""

    at_ns: int
    service: str
    route: ServedRoute | None
    sums: RouteSums


def route_points(message: Any, counters: CumulativeCounters) -> Iterator[RoutePoint]:
    """Yield what a request of metrics tells of routes. A running total says by how much it grew, and its first point nothing."""
    for resource in message.resource_metrics:
        service = next((pair.value.string_value for pair in resource.resource.attributes if pair.key == SERVICE_NAME), "")
        for scope in resource.scope_metrics:
            if not service or scope.scope.name != names.SERVICES_SCOPE:
                continue
            for metric in scope.metrics:
                if metric.name in _DURATIONS or metric.name == _LAG:
                    yield from _histogram(metric, service, resource.resource, counters)
                elif metric.name in _CALLED:
                    yield from _sum(metric, service, resource.resource, counters)


def _histogram(metric: Any, service: str, resource: Any, counters: CumulativeCounters) -> Iterator[RoutePoint]:
    is_total = metric.histogram.aggregation_temporality == _CUMULATIVE
    for point in metric.histogram.data_points:
        labels = {pair.key: pair.value.string_value for pair in point.attributes}
        if labels.get(names.NETWORK_PROTOCOL) == NOT_A_REQUEST:
            continue
        count: float | None = point.count
        took: float | None = point.sum
        if is_total:
            series = _series(metric, resource, point)
            count, took = counters.increase((*series, "count"), point.count), counters.increase((*series, "sum"), point.sum)
        if count and took is not None:
            route = None if metric.name == _LAG else _route(service, labels)
            yield RoutePoint(point.time_unix_nano, service, route, RouteSums(count, took))


def _sum(metric: Any, service: str, resource: Any, counters: CumulativeCounters) -> Iterator[RoutePoint]:
    is_total = metric.sum.aggregation_temporality == _CUMULATIVE
    for point in metric.sum.data_points:
        value: float | None = point.as_double or float(point.as_int)
        if is_total:
            value = counters.increase(_series(metric, resource, point), value or 0.0)
        if value:
            sums = RouteSums(db_s=value) if metric.name == names.ROUTE_DB_TIME.name else RouteSums(db_calls=value)
            yield RoutePoint(point.time_unix_nano, service, _route(service, {pair.key: pair.value.string_value for pair in point.attributes}), sums)


def _series(metric: Any, resource: Any, point: Any) -> tuple[Any, ...]:
    return (metric.name, resource.SerializeToString(), *sorted((pair.key, str(pair.value)) for pair in point.attributes))


def _route(service: str, labels: dict[str, str]) -> ServedRoute:
    if rpc := labels.get(names.RPC_METHOD):
        return ServedRoute(service, GRPC, rpc)
    return ServedRoute(service, labels.get(names.HTTP_METHOD, ""), labels.get(names.HTTP_ROUTE, ""))
