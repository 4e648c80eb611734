"""What the store knows of routes: the last hours by half a minute, the days before by hour, and what was told of already. Calls block."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hookline.contract import services as names
from hookline.system.clock import NS_PER_S
from hookline_collector.routes.route_book import PastHour
from hookline_collector.routes.route_intervals import INTERVAL_NS, INTERVAL_S, TimedRoutes
from hookline_collector.routes.route_points import RoutePoint, RouteSums, ServedRoute
from hookline_collector.store.queries import load_query
from hookline_collector.store.rows import Rows

PAST_S = 3 * 3_600
DAYS = 4
Query = Callable[[str, Mapping[str, Any]], Rows]
METRICS = {
    "durations": [names.HTTP_DURATION.name, names.RPC_SERVER_DURATION.name],
    "lag": names.LOOP_LAG.name,
    "db_time": names.ROUTE_DB_TIME.name,
    "db_calls": names.ROUTE_DB_CALLS.name,
}


def past_intervals(query: Query, until_ns: int) -> list[TimedRoutes]:
    """Return the intervals of the last hours, in their order."""
    until = until_ns // NS_PER_S
    found: dict[int, TimedRoutes] = {}
    bound = {**METRICS, "since": until - PAST_S, "until": until, "every": INTERVAL_S}
    for number, service, method, route, *sums in query(load_query(__package__, "past_intervals"), bound).rows:
        served = ServedRoute(service, method, route) if method else None
        point = RoutePoint(0, service, served, RouteSums(*map(float, sums)))
        found.setdefault(number, TimedRoutes((number + 1) * INTERVAL_NS)).add(point)
    return [found[number] for number in sorted(found)]


def past_hours(query: Query, until_ns: int) -> dict[ServedRoute, list[PastHour]]:
    """Return the hours of the days before, by route."""
    until = until_ns // NS_PER_S - PAST_S
    found: dict[ServedRoute, list[PastHour]] = {}
    for *route, at, count, total_s in query(load_query(__package__, "past_hours"), {**METRICS, "since": until - DAYS * 86_400, "until": until}).rows:
        found.setdefault(ServedRoute(*route), []).append(PastHour(at * NS_PER_S, float(count), total_s))
    return found


def told_lately(query: Query, until_ns: int) -> frozenset[ServedRoute]:
    """Return the routes of which it was told in the last hour."""
    until = until_ns // NS_PER_S
    rows = query(load_query(__package__, "told_lately"), {"record": names.ROUTE_REGRESSION_RECORD, "since": until - 3_600, "until": until}).rows
    return frozenset(ServedRoute(*row) for row in rows)


def changed_beside(query: Query, service: str, since_ns: int, until_ns: int) -> list[dict[str, Any]]:
    """Return what else changed at a time: releases of the service; settings, plans and statements of databases."""
    bound = {"durations": METRICS["durations"], "service": service, "since": since_ns // NS_PER_S, "until": until_ns // NS_PER_S}
    return query(load_query(__package__, "beside"), bound).as_dicts()
