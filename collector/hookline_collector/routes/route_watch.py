"""The service that follows routes: nobody else sees all processes of a service, and those of before its last release.

While no service tells anything it waits, and asks the store nothing. With the first word it reads the hours before once; what became slower meanwhile
is told if that is news.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from hookline.contract.services import SERVICES_SCOPE
from hookline.errors import Refused
from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.item_reading import CumulativeCounters
from hookline_collector.observe.announcements import Accepted
from hookline_collector.observe.health import PartHealth
from hookline_collector.routes.past_routes import changed_beside, past_hours, past_intervals, told_lately
from hookline_collector.routes.route_book import RouteBook, SlowerRoute
from hookline_collector.routes.route_intervals import RouteIntervals, TimedRoutes
from hookline_collector.routes.route_points import route_points
from hookline_collector.routes.slower_record import slower_record
from hookline_collector.signal import Signal
from hookline_collector.store.patient_store import PatientStore

NEWS_NS = 900 * NS_PER_S
AROUND_NS = 600 * NS_PER_S
"""How long before a route became slower what else changed is looked for."""
MAX_UNTOLD = 100


class RouteWatch:
    """Takes what services tell of their requests, and tells which route became slower."""

    name = "slower routes"

    def __init__(
        self,
        store: PatientStore,
        accept: Callable[[Signal, bytes], Awaitable[object]],
        now_ns: Callable[[], int] = time.time_ns,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._accept = accept
        self._now_ns = now_ns
        self._sleep = sleep
        self._counters = CumulativeCounters()
        self._intervals = RouteIntervals()
        self._book = RouteBook()
        self._untold: deque[SlowerRoute] = deque(maxlen=MAX_UNTOLD)
        self._heard = asyncio.Event()
        self._is_remembered = False

    def take(self, accepted: Accepted) -> None:
        """Take in an accepted request."""
        now_ns = self._now_ns()
        for point in route_points(accepted.message, self._counters):
            self._intervals.add(point, now_ns)
            self._heard.set()

    async def run(self) -> None:
        """Close intervals as they end."""
        while True:
            await self._heard.wait()
            if not self._is_remembered:
                await self._remember()
            due_ns = self._intervals.due_ns
            if due_ns is None:
                self._heard.clear()
                continue
            await self._sleep(max(0.0, (due_ns - self._now_ns()) / NS_PER_S))
            self._untold.extend(await self._slower(self._intervals.close(self._now_ns())))
            await self._tell()

    def health(self) -> PartHealth:
        """Return how many routes it follows."""
        return PartHealth(self.name, True, f"{len(self._book)} routes followed")

    async def _remember(self) -> None:
        """Read the hours before the first word, and the same hours of the days before."""
        until_ns = self._intervals.begins_ns or self._now_ns()
        query = self._store.store.query
        if intervals := await self._store.once_it_answers(partial(past_intervals, query, until_ns)):
            self._book.past = await self._store.once_it_answers(partial(past_hours, query, until_ns))
            told = await self._store.once_it_answers(partial(told_lately, query, until_ns))
            found = await self._slower(intervals)
            self._untold.extend(each for each in found if each.at_ns >= until_ns - NEWS_NS and each.route not in told)
        self._is_remembered = True

    async def _slower(self, intervals: Iterable[TimedRoutes]) -> list[SlowerRoute]:
        """Return what became slower; the loop stays free between intervals."""
        found: list[SlowerRoute] = []
        for interval in intervals:
            found += self._book.hear(interval)
            await asyncio.sleep(0)
        return found

    async def _tell(self) -> None:
        """Tell what was not told yet; what is refused is told with the next interval."""
        while self._untold:
            found = self._untold[0]
            beside: list[dict[str, Any]] = []
            with contextlib.suppress(Refused):
                since_ns = found.slower.since_ns - AROUND_NS
                beside = await self._store.run(partial(changed_beside, self._store.store.query, found.route.service, since_ns, found.at_ns))
            try:
                await self._accept(Signal.LOGS, slower_record(found, beside).SerializeToString())
            except Refused:
                return
            self._untold.popleft()


def of_services(accepted: Accepted) -> bool:
    """Whether an accepted request may tell of routes."""
    return accepted.signal is Signal.METRICS and SERVICES_SCOPE in accepted.scopes
