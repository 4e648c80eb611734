"""When something of a database will be used up, by the forecast that rules use: earliest, expected, latest, or nothing where none is honest.

Series are by the hour. Nothing is said of one that has not been told lately or has a gap (only what came after the gap counts), nor of one with under
twenty hours; it is looked ahead by half of what is known, at most WITHIN_S.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.forecast import LEAST_POINTS, forecast
from hookline_collector.store.queries import load_query

HISTORY_S = 7 * 86_400
STEP_S = 3_600
WITHIN_S = 36 * 3_600
"""What repeats itself by day is known by then from several days."""
MOST_GAP_S = 3 * STEP_S
LEVEL = 0.8
"""The share of cases in which a limit is reached between the earliest and the latest moment."""
DISK_FREE, SLOT_RETAINED = "hookline.db.disk.free", "hookline.db.slot.retained"
_NS = NS_PER_S


@dataclass(frozen=True, slots=True)
class UsedUp:
    """What may be used up: its metric, and where that is; None is what is known when it is looked at."""

    metric: str
    says: str
    unit: str
    limit: float | None


WATCHED = (
    UsedUp(DISK_FREE, "room on the disk", "By", 0),
    UsedUp("hookline.db.connections.used_percent", "connections", "%", 100),
    UsedUp("hookline.db.memory.used_percent", "memory", "%", 100),
    UsedUp("hookline.db.parts.used_percent", "parts before inserts are slowed", "%", 100),
    UsedUp("hookline.db.xid.age", "transaction ids", "1", 2_000_000_000),
    UsedUp("hookline.db.mxid.age", "multixact ids", "1", 2_000_000_000),
    UsedUp("hookline.db.vacuum.due_percent", "dead rows, at twice what should bring a vacuum", "%", 200),
    UsedUp("hookline.db.sequence.used_percent", "values of a sequence", "%", 100),
    UsedUp(SLOT_RETAINED, "room on the disk, by what a slot keeps", "By", None),
)


@dataclass(frozen=True, slots=True)
class DatabaseForecast:
    """When something will be used up, as far as that can be said; a moment is null when it lies behind the horizon."""

    forecast_of: str
    metric: str
    labels: Mapping[str, str]
    unit: str
    value: float
    limit_value: float
    slope_per_h: float
    forecast_method: str
    horizon_s: float
    earliest_ns: int
    expected_ns: int
    latest_ns: int


def series_asked(database: str, now_ns: int, worked_until_s: int) -> tuple[str, dict[str, Any]]:
    """Return the statement whose rows forecasts are made of, and what it binds; metrics are worked out by the hour until `worked_until_s`."""
    now_s = now_ns // _NS
    since_s = now_s - HISTORY_S
    metrics = [each.metric for each in WATCHED]
    bound = {"metrics": metrics, "since": since_s, "until": now_s, "database": database, "worked_until": max(since_s, worked_until_s)}
    return load_query(__package__, "database_series"), bound


def forecasts_of(rows: Iterable[Mapping[str, Any]], now_ns: int) -> list[DatabaseForecast]:
    """Return the forecasts of series, hour by hour and in order, the soonest first."""
    series: dict[tuple[str, Any], list[tuple[int, float]]] = {}
    labels: dict[tuple[str, Any], Mapping[str, str]] = {}
    for row in rows:
        key = (row["metric"], row["series"])
        series.setdefault(key, []).append((row["at_s"] * _NS, float(row["amount"])))
        labels[key] = row["labels"]
    watched = {each.metric: each for each in WATCHED}
    free = min((points[-1][1] for (metric, _), points in series.items() if metric == DISK_FREE), default=None)
    told = [
        _told(each, _limit(each, points, free), labels[key], points, now_ns)
        for key, points in series.items()
        if (each := watched.get(key[0])) is not None
    ]
    return sorted((each for each in told if each), key=lambda each: (each.expected_ns or each.earliest_ns or 2**62, each.forecast_of))


def _limit(watched: UsedUp, points: list[tuple[int, float]], free: float | None) -> float | None:
    """Return where it is used up: what a slot keeps may grow by what is free."""
    return watched.limit if watched.limit is not None or free is None else points[-1][1] + free


def _told(watched: UsedUp, limit: float | None, labels: Mapping[str, str], points: list[tuple[int, float]], now_ns: int) -> DatabaseForecast | None:
    lately = _since_gap(points)
    if limit is None or len(lately) < LEAST_POINTS or now_ns - lately[-1][0] > (MOST_GAP_S + STEP_S) * _NS:
        return None
    within_s = min(WITHIN_S, len(lately) // 2 * STEP_S)
    found = forecast(lately, within_s * _NS, limit)
    if found is None:
        return None

    def moment(seconds: float | None) -> int:
        return 0 if seconds is None else now_ns + int(seconds * _NS)

    return DatabaseForecast(
        watched.says,
        watched.metric,
        {name: text for name, text in labels.items() if text},
        watched.unit,
        found.now,
        limit,
        found.slope_per_s * 3_600,
        found.method,
        within_s,
        moment(found.earliest_s),
        moment(found.in_s),
        moment(found.latest_s),
    )


def _since_gap(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return what came after the last gap: points are taken to lie evenly."""
    gaps = (at for at in range(len(points) - 1, 0, -1) if points[at][0] - points[at - 1][0] > MOST_GAP_S * _NS)
    return points[next(gaps, 0) :]
