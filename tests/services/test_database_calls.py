"""Calls of every client against a real PostgreSQL: named by what they do, with their caller's line, without values."""

from __future__ import annotations

import inspect
import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import psycopg2
import psycopg2.extras
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

from support.postgres import PostgresServer, shared_server
from support.watched_service import WatchedService, calls_of, told_json, watched_service

pytestmark = pytest.mark.unwatched  # clients keep threads and sockets of their own

SELECT = "SELECT id, name FROM services_items WHERE name = "
HERE = Path(__file__).name
CALLS, TIME, DURATION = "hookline.route.db.calls", "hookline.route.db.time", "http.server.request.duration"


@pytest.fixture
def no_blocked_loop() -> None:
    """Let clients read their files of passwords in an event loop, as they do in services."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Give a real server with one table."""
    server = shared_server()
    server.run(
        "CREATE TABLE services_items (id int PRIMARY KEY, name text); INSERT INTO services_items SELECT i, 'n' || i FROM generate_series(1, 20) i",
        is_script=True,
    )
    yield server
    server.run("DROP TABLE services_items")


@pytest.fixture(scope="module")
def watching() -> Iterator[WatchedService]:
    """Watch the process once."""
    with watched_service() as watched:
        yield watched


@pytest.fixture
def service(watching: WatchedService) -> WatchedService:
    """Begin each test with an empty receiver."""
    watching.flush()
    watching.sink.requests.clear()
    return watching


def with_psycopg(server: PostgresServer) -> None:
    """Ask as a service does."""
    with psycopg.connect(server.url()) as connection:
        connection.execute(f"{SELECT}%s", ("secret-17",)).fetchall()


def with_psycopg2(server: PostgresServer) -> None:
    """The same, with a cursor of somebody else's class."""
    connection = psycopg2.connect(server.url())
    with connection, connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute(f"{SELECT}%s", ("secret-17",))
        assert isinstance(cursor, psycopg2.extras.RealDictCursor)
    connection.close()


def with_sqlalchemy(server: PostgresServer) -> None:
    """Through SQLAlchemy, on a driver that is watched: once, not twice."""
    engine = sqlalchemy.create_engine(server.url().replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"{SELECT}:name"), {"name": "secret-17"}).fetchall()
    engine.dispose()


@pytest.mark.parametrize("work", [with_psycopg, with_psycopg2, with_sqlalchemy])
async def test_a_call_is_one_span_with_its_caller_and_without_values(server: PostgresServer, service: WatchedService, work: Any) -> None:
    """Whatever the client, statement and commit are told alike."""
    calls = await calls_of(service, lambda: work(server), in_thread=True)
    call = next(span for span in calls if "services_items" in span.name)
    assert call.name == "SELECT services_items"
    assert [span.name for span in calls if span.name == "SELECT services_items"] == [call.name]
    assert [span.name for span in calls][-1] == "COMMIT"
    assert call.attributes["db.system.name"] == "postgresql"
    assert call.attributes["db.namespace"] == "postgres"
    assert call.attributes["db.query.text"] == "select id, name from services_items where name = ?"
    assert call.attributes["server.port"] > 0
    assert call.attributes["postgresql.pid"] > 0
    assert call.attributes["code.file.path"].endswith(HERE)
    assert call.attributes["code.function.name"] == work.__name__
    assert len(call.attributes["hookline.db.statement_hash"]) == 16
    assert "secret-17" not in str(service.sink.requests)


