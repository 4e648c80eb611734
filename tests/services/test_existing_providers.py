"""A process that has OpenTelemetry's providers of its own keeps them: its sampler decides, its spans are our spans' children."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy
from opentelemetry import _logs, metrics, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.services.providers import FoundProviders
from support.sqlite_work import in_sqlite
from support.watched_service import WatchedService, ask, watched_service


def in_memory_records() -> Any:
    """Return an exporter of log records; it has no types."""
    make: Any = InMemoryLogRecordExporter
    return make()


class Own:
    """A process's own providers."""

    def __init__(self, sampler: Any = None) -> None:
        resource = Resource({"service.name": "already here"})
        self.spans, self.reader, self.records = InMemorySpanExporter(), InMemoryMetricReader(), in_memory_records()
        self.tracers = TracerProvider(sampler, resource, shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        self.meters = MeterProvider([self.reader], resource, shutdown_on_exit=False)
        self.loggers = LoggerProvider(resource, shutdown_on_exit=False)
        self.loggers.add_log_record_processor(SimpleLogRecordProcessor(self.records))

    @property
    def points(self) -> dict[str, Any]:
        """The first point of each metric."""
        told = self.reader.get_metrics_data()
        groups = told.resource_metrics if told else ()
        found = [metric for group in groups for scope in group.scope_metrics for metric in scope.metrics]
        return {metric.name: next(iter(metric.data.data_points)) for metric in found if metric.data.data_points}


def found(own: Own) -> FoundProviders:
    """Return them as `found_providers` does."""
    return FoundProviders(own.tracers, own.meters, own.loggers)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Own:
    """Give the process providers of its own."""
    own = Own()
    monkeypatch.setattr("hookline.services.service_watch.found_providers", lambda: found(own))
    return own


@pytest.fixture
def service(own: Own) -> Iterator[WatchedService]:
    """Watch it."""
    with watched_service() as watched:
        yield watched


async def test_spans_metrics_and_logs_are_theirs(own: Own, service: WatchedService) -> None:
    """Nothing of them goes to a collector of ours, and the trace is one."""

    async def order(request: Request) -> Response:
        with own.tracers.get_tracer("shop").start_as_current_span("work of its own"), in_sqlite() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))
        return PlainTextResponse("done")

    await ask(hookline.instrument(Starlette(routes=[Route("/orders/{id}", order)])), "/orders/1")
    told: Any = sorted(own.spans.get_finished_spans(), key=lambda span: ["SELECT", "work of its own", "GET /orders/{id}"].index(span.name))
    query, work, request = told
    assert [query.parent.span_id, work.parent.span_id] == [work.context.span_id, request.context.span_id]
    assert request.attributes["http.response.status_code"] == 200
    assert request.resource.attributes["service.name"] == "already here"
    points = own.points
    assert points["http.server.request.duration"].count == points["db.client.operation.duration"].count == 1
    assert points["http.server.request.duration"].exemplars[0].trace_id == request.context.trace_id
    assert "process.memory.usage" in points
    service.flush()
    (record,) = [one for one in own.records.get_finished_logs() if one.log_record.event_name == "hookline.slow_request"]
    assert record.log_record.trace_id == request.context.trace_id
    service.flush()
    assert service.sink.requests == []


async def test_their_sampler_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    """A span that it does not want is none; the histogram counts all the same."""
    own = Own(ALWAYS_OFF)
    monkeypatch.setattr("hookline.services.service_watch.found_providers", lambda: found(own))
    with watched_service(one_in=0):

        async def hello(request: Request) -> Response:
            return PlainTextResponse("done")

        await ask(hookline.instrument(Starlette(routes=[Route("/", hello)])), "/")
        assert own.spans.get_finished_spans() == ()
        assert own.points["http.server.request.duration"].count == 1


def test_what_the_api_has_in_the_place_of_nothing_is_no_provider() -> None:
    """And none is set by us."""
    from hookline.services.providers import found_providers

    before = (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider())
    with watched_service():
        assert found_providers() == FoundProviders()
    assert (trace.get_tracer_provider(), metrics.get_meter_provider(), _logs.get_logger_provider()) == before
