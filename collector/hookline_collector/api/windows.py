"""`/api/v1/reports/windows`: the five-hour usage windows of each account, observed or estimated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.answer import answer
from hookline_collector.api.context import Context
from hookline_collector.api.endpoint import Endpoint, Parameter, number
from hookline_collector.api.times import to_iso
from hookline_collector.work import AccountWindow, usage_windows

MAX_DAYS = 366
WHOLE: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_DAYS}


@dataclass(frozen=True, slots=True)
class UsageWindow:
    """One window, or the gap between two (source `gap`). Times are ISO 8601 in UTC, empty where unknown; cost in USD, null when unknown.

    `wall` is when the limit is reached at the present rate, `wall_earliest` and `wall_latest` the interval around it.
    """

    account: str
    source: str
    start: str
    end: str
    is_active: bool
    requests: int
    tokens: int
    cost_usd: float | None
    models: tuple[str, ...]
    used_percent: float | None
    tokens_per_min: float | None
    cost_per_h: float | None
    projected_tokens: int | None
    projected_cost_usd: float | None
    wall: str
    wall_earliest: str
    wall_latest: str


@dataclass(frozen=True, slots=True)
class UsageWindows:
    """Windows by account, in order of time."""

    windows: tuple[UsageWindow, ...]


def endpoints(context: Context) -> tuple[Endpoint, ...]:
    """Return the routes of this module."""

    async def windows(request: Request) -> Response:
        days = number(request, "days", 3, MAX_DAYS)
        found = await context.work_out(usage_windows, time.time_ns(), days, request.query_params.get("account", ""))
        return answer(UsageWindows(tuple(map(shown, found))))

    parameters = (
        Parameter("days", "How far back, in days; 3 when not given.", schema=WHOLE),
        Parameter("account", "One account only."),
    )
    summary = "Five-hour usage windows of each account, observed or estimated."
    return (Endpoint("GET", "/api/v1/reports/windows", windows, summary, UsageWindows, parameters=parameters),)


def shown(found: AccountWindow) -> UsageWindow:
    """Return a window as the API tells it."""
    window, burn, projection, wall = found.window, found.burn, found.projection, found.wall
    return UsageWindow(
        account=found.account,
        source=window.source,
        start=to_iso(window.start_ns),
        end=to_iso(window.end_ns),
        is_active=found.is_active,
        requests=len(window.requests),
        tokens=window.tokens,
        cost_usd=window.cost_usd,
        models=window.models,
        used_percent=window.observation.used_percent if window.observation else None,
        tokens_per_min=burn.tokens_per_min if burn else None,
        cost_per_h=burn.cost_per_h if burn else None,
        projected_tokens=projection.tokens if projection else None,
        projected_cost_usd=projection.cost_usd if projection else None,
        wall=to_iso(wall.expected_ns or 0) if wall else "",
        wall_earliest=to_iso(wall.earliest_ns or 0) if wall else "",
        wall_latest=to_iso(wall.latest_ns or 0) if wall else "",
    )
