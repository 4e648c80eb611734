"""`/api/v1/reports/windows`: the five-hour usage windows of each account, observed or estimated, and the weekly ones as the client told of them."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.http.endpoint import ApiEndpoint, Switch, Text, Whole
from hookline_collector.api.kept_answers import KeptAnswers, MadeAnswer, made
from hookline_collector.api.questions import Questions
from hookline_collector.work import AccountWindow, Week, usage_windows, weekly_windows
from hookline_collector.work.windows import WINDOW_NS

DAYS = Whole("days", "How far back, in days.", 3, most=366)
HOLDS_S = 30.0
"""A window's pace and share of time change by themselves, slowly."""
ACCOUNT = Text("account", "One account only.")
RUNNING = Switch("running", "true: only windows that run now.")


@dataclass(frozen=True, slots=True)
class UsageWindow:
    """One five-hour window, or the gap between two (source `gap`); the interval around `limit_reached` is the likely one."""

    account: str
    kind: Literal["five_hour"]
    source: Literal["observed", "estimated", "gap"]
    start_ns: int
    end_ns: int
    is_active: bool
    requests: int
    total_tokens: int
    cost_usd: float | None
    models: tuple[str, ...]
    used_percent: float | None
    elapsed_percent: float | None
    pace: float | None
    tokens_per_min: float | None
    cost_usd_per_h: float | None
    projected_total_tokens: int | None
    projected_cost_usd: float | None
    limit_reached_ns: int
    limit_reached_earliest_ns: int
    limit_reached_latest_ns: int


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """One weekly window as the client's status line told of it."""

    account: str
    kind: Literal["seven_day"]
    source: Literal["observed"]
    start_ns: int
    end_ns: int
    is_active: bool
    used_percent: float
    elapsed_percent: float
    pace: float | None
    projected_percent: float | None
    limit_reached_ns: int


@dataclass(frozen=True, slots=True)
class UsageWindows:
    """Windows by account, in order of time: of five hours, and of a week."""

    windows: tuple[UsageWindow, ...]
    weeks: tuple[WeeklyWindow, ...]
    is_fresh: bool


class WindowsApi:
    """Usage windows."""

    def __init__(self, questions: Questions, kept: KeptAnswers) -> None:
        self._questions = questions
        self._kept = kept
        summary = "Five-hour usage windows of each account, observed or estimated, and weekly ones."
        self.routes = (ApiEndpoint("GET", "/api/v1/reports/windows", self.windows, summary, UsageWindows, parameters=(DAYS, ACCOUNT, RUNNING)),)

    async def windows(self, request: Request) -> Response:
        """Answer with both kinds of windows."""
        days, account, running = DAYS.of(request), ACCOUNT.of(request), RUNNING.of(request)
        question = ("windows", days, account, running)
        return await self._kept.answer(request, question, lambda: self._work_out(request, days, account, running=running))

    async def _work_out(self, request: Request, days: int, account: str, *, running: bool) -> MadeAnswer:
        now_ns = time.time_ns()
        reading = await self._questions.begin(request)
        found, weeks = await asyncio.gather(
            reading.work_out(usage_windows, now_ns, days, account, running=running), reading.work_out(weekly_windows, now_ns, days, account)
        )
        whole = UsageWindows(
            tuple(shown(window, now_ns) for window in found),
            tuple(week_shown(week) for week in weeks if week.is_active or not running),
            reading.is_fresh,
        )
        return made(whole, HOLDS_S, is_fresh=reading.is_fresh)


def week_shown(week: Week) -> WeeklyWindow:
    """Return a weekly window as the API tells it."""
    return WeeklyWindow(
        account=week.account,
        kind="seven_day",
        source="observed",
        start_ns=week.start_ns,
        end_ns=week.end_ns,
        is_active=week.is_active,
        used_percent=week.used_percent,
        elapsed_percent=week.elapsed_percent,
        pace=week.pace,
        projected_percent=week.projected_percent,
        limit_reached_ns=week.wall_ns,
    )


def shown(found: AccountWindow, now_ns: int) -> UsageWindow:
    """Return a window as the API tells it."""
    used = found.window.observation.used_percent if found.window.observation else None
    elapsed = 100.0 * min(max(now_ns - found.window.start_ns, 0), WINDOW_NS) / WINDOW_NS
    window, burn, projection, wall = found.window, found.burn, found.projection, found.wall
    return UsageWindow(
        account=found.account,
        kind="five_hour",
        source=window.source,
        start_ns=window.start_ns,
        end_ns=window.end_ns,
        is_active=found.is_active,
        requests=sum(each.requests for each in window.requests),
        total_tokens=window.tokens,
        cost_usd=window.cost_usd,
        models=window.models,
        used_percent=used,
        elapsed_percent=None if window.source == "gap" else elapsed,
        pace=used / elapsed if used is not None and elapsed > 0 else None,
        tokens_per_min=burn.tokens_per_min if burn else None,
        cost_usd_per_h=burn.cost_per_h if burn else None,
        projected_total_tokens=projection.tokens if projection else None,
        projected_cost_usd=projection.cost_usd if projection else None,
        limit_reached_ns=(wall.expected_ns or 0) if wall else 0,
        limit_reached_earliest_ns=(wall.earliest_ns or 0) if wall else 0,
        limit_reached_latest_ns=(wall.latest_ns or 0) if wall else 0,
    )
