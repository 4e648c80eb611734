"""Statements that run, by their ids, and how to end one: by KILL QUERY, and when its client hangs up."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hookline_collector.store.statement_fault import StatementFault

_AGAIN_S = 0.2
MAX_ID_CHARS = 200


@dataclass(slots=True)
class RunningStatement:
    """A statement at work; `mark` is what the engine knows it by."""

    query_id: str
    mark: str = field(default_factory=lambda: secrets.token_hex(16))
    is_cancelled: bool = False
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class RunningStatements:
    """All statements of the endpoint that run now. Used on one event loop."""

    def __init__(self, cancel: Callable[[str], Awaitable[None]]) -> None:
        self._cancel = cancel
        self._running: dict[str, RunningStatement] = {}

    def begin(self, query_id: str) -> RunningStatement:
        """Note a statement that begins. Raises StatementFault where its id runs already, or is none."""
        name = query_id or str(uuid.uuid4())
        if len(name) > MAX_ID_CHARS or not name.isprintable() or not name.isascii():
            raise StatementFault(36, "BAD_ARGUMENTS", f"a query id is at most {MAX_ID_CHARS} printable characters")
        if name in self._running:
            raise StatementFault(216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", f"Query with id = {name} is already running")
        found = self._running[name] = RunningStatement(name)
        return found

    def end(self, statement: RunningStatement) -> None:
        """Forget a statement that has ended."""
        statement.ended.set()
        self._running.pop(statement.query_id, None)

    def knows(self, query_id: str) -> bool:
        """Whether a statement runs under this id."""
        return query_id in self._running

    async def kill(self, query_id: str) -> bool:
        """End a statement by its id; return whether it ran."""
        found = self._running.get(query_id)
        if found is not None:
            await self.cancel(found)
        return found is not None

    async def cancel(self, statement: RunningStatement) -> None:
        """End a statement, and return when it has ended. The engine may not know it yet, so it is told until then."""
        statement.is_cancelled = True
        while not statement.ended.is_set():
            await self._cancel(statement.mark)
            try:
                async with asyncio.timeout(_AGAIN_S):
                    await statement.ended.wait()
            except TimeoutError:
                continue

    async def cancel_all(self) -> None:
        """End all of them."""
        await asyncio.gather(*(self.cancel(statement) for statement in list(self._running.values())))
