"""A watch of a real server within a test, and what it sent."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName
from hookline.databases.database_points import DatabasePoint
from hookline.databases.database_watch import DatabaseWatch
from hookline.databases.judging.judging import Judging
from hookline.databases.plan_book import PlanPace
from hookline.databases.postgres.link import LinkTarget
from hookline.databases.postgres.postgres_watch import PostgresWatch, WatchRates
from hookline.databases.watchers import DatabaseWatcher
from hookline.records import LogRecord
from support.postgres import PostgresServer

QUICK = WatchRates(0.1, 0.05, 0.2, 0.2, 0.2, 0.3, 0.2, 0.0, 0.0)
OWN_PACE, OWN_PLAN_PACE = WatchRates(), PlanPace()
WITHIN_S = 20.0


@dataclass(slots=True)
class RecordingOut:
    """Keeps what a watch sends."""

    records: list[LogRecord] = field(default_factory=list)
    sent: list[DatabasePoint] = field(default_factory=list)

    def events(self, records: Iterable[LogRecord]) -> None:
        """Keep records."""
        self.records += records

    def points(self, points: Iterable[DatabasePoint], since_ns: int) -> None:
        """Keep points."""
        self.sent += points

    def of(self, kind: DatabaseEvent) -> list[dict[str, Any]]:
        """Return the attributes of the events of a kind."""
        return [dict(record.attributes) for record in self.records if record.event_name == kind]

    def values(self, name: str, **attributes: object) -> list[float]:
        """Return the values of a metric's points."""
        return [p.value for p in self.sent if p.name == name and all(p.attributes.get(k) == v for k, v in attributes.items())]


@dataclass(frozen=True, slots=True)
class Watched:
    """A running watch."""

    watch: DatabaseWatch
    out: RecordingOut

    async def until(self, done: Callable[[], object], within_s: float = WITHIN_S) -> Any:
        """Wait until something was seen; return it."""
        deadline = time.monotonic() + within_s
        while not (found := done()):
            assert time.monotonic() < deadline, f"it did not happen in time: {self.watch.state}"
            await asyncio.sleep(0.01)
        return found

    async def is_in_state(self, state: str) -> None:
        """Wait for a state."""
        await self.until(lambda: self.watch.state.state == state)


@contextlib.asynccontextmanager
async def running(make: Callable[[DatabaseWatch], DatabaseWatcher], system: str = "postgresql", interval_s: float = 0.3) -> AsyncIterator[Watched]:
    """Run a watcher while the block runs."""
    out = RecordingOut()
    watch = DatabaseWatch(DatabaseName("shop", system), out, interval_s)
    task = asyncio.create_task(make(watch).run())
    try:
        yield Watched(watch, out)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def watching(
    server: PostgresServer, rates: WatchRates = QUICK, user: str = "hookline", database: str = "postgres"
) -> contextlib.AbstractAsyncContextManager[Watched]:
    """Watch a PostgreSQL, quickly."""
    return running(lambda watch: PostgresWatch(watch, LinkTarget(server.url(user, database), {}), rates))


def judging(
    server: PostgresServer, database: str = "postgres", rates: WatchRates = OWN_PACE, plan_pace: PlanPace = OWN_PLAN_PACE
) -> contextlib.AbstractAsyncContextManager[Watched]:
    """Watch a PostgreSQL, at the agent's own pace where nothing is said, and judge it."""

    def make(watch: DatabaseWatch) -> DatabaseWatcher:
        Judging.begin(watch)
        return PostgresWatch(watch, LinkTarget(server.url("hookline", database), {}), rates, plan_pace=plan_pace)

    return running(make, interval_s=10.0)
