"""`/api/v1/reports/windows`: the five-hour usage windows of each account, observed or estimated, and the weekly ones as the client told of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import ApiEndpoint, Parameter, number
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.http.times import to_iso
from hookline_collector.work import AccountWindow, Week, usage_windows, weekly_windows
from hookline_collector.work.windows import WINDOW_NS

MAX_DAYS = 366
WHOLE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_DAYS}


@dataclass(frozen=True, slots=True)
class UsageWindow:
    """One window, or the gap between two (source `gap`). Times are ISO 8601 in UTC, empty where unknown; cost in USD, null when unknown.

    `pace` is the share used over the share of time gone, null where the client told no percentage. `wall` is when the limit is reached at
    the present rate, `wall_earliest` and `wall_latest` the interval around it.
    """

    account: str
    kind: str
    source: str
    start: str
    end: str
    is_active: bool
    requests: int
    tokens: int
    cost_usd: float | None
    models: tuple[str, ...]
    used_percent: float | None
    elapsed_percent: float | None
    pace: float | None
    tokens_per_min: float | None
    cost_per_h: float | None
    projected_tokens: int | None
    projected_cost_usd: float | None
    wall: str
    wall_earliest: str
    wall_latest: str


@dataclass(frozen=True, slots=True)
class WeeklyWindow:
    """One weekly window as the client's status line told of it. At the pace so far it is `projected_percent` full at its reset; `wall` is when
    it is used up, empty when not before that.
    """

    account: str
    kind: str
    source: str
    start: str
    end: str
    is_active: bool
    used_percent: float
    elapsed_percent: float
    pace: float | None
    projected_percent: float | None
    wall: str


@dataclass(frozen=True, slots=True)
class UsageWindows:
    """Windows by account, in order of time: of five hours, and of a week."""

    windows: tuple[UsageWindow, ...]
    weeks: tuple[WeeklyWindow, ...]


def endpoints(context: Context) -> tuple[ApiEndpoint, ...]:
    """Return the routes of this module."""

    async def windows(request: Request) -> Response:
        days = number(request, "days", 3, MAX_DAYS)
        now_ns, account = time.time_ns(), request.query_params.get("account", "")
        found = await context.work_out(usage_windows, now_ns, days, account)
        weeks = await context.work_out(weekly_windows, now_ns, days, account)
        return answer(UsageWindows(tuple(shown(window, now_ns) for window in found), tuple(map(week_shown, weeks))))

    parameters = (
        Parameter("days", "How far back, in days; 3 when not given.", schema=WHOLE),
        Parameter("account", "One account only."),
    )
    summary = "Five-hour usage windows of each account, observed or estimated, and weekly ones."
    return (ApiEndpoint("GET", "/api/v1/reports/windows", windows, summary, UsageWindows, parameters=parameters),)


def week_shown(week: Week) -> WeeklyWindow:
    """Return a weekly window as the API tells it."""
    return WeeklyWindow(
        account=week.account,
        kind="seven_day",
        source="observed",
        start=to_iso(week.start_ns),
        end=to_iso(week.end_ns),
        is_active=week.is_active,
        used_percent=week.used_percent,
        elapsed_percent=week.elapsed_percent,
        pace=week.pace,
        projected_percent=week.projected_percent,
        wall=to_iso(week.wall_ns),
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
        start=to_iso(window.start_ns),
        end=to_iso(window.end_ns),
        is_active=found.is_active,
        requests=len(window.requests),
        tokens=window.tokens,
        cost_usd=window.cost_usd,
        models=window.models,
        used_percent=used,
        elapsed_percent=None if window.source == "gap" else elapsed,
        pace=used / elapsed if used is not None and elapsed > 0 else None,
        tokens_per_min=burn.tokens_per_min if burn else None,
        cost_per_h=burn.cost_per_h if burn else None,
        projected_tokens=projection.tokens if projection else None,
        projected_cost_usd=projection.cost_usd if projection else None,
        wall=to_iso(wall.expected_ns or 0) if wall else "",
        wall_earliest=to_iso(wall.earliest_ns or 0) if wall else "",
        wall_latest=to_iso(wall.latest_ns or 0) if wall else "",
    )
