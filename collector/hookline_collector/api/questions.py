"""Asking the store from a handler: in threads of their own, so that neither an insert nor another handler waits for an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar

from hookline_collector.serving.blocking_pool import BlockingPool
from hookline_collector.store import Rows
from hookline_collector.work.statements import Query

P = ParamSpec("P")
T = TypeVar("T")


class Questions:
    """Our own questions to the store, `query`, asked in the threads of `pool`."""

    def __init__(self, pool: BlockingPool, query: Query) -> None:
        self._pool = pool
        self._query = query

    async def ask(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer one statement."""
        return await self._pool.run(self._query, sql, parameters or {})

    async def work_out(self, question: Callable[Concatenate[Query, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Work out a question that asks the store more than once, `question(query, ...)`."""
        return await self._pool.run(question, self._query, *args, **kwargs)
