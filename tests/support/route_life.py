"""A service whose requests take as long as its database lets them: two processes that tell of it every quarter of a minute, for hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hookline.contract.services import HTTP_BOUNDS, ROUTE_DB_CALLS, ROUTE_DB_TIME, SERVICES_SCOPE
from support.shop_telemetry import NS, SHOP, Point, of_metrics
from support.statement_series import INTERVAL_S, statement_series

TOLD_EVERY_S = 15
REQUESTS = 25
"""Of each route, process and time that it tells."""
OF_ITSELF_MS = 10.0


@dataclass(frozen=True, slots=True)
class RouteLife:
    """Two routes, of which one becomes slower after `slower_after_s`: its database takes `more_ms` more for each request from then on."""

    begin_ns: int
    seconds: int
    slower_after_s: int | None = None
    more_ms: float = 10.0
    seed: int = 5
    version_after: str = "1.4"

    def told(self) -> Iterator[tuple[int, bytes]]:
        """Yield what is told, and when."""
        chance = Random(self.seed)
        series = [[each.mean_ms / 10 for each in statement_series(chance, 0.5, self.seconds // INTERVAL_S + 1)] for _ in range(2)]
        for after_s in range(TOLD_EVERY_S, self.seconds + 1, TOLD_EVERY_S):
            is_slower = self.slower_after_s is not None and after_s > self.slower_after_s
            for instance in ("shop-1", "shop-2"):
                at_ns = self.begin_ns + after_s * NS + (7 * NS if instance == "shop-2" else 0)
                resource = {**SHOP, "service.instance.id": instance, "service.version": self.version_after if is_slower else "1.4"}
                points: list[Point] = []
                for route, course in zip(("/orders/{id}", "/cart"), series, strict=True):
                    more_ms = self.more_ms if is_slower and route == "/orders/{id}" else 0.0
                    points += _points(at_ns, route, OF_ITSELF_MS, 10 * course[(after_s - 1) // INTERVAL_S] + more_ms)
                yield at_ns, of_metrics(resource, points, SERVICES_SCOPE)


def _points(at_ns: int, route: str, rest_ms: float, db_ms: float) -> list[Point]:
    labels = {"http.request.method": "GET", "http.route": route}
    took_s, counts = REQUESTS * (rest_ms + db_ms) / 1e3, [0] * (len(HTTP_BOUNDS) + 1)
    counts[3] = REQUESTS
    return [
        Point("http.server.request.duration", at_ns, took_s, {**labels, "http.response.status_code": 200}, "histogram", "s", counts, HTTP_BOUNDS),
        Point(ROUTE_DB_TIME.name, at_ns, REQUESTS * db_ms / 1e3, labels, "sum", "s"),
        Point(ROUTE_DB_CALLS.name, at_ns, 2.0 * REQUESTS, labels, "sum", "{call}"),
    ]
