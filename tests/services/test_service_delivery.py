"""A collector that is away, slow or refuses costs the service nothing: requests go on, memory is bounded, what is lost is counted."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.services.active import active
from hookline.services.service_delivery import CALLS_AN_ITEM
from support.otlp_sink import HttpFault, HttpSink
from support.watched_service import WatchedService, ask, watched_service


async def hello(request: Request) -> Response:
    """Answer."""
    return PlainTextResponse("hello")


def shop() -> Any:
    """Return a watched application."""
    return hookline.instrument(Starlette(routes=[Route("/orders/{id}", hello)]))


async def test_a_dead_collector_leaves_requests_alone_and_the_oldest_go(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing listens; one line says so, not one a request."""
    with caplog.at_level(logging.INFO), watched_service(endpoint="http://127.0.0.1:9", max_pending=10) as service:
        app, watch = shop(), active()
        assert watch is not None
        for _ in range(300):
            assert (await ask(app, "/orders/1"))[0] == 200
        assert watch.delivery.pending <= 10
        assert watch.delivery._weight <= 10 * CALLS_AN_ITEM
        assert not watch.delivery.flush(0.05)
        assert service.sink.requests == []
    said = [record.message for record in caplog.records]
    assert len(said) <= 1
    assert all("telemetry waits" in one for one in said)


async def test_what_waited_is_sent_when_the_collector_comes_back_and_losses_are_counted() -> None:
    """The newest ones are there, and how many are not."""
    with HttpSink() as sink, watched_service(endpoint=sink.address, max_pending=10, metrics_every_s=60) as service:
        sink.fault = HttpFault(503, {"retry-after": "0.05"})
        app, watch = shop(), active()
        assert watch is not None
        for number in range(60):
            await ask(app, f"/orders/{number}")
        watch.delivery.flush(0.1)
        for number in range(60, 120):
            await ask(app, f"/orders/{number}")
        sink.fault = None
        told = WatchedService(sink)
        told.flush()
        served = [span for span in told.spans if span.kind == "server"]
        assert served[-1].attributes["url.path"] == "/orders/119"
        assert 10 < len(served) <= 20
        assert 100 <= watch.delivery.dropped["traces"] <= 110  # what a busy machine calls background may be among them
        assert max(point.as_int for labels, point in told.points("hookline.services.dropped") if labels["hookline.signal"] == "traces") > 0
        assert service.sink.requests == []


async def test_a_collector_that_hangs_holds_up_no_request_and_no_end() -> None:
    """The connection is accepted and never answered."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listening, watched_service(endpoint=f"http://127.0.0.1:{listening.getsockname()[1]}"):
        app, watch = shop(), active()
        assert watch is not None
        began = time.thread_time()
        for _ in range(50):
            assert (await ask(app, "/orders/1"))[0] == 200
        assert not watch.delivery.flush(0.05)
        for _ in range(50):
            assert (await ask(app, "/orders/1"))[0] == 200
        assert time.thread_time() - began < 5
    assert active() is None


async def test_a_collector_that_takes_no_logs_still_gets_spans() -> None:
    """One signal that is refused drops that signal alone."""
    with watched_service() as service:
        service.sink.fault = HttpFault(404, only=("logs",))
        await ask(shop(), "/orders/1")
        assert len(service.served) == 1
        assert service.logs == []


def test_a_forked_process_begins_again_with_ids_of_its_own() -> None:
    """Servers fork after the application was loaded; only the thread that forks lives on."""
    import asyncio

    with watched_service() as service:
        app = shop()
        asyncio.run(ask(app, "/orders/1"))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                asyncio.run(ask(app, "/orders/2"))
                watch = active()
                status = 0 if watch is not None and watch.delivery.flush(10) else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        asyncio.run(ask(app, "/orders/3"))
        paths = {span.attributes["url.path"] for span in service.served}
        assert paths == {"/orders/1", "/orders/2", "/orders/3"}
        assert len({span.trace_id for span in service.served}) == 3


def test_who_sends_is_told_by_options_and_by_opentelemetry_s_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The resource is the service's own."""
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.version=1.2.3,deployment.environment.name=test")
    with watched_service() as service:
        service.flush()
        (group, *_) = service.sink.of("metrics")[0].resource_metrics
        told = {pair.key: pair.value.string_value for pair in group.resource.attributes}
        assert (told["service.name"], told["service.version"], told["deployment.environment.name"]) == ("shop", "1.2.3", "test")
        assert len(told["service.instance.id"]) == 36
        assert group.scope_metrics[0].scope.name == "hookline.services"
