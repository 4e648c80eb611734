"""Real servers and channels of gRPC, with threads and with asyncio: one span on each side, one trace, streams in one piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import grpc.aio
import pytest
import sqlalchemy

from support.sqlite_work import in_sqlite
from support.watched_service import WatchedService, watched_service

pytestmark = pytest.mark.unwatched  # gRPC's own threads and sockets come and go


@pytest.fixture
def service() -> Iterator[WatchedService]:
    """Watch the process: servers and channels that a test makes have their clocks."""
    with watched_service() as watched:
        yield watched


def get(request: bytes, context: Any) -> bytes:
    """Answer, after a look into a database."""
    if request == b"missing":
        context.abort(grpc.StatusCode.NOT_FOUND, "no such order")
    if request == b"broken":
        raise LookupError("token=abcdefghijklmnop1234")
    with in_sqlite(poolclass=sqlalchemy.pool.StaticPool) as connection:
        connection.execute(sqlalchemy.text("SELECT 1"))
    return request


def listed(request: bytes, context: Any) -> Iterator[bytes]:
    """Answer in pieces."""
    for number in range(3):
        yield request + str(number).encode()


async def get_async(request: bytes, context: Any) -> bytes:
    """The same with asyncio."""
    if request == b"missing":
        await context.abort(grpc.StatusCode.NOT_FOUND, "no such order")
    if request == b"broken":
        raise LookupError("token=abcdefghijklmnop1234")
    return request


async def listed_async(request: bytes, context: Any) -> AsyncIterator[bytes]:
    """The same with asyncio."""
    for number in range(3):
        yield request + str(number).encode()


def ask(channel: Any, kind: str = "unary_unary") -> Any:
    """Return what makes a call without generated code."""
    return getattr(channel, kind)


def handlers(one: Any, many: Any) -> grpc.GenericRpcHandler[Any, Any]:
    """Return a service without generated code."""
    return grpc.method_handlers_generic_handler(
        "shop.Orders", {"Get": grpc.unary_unary_rpc_method_handler(one), "List": grpc.unary_stream_rpc_method_handler(many)}
    )


@pytest.fixture
def channel(service: WatchedService) -> Iterator[Any]:
    """Give a channel to a server with threads."""
    server = grpc.server(ThreadPoolExecutor(2), handlers=[handlers(get, listed)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    server.stop(0).wait(5)


def test_a_call_has_one_span_on_each_side_in_one_trace(service: WatchedService, channel: Any) -> None:
    """The server's is the client's child, and has its database calls below it."""
    assert ask(channel)("/shop.Orders/Get")(b"7") == b"7"
    (server,) = [span for span in service.spans if span.kind == "server"]
    assert server.name == "shop.Orders/Get"
    assert server.attributes["rpc.system.name"] == "grpc"
    assert server.attributes["rpc.response.status_code"] == "OK"
    (query,) = [span for span in service.spans if span.name == "SELECT"]
    assert (query.parent_id, query.trace_id) == (server.span_id, server.trace_id)
    assert service.counts("rpc.server.call.duration", "rpc.method", "rpc.response.status_code") == {("shop.Orders/Get", "OK"): 1}
    assert service.counts("rpc.client.call.duration", "rpc.method", "server.address") == {("shop.Orders/Get", "127.0.0.1"): 1}


def test_what_the_caller_did_wrong_is_no_failure_of_the_server(service: WatchedService, channel: Any) -> None:
    """NOT_FOUND is an answer; an exception is UNKNOWN, and a failure, without the secret in its words."""
    for request in (b"missing", b"broken"):
        with pytest.raises(grpc.RpcError):
            ask(channel)("/shop.Orders/Get")(request)
    missing, broken = [span for span in service.spans if span.kind == "server"]
    assert (missing.status, missing.attributes["rpc.response.status_code"]) == (0, "NOT_FOUND")
    assert (broken.status, broken.attributes["error.type"], broken.events) == (2, "LookupError", ["exception"])
    assert [log["hookline.request.reason"] for log in service.logs] == ["sampled", "failed"]
    assert "abcdefghijklmnop1234" not in str(service.sink.requests)
    clients = [span for span in service.spans if span.kind == "client"]
    assert [span.attributes["error.type"] for span in clients] == ["NOT_FOUND", "UNKNOWN"]
    assert clients[1].attributes["code.function.name"].endswith("of_the_server")
    assert {server.parent_id for server in (missing, broken)} == {span.span_id for span in clients}


def test_a_stream_is_one_call(service: WatchedService, channel: Any) -> None:
    """However many messages it has."""
    assert list(ask(channel, "unary_stream")("/shop.Orders/List")(b"x")) == [b"x0", b"x1", b"x2"]
    (server,) = [span for span in service.spans if span.kind == "server"]
    assert server.attributes["hookline.request.first_byte"] > 0


async def test_asynchronous_servers_and_channels_are_watched_alike(service: WatchedService) -> None:
    """Answers, refusals, exceptions and streams."""
    server = grpc.aio.server(handlers=[handlers(get_async, listed_async)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        assert await ask(channel)("/shop.Orders/Get")(b"7") == b"7"
        for request in (b"missing", b"broken"):
            with pytest.raises(grpc.aio.AioRpcError):
                await ask(channel)("/shop.Orders/Get")(request)
        assert [answer async for answer in ask(channel, "unary_stream")("/shop.Orders/List")(b"x")] == [b"x0", b"x1", b"x2"]
    await server.stop(None)
    servers = [span for span in service.spans if span.kind == "server"]
    assert [span.attributes["rpc.response.status_code"] for span in servers] == ["OK", "NOT_FOUND", "UNKNOWN", "OK"]
    assert service.counts("rpc.client.call.duration", "rpc.response.status_code") == {("OK",): 2, ("NOT_FOUND",): 1, ("UNKNOWN",): 1}
    failed = [span for span in service.spans if span.kind == "client"]
    assert {span.span_id for span in failed} == {span.parent_id for span in servers if span.attributes["rpc.response.status_code"] != "OK"}


def test_an_application_s_own_interceptors_stay(service: WatchedService) -> None:
    """Ours comes before them and takes none away."""
    seen: list[str] = []

    class Own(grpc.ServerInterceptor):  # type: ignore[type-arg]
        def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
            seen.append(handler_call_details.method)
            return continuation(handler_call_details)

    server = grpc.server(ThreadPoolExecutor(1), [handlers(get, listed)], [Own()])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        ask(channel)("/shop.Orders/Get")(b"1")
    server.stop(0).wait(5)
    assert seen == ["/shop.Orders/Get"]
    assert len([span for span in service.spans if span.kind == "server"]) == 1
