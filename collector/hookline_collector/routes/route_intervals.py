"""Requests of routes by half a minute. All processes of a service are one: each tells every quarter of a minute, and a moment later than it counted.

An interval is closed when what was counted in it should be here. What comes later counts in the first that is still open, if it is not old.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hookline.system.clock import NS_PER_S
from hookline_collector.routes.route_points import RoutePoint, RouteSums, ServedRoute

INTERVAL_S = 30
INTERVAL_NS = INTERVAL_S * NS_PER_S
GRACE_NS = 20 * NS_PER_S
OLD_NS = 120 * NS_PER_S
AHEAD_NS = 60 * NS_PER_S
"""By how much a service's clock may be ahead; what is told of later is left out."""


@dataclass(slots=True)
class TimedRoutes:
    """An interval that ended at `at_ns`: its requests by route, and how late the event loops of services were."""

    at_ns: int
    routes: dict[ServedRoute, RouteSums] = field(default_factory=dict)
    loops: dict[str, RouteSums] = field(default_factory=dict)

    def add(self, point: RoutePoint) -> None:
        """Add what a point tells."""
        if point.route is None:
            self.loops.setdefault(point.service, RouteSums()).add(point.sums)
        else:
            self.routes.setdefault(point.route, RouteSums()).add(point.sums)


@dataclass(slots=True)
class RouteIntervals:
    """The intervals that are open."""

    _open: dict[int, TimedRoutes] = field(default_factory=dict)
    _closed: int = 0

    def add(self, point: RoutePoint, now_ns: int) -> None:
        """Count a point in its interval."""
        if not now_ns - OLD_NS <= point.at_ns <= now_ns + AHEAD_NS:
            return
        number = max(point.at_ns // INTERVAL_NS, self._closed)
        self._open.setdefault(number, TimedRoutes((number + 1) * INTERVAL_NS)).add(point)

    @property
    def begins_ns(self) -> int | None:
        """When the first open interval begins."""
        return min(self._open) * INTERVAL_NS if self._open else None

    @property
    def due_ns(self) -> int | None:
        """When the first open interval is to be closed."""
        return min(self._open) * INTERVAL_NS + INTERVAL_NS + GRACE_NS if self._open else None

    def close(self, now_ns: int) -> list[TimedRoutes]:
        """Return the intervals that are over, in their order."""
        over = [number for number in sorted(self._open) if (number + 1) * INTERVAL_NS + GRACE_NS <= now_ns]
        if over:
            self._closed = over[-1] + 1
        return [self._open.pop(number) for number in over]
