"""`/api/v1/sessions/{session_id}/spans` and `.../measures`: a session as a waterfall, what its processes took, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline.system.clock import NS_PER_S, parse_iso
from hookline_collector.api.http.endpoint import ApiEndpoint, InPath, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.questions import Questions, Reading
from hookline_collector.api.sessions import ANY_SESSION
from hookline_collector.api.span_tree import SessionRows, SpanRow, spans_of, unique
from hookline_collector.store.queries import load_query
from hookline_collector.work.period import moment

MAX_SPANS = 10_000
MAX_OFFSET = 90_000
MAX_POINTS = 2_000
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
        session = await _session(reading, session_id)
        most = offset + limit + 1
        bound = {"session_id": session_id, "limit": most, **_around(session)}
        names = await _ask(reading, "session_subagents", bound | {"agent": session["agent"]})
        found = SessionRows(
            turns=await _ask(reading, "turns", {"session_id": session_id}),
            calls=await _ask(reading, "calls", {"session_id": session_id, "limit": most}),
            requests=await _ask(reading, "session_requests", {"session_id": session_id, "limit": most}),
            others=await _ask(reading, "session_spans", bound),
            hooks=await _ask(reading, "session_hooks", bound),
            agent_names={row["agent_id"]: row["agent_name"] for row in names},
        )
        spans = unique(spans_of(found))
        page = tuple(spans[offset : offset + limit])
        return answer(SessionSpans(session_id, page, offset, len(spans) > offset + limit, reading.is_fresh))

    async def measures(self, request: Request) -> Response:
        """Answer with curves and what came of it."""
        session_id, points = SESSION_ID.of(request), POINTS.of(request)
        reading = await self._questions.begin(request)
        session = await _session(reading, session_id)
        bound = {"session_id": session_id, **_around(session)}
        seconds = max(15, round((bound["end"] - bound["start"]) / NS_PER_S / points))
        curves = await _ask(reading, "session_curves", bound | {"metrics": list(CURVES), "seconds": seconds})
        came = await _ask(reading, "session_results", bound)
        files = await _ask(reading, "session_files", {"session_id": session_id})
        turns = await _ask(reading, "turns", {"session_id": session_id})
        counted = {row["what"]: round(row["amount"]) for row in came}
        return answer(
            SessionMeasures(
                session_id,
                tuple(_curves(curves)),
                tuple(ChangedFiles(row["file_extension"], row["tool_calls"]) for row in files),
                tuple(dict.fromkeys(row["revision"] for row in turns if row["revision"])),
                counted.get("lines_added"),
                counted.get("lines_removed"),
                counted.get("commits"),
                reading.is_fresh,
            )
        )


async def _session(reading: Reading, session_id: str) -> Row:
    found = await _ask(reading, "sessions", ANY_SESSION | {"session_id": session_id})
    if not found:
        raise HTTPException(404, f"the store knows no session {session_id}; `hookline sessions` lists them")
    return found[0]


def _around(session: Row) -> dict[str, Any]:
    """Return the time of a session, and its UTC days, as its statements bind them."""
    start_ns = parse_iso(session["started"]) or parse_iso(session["last"]) or 0
    end_ns = max(start_ns, parse_iso(session["last"]) or 0, parse_iso(session["ended"] or "") or 0) + 60 * NS_PER_S
    return {
        "start": start_ns - 60 * NS_PER_S,
        "end": end_ns,
        "since": moment(start_ns - 60 * NS_PER_S).date().isoformat(),
        "until": moment(end_ns).date().isoformat(),
    }


async def _ask(reading: Reading, name: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    return (await reading.ask(load_query(__package__, name), parameters)).as_dicts()


def _curves(rows: Iterable[Row]) -> Iterable[SessionCurve]:
    found: dict[str, tuple[str, list[tuple[int, float]]]] = {}
    for row in rows:
        found.setdefault(row["metric"], (row["unit"], []))[1].append((row["at_ns"], row["amount"]))
    return (SessionCurve(metric, unit, tuple(points)) for metric, (unit, points) in found.items())
