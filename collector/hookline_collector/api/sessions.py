"""`/api/v1/sessions`: every session the store knows, and one whole with its turns and calls."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.http.endpoint import ApiEndpoint, Choice, InPath, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.questions import Questions, Reading
from hookline_collector.api.session_place import OF_PLACE, SessionPlace, place_of
from hookline_collector.api.stored_rows import StoredCall, StoredSession, StoredTurn, rows_of
from hookline_collector.sessions import LiveSessions, SessionState, SessionView
from hookline_collector.store.queries import load_query
from hookline_collector.work import root_of

MAX_SESSIONS = 1000
MAX_CALLS = 5000
EVERY_DAY = 36_500
DAYS = Whole("days", "Only sessions with a sign of life in the last so many days.", 7, most=EVERY_DAY)
LIMIT = Whole("limit", f"At most so many; 100 by default, {MAX_SESSIONS} at most.", 100, most=MAX_SESSIONS)
PROJECT = Text("project", "Only sessions of this project.")
USER = Text("user", "Only sessions of this person.")
AGENT = Text("agent", "Only sessions of this agent.")
OFFSET = Whole("offset", "Pass over so many.", 0, least=0, most=100_000)
SEARCH = Text("search", "Only sessions in whose id, project, branch, model, person, machine or agent this stands.")
STATE = Choice("state", "Only sessions in this state.", ("", *SessionState), "")
SESSION_ID = InPath("session_id", "The agent's session id.")
ANY_SESSION: dict[str, Any] = {
    "days": EVERY_DAY,
    "limit": 1,
    "offset": 0,
    "project": "",
    "user": "",
    "agent": "",
    "search": "",
    "state": "",
    "of_state": [],
    "in_memory": [],
}
"""What the statement `sessions` binds, where nothing narrows it."""
UNUSED: Mapping[str, Any] = {"requests": 0, "total_tokens": 0, "cost_usd": None, "requests_without_cost": 0}
"""What a turn took that made no request, as the statement `turn_usage` says it of one that did."""
_RECORDS: Mapping[str, type] = {"turns": StoredTurn, "calls": StoredCall}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SessionList:
    """Sessions, those with the latest sign of life first."""

    sessions: tuple[StoredSession, ...]
    offset: int
    has_more_sessions: bool
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class SessionDetail:
    """One session: its row (null until the store has it), what it does now, its turns and their calls, and its conversation's sessions."""

    session: StoredSession | None
    live: SessionView | None
    turns: tuple[StoredTurn, ...]
    tool_calls: tuple[StoredCall, ...]
    conversation_session_ids: tuple[str, ...]
    is_fresh: bool


class SessionsApi:
    """Sessions from the store, each with its state from memory."""

    def __init__(self, questions: Questions, live: LiveSessions) -> None:
        self._questions = questions
        self._live = live
        path, listing = "/api/v1/sessions", (DAYS, LIMIT, OFFSET, SEARCH, STATE, PROJECT, USER, AGENT)
        self.routes = (
            ApiEndpoint("GET", path, self.list_sessions, "Sessions, those with the latest sign of life first.", SessionList, parameters=listing),
            ApiEndpoint("GET", f"{path}/{{session_id}}", self.one, "One session with its turns and calls.", SessionDetail, parameters=(SESSION_ID,)),
        )

    async def list_sessions(self, request: Request) -> Response:
        """Answer with a row a session."""
        limit, offset = LIMIT.of(request), OFFSET.of(request)
        wanted = {
            "days": DAYS.of(request),
            "project": PROJECT.of(request),
            "user": USER.of(request),
            "agent": AGENT.of(request),
            "search": SEARCH.of(request),
        }
        reading = await self._questions.begin(request)
        found = await _sessions(reading, **wanted, **self._in_state(STATE.of(request)), limit=limit + 1, offset=offset)
        rows = found[:limit]
        previous = {row["session_id"]: row["previous_id"] for row in rows}
        if not set(filter(None, previous.values())) <= set(previous):
            previous = await _chain(reading)
        told = [self._with_state(row, previous) for row in rows]
        return answer({"sessions": told, "offset": offset, "has_more_sessions": len(found) > limit, "is_fresh": reading.is_fresh})

    async def one(self, request: Request) -> Response:
        """Answer with one session whole."""
        session_id = SESSION_ID.of(request)
        reading = await self._questions.begin(request)
        (row, place), previous = await asyncio.gather(_session(reading, session_id), _chain(reading))
        view = self._live.get(session_id)
        if row is None and view is None:
            raise HTTPException(404, f"no session {session_id}; `hookline sessions` lists them")
        turns, used, calls = await asyncio.gather(*(_rows(reading, name, place, session_id) for name in ("turns", "turn_usage", "calls")))
        by_prompt = {row["prompt_id"]: row for row in used}
        found = {
            "session": self._with_state(row, previous) if row else None,
            "live": view,
            "turns": [{**turn, **by_prompt.get(turn["prompt_id"], UNUSED)} for turn in turns],
            "tool_calls": calls,
            "conversation_session_ids": _family(session_id, previous),
            "is_fresh": reading.is_fresh,
        }
        return answer(found)

    def _in_state(self, state: str) -> dict[str, Any]:
        """What picks the sessions in a state: what those in memory do is known there, of all others the store knows whether they ended."""
        if not state:
            return {}
        views = self._live.snapshot()
        return {"state": state, "in_memory": [v.session_id for v in views], "of_state": [v.session_id for v in views if v.state == state]}

    def _with_state(self, row: Row, previous: dict[str, str]) -> Row:
        view = self._live.get(row["session_id"])
        state = view.state.value if view else ("ended" if row["ended"] else "idle")
        return {**row, "state": state, "conversation_id": root_of(row["session_id"], previous)}


async def _sessions(reading: Reading, **wanted: Any) -> list[Row]:
    return rows_of(StoredSession, await reading.ask(load_query(__package__, "sessions"), ANY_SESSION | wanted))


async def _session(reading: Reading, session_id: str) -> tuple[Row | None, SessionPlace | None]:
    """Return the row of one session and where it is found, without what narrows a list: planning that costs as much as all else."""
    columns, _, _ = load_query(__package__, "sessions").partition("\nFROM ")
    one = f"{columns}, {', '.join(OF_PLACE)}\nFROM worked_sessions AS s FINAL\nPREWHERE s.session_id = {{session_id:String}}\nWHERE s.last_ns > 0"
    for row in rows_of(StoredSession, await reading.ask(one, {"session_id": session_id})):
        return {name: value for name, value in row.items() if name not in OF_PLACE}, place_of(row)
    return None, None


async def _rows(reading: Reading, name: str, place: SessionPlace | None, session_id: str) -> list[Row]:
    """Return a session's turns, what they used, or calls; nothing is asked of one that the store does not know."""
    if place is None:
        return []
    found = await reading.ask(load_query(__package__, name), place.bound(session_id) | {"limit": MAX_CALLS})
    return rows_of(_RECORDS[name], found) if name in _RECORDS else found.as_dicts()


async def _chain(reading: Reading) -> dict[str, str]:
    """Return which session continues which, of all that do."""
    rows = await reading.ask(load_query(__package__, "conversation"))
    return {row["session_id"]: row["previous_id"] for row in rows.as_dicts()}


def _family(session_id: str, previous: dict[str, str]) -> tuple[str, ...]:
    """Return the sessions of the same conversation; none for a session that is alone."""
    root = root_of(session_id, previous)
    found = {s for s in (*previous, *previous.values(), root) if s and root_of(s, previous) == root}
    return tuple(sorted(found)) if len(found) > 1 else ()
