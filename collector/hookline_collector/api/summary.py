"""`/api/v1/summary`: today's figures, what runs now, and whether all is well: what the first page shows.

Everybody who looks shares one answer that is at most `FRESH_S` old, so any number of open pages costs the store one look.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from hookline.timezone import zone_of
from hookline.version import VERSION
from hookline_collector.api.answer import answer
from hookline_collector.api.context import Context
from hookline_collector.api.endpoint import Endpoint
from hookline_collector.sessions import SessionView, State
from hookline_collector.work import Figures, TodaySummary, today_summary

FRESH_S = 1.0
NS = 1_000_000_000
MAX_RUNNING = 20
INSTALL_COMMAND = "hookline install claude-code"
ANY_DATA = """SELECT 1 FROM otel_traces
WHERE ScopeName IN ('hookline.agent', 'hookline.history') AND NOT startsWith(SpanAttributes['session.id'], 'hookline-doctor-') LIMIT 1"""
T = TypeVar("T")


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
    """One session that works or waits now. `since` is the moment of its last change of state, Unix seconds."""

    session: str
    project: str
    branch: str
    state: str
    activity: str
    since: float


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


class Shared(Generic[T]):
    """One computation for all who ask within `fresh_s` of it."""

    def __init__(self, compute: Callable[[], Awaitable[T]], fresh_s: float, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._compute = compute
        self._fresh_s = fresh_s
        self._clock_s = clock_s
        self._lock = asyncio.Lock()
        self._found: tuple[float, T] | None = None

    async def get(self) -> T:
        """Return a fresh answer. An error is shared with nobody: the next who asks tries again."""
        async with self._lock:
            if self._found is None or self._clock_s() - self._found[0] > self._fresh_s:
                found = await self._compute()
                self._found = (self._clock_s(), found)
            return self._found[1]


def endpoints(context: Context) -> tuple[Endpoint, ...]:
    """Return the routes of this module."""
    shared = Shared(lambda: _compute(context), FRESH_S)

    async def summary(_: Request) -> Response:
        return answer(await shared.get())

    return (Endpoint("GET", "/api/v1/summary", summary, "Today's figures, what runs now, and whether all is well.", Summary),)


async def _compute(context: Context) -> Summary:
    now_ns = time.time_ns()
    zone = zone_of(context.settings)
    found = await context.work_out(today_summary, now_ns, zone)
    sessions = context.live.snapshot()
    any_data = bool(found.total.prompts or sessions) or len(await context.ask(ANY_DATA)) > 0
    return put_together(found, sessions, now_ns, zone, any_data=any_data, trouble=context.status().reason)


def put_together(found: TodaySummary, sessions: list[SessionView], now_ns: int, zone: str, *, any_data: bool, trouble: str) -> Summary:
    """Return the summary of what was found."""
    return Summary(
        now=now_ns / NS,
        day=found.period.days[0].name,
        timezone=zone,
        version=VERSION,
        any_data=any_data,
        install_command=INSTALL_COMMAND,
        problems=(trouble,) if trouble else (),
        today=_totals(found.total),
        tools=tuple(ToolRow(t.name, t.calls, t.failures, t.denials, t.p50_s, t.p95_s, t.p99_s) for t in found.tools),
        projects=tuple(ProjectRow(p.key, p.prompts, p.calls, p.agent_s, p.waiting_permission_s) for p in found.projects),
        running=tuple(_running(s) for s in sessions if s.state in (State.WORKING, State.WAITING))[:MAX_RUNNING],
    )


def _totals(total: Figures) -> Totals:
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


def _running(session: SessionView) -> RunningRow:
    return RunningRow(session.session_id, session.project, session.branch, session.state.value, activity_of(session), session.since_ns / NS)


def activity_of(session: SessionView) -> str:
    """Return what a session does, in words."""
    if session.state is State.WAITING:
        return f"waits for {session.waiting_for or 'you'}"
    if session.running:
        others = len(session.running) - 1
        return f"runs {session.current_tool}" + (f" and {others} more" if others else "")
    return "thinks"
