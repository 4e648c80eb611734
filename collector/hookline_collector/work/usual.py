"""What is usual on a day of the week: the median of earlier days of the same weekday on which there was work, up to a time of the day and whole.

Of the figures of reports by hour; the hour under way counts with the share of it that has gone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from hookline_collector.work.report import WorkTotals, totals_of
from hookline_collector.work.request import ReportRequest
from hookline_collector.work.statements import Query

WEEKS = 8
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FIGURES = ("human_s", "agent_s", "wall_s", "permission_wait_s", "answer_wait_s", "prompts", "tool_calls", "total_tokens", "cost_usd")


@dataclass(frozen=True, slots=True)
class UsualFigures:
    """Medians of some days; None where no day knows the figure."""

    human_s: float | None = None
    agent_s: float | None = None
    wall_s: float | None = None
    permission_wait_s: float | None = None
    answer_wait_s: float | None = None
    prompts: int | None = None
    tool_calls: int | None = None
    total_tokens: int | None = None
    cost_usd: float | None = None


@dataclass(frozen=True, slots=True)
class UsualDay:
    """What is usual on a weekday: of which days, up to this time of the day, and whole."""

    weekday: str
    compared_days: tuple[str, ...]
    so_far: UsualFigures
    whole_day: UsualFigures


def usual_day(query: Query, request: ReportRequest, now_ns: int) -> UsualDay:
    """Answer for the weekday of now, in the zone, for the person and the project of the request."""
    now = request.resolve(now_ns).local(now_ns)
    first, last = now.date() - timedelta(weeks=WEEKS), now.date() - timedelta(days=1)
    asked = replace(request, period=f"{first}..{last}", by="hour")
    parameters = asked.parameters(asked.resolve(now_ns), now_ns)
    found = totals_of(query, {**parameters, **hours_of_weekday(parameters["days"], parameters["edges"], now.weekday())})
    return usual_of(found.rows, now)


def hours_of_weekday(names: Sequence[str], edges: Sequence[int], weekday: int) -> Mapping[str, Sequence[Any]]:
    """Return the hours of one day of the week among hours of many days, and what lies between two such days as one without a name.

    A statement is planned sooner with 200 edges than with 1,300.
    """
    days, cuts = list[str](), list[int]()
    for name, start_ns in zip(names, edges, strict=False):
        known = name if date.fromisoformat(name[:10]).weekday() == weekday else ""
        if known or not days or days[-1]:
            days.append(known)
            cuts.append(start_ns)
    return {"days": days, "edges": [*cuts, edges[-1]], "cuts": [*cuts, edges[-1]]}


def usual_of(hours: Iterable[WorkTotals], now: datetime) -> UsualDay:
    """Return what hours of days before make usual at a moment."""
    by_day: defaultdict[str, list[WorkTotals]] = defaultdict(list)
    for row in hours:
        if row.key and date.fromisoformat(row.key[:10]).weekday() == now.weekday() and (row.wall_s > 0 or row.prompts > 0):
            by_day[row.key[:10]].append(row)
    days = sorted(by_day)
    return UsualDay(
        weekday=WEEKDAYS[now.weekday()],
        compared_days=tuple(days),
        so_far=_medians([_sums(by_day[day], now) for day in days]),
        whole_day=_medians([_sums(by_day[day], None) for day in days]),
    )


def _sums(rows: Sequence[WorkTotals], now: datetime | None) -> Mapping[str, float | None]:
    shares = [(row, _share(int(row.key[11:13]), now)) for row in rows]
    return {name: _sum([(getattr(row, name), share) for row, share in shares if share > 0]) for name in _FIGURES}


def _share(hour: int, now: datetime | None) -> float:
    """How much of an hour of the day has gone by."""
    return 1.0 if now is None or hour < now.hour else (now.minute * 60 + now.second) / 3600 if hour == now.hour else 0.0


def _sum(values: Sequence[tuple[float | None, float]]) -> float | None:
    known = [value * share for value, share in values if value is not None]
    return sum(known) if known or not values else None


def _medians(days: Sequence[Mapping[str, float | None]]) -> UsualFigures:
    found: dict[str, float | None] = {}
    for name in _FIGURES:
        known = [value for day in days if (value := day[name]) is not None]
        found[name] = median(known) if known else None
    counts = {name: None if (value := found.pop(name)) is None else round(value) for name in ("prompts", "tool_calls", "total_tokens")}
    return UsualFigures(**found, prompts=counts["prompts"], tool_calls=counts["tool_calls"], total_tokens=counts["total_tokens"])
