"""`/api/v1/summary`: today's figures, what runs now, and whether all is well: what the first page shows.

The day's figures are worked out anew only when telemetry was acknowledged since, and not while they are as young as who asks wants them
(`max_age_s`); everybody who looks shares them. So open pages cost nothing while nobody works, not even an insert, and little while somebody does.
What runs now comes from memory.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline.system.clock import NS_PER_S
from hookline.system.invocation import own_command
from hookline.version import VERSION
from hookline_collector.api.http.endpoint import ApiEndpoint, Text, Whole
from hookline_collector.api.http.fresh_header import tell_freshness
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.questions import Questions
from hookline_collector.delivery.freshness import FreshnessNote
from hookline_collector.observe.disk_room import Free
from hookline_collector.sessions import LiveSessions, SessionState, SessionView
from hookline_collector.signals.requests import DEFAULT_AGENT
from hookline_collector.store.queries import load_query
from hookline_collector.work import TodaySummary, Tool, WorkTotals, today_summary

MAX_AGE = Whole("max_age_s", "Figures of the day may be so old; a page that asks all the time says some seconds.", 0, least=0, most=3600)
AGENT = Text("agent", "One agent only.")
LONGEST_S = 60.0
MOST_AGENTS = 16
MAX_RUNNING = 20
INSTALL_COMMAND = f"{own_command(from_anywhere=True)} install {DEFAULT_AGENT}"


@dataclass(frozen=True, slots=True)
class RunningSession:
    """One session that works or waits now."""

    session_id: str
    project: str
    branch: str
    state: SessionState
    activity: str
    since_ns: int
    in_state_s: float
    turn_error_type: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What `/api/v1/summary` answers: the day so far, what runs now, and whether all is well."""

    now_ns: int
    day: str
    timezone: str
    version: str
    has_data: bool
    install_command: str
    problems: tuple[str, ...]
    disk_free_bytes: int
    disk_total_bytes: int
    totals: WorkTotals
    tools: tuple[Tool, ...]
    by_project: tuple[WorkTotals, ...]
    running_sessions: tuple[RunningSession, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class CachedSummary:
    """The day's figures as worked out at a moment, when so much (`mark`) had been acknowledged; `note` says whether all of that is in them."""

    found: TodaySummary
    has_data: bool
    note: FreshnessNote
    mark: int
    at_ns: int

    def is_current(self, mark: int, now_ns: int, max_age_s: float) -> bool:
        """Whether the figures can be shown again: nothing new was acknowledged, or they are young enough; and it is still the same day."""
        age_ns = now_ns - self.at_ns
        is_same = self.note.is_fresh and mark == self.mark and age_ns < LONGEST_S * NS_PER_S
        return (is_same or age_ns < max_age_s * NS_PER_S) and now_ns < self.found.period.end_ns


class CachedDay:
    """Today's figures, shared by all who ask."""

    def __init__(self, questions: Questions, timezone: str) -> None:
        self._questions = questions
        self._timezone = timezone
        self._lock = asyncio.Lock()
        self._last: dict[str, CachedSummary] = {}

    async def figures(self, now_ns: int, max_age_s: float = 0.0, agent: str = "") -> CachedSummary:
        """Return figures that are current, of one agent or of all. An error is shared with nobody: the next who asks tries again."""
        async with self._lock:
            mark = self._questions.mark()
            last = self._last.get(agent)
            if last is None or not last.is_current(mark, now_ns, max_age_s):
                last = await self._work_out(mark, now_ns, agent)
                self._last.pop(agent, None)
                self._last[agent] = last
                for oldest in list(self._last)[: max(0, len(self._last) - MOST_AGENTS)]:
                    del self._last[oldest]
            return last

    def forget(self) -> None:
        """Work the figures out anew the next time: something changed them that was not acknowledged telemetry."""
        self._last.clear()

    async def _work_out(self, mark: int, now_ns: int, agent: str) -> CachedSummary:
        reading = await self._questions.begin()
        found = await reading.work_out(today_summary, now_ns, self._timezone, agent)
        seen = bool(found.totals.prompts) or any(each.has_data for each in self._last.values())
        has_data = seen or len(await reading.ask(load_query(__package__, "any_data"))) > 0
        return CachedSummary(found, has_data, reading.note, mark, now_ns)


class SummaryApi:
    """What the first page shows. `trouble` says what does not work, empty when all does."""

    def __init__(self, day: CachedDay, live: LiveSessions, trouble: Callable[[], str], disk: Callable[[], Free]) -> None:
        self._day = day
        self._live = live
        self._trouble = trouble
        self._disk = disk
        meaning = "Today's figures, what runs now, and whether all is well."
        self.routes = (ApiEndpoint("GET", "/api/v1/summary", self.summary, meaning, Summary, parameters=(MAX_AGE, AGENT)),)

    async def summary(self, request: Request) -> Response:
        """Answer with the day so far."""
        now_ns = time.time_ns()
        agent = AGENT.of(request)
        figured = await self._day.figures(now_ns, MAX_AGE.of(request), agent)
        tell_freshness(request.scope, figured.note.reason)
        running = [view for view in self._live.snapshot() if agent in ("", view.agent)]
        return answer(put_together(figured, running, now_ns, self._trouble(), self._disk()))


def put_together(figured: CachedSummary, sessions: list[SessionView], now_ns: int, trouble: str, disk: Free) -> Summary:
    """Return the summary of what was found."""
    found = figured.found
    return Summary(
        now_ns=now_ns,
        day=found.period.days[0].name,
        timezone=found.period.zone.key or "UTC",
        version=VERSION,
        has_data=figured.has_data or bool(sessions),
        install_command=INSTALL_COMMAND,
        problems=(trouble,) if trouble else (),
        disk_free_bytes=disk.bytes,
        disk_total_bytes=disk.of_bytes,
        totals=found.totals,
        tools=found.tools,
        by_project=found.projects,
        running_sessions=tuple(_running(s, now_ns) for s in most_urgent(sessions))[:MAX_RUNNING],
        is_fresh=figured.note.is_fresh,
    )


def most_urgent(sessions: Iterable[SessionView]) -> list[SessionView]:
    """Return the sessions that wait or work: who waits for an answer first, then for a prompt, then who works; the longest first."""
    found = [s for s in sessions if s.state in (SessionState.WORKING, SessionState.WAITING)]
    return sorted(found, key=lambda s: (s.state is SessionState.WORKING, s.waiting_for == "prompt", s.since_ns))


def _running(session: SessionView, now_ns: int) -> RunningSession:
    return RunningSession(
        session_id=session.session_id,
        project=session.project,
        branch=session.branch,
        state=session.state,
        activity=activity_of(session),
        since_ns=session.since_ns,
        in_state_s=max(0, now_ns - session.since_ns - session.asleep_ns) / NS_PER_S,
        turn_error_type=session.turn_error_type,
    )


def activity_of(session: SessionView) -> str:
    """Return what a session does, in words."""
    if session.state is SessionState.WAITING:
        return _waits(session)
    if session.running_calls:
        others = len(session.running_calls) - 1
        return f"runs {session.current_tool}" + (f" and {others} more" if others else "")
    if session.in_background:
        first = session.background_tasks[0]
        others = len(session.background_tasks) - 1
        return f"works in the background: {' '.join(filter(None, (first.task_type, first.task_name)))}" + (f" and {others} more" if others else "")
    return "thinks"


def _waits(session: SessionView) -> str:
    asked = session.waiting_on
    whose = f"subagent {asked.agent_name} ".replace("  ", " ") if asked and asked.agent_id else ""
    what = f" ({asked.tool})" if asked and asked.tool else ""
    return f"{whose}waits for {session.waiting_for or 'you'}{what}"
