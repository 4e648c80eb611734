"""`/api/v1/sessions`: every session the store knows, one whole with its turns and calls, and the cleanup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import ApiEndpoint, Parameter, number
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.live import LiveSession, shown
from hookline_collector.store.queries import load_query
from hookline_collector.work import root_of

MAX_SESSIONS = 1000
MAX_CALLS = 5000
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionList:
    """Sessions as the view `sessions` tells them, the most recently heard of first, each with `state` and `conversation_id`."""

    sessions: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """One session: its row, what it does now (null when it is not in memory), its turns and their calls, and its conversation's sessions."""

    session: Row
    live: LiveSession | None
    turns: tuple[Row, ...]
    calls: tuple[Row, ...]
    conversation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CleanupStatistics:
    """What the cleanup did since the collector started: totals by reason, the last run and the trend."""

    since: float
    runs: int
    closed: dict[str, int]
    last: Row | None
    took_s: dict[str, float] | None
    trend: tuple[Row, ...]


def endpoints(context: Context) -> tuple[ApiEndpoint, ...]:
    """Return the routes of this module."""

    async def sessions(request: Request) -> Response:
        parameters = {
            "days": number(request, "days", 7, 36_500),
            "limit": number(request, "limit", 100, MAX_SESSIONS),
            "project": request.query_params.get("project", ""),
            "user": request.query_params.get("user", ""),
        }
        rows = (await context.ask(load_query(__package__, "sessions"), parameters)).as_dicts()
        previous = {row["session_id"]: row["previous_id"] for row in rows}
        if not set(filter(None, previous.values())) <= set(previous):
            previous = await chain()
        return answer(SessionList(tuple(_told(context, row, previous) for row in rows)))

    async def chain() -> dict[str, str]:
        return {row["session_id"]: row["previous_id"] for row in (await context.ask(load_query(__package__, "conversation"), {})).as_dicts()}

    async def session(request: Request) -> Response:
        wanted = {"session_id": request.path_params["session_id"]}
        rows = (await context.ask(load_query(__package__, "session"), wanted)).as_dicts()
        view = context.live.get(wanted["session_id"])
        if not rows and view is None:
            raise HTTPException(404, f"no session {wanted['session_id']}; `hookline sessions` lists them")
        previous = await chain()
        root = root_of(wanted["session_id"], previous)
        family = tuple(sorted({s for s in (*previous, *previous.values(), root) if s and root_of(s, previous) == root}))
        turns = (await context.ask(load_query(__package__, "turns"), wanted)).as_dicts()
        calls = (await context.ask(load_query(__package__, "calls"), {**wanted, "limit": MAX_CALLS})).as_dicts()
        told = _told(context, rows[0], previous) if rows else {"session_id": wanted["session_id"], "conversation_id": root}
        return answer(SessionDetail(told, shown(view) if view else None, tuple(turns), tuple(calls), family if len(family) > 1 else ()))

    async def statistics(_: Request) -> Response:
        return answer(context.cleanup.statistics())

    async def clean(_: Request) -> Response:
        await context.cleanup.run_once()
        return answer(context.cleanup.statistics())

    listing = (
        Parameter("days", "Sessions heard of in the last so many days; 7 by default.", schema={"type": "integer"}),
        Parameter("limit", f"At most so many; 100 by default, {MAX_SESSIONS} at most.", schema={"type": "integer"}),
        Parameter("project", "Only sessions of this project."),
        Parameter("user", "Only sessions of this person."),
    )
    by_id = (Parameter("session_id", "The agent's session id.", "path"),)
    return (
        ApiEndpoint("GET", "/api/v1/sessions", sessions, "Sessions, the most recently heard of first.", SessionList, parameters=listing),
        ApiEndpoint("GET", "/api/v1/sessions/{session_id}", session, "One session with its turns and calls.", SessionDetail, parameters=by_id),
        ApiEndpoint("GET", "/api/v1/cleanup", statistics, "What the cleanup closed, why, and how long it took.", CleanupStatistics),
        ApiEndpoint("POST", "/api/v1/cleanup", clean, "Run the cleanup now.", CleanupStatistics),
    )


def _told(context: Context, row: Row, previous: dict[str, str]) -> Row:
    view = context.live.get(row["session_id"])
    state = view.state.value if view else ("ended" if row["ended"] else "idle")
    return {**row, "state": state, "conversation_id": root_of(row["session_id"], previous)}
