"""The histories of the routes that matter, and which of them became slower.

Only routes that took a hundredth of their service's time are followed, `MAX_FOLLOWED` at most. An interval with few requests says little of their
mean: it waits for the next, until there are LEAST_REQUESTS.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from hookline.contract.services import ROUTE_PART_NAMES
from hookline.slowdowns.call_history import LEAST_SHARE, CallHistory, CallInterval, SlowerCalls
from hookline_collector.routes.route_intervals import INTERVAL_S, TimedRoutes
from hookline_collector.routes.route_points import RouteSums, ServedRoute

MAX_FOLLOWED = 200
LEAST_REQUESTS = 10
CAUSES = ("db_ms", "db_calls", "loop_ms", "seconds")


class PastHour(NamedTuple):
    """An hour of a route: when it began, how many requests there were and how long they took in all."""

    at_ns: int
    requests: float
    total_s: float


@dataclass(frozen=True, slots=True)
class SlowerRoute:
    """A route that became slower, and when that was found."""

    route: ServedRoute
    at_ns: int
    slower: SlowerCalls

    @property
    def parts(self) -> dict[str, tuple[float, float]]:
        """What its requests are made of, before and after: see `ROUTE_PART_NAMES`. What is not known of this service is left out."""
        found = self.slower.each_call
        (seconds, seconds_after), (db_ms, db_ms_after) = found["seconds"], found["db_ms"]
        told = {
            "requests": (1 / seconds, 1 / seconds_after),
            "db_ms": (db_ms, db_ms_after),
            "db_calls": found["db_calls"],
            "rest_ms": (self.slower.before_ms - db_ms, self.slower.after_ms - db_ms_after),
            "loop_ms": found["loop_ms"],
        }
        return {name: (round(told[name][0], 4), round(told[name][1], 4)) for name in ROUTE_PART_NAMES if any(told[name])}


@dataclass(slots=True)
class _Followed:
    """A route, and its requests that wait for more."""

    history: CallHistory = field(default_factory=lambda: CallHistory(CAUSES))
    waiting: RouteSums = field(default_factory=RouteSums)
    waits_for: int = 0

    def step(self, at_ns: int, sums: RouteSums, loop_ms: float, share: float) -> SlowerCalls | None:
        """Take an interval, with those before it that had too few requests."""
        self.waiting.add(sums)
        self.waits_for += 1
        if self.waiting.count < LEAST_REQUESTS:
            return None
        taken, seconds = self.waiting, self.waits_for * INTERVAL_S
        self.waiting, self.waits_for = RouteSums(), 0
        made_of = (1e3 * taken.db_s, taken.db_calls, loop_ms * taken.count, float(seconds))
        return self.history.step(CallInterval(at_ns, taken.count, 1e3 * taken.total_s, share, made_of))


@dataclass(slots=True)
class RouteBook:
    """Follows the routes of all services. `hear` takes an interval; `past` has the hours of earlier days, for when a route is first followed."""

    past: dict[ServedRoute, list[PastHour]] = field(default_factory=dict)
    _followed: dict[ServedRoute, _Followed] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._followed)

    def hear(self, interval: TimedRoutes) -> Iterator[SlowerRoute]:
        """Yield the routes that were found to be slower."""
        whole: dict[str, float] = {}
        for route, sums in interval.routes.items():
            whole[route.service] = whole.get(route.service, 0.0) + sums.total_s
        for route, sums in interval.routes.items():
            loop = interval.loops.get(route.service)
            loop_ms = 1e3 * loop.total_s / loop.count if loop is not None else 0.0
            share = sums.total_s / whole[route.service] if whole[route.service] else 0.0
            followed = self._of(route, share)
            slower = followed.step(interval.at_ns, sums, loop_ms, share) if followed is not None else None
            if slower is not None:
                yield SlowerRoute(route, interval.at_ns, slower)

    def _of(self, route: ServedRoute, share: float) -> _Followed | None:
        """Return a route's history, the one heard of last the last to go; of one that is new only if it matters."""
        found = self._followed.pop(route, None)
        if found is None:
            if share < LEAST_SHARE:
                return None
            while len(self._followed) >= MAX_FOLLOWED:
                del self._followed[next(iter(self._followed))]
            found = _Followed()
            for hour in self.past.pop(route, ()):
                found.history.remember_hour(hour.at_ns, 1e3 * hour.total_s, hour.requests)
        self._followed[route] = found
        return found
