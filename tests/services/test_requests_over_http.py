"""One request, one span, timed right: whatever the framework, the answer and the client do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket

import hookline
from support.watched_service import WatchedService, ask, scope_of, told_json, watched_service


@pytest.fixture
def service() -> Iterator[WatchedService]:
    """Watch the process."""
    with watched_service() as watched:
        yield watched


async def hello(request: Any) -> Response:
    """Answer."""
    return PlainTextResponse("hello")


async def fail(request: Any) -> Response:
    """Fail."""
    raise LookupError("password=hunter2hunter2 is not right")


def shop(*routes: Any) -> Starlette:
    """Return a watched application."""
    return hookline.instrument(Starlette(routes=[Route("/orders/{id}", hello), *routes]))


async def test_a_request_is_one_server_span_named_by_its_route(service: WatchedService) -> None:
    """No spans of messages, no path in a name, and what the conventions ask for."""
    assert await ask(shop(), "/orders/17") == (200, b"hello")
    (span,) = service.served
    assert (span.name, span.kind, span.status) == ("GET /orders/{id}", "server", 0)
    assert span.attributes.pop("hookline.request.first_byte") > 0
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/orders/{id}",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "url.path": "/orders/17",
        "server.address": "127.0.0.1",
        "server.port": 8000,
        "client.address": "127.0.0.1",
        "user_agent.original": "test",
        "network.protocol.version": "1.1",
        "hookline.request.reason": "sampled",
    }


async def test_routes_under_mounts_keep_the_names_of_what_stands_above_them(service: WatchedService) -> None:
    """The scope holds the last part alone, and the values of the parameters of the rest."""
    app = shop(Mount("/shops/{shop}", routes=[Mount("/v1", routes=[Route("/items/{item:int}", hello)])]))
    await ask(app, "/shops/berlin/v1/items/4")
    await ask(app, "/shops/paris/v1/items/5")
    assert [span.name for span in service.served] == ["GET /shops/{shop}/v1/items/{item:int}"] * 2


async def test_a_fastapi_router_gives_the_whole_path(service: WatchedService) -> None:
    """Routers are taken apart by FastAPI; a mounted application is not."""
    inner, router, app = FastAPI(), APIRouter(prefix="/v2"), FastAPI()
    inner.add_api_route("/deep/{key}", lambda key: key)
    router.add_api_route("/users/{user}", lambda user: user)
    app.include_router(router, prefix="/api")
    app.mount("/inner", inner)
    app = hookline.instrument(app)
    assert (await ask(app, "/api/v2/users/7"))[0] == 200
    assert (await ask(app, "/inner/deep/x"))[0] == 200
    assert [span.name for span in service.served] == ["GET /api/v2/users/{user}", "GET /inner/deep/{key}"]


async def test_a_watched_application_in_a_watched_one_is_one_span(service: WatchedService) -> None:
    """Whoever instruments both means one request."""
    inner = shop()
    app = shop(Mount("/inner", app=inner))
    await ask(app, "/inner/orders/7")
    await ask(inner, "/orders/7")
    assert [span.name for span in service.served] == ["GET /inner/orders/{id}", "GET /orders/{id}"]


async def test_litestar_is_watched_within_its_own_answers(service: WatchedService) -> None:
    """Its templates name the route. It is imported here alone: that takes a second."""
    from litestar import Litestar, get
    from litestar.params import FromPath

    async def pet(pet: FromPath[str]) -> str:
        return str(pet)

    app = hookline.instrument(Litestar([get("/pets/{pet:str}")(pet)], openapi_config=None, logging_config=None))
    assert (await ask(app, "/pets/rex"))[0] == 200
    assert service.served[0].attributes["http.route"].startswith("/pets/{pet")


async def test_a_bare_application_is_wrapped_and_has_one_name_for_all_paths(service: WatchedService) -> None:
    """Without a router there is no route, and paths would be names without end."""

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    app = hookline.instrument(bare)
    assert app is not bare
    assert hookline.instrument(bare) is app
    assert hookline.instrument(app) is app
    await ask(app, "/any/1")
    await ask(app, "/any/2", method="BREW")
    assert [span.name for span in service.served] == ["GET", "HTTP"]
    assert service.served[1].attributes["http.request.method"] == "_OTHER"
    assert service.served[1].attributes["http.request.method_original"] == "BREW"


async def test_what_no_route_takes_has_no_route(service: WatchedService) -> None:
    """A scanner's paths become no names."""
    app = shop()
    assert (await ask(app, "/wp-admin/1"))[0] == 404
    assert service.span("GET").status == 0
    assert service.counts("http.server.request.duration", "http.route", "http.response.status_code") == {("", 404): 1}


async def test_an_exception_is_the_span_s_and_its_words_are_redacted(service: WatchedService) -> None:
    """The framework answers 500 and raises afterwards: both are one failed request."""
    app = shop(Route("/fail", fail))
    with pytest.raises(LookupError):
        await ask(app, "/fail")
    span = service.span("GET /fail")
    assert (span.status, span.events, span.attributes["error.type"]) == (2, ["exception"], "LookupError")
    (log,) = service.logs
    assert log["event"] == "hookline.slow_request"
    assert log["hookline.request.reason"] == "failed"
    assert log["exception.type"] == "LookupError"
    assert "test_requests_over_http.py" in log["exception.stacktrace"]
    assert "hunter2" not in str(service.sink.requests)


