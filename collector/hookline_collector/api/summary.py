"""`/api/v1/summary`: today's figures, what runs now, and whether all is well: what the first page shows.

The day's figures are worked out anew only when the store got agents' telemetry since, at most once in `BETWEEN_S`, and everybody who looks
shares them: so open pages cost nothing while nobody works, and little while somebody does. What runs now comes from memory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline.system.invocation import own_command
from hookline.system.timezone import zone_of
from hookline.version import VERSION
from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import ApiEndpoint
from hookline_collector.api.http.json_answers import answer
from hookline_collector.observe.catalogue import STORED
from hookline_collector.sessions import SessionState, SessionView
from hookline_collector.signal import Signal
from hookline_collector.signals.requests import DEFAULT_AGENT
from hookline_collector.work import TodaySummary, WorkTotals, today_summary

BETWEEN_S = 2.0
LONGEST_S = 60.0
NS = 1_000_000_000
MAX_RUNNING = 20
INSTALL_COMMAND = f"{own_command(from_anywhere=True)} install {DEFAULT_AGENT}"
ANY_DATA = """SELECT 1 FROM otel_traces
WHERE ScopeName IN ('hookline.agent', 'hookline.history') AND NOT startsWith(SpanAttributes['session.id'], 'hookline-doctor-') LIMIT 1"""


@dataclass(frozen=True, slots=True)
class Totals:
    """Today's figures; times in seconds."""

    prompts: int
    sessions: int
    tool_calls: int
    failures: int
    denials: int
    permission_wait_s: float
    answer_wait_s: float
    agent_s: float
    human_s: float
    wall_s: float


@dataclass(frozen=True, slots=True)
class ToolRow:
    """One tool today; the quantiles are of run times, None when no call of it ran."""

    tool: str
    calls: int
    failures: int
    denials: int
    p50_s: float | None
    p95_s: float | None
    p99_s: float | None


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project today."""

    project: str
    prompts: int
    tool_calls: int
    agent_s: float
    permission_wait_s: float


@dataclass(frozen=True, slots=True)
class RunningRow:
    """One session that works or waits now. `since` is the moment of its last change of state, Unix seconds; `lasted_s` leaves out what the machine
    slept since. `error` is why its last turn failed.
    """

    session: str
    project: str
    branch: str
    state: str
    activity: str
    since: float
    lasted_s: float
    error: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What `/api/v1/summary` answers. `problems` is empty when all parts work."""

    now: float
    day: str
    timezone: str
    version: str
    any_data: bool
    install_command: str
    problems: tuple[str, ...]
    today: Totals
    tools: tuple[ToolRow, ...]
    projects: tuple[ProjectRow, ...]
    running: tuple[RunningRow, ...]


@dataclass(frozen=True, slots=True)
class CachedSummary:
    """The day's figures as worked out at a moment, from a store that had taken in so much."""

    found: TodaySummary
    any_data: bool
    stored: int
    at_ns: int

    def is_current(self, stored: int, now_ns: int) -> bool:
        """Whether the figures can be shown again: nothing new was stored, or they are very fresh; and it is still the same day."""
        age_ns = now_ns - self.at_ns
        fresh = age_ns < BETWEEN_S * NS or (stored == self.stored and age_ns < LONGEST_S * NS)
        return fresh and now_ns < self.found.period.end_ns


class CachedDay:
    """Today's figures, shared by all who ask."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = asyncio.Lock()
        self._last: CachedSummary | None = None

    async def figures(self, now_ns: int) -> CachedSummary:
        """Return figures that are current. An error is shared with nobody: the next who asks tries again."""
        async with self._lock:
            stored = self._context.reading().total(STORED, Signal.TRACES, Signal.LOGS)
            if self._last is None or not self._last.is_current(stored, now_ns):
                self._last = await self._work_out(stored, now_ns)
            return self._last

    async def _work_out(self, stored: int, now_ns: int) -> CachedSummary:
        found = await self._context.work_out(today_summary, now_ns, zone_of(self._context.settings.work.timezone))
        seen = bool(found.total.prompts) or (self._last is not None and self._last.any_data)
        return CachedSummary(found, seen or len(await self._context.ask(ANY_DATA)) > 0, stored, now_ns)


def endpoints(context: Context) -> tuple[ApiEndpoint, ...]:
    """Return the routes of this module."""
    day = CachedDay(context)

    async def summary(_: Request) -> Response:
        now_ns = time.time_ns()
        figured = await day.figures(now_ns)
        return answer(put_together(figured, context.live.snapshot(), now_ns, context.status().reason))

    return (ApiEndpoint("GET", "/api/v1/summary", summary, "Today's figures, what runs now, and whether all is well.", Summary),)


def put_together(figured: CachedSummary, sessions: list[SessionView], now_ns: int, trouble: str) -> Summary:
    """Return the summary of what was found."""
    found = figured.found
    return Summary(
        now=now_ns / NS,
        day=found.period.days[0].name,
        timezone=found.period.zone.key or "UTC",
        version=VERSION,
        any_data=figured.any_data or bool(sessions),
        install_command=INSTALL_COMMAND,
        problems=(trouble,) if trouble else (),
        today=_totals(found.total),
        tools=tuple(ToolRow(t.name, t.calls, t.failures, t.denials, t.p50_s, t.p95_s, t.p99_s) for t in found.tools),
        projects=tuple(ProjectRow(p.key, p.prompts, p.calls, p.agent_s, p.waiting_permission_s) for p in found.projects),
        running=tuple(_running(s, now_ns) for s in most_urgent(sessions))[:MAX_RUNNING],
    )


def _totals(total: WorkTotals) -> Totals:
    return Totals(
        prompts=total.prompts,
        sessions=total.sessions,
        tool_calls=total.calls,
        failures=total.failures,
        denials=total.denials,
        permission_wait_s=total.waiting_permission_s,
        answer_wait_s=total.waiting_answer_s,
        agent_s=total.agent_s,
        human_s=total.human_s,
        wall_s=total.wall_s,
    )


def most_urgent(sessions: Iterable[SessionView]) -> list[SessionView]:
    """Return the sessions that wait or work: who waits for an answer first, then for a prompt, then who works; the longest first."""
    found = [s for s in sessions if s.state in (SessionState.WORKING, SessionState.WAITING)]
    return sorted(found, key=lambda s: (s.state is SessionState.WORKING, s.waiting_for == "prompt", s.since_ns))


def _running(session: SessionView, now_ns: int) -> RunningRow:
    lasted_s = max(0, now_ns - session.since_ns - session.asleep_ns) / NS
    return RunningRow(
        session=session.session_id,
        project=session.project,
        branch=session.branch,
        state=session.state.value,
        activity=activity_of(session),
        since=session.since_ns / NS,
        lasted_s=lasted_s,
        error=session.turn_error,
    )


def activity_of(session: SessionView) -> str:
    """Return what a session does, in words."""
    if session.state is SessionState.WAITING:
        return _waits(session)
    if session.running:
        others = len(session.running) - 1
        return f"runs {session.current_tool}" + (f" and {others} more" if others else "")
    if session.is_in_background:
        first = session.background[0]
        others = len(session.background) - 1
        return f"works in the background: {' '.join(filter(None, (first.kind, first.label)))}" + (f" and {others} more" if others else "")
    return "thinks"


def _waits(session: SessionView) -> str:
    asked = session.waiting_on
    whose = f"subagent {asked.agent_name} ".replace("  ", " ") if asked and asked.agent_id else ""
    what = f" ({asked.tool})" if asked and asked.tool else ""
    return f"{whose}waits for {session.waiting_for or 'you'}{what}"
