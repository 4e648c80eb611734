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
from hookline_collector.store.faults import NeedsMoreMemory, ShortOfMemory
from hookline_collector.work.statements import Ground, Query

P = ParamSpec("P")
T = TypeVar("T")


class Reading:
    """Questions to the store, asked in the threads of `pool` after it caught up; `note` says whether it could.

    A question that takes more memory than there is, is asked once more of what the ground has instead, and the note, told with the answer to
    `request`, says what that does not know.
    """

    def __init__(self, pool: BlockingPool, ground: Ground, note: FreshnessNote, request: Request | None = None) -> None:
        self._pool = pool
        self._ground = ground
        self._request = request
        self.note = note

    @property
    def is_fresh(self) -> bool:
        """Whether everything is seen that was acknowledged before this reading began."""
        return self.note.is_fresh

    async def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer one statement."""
        return await self._run(lambda query: query(sql, parameters or {}))

    async def work_out(self, question: Callable[Concatenate[Query, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work out a question that asks the store more than once, `question(query, ...)`."""
        return await self._run(lambda query: question(query, *args, **kwargs))

    async def _run(self, question: Callable[[Query], T]) -> T:
        ground = self._ground
        try:
            return await self._pool.run(question, ground.query)
        except (NeedsMoreMemory, ShortOfMemory):
            if ground.instead is None:
                raise
            self._ground = ground.instead
            self.note = noted(self.note, self._ground, self._request)
        return await self._pool.run(question, self._ground.query)


def noted(note: FreshnessNote, ground: Ground, request: Request | None) -> FreshnessNote:
    """Return what is to be known of answers from this ground, and tell it with the answer to a request."""
    found = FreshnessNote(ground.missing) if note.is_fresh and ground.missing else note
    if request is not None:
        tell_freshness(request.scope, found.reason)
    return found


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
        return Reading(self._pool, ground, noted(note, ground, request), request)

    def mark(self) -> int:
        """Return a number that has changed when figures of work may have."""
        return self._freshness.mark()