async def test_asyncpg_and_asynchronous_psycopg_and_sqlalchemy_know_their_caller(server: PostgresServer, service: WatchedService) -> None:
    """The line is the one that awaits, also through SQLAlchemy's greenlets."""

    async def work() -> None:
        connection = await asyncpg.connect(server.url())
        assert await connection.fetch(f"{SELECT}$1", "n3")
        statement = await connection.prepare("SELECT name FROM services_items WHERE id = $1")
        assert await statement.fetchval(4) == "n4"
        await connection.close()
        async with await psycopg.AsyncConnection.connect(server.url()) as other:
            await other.execute(f"{SELECT}%s", ("n3",))
        engine = create_async_engine(server.url().replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.connect() as third:
            await third.execute(sqlalchemy.text("SELECT max(id) FROM services_items"))
        await engine.dispose()

    calls = [span for span in await calls_of(service, work) if "services_items" in span.name]
    assert [span.name for span in calls] == ["SELECT services_items"] * 4
    assert {span.attributes["code.function.name"].rpartition(".")[2] for span in calls} == {"work"}
    assert {span.attributes["hookline.db.statement_hash"] for span in calls[::2]} == {calls[0].attributes["hookline.db.statement_hash"]}
    assert calls[0].attributes["db.response.returned_rows"] == 1


def copied_by_psycopg(server: PostgresServer) -> None:
    """Rows in and out, by the block."""
    with psycopg.connect(server.url()) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY services_copied (id, name) FROM STDIN") as copy:
            for number in range(3):
                copy.write_row((number, "secret-17"))
        with cursor.copy("COPY services_copied TO STDOUT") as copy:
            assert len(list(copy.rows())) == 3


async def copied_by_asynchronous_psycopg(server: PostgresServer) -> None:
    """The same, asynchronously."""
    async with await psycopg.AsyncConnection.connect(server.url()) as connection, connection.cursor() as cursor:
        async with cursor.copy("COPY services_copied (id, name) FROM STDIN") as copy:
            for number in range(3):
                await copy.write_row((number, "secret-17"))
        async with cursor.copy("COPY services_copied TO STDOUT") as copy:
            assert len([row async for row in copy.rows()]) == 3


def copied_by_psycopg2(server: PostgresServer) -> None:
    """By its methods for files."""
    connection = psycopg2.connect(server.url())
    with connection, connection.cursor() as cursor:
        cursor.copy_from(io.StringIO("1\tsecret-17\n2\tb\n3\tc\n"), "services_copied")
        cursor.copy_expert("COPY services_copied TO STDOUT", io.StringIO())
    connection.close()


async def copied_by_asyncpg(server: PostgresServer) -> None:
    """By a connection, from records and a query."""
    connection = await asyncpg.connect(server.url())
    await connection.copy_records_to_table("services_copied", records=[(number, "secret-17") for number in range(3)])
    await connection.copy_from_query("SELECT * FROM services_copied WHERE name <> 'secret-18'", output=io.BytesIO())
    await connection.close()


@pytest.mark.parametrize("work", [copied_by_psycopg, copied_by_asynchronous_psycopg, copied_by_psycopg2, copied_by_asyncpg])
async def test_a_copy_is_timed_with_its_caller_and_without_values(server: PostgresServer, service: WatchedService, work: Any) -> None:
    """A load in bulk is what a service waits for longest."""
    server.run("CREATE TABLE services_copied (id int, name text)")
    try:
        calls = await calls_of(service, lambda: work(server), in_thread=not inspect.iscoroutinefunction(work))
    finally:
        server.run("DROP TABLE services_copied")
    copies = [span for span in calls if span.name.startswith("COPY")]
    assert len(copies) == 2
    assert {span.attributes["code.function.name"] for span in copies} == {work.__name__}
    assert "services_copied" in copies[0].attributes["db.query.text"]
    assert "secret" not in str(service.sink.requests)


async def test_a_copy_that_fails_in_its_block_is_a_failed_call(server: PostgresServer, service: WatchedService) -> None:
    """The application's own error stops the server too, and is the application's still."""

    def work() -> None:
        with psycopg.connect(server.url()) as connection, connection.cursor() as cursor:
            cursor.copy("COPY services_items FROM STDIN")  # not entered, so nothing was asked
            with pytest.raises(RuntimeError, match="enough"), cursor.copy("COPY services_items FROM STDIN"):
                raise RuntimeError("enough")

    (copy,) = [span for span in await calls_of(service, work, in_thread=True) if span.name.startswith("COPY")]
    assert copy.attributes["error.type"] == "RuntimeError"


async def test_what_is_fetched_bit_by_bit_is_timed_until_its_first_rows(server: PostgresServer, service: WatchedService) -> None:
    """Once a statement, however often more is fetched; what is left unread is given up as ever."""

    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(server.url()) as connection, connection.cursor() as cursor:
            assert [row[0] async for row in cursor.stream("SELECT id FROM services_items ORDER BY id")][-1] == 20
            async for _ in cursor.stream("SELECT id FROM services_items ORDER BY id"):
                break
            assert [row async for row in cursor.stream("SELECT id FROM services_items WHERE id > %s", (100,))] == []
        other = await asyncpg.connect(server.url())
        async with other.transaction():
            assert [row["id"] async for row in other.cursor("SELECT id FROM services_items ORDER BY id", prefetch=5)][-1] == 20
            opened = await other.cursor("SELECT id FROM services_items ORDER BY id")
            assert [len(await opened.fetch(5)), len(await opened.fetch(50))] == [5, 15]
        await other.close()

    calls = [span for span in await calls_of(service, work) if span.name == "SELECT services_items"]
    assert len(calls) == 5
    assert all(".work" in span.attributes["code.function.name"] for span in calls)


def test_a_stream_can_be_left(server: PostgresServer, service: WatchedService) -> None:
    """The connection is free again, as without a clock."""
    with psycopg.connect(server.url()) as connection, connection.cursor() as cursor:
        for row in cursor.stream("SELECT id FROM services_items ORDER BY id"):
            assert row == (1,)
            break
        assert cursor.execute("SELECT 1").fetchone() == (1,)


async def test_sqlalchemy_tells_of_drivers_that_nobody_else_watches(service: WatchedService) -> None:
    """SQLite has no clock of ours; errors keep their class."""

    def work() -> None:
        engine = sqlalchemy.create_engine("sqlite://")
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))
            with pytest.raises(sqlalchemy.exc.OperationalError):
                connection.execute(sqlalchemy.text("SELECT * FROM nothing_there"))
        engine.dispose()

    first, second = await calls_of(service, work)
    assert (first.name, first.attributes["db.system.name"], first.status) == ("SELECT", "sqlite", 0)
    assert (second.status, second.attributes["error.type"]) == (2, "OperationalError")


