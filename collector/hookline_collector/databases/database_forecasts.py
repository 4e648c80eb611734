"""When something of a database will be used up, by the forecast that rules use: earliest, expected, latest, or nothing where none is honest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.forecast import forecast

HISTORY_S = 3 * 86_400
WITHIN_S = 36 * 3_600
"""Half of the history: the furthest that a forecast goes."""


@dataclass(frozen=True, slots=True)
class UsedUp:
    """What may be used up: its metric, and where that is."""

    metric: str
    says: str
    unit: str
    limit: float


WATCHED = (
    UsedUp("hookline.db.disk.free", "room on the disk", "By", 0),
    UsedUp("hookline.db.connections.used_percent", "connections", "%", 100),
    UsedUp("hookline.db.xid.age", "transaction ids", "1", 2_000_000_000),
    UsedUp("hookline.db.mxid.age", "multixact ids", "1", 2_000_000_000),
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
    earliest_ns: int
    expected_ns: int
    latest_ns: int


def forecasts_of(rows: Iterable[Mapping[str, Any]], now_ns: int) -> list[DatabaseForecast]:
    """Return the forecasts of series, hour by hour and in order, the soonest first."""
    series: dict[tuple[str, Any], list[tuple[int, float]]] = {}
    labels: dict[tuple[str, Any], Mapping[str, str]] = {}
    for row in rows:
        key = (row["metric"], row["series"])
        series.setdefault(key, []).append((row["at_s"] * NS_PER_S, float(row["amount"])))
        labels[key] = row["labels"]
    watched = {each.metric: each for each in WATCHED}
    told = [_told(watched[key[0]], labels[key], points, now_ns) for key, points in series.items() if key[0] in watched]
    return sorted((each for each in told if each), key=lambda each: (each.expected_ns or each.earliest_ns or 2**62, each.forecast_of))


def _told(watched: UsedUp, labels: Mapping[str, str], points: list[tuple[int, float]], now_ns: int) -> DatabaseForecast | None:
    found = forecast(points, WITHIN_S * NS_PER_S, watched.limit)
    if found is None:
        return None

    def moment(seconds: float | None) -> int:
        return 0 if seconds is None else now_ns + int(seconds * NS_PER_S)

    return DatabaseForecast(
        watched.says,
        watched.metric,
        dict(labels),
        watched.unit,
        found.now,
        watched.limit,
        found.slope_per_s * 3_600,
        found.method,
        moment(found.earliest_s),
        moment(found.in_s),
        moment(found.latest_s),
    )