async def test_a_server_s_error_without_an_exception_is_failed_too(service: WatchedService) -> None:
    """Somebody answered 503 on purpose."""

    async def busy(request: Any) -> Response:
        return PlainTextResponse("later", 503)

    await ask(shop(Route("/busy", busy)), "/busy")
    assert service.span("GET /busy").attributes["error.type"] == "503"


async def test_a_stream_is_timed_to_its_first_and_its_last_byte(service: WatchedService) -> None:
    """Chunks make no spans; the first byte has its own time."""
    first, rest = asyncio.Event(), asyncio.Event()

    async def chunks() -> AsyncIterator[str]:
        await first.wait()
        yield "a"
        await rest.wait()
        yield "b"

    async def stream(request: Any) -> Response:
        return StreamingResponse(chunks())

    app = shop(Route("/stream", stream))
    waiting = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if waiting.is_set():
            await asyncio.Event().wait()
        waiting.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    bodies = 0

    async def send(message: Any) -> None:
        nonlocal bodies
        if message["type"] == "http.response.start":
            await asyncio.sleep(0.02)
            first.set()
        elif message.get("body"):
            bodies += 1
            await asyncio.sleep(0.03)
            rest.set()

    await app(scope_of("/stream"), receive, send)
    span = service.span("GET /stream")
    first_s = span.attributes["hookline.request.first_byte"]
    assert bodies == 2
    assert 0.05 <= first_s <= span.seconds - 0.03


async def test_background_tasks_are_no_part_of_the_request(service: WatchedService) -> None:
    """The client had its answer; what ran on is a span of its own, below the request."""

    async def later() -> None:
        await asyncio.sleep(0.2)

    async def ordered(request: Any) -> Response:
        return PlainTextResponse("ordered", background=BackgroundTask(later))

    await ask(shop(Route("/order", ordered)), "/order")
    request, work = service.span("GET /order"), service.span("background GET /order")
    assert work.seconds >= 0.2 > request.seconds
    assert (work.parent_id, work.kind) == (request.span_id, "internal")


async def test_a_background_task_that_fails_is_told_though_its_request_was_fine(service: WatchedService) -> None:
    """Nobody else would see it."""

    async def later() -> None:
        raise ValueError("no")

    async def ordered(request: Any) -> Response:
        return PlainTextResponse("ordered", background=BackgroundTask(later))

    app = shop(Route("/order", ordered))
    with pytest.raises(ValueError, match="no"):
        await ask(app, "/order")
    assert service.span("background GET /order").status == 2
    assert service.span("GET /order").status == 0


async def test_a_client_that_leaves_is_no_failure(service: WatchedService) -> None:
    """The server's `send` says that nobody listens any more."""

    async def gone(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("the client has gone")

    with pytest.raises(OSError, match="gone"):
        await ask(shop(), "/orders/1", on_sent=gone)
    span = service.span("GET /orders/{id}")
    assert (span.status, span.attributes["hookline.request.disconnected"]) == (0, True)
    assert service.counts("http.server.request.duration", "error.type") == {("client_disconnected",): 1}


async def test_a_websocket_is_one_span_from_handshake_to_close(service: WatchedService) -> None:
    """However many messages it has."""

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(text)

    app = shop(WebSocketRoute("/talk/{room}", echo))
    sent: list[Any] = []
    messages = iter(
        [
            {"type": "websocket.connect"},
            *({"type": "websocket.receive", "text": str(number)} for number in range(5)),
            {"type": "websocket.disconnect", "code": 1000},
        ]
    )

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope_of("/talk/7", type="websocket", scheme="ws"), receive, send)
    span = service.span("websocket /talk/{room}")
    assert len(sent) == 6
    assert (span.attributes["network.protocol.name"], span.attributes["http.response.status_code"]) == ("websocket", 101)
    assert service.counts("http.server.request.duration", "network.protocol.name") == {("websocket",): 1}


async def test_the_caller_s_trace_goes_on(service: WatchedService) -> None:
    """A sampled caller has its child; ids are the caller's."""
    header = (b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    await ask(shop(), "/orders/1", headers=[header])
    span = service.span("GET /orders/{id}")
    assert (span.trace_id, span.parent_id) == ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


async def test_every_request_is_counted_and_kept_ones_are_exemplars(service: WatchedService) -> None:
    """The histogram has the conventions' buckets, and a trace to look at in each."""
    app = shop()
    for _ in range(5):
        await ask(app, "/orders/1")
    ((labels, point),) = service.points("http.server.request.duration")
    assert labels == {"http.request.method": "GET", "http.route": "/orders/{id}", "http.response.status_code": 200, "url.scheme": "http"}
    assert point.count == sum(point.bucket_counts) == 5
    assert list(point.explicit_bounds) == [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
    assert {one.trace_id.hex() for one in point.exemplars} <= {span.trace_id for span in service.served}
    assert point.exemplars


async def test_the_log_says_in_one_line_what_was_slow(service: WatchedService) -> None:
    """Its trace and span are the request's."""
    await ask(shop(), "/orders/1")
    (log,) = service.logs
    span = service.span("GET /orders/{id}")
    record = next(log for log in service.sink.all_logs if log.event_name == "hookline.slow_request")
    assert (record.trace_id.hex(), record.span_id.hex()) == (span.trace_id, span.span_id)
    assert log["body"].startswith("GET /orders/{id} took ")
    assert log["hookline.request.db.calls"] == 0
    assert told_json(log.get("hookline.request.calls", "[]")) == []
