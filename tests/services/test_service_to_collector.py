"""From a request in a service to the answer of a real collector's API."""

from __future__ import annotations

import pytest
import sqlalchemy
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.services.active import active
from support.running import Running
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
