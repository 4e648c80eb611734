"""What the routes need of the collector, handed to them by the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

from hookline.settings import Settings
from hookline_collector.delivery import Quarantine
from hookline_collector.journal import Journal
from hookline_collector.observe.exposition import MetricsReading
from hookline_collector.observe.health import CollectorStatus
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.sessions import LiveSessions
from hookline_collector.sessions.cleanup import Cleanup
from hookline_collector.store import Rows
from hookline_collector.store.reconnecting import ReconnectingStore
from hookline_collector.work.statements import Query

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """The collector as its API sees it. `threads` is for the pages' questions and `people` for people's own SQL: neither holds up an insert,
    and long statements of people do not hold up a page."""

    settings: Settings
    door: ReconnectingStore
    threads: BlockingPool
    status: Callable[[], CollectorStatus]
    reading: Callable[[], MetricsReading]
    live: LiveSessions
    cleanup: Cleanup
    journal: Journal
    quarantine: Quarantine
    people: BlockingPool

    async def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer a person's SQL."""
        return await self.people.run(self.door.people_query, sql, parameters)

    async def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer our own SQL."""
        return await self.threads.run(self.door.query, sql, parameters)

    async def work_out(self, question: Callable[Concatenate[Query, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work out a question that asks the store more than once, `question(query, ...)`, in a thread."""
        return await self.threads.run(question, self.door.query, *args, **kwargs)
