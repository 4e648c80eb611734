"""Asking the store from a handler: the one way by which an answer of the API gets to rows.

`begin` has everything stored that was acknowledged before the question (`delivery.freshness`), lets `asking` make ready what is asked, in one of the
pool's threads (`worked_out` works out what is stored), and returns what can be asked from then on. So no
handler can read what is stale without knowing, and one that asks several times waits once. Whether the answer is fresh goes with it, and why not:
in the header `Hookline-Fresh` of every format, and as `is_fresh` in objects.

Statements run in threads of their own, so that neither an insert nor another handler waits for an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from starlette.requests import Request

from hookline_collector.api.http.fresh_header import tell_freshness
from hookline_collector.delivery.freshness import CatchingUp, FreshnessNote
from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.store import Rows
from hookline_collector.work.statements import Ground, Query

P = ParamSpec("P")
T = TypeVar("T")


class Reading:
    """Questions to the store, `query`, asked in the threads of `pool` after it caught up; `note` says whether it could."""

    def __init__(self, pool: BlockingPool, query: Query, note: FreshnessNote) -> None:
        self._pool = pool
        self._query = query
        self.note = note

    @property
    def is_fresh(self) -> bool:
        """Whether everything is seen that was acknowledged before this reading began."""
        return self.note.is_fresh

    async def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer one statement."""
        return await self._pool.run(self._query, sql, parameters or {})

    async def work_out(self, question: Callable[Concatenate[Query, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work out a question that asks the store more than once, `question(query, ...)`."""
        return await self._pool.run(question, self._query, *args, **kwargs)


class Questions:
    """Begins readings of the store."""

    def __init__(self, pool: BlockingPool, asking: Callable[[], Ground], freshness: CatchingUp) -> None:
        self._pool = pool
        self._asking = asking
        self._freshness = freshness

    async def begin(self, request: Request | None = None) -> Reading:
        """Return a reading that sees what was acknowledged before; the answer to `request` tells whether it does."""
        note = await self._freshness.catch_up()
        ground = await self._pool.run(self._asking)
        if note.is_fresh and ground.missing:
            note = FreshnessNote(ground.missing)
        if request is not None:
            tell_freshness(request.scope, note.reason)
        return Reading(self._pool, ground.query, note)

    def mark(self) -> int:
        """Return a number that has changed when figures of work may have."""
        return self._freshness.mark()
