"""`/api/v1/sessions/{session_id}/spans` and `.../measures`: a session as a waterfall, what its processes took, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hookline.system.clock import NS_PER_S
from hookline_collector.api.activities import activities
from hookline_collector.api.http.endpoint import ApiEndpoint, InPath, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.questions import Questions, Reading
from hookline_collector.api.session_place import known_session
from hookline_collector.api.span_tree import SessionRows, SpanRow, spans_of, unique
from hookline_collector.store.queries import load_query

MAX_SPANS = 10_000
MAX_OFFSET = 90_000
MAX_POINTS = 2_000
MAX_REQUESTS = MAX_OFFSET + MAX_SPANS
"""What a turn took is added up from the session's requests, so a page asks for all of them."""
SESSION_ID = InPath("session_id", "The agent's session id.")
LIMIT = Whole("limit", f"At most so many; {MAX_SPANS} by default.", MAX_SPANS, most=MAX_SPANS)
OFFSET = Whole("offset", "Pass over so many.", 0, least=0, most=MAX_OFFSET)
POINTS = Whole("points", "About so many points a curve.", 200, most=MAX_POINTS)
CURVES = ("process.cpu.utilization", "process.memory.usage", "process.disk.io", "process.thread.count")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SessionSpans:
    """A session's spans from `offset` on, in the order of their beginning."""

    session_id: str
    spans: tuple[SpanRow, ...]
    offset: int
    has_more_spans: bool
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class SessionCurve:
    """What the processes of a session took: of a sum by how much it grew in a step, of a level its mean."""

    metric: str
    unit: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """Calls of a session that changed files of a kind."""

    file_extension: str
    tool_calls: int


@dataclass(frozen=True, slots=True)
class SessionMeasures:
    """What a session took and what came of it, as far as it is known."""

    session_id: str
    curves: tuple[SessionCurve, ...]
    files: tuple[ChangedFiles, ...]
    revisions: tuple[str, ...]
    lines_added: int | None
    lines_removed: int | None
    commits: int | None
    is_fresh: bool


class SessionDetailApi:
    """A session in detail."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions
        path, spans, measures = (
            "/api/v1/sessions/{session_id}",
            "A session as spans, one within another.",
            "What a session took, and what came of it.",
        )
        self.routes = (
            ApiEndpoint("GET", f"{path}/spans", self.spans, spans, SessionSpans, parameters=(SESSION_ID, OFFSET, LIMIT)),
            ApiEndpoint("GET", f"{path}/measures", self.measures, measures, SessionMeasures, parameters=(SESSION_ID, POINTS)),
        )

    async def spans(self, request: Request) -> Response:
        """Answer with a page of spans."""
        session_id, offset, limit = SESSION_ID.of(request), OFFSET.of(request), LIMIT.of(request)
        reading = await self._questions.begin(request)
        place = await known_session(reading, session_id)
        most = offset + limit + 1
        bound = place.bound(session_id) | {"limit": most}
        names = ("session_turns", "session_calls", "session_spans", "session_hooks")
        requests, turns, calls, told, hooks = await asyncio.gather(
            _ask(reading, "session_requests", bound | {"limit": MAX_REQUESTS}), *(_ask(reading, name, bound) for name in names)
        )
        others = activities(told)[:most]
        agent_names = {}
        if any(row["what"] == "subagent" for row in others):
            named = await _ask(reading, "session_subagents", bound | {"agent": place.agent})
            agent_names = {row["agent_id"]: row["agent_name"] for row in named}
        found = SessionRows(turns, calls, requests, others, hooks, agent_names)
        spans = unique(spans_of(found))
        page = tuple(spans[offset : offset + limit])
        return answer(SessionSpans(session_id, page, offset, len(spans) > offset + limit, reading.is_fresh))

    async def measures(self, request: Request) -> Response:
        """Answer with curves and what came of it."""
        session_id, points = SESSION_ID.of(request), POINTS.of(request)
        reading = await self._questions.begin(request)
        place = await known_session(reading, session_id)
        bound = place.bound(session_id)
        seconds = max(15, round((place.end_ns - place.start_ns) / NS_PER_S / points))
        curves, came, files, revisions = await asyncio.gather(
            _ask(reading, "session_curves", bound | {"metrics": list(CURVES), "seconds": seconds}),
            *(_ask(reading, name, bound) for name in ("session_results", "session_files", "session_revisions")),
        )
        counted = {row["what"]: round(row["amount"]) for row in came}
        return answer(
            SessionMeasures(
                session_id,
                tuple(_curves(curves)),
                tuple(ChangedFiles(row["file_extension"], row["tool_calls"]) for row in files),
                tuple(row["revision"] for row in revisions),
                counted.get("lines_added"),
                counted.get("lines_removed"),
                counted.get("commits"),
                reading.is_fresh,
            )
        )


async def _ask(reading: Reading, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    return (await reading.ask(load_query(__package__, name), parameters)).as_dicts()


def _curves(rows: Iterable[Row]) -> Iterable[SessionCurve]:
    found: dict[str, tuple[str, list[tuple[int, float]]]] = {}
    for row in rows:
        found.setdefault(row["metric"], (row["unit"], []))[1].append((row["at_ns"], row["amount"]))
    return (SessionCurve(metric, unit, tuple(points)) for metric, (unit, points) in found.items())
