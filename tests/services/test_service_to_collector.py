"""From a request in a service to the answer of a real collector's API."""

from __future__ import annotations

import pytest
import sqlalchemy
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation
from opentelemetry.sdk.resources import Resource
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.services.active import active
from support.running import Running, wait_for
from support.sqlite_work import in_sqlite
from support.watched_service import ask, watched_service

pytestmark = [pytest.mark.unwatched, pytest.mark.long]


@pytest.fixture
def no_blocked_loop() -> None:
    """Let the application ask its database as it likes."""


async def order(request: Request) -> Response:
    """Ask for each item by itself."""
    with in_sqlite() as connection:
        for number in range(6):
            connection.execute(sqlalchemy.text("SELECT :number"), {"number": number})
    return PlainTextResponse("done")


async def fail(request: Request) -> Response:
    """Fail."""
    raise LookupError("no")


async def test_a_collector_knows_what_was_slow_and_what_failed(collector: Running) -> None:
    """Each request once, with its reason, its calls and its N+1."""
    with watched_service(endpoint=collector.found.otlp_http):
        app = hookline.instrument(Starlette(routes=[Route("/orders/{id}", order), Route("/fail", fail)]))
        await ask(app, "/orders/1")
        with pytest.raises(LookupError):
            await ask(app, "/fail")
        watch = active()
        assert watch is not None
        assert watch.delivery.flush(20)
    (service,) = collector.client.get("/api/v1/services")["services"]
    assert (service["service"], service["served_requests"], service["failed_requests"]) == ("shop", 2, 1)
    kept = {row["route"]: row for row in collector.client.get("/api/v1/services/shop/slow")["slow_requests"]}
    assert (kept["/orders/{id}"]["kept_because"], kept["/orders/{id}"]["db_calls"], kept["/orders/{id}"]["repeated_calls"]) == ("sampled", 6, 6)
    assert (kept["/fail"]["kept_because"], kept["/fail"]["error_type"]) == ("failed", "LookupError")


@pytest.mark.parametrize("temporality", [AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE])
def test_requests_in_exponential_buckets_of_an_sdk_are_counted_within_the_hour(collector: Running, temporality: AggregationTemporality) -> None:
    """By the interval and as running totals; half a second each, of which one in four failed. It is a choice of the service, too."""
    exporter = OTLPMetricExporter(
        f"http://{collector.found.otlp_http}/v1/metrics",
        preferred_temporality={Histogram: temporality},
        preferred_aggregation={Histogram: ExponentialBucketHistogramAggregation()},
    )
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, 3_600_000)], Resource({"service.name": "till", "service.version": "7"}))
    duration = provider.get_meter("io.example").create_histogram("http.server.request.duration", "s")
    for _ in range(3):
        for status in (200, 200, 200, 500):
            of_status = {"error.type": "500"} if status == 500 else {}
            duration.record(0.5, {"http.request.method": "GET", "http.route": "/pay", "http.response.status_code": status, **of_status})
        assert provider.force_flush()
    provider.shutdown()
    wait_for(lambda: sum(row["served_requests"] for row in collector.client.get("/api/v1/services")["services"]) == 12)
    (service,) = collector.client.get("/api/v1/services")["services"]
    assert (service["service"], service["served_requests"], service["failed_requests"], service["known_by"]) == ("till", 12, 3, "metrics")
    assert (service["total_s"], service["mean_s"], service["p95_s"], service["versions"]) == (6.0, 0.5, None, ["7"])
    (route,) = collector.client.get("/api/v1/services/till")["routes"]
    assert (route["route"], route["method"], route["served_requests"]) == ("/pay", "GET", 12)
    assert "till" in collector.client.get("/api/v1/dashboards/hookline-services/variables")["variables"]["service"]["values"]
