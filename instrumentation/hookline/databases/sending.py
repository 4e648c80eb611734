"""Records and points of all databases on their way to an OTLP endpoint, by the relay's exporters.

A queue with bounds lies before them. While the endpoint is away it fills; then what is new is dropped and counted, and looking goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from opentelemetry.sdk.metrics.export import AggregationTemporality, Gauge, Metric, MetricsData, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum
from opentelemetry.sdk.resources import Resource

from hookline.contract import semconv
from hookline.contract.databases import DATABASE_METRICS, DATABASE_SCOPE, DATABASE_SERVICE, DB_NAME, DB_SYSTEM, SERVER_ADDRESS, SERVER_PORT
from hookline.databases.database_points import DatabasePoint
from hookline.export.delivery import ExportDelivery
from hookline.export.sdk import KnownResource, ResourceOf, make_resource, make_scope
from hookline.records import FoldStep, LogRecord


@dataclass(frozen=True, slots=True)
class DatabasePlace:
    """A database as a resource: its name in the configuration, its kind, its address."""

    name: str
    system: str
    address: str
    port: int

    def resource(self, user: str = "") -> Resource:
        """Return the resource of all that is told of it."""
        own: dict[str, str | int] = {DB_NAME: self.name, DB_SYSTEM: self.system, SERVER_ADDRESS: self.address}
        if self.port:
            own[SERVER_PORT] = self.port
        whole = make_resource(DATABASE_SERVICE, user).merge(Resource(own, semconv.SCHEMA_URL))
        return KnownResource(whole.attributes, whole.schema_url)


def resources_by_name(places: Iterable[DatabasePlace], user: str = "") -> ResourceOf:
    """Return what gives the resource of a database's records: their service is its name."""
    known = {place.name: place.resource(user) for place in places}
    return known.__getitem__


class DatabaseSending:
    """The way out for all databases."""

    def __init__(self, delivery: ExportDelivery, resource_of: ResourceOf) -> None:
        self._delivery = delivery
        self._resource_of = resource_of
        self.dropped = 0

    def of(self, name: str) -> OneDatabaseSending:
        """Return one database's."""
        return OneDatabaseSending(self, name)

    def events(self, records: Iterable[LogRecord]) -> None:
        """Queue records."""
        logs = tuple(records)
        if not logs:
            return
        if self._delivery.outbox.has_room():
            self._delivery.outbox.offer(FoldStep(logs=logs))
        else:
            self.dropped += len(logs)

    def points(self, name: str, points: Iterable[DatabasePoint], since_ns: int) -> None:
        """Queue points."""
        metrics = as_metrics(points, since_ns, time.time_ns())
        if not metrics:
            return
        if not self._delivery.outbox.has_metrics_room():
            self.dropped += 1
            return
        scope = ScopeMetrics(make_scope(DATABASE_SCOPE), metrics, semconv.SCHEMA_URL)
        self._delivery.outbox.offer_metrics(MetricsData([ResourceMetrics(self._resource_of(name), [scope], semconv.SCHEMA_URL)]))


@dataclass(frozen=True, slots=True)
class OneDatabaseSending:
    """The way out for one database."""

    sending: DatabaseSending
    name: str

    def events(self, records: Iterable[LogRecord]) -> None:
        """Send log events."""
        self.sending.events(records)

    def points(self, points: Iterable[DatabasePoint], since_ns: int) -> None:
        """Send points; sums are about the time from then until now."""
        self.sending.points(self.name, points, since_ns)


def as_metrics(points: Iterable[DatabasePoint], since_ns: int, now_ns: int) -> list[Metric]:
    """Return points as the SDK's metrics, each metric once. A sum is a delta; what is there now is a sum that goes up and down."""
    by_name: dict[str, list[NumberDataPoint]] = {}
    for point in points:
        begins_ns = since_ns if DATABASE_METRICS[point.name].kind == "sum" else 0
        by_name.setdefault(point.name, []).append(NumberDataPoint(point.attributes, begins_ns, now_ns, point.value))
    return [_metric(name, found) for name, found in by_name.items()]


def _metric(name: str, points: list[NumberDataPoint]) -> Metric:
    known = DATABASE_METRICS[name]
    if known.kind == "gauge":
        return Metric(name, known.meaning, known.unit, Gauge(points))
    temporality = AggregationTemporality.DELTA if known.kind == "sum" else AggregationTemporality.CUMULATIVE
    return Metric(name, known.meaning, known.unit, Sum(points, temporality, known.kind == "sum"))
