"""redis and ClickHouse: real clients against small servers that speak their protocols."""

from __future__ import annotations

import asyncio
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
import redis
import redis.asyncio

from hookline.services.active import active
from support.clickhouse_server import ClickHouseServer
from support.watched_service import WatchedService, calls_of, watched_service

pytestmark = pytest.mark.unwatched  # clients keep sockets of their own


@pytest.fixture
def service() -> Iterator[WatchedService]:
    """Watch the process."""
    with watched_service() as watched:
        yield watched


class RedisAnswers(socketserver.StreamRequestHandler):
    """As much of redis as three commands need."""

    def handle(self) -> None:
        """Answer commands until the client leaves."""
        while line := self.rfile.readline():
            words = [self._word() for _ in range(int(line[1:]))]
            name = words[0].upper()
            answer = {b"GET": b"$5\r\nvalue\r\n", b"BOOM": b"-WRONGTYPE no such thing\r\n"}.get(name, b"+OK\r\n")
            if name == b"HELLO":
                answer = b"-ERR unknown command\r\n"
            elif name == b"EXEC":
                answer = b"*2\r\n+OK\r\n$5\r\nvalue\r\n"
            elif self.server.is_queueing:  # type: ignore[attr-defined]
                answer = b"+QUEUED\r\n"
            if name in {b"MULTI", b"EXEC"}:
                self.server.is_queueing = name == b"MULTI"  # type: ignore[attr-defined]
            self.wfile.write(answer)

    def _word(self) -> bytes:
        size = int(self.rfile.readline()[1:])
        return self.rfile.read(size + 2)[:-2]


class NativeAnswers(socketserver.BaseRequestHandler):
    """As much of ClickHouse's native protocol as a greeting and an empty answer need."""

    def handle(self) -> None:
        """Greet, then answer each query with its end."""
        self.request.recv(65_536)
        hello = bytearray([0])
        for word in (b"ClickHouse",):
            hello += bytes([len(word)]) + word
        hello += bytes([23, 1]) + self._varint(54_000)
        self.request.sendall(bytes(hello))
        while self.request.recv(65_536):
            self.request.sendall(bytes([5]))

    def _varint(self, number: int) -> bytes:
        made = bytearray()
        while number >= 0x80:
            made.append(number & 0x7F | 0x80)
            number >>= 7
        made.append(number)
        return bytes(made)


@pytest.fixture
def listening(request: pytest.FixtureRequest) -> Iterator[int]:
    """Give the port of a small server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), request.param) as server:
        server.daemon_threads = True
        server.is_queueing = False  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("listening", [RedisAnswers], indirect=True)
async def test_redis_commands_are_named_and_their_keys_are_not(service: WatchedService, listening: int) -> None:
    """A pipeline is one call; errors have their class."""

    def work() -> None:
        with redis.Redis(port=listening, db=3, protocol=2) as client:
            assert client.get("customer:secret-17") == b"value"
            with pytest.raises(redis.ResponseError):
                client.execute_command("BOOM", "secret-17")
            with client.pipeline() as pipeline:
                pipeline.set("secret-17", "secret-18").get("secret-17").execute()

    get, boom, pipeline = await calls_of(service, work, in_thread=True)
    assert (get.name, get.attributes["db.system.name"], get.attributes["db.namespace"]) == ("GET", "redis", "3")
    assert (get.attributes["server.address"], get.attributes["server.port"]) == ("localhost", listening)
    assert (boom.status, boom.attributes["error.type"]) == (2, "ResponseError")
    assert (pipeline.name, pipeline.attributes["db.operation.batch.size"]) == ("PIPELINE SET GET", 2)
    assert "secret-1" not in str(service.sink.requests)


@pytest.mark.parametrize("listening", [RedisAnswers], indirect=True)
async def test_asynchronous_redis_is_watched_alike(service: WatchedService, listening: int) -> None:
    """The line is the one that awaits."""

    async def work() -> None:
        async with redis.asyncio.Redis(port=listening, protocol=2) as client:
            assert await client.get("k") == b"value"

    (get,) = await calls_of(service, work)
    assert get.attributes["code.function.name"].endswith("work")


@pytest.mark.parametrize("listening", [NativeAnswers], indirect=True)
async def test_clickhouse_driver_s_statements_are_told_without_values(service: WatchedService, listening: int) -> None:
    """Over the native protocol."""

    def work() -> None:
        import clickhouse_driver  # it makes a table of all days

        client = clickhouse_driver.Client("127.0.0.1", port=listening, database="shop")
        client.execute("SELECT count() FROM orders WHERE name = 'secret-17' AND price > 12.5")
        client.disconnect()

    (call,) = await calls_of(service, work, in_thread=True)
    assert (call.name, call.attributes["db.system.name"], call.attributes["db.namespace"]) == ("SELECT orders", "clickhouse", "shop")
    assert call.attributes["db.query.text"] == "select count() from orders where name = ? and price > ?"
    assert call.attributes["server.port"] == listening


async def test_clickhouse_connect_is_one_call_a_query_whatever_it_is_made_of(service: WatchedService, tmp_path: Path) -> None:
    """Over HTTP: query, command and insert; an exception's code is ClickHouse's."""
    with ClickHouseServer(tmp_path / "clickhouse") as server:

        def work() -> None:
            client = clickhouse_connect.get_client(host="127.0.0.1", port=server.port, autogenerate_session_id=False)
            client.command("CREATE TABLE orders (id UInt32, name String) ENGINE = MergeTree ORDER BY id")
            client.insert("orders", [[1, "a"], [2, "b"]], column_names=["id", "name"])
            assert client.query("SELECT name FROM orders WHERE id = {id:UInt32}", parameters={"id": 2}).result_rows == [("b",)]
            with pytest.raises(clickhouse_connect.driver.exceptions.DatabaseError):
                client.query("SELECT * FROM nothing_there")
            client.close()

        calls = [span for span in await calls_of(service, work, in_thread=True) if "orders" in span.name or "nothing" in span.name]
    assert [span.name for span in calls if span.name.startswith("SELECT orders")] == ["SELECT orders"]
    assert [span.name.partition(" ")[0] for span in calls][:1] == ["CREATE"]
    assert [span for span in calls if span.name == "INSERT orders"]
    assert calls[-1].status == 2
    assert all(span.attributes["server.port"] == server.port for span in calls)


def test_a_call_of_ours_that_goes_wrong_is_not_the_application_s(service: WatchedService) -> None:
    """Whatever a client's object lacks, its method runs."""
    from hookline.services.clients.call_timing import timed

    class Client:
        def ask(self, question: str) -> str:
            return question

    def describe(*_: Any) -> Any:
        raise AttributeError("another version")

    watch = active()
    assert watch is not None
    assert timed(describe)(Client.ask)(Client(), "why") == "why"
    assert asyncio.run(timed(describe)(_later)(Client(), 7)) == 7


async def _later(_client: Any, value: int) -> int:
    return value
