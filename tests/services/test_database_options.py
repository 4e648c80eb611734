"""What of PostgreSQL's calls is off until somebody asks for it, and what is left when nothing is watched any more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import asyncpg
import psycopg
import psycopg2
import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

import hookline
from hookline.services.clients.query_plans import plan_of
from support.postgres import PostgresServer, shared_server
from support.watched_service import ask, calls_of, told_json, watched_service


@pytest.fixture
def no_blocked_loop() -> None:
    """Let clients read their files of passwords in an event loop, as they do in services."""


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """Give a real server with one table."""
    server = shared_server()
    server.run("CREATE TABLE services_optional (id int, name text)")
    yield server
    server.run("DROP TABLE services_optional")


async def test_sampled_traces_alone_are_in_the_text(server: PostgresServer) -> None:
    """The others' statements stay prepared: their texts are as they were."""
    with watched_service(sql_comments=True, one_in=2) as service:
        texts: list[str] = []

        def work() -> None:
            with psycopg.connect(server.url(), autocommit=True) as connection:
                connection.prepare_threshold = 0
                (row,) = connection.execute("SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()")
                texts.append(row[0])
                texts.append(str(len(connection.execute("SELECT name FROM pg_prepared_statements").fetchall())))

        async def endpoint(request: Request) -> Response:
            await asyncio.to_thread(work)
            return PlainTextResponse("done")

        app = hookline.instrument(Starlette(routes=[Route("/work", endpoint)]))
        for _ in range(2):
            await ask(app, "/work")
        span = service.span("GET /work")
        plain, commented = texts[0], texts[2]
        assert "traceparent" not in plain
        assert commented == f"{plain} /*traceparent='00-{span.trace_id}-{span.span_id}-01'*/"
        assert texts[1] == "2"
        assert texts[3] == "0"
        assert {one.attributes["hookline.db.statement_hash"] for one in service.spans if one.kind == "client"}


@pytest.mark.parametrize("client", ["psycopg", "psycopg2", "asyncpg"])
async def test_the_plan_of_this_very_execution_comes_with_a_notice(server: PostgresServer, client: str) -> None:
    """With auto_explain in the server; literals stay there."""
    load, settle = "LOAD 'auto_explain'", "SET auto_explain.log_min_duration = 0"
    query = "SELECT count(*) FROM services_optional WHERE name = 'secret-17' AND id > 4711"
    with watched_service(plans=True) as service:

        def work() -> None:
            connection = psycopg.connect(server.url(), autocommit=True) if client == "psycopg" else psycopg2.connect(server.url())
            for text in (load, settle, query):
                connection.cursor().execute(text)
            connection.close()

        async def work_async() -> None:
            connection = await asyncpg.connect(server.url())
            for text in (load, settle, query):
                await connection.execute(text)
            await connection.close()

        calls = await calls_of(service, work_async) if client == "asyncpg" else await calls_of(service, work, in_thread=True)
        plan = next(span for span in calls if span.name == "SELECT services_optional").attributes["postgresql.query_plan"]
    assert "Scan" in plan
    assert "(cost=" in plan
    assert "secret-17" not in plan
    assert "4711" not in plan


def test_uninstrument_leaves_nothing(server: PostgresServer) -> None:
    """Classes are what they were, whether a method was their own or inherited."""
    owners = (
        psycopg.Cursor,
        psycopg.AsyncCursor,
        psycopg.ServerCursor,
        psycopg.Connection,
        asyncpg.Connection,
        asyncpg.cursor.BaseCursor,
        psycopg2,
        sqlalchemy.pool.Pool,
    )
    hookline.uninstrument()
    before = [dict(vars(owner)) for owner in owners]
    with watched_service():
        assert [dict(vars(owner)) for owner in owners] != before
        kept = psycopg2.connect(server.url())
    assert [dict(vars(owner)) for owner in owners] == before
    with kept, kept.cursor() as cursor:  # a connection from before goes on
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    kept.close()


SECRET = "tok3nThatNobodyMaySee99"


@given(
    st.sampled_from(
        ["Filter: ((name)::text = '{}'::text)", "Index Cond: (id = ANY ('{{{},b}}'::text[]))", "Output: id, '{}'::text", "Sort Key: ('{}'::text)"]
    ),
    st.integers(0, 3),
)
def test_no_literal_of_a_plan_survives(line: str, depth: int) -> None:
    """Wherever a condition stands."""
    node = "Seq Scan on items  (cost=0.00..1.25 rows=1 width=8)"
    message = f"duration: 1.234 ms  plan:\nQuery Text: select '{SECRET}'\n{node}\n{'  ' * depth}  {line.format(SECRET)}"
    plan = plan_of(message).text
    assert plan.startswith(node)
    assert SECRET not in plan


def test_a_plan_as_json_keeps_its_figures_and_no_text() -> None:
    """auto_explain.log_format may be json."""
    message = 'duration: 2 ms  plan:\n{"Query Text": "select 1", "Plan": {"Node Type": "Seq Scan", "Plan Rows": 7, "Filter": "(id = 4711)"}}'
    plan = plan_of(message)
    assert told_json(plan.text) == [{"Plan": {"Node Type": "Seq Scan", "Plan Rows": 7, "Filter": "(id = ?)"}}]
    assert plan.hash