async def test_errors_have_their_sqlstate_and_every_call_is_counted(server: PostgresServer, service: WatchedService) -> None:
    """Duration by statement and error, with the trace as an exemplar."""

    def work() -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for number in range(3):
                connection.execute("SELECT name FROM services_items WHERE id = %s", (number,))
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute("SELECT * FROM nothing_there")

    calls = await calls_of(service, work, in_thread=True)
    assert calls[-1].attributes["db.response.status_code"] == "42P01"
    counted = service.counts("db.client.operation.duration", "db.query.summary", "error.type")
    assert counted[("SELECT services_items", "")] == 3
    assert counted[("SELECT nothing_there", "UndefinedTable")] == 1
    points = service.points("db.client.operation.duration")
    assert any(one.trace_id.hex() == calls[0].trace_id for _, point in points for one in point.exemplars)


async def test_n_plus_1_is_called_by_its_name(server: PostgresServer, service: WatchedService) -> None:
    """One statement from one line, again and again."""

    def work() -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("SELECT id FROM services_items")
            for number in range(7):
                connection.execute("SELECT name FROM services_items WHERE id = %s", (number,))

    await calls_of(service, work, in_thread=True)
    (log,) = service.logs
    (again,) = told_json(log["hookline.request.repeated"])
    assert (again["count"], again["summary"], log["hookline.request.repeated.most"]) == (7, "SELECT services_items", 7)
    assert again["file"].endswith(HERE)
    assert f"N+1: SELECT services_items 7 times from {again['file']}:{again['line']}" in log["body"]
    listed = told_json(log["hookline.request.calls"])
    assert len(listed) == log["hookline.request.db.calls"] == 8
    assert listed[0]["file"] == again["file"]
    assert 0 < log["hookline.request.db.time"] < log["hookline.request.duration"]


async def test_what_a_route_s_requests_call_is_counted(server: PostgresServer, service: WatchedService) -> None:
    """By method and route as its durations are, so that growth can be split: how many calls, and how long at least one of them ran."""

    def work() -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("SELECT pg_sleep(0.002)")
            connection.execute("SELECT pg_sleep(0.001)")

    def told(name: str) -> float:
        labels = {"http.request.method": "GET", "http.route": "/work"}
        points = [point for found, point in service.points(name) if labels.items() <= found.items()]
        return float(sum(point.sum if name == DURATION else point.as_double + point.as_int for point in points))

    before = [told(name) for name in (CALLS, TIME, DURATION)]
    await calls_of(service, work, in_thread=True)
    calls, called_s, took_s = (told(name) - was for name, was in zip((CALLS, TIME, DURATION), before, strict=True))
    assert calls == 2
    assert 0.003 <= called_s <= took_s


async def test_a_request_s_list_of_calls_is_bounded(server: PostgresServer, service: WatchedService) -> None:
    """What it has no room for is counted."""

    def work() -> None:
        with psycopg.connect(server.url(), autocommit=True) as connection, connection.cursor() as cursor:
            for _ in range(230):
                cursor.execute("SELECT 1")

    assert len(await calls_of(service, work, in_thread=True)) == 200
    (log,) = service.logs
    assert (log["hookline.request.db.calls"], log["hookline.request.calls_left_out"]) == (230, 30)
    assert "; 230 database calls, at least " in log["body"]
    assert "at least 200 times" in log["body"]


def test_a_slow_or_failed_call_without_a_request_is_told(server: PostgresServer, service: WatchedService) -> None:
    """A worker has no requests; its failures are spans of their own."""
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SELECT 1")
        with pytest.raises(psycopg.errors.DivisionByZero):
            connection.execute("SELECT 1 / 0")
    (span,) = service.served
    assert (span.parent_id, span.attributes["db.response.status_code"]) == ("", "22012")


def test_a_pool_s_waits_are_counted(server: PostgresServer, service: WatchedService) -> None:
    """Somebody who waits for a connection waits for no database."""
    engine = sqlalchemy.create_engine(server.url().replace("postgresql:", "postgresql+psycopg:"), pool_size=1, max_overflow=0)
    held, released = threading.Event(), threading.Event()

    def hold() -> None:
        with engine.connect():
            held.set()
            released.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    timer = threading.Timer(0.15, released.set)
    timer.start()
    with engine.connect():
        waits = service.points("db.client.connection.wait_time")
        used = [point for labels, point in service.points("db.client.connection.count") if labels["db.client.connection.state"] == "used"]
    holder.join()
    timer.join()
    engine.dispose()
    assert sum(point.sum for _, point in waits) >= 0.1
    assert used[-1].as_int == 1
