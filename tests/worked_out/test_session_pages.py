"""A session's page shows what is stored of it, whether it was worked out yet or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.resources import files
from typing import Any, cast

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.questions import Questions
from hookline_collector.api.session_detail import SessionDetailApi
from hookline_collector.api.sessions import SessionsApi
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.sessions import LiveSessions
from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from hookline_collector.worked_out.worked_reading import WorkedReading
from hookline_collector.worked_out.worked_store import WorkedStore
from support.agent_records import T0, S, call, send, turn
from support.replay import logs_of, replay_capture, spans_of
from support.standing_still import AllStored, NeverDone
from support.stores import derived_store as store

__all__ = ["store"]
NOW = T0 + 10_000_000 * S
LONG = "t0-long"
STATEMENTS = [path.name.removesuffix(".sql") for path in files("hookline_collector.api").joinpath("sql").iterdir()]


class NothingLive:
    """No session that goes on."""

    def get(self, _: str) -> None:
        """Know none."""


def pages(store: Store, worked: WorkedStore, session_id: str) -> list[Any]:
    """Return what is told of a session, but for the time at which it is."""
    for name in STATEMENTS:
        load_query("hookline_collector.api", name)  # as in a collector that was asked before: files are read once
    pool = BlockingPool("asking", 4)
    questions = Questions(pool, WorkedReading(store.query, worked, lambda: NOW).begin, AllStored())
    detail = SessionDetailApi(questions)
    handlers: tuple[Callable[[Request], Awaitable[Response]], ...] = (
        SessionsApi(questions, cast("LiveSessions", NothingLive())).one,
        detail.spans,
        detail.measures,
    )

    async def asked() -> list[Any]:
        """Ask them one by one."""
        return [
            orjson.loads((await each(Request({"type": "http", "headers": [], "query_string": b"", "path_params": {"session_id": session_id}}))).body)
            for each in handlers
        ]

    try:
        return asyncio.run(asked())
    finally:
        pool.close()


@pytest.mark.long
def test_a_session_that_is_not_worked_out_yet_is_shown_whole(store: Store) -> None:
    """Of a capture with a subagent, and of one that goes over two midnights."""
    steps = replay_capture("subagent")
    send(store, [*spans_of(steps), *logs_of(steps)])
    [[captured]] = store.query("SELECT DISTINCT session_id FROM told_sessions").rows
    days = [turn(n * 86_400, n * 86_400 + 600, LONG, f"p{n}") for n in range(3)]
    calls = [call(f"long-call-00000000000{n}", n * 86_400 + 10, n * 86_400 + 20, session=LONG, prompt=f"p{n}") for n in range(3)]
    send(store, [*days, *calls])
    told = {session_id: pages(store, NeverDone(store), session_id) for session_id in (captured, LONG)}
    whole, spans, _ = told[LONG]
    assert ([row["prompt_id"] for row in whole["turns"]], len(whole["tool_calls"])) == (["p0", "p1", "p2"], 3)
    assert [span["kind"] for span in spans["spans"]] == ["turn", "call"] * 3
    assert {span["kind"] for span in told[captured][1]["spans"]} >= {"turn", "call", "subagent"}
    assert {session_id: pages(store, WorkedStore(store), session_id) for session_id in told} == told
