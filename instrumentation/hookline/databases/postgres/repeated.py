"""Statements that are asked again and again, by libpq's own calls.

A cursor costs a quarter of a millisecond around each statement, most of it for waiting: a look costs more by that than by all that it reads. Here a
statement is prepared once, and its rows come in binary. An answer that came at once the last time is waited for on the spot, so long that nobody
notices: four turns of the loop around each look cost as much as the look. Any other is waited for by one future.
"""

from __future__ import annotations

import asyncio
import select
import time
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

AT_ONCE_S: Final = 0.002
"""So long an answer may take that is waited for on the spot."""


@dataclass(slots=True)
class _Prepared:
    """A statement that the server has; whether it was answered at once the last time."""

    name: bytes
    is_quick: bool = True


class RepeatedStatements:
    """The statements of one connection. Used by one task at a time; once a wait was given up, the connection is of no use."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self._pgconn = connection.pgconn
        self._transformer = Transformer(connection)
        self._poll = select.poll()
        self._poll.register(self._pgconn.socket, select.POLLIN)
        self._prepared: dict[str, _Prepared] = {}
        self._count = 0

    async def ask(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """Return the rows of a statement without values. Raises psycopg's errors, and TimeoutError after so many seconds."""
        began_s = time.monotonic()
        known = self._prepared.get(sql)
        if known is None:
            self._count += 1
            known = _Prepared(f"hookline_{self._count}".encode())
            self._pgconn.send_prepare(known.name, sql.encode())
            await self._answer(began_s + seconds)
            self._prepared[sql] = known
        self._pgconn.send_query_prepared(known.name, None, result_format=pq.Format.BINARY)
        try:
            result = (self._at_once() if known.is_quick else None) or await self._answer(began_s + seconds)
        except errors.FeatureNotSupported:  # a view has other columns since its extension was updated
            del self._prepared[sql]
            raise
        known.is_quick = time.monotonic() - began_s <= AT_ONCE_S
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def _at_once(self) -> pq.abc.PGresult | None:
        """Wait a moment for what was sent; return its result, None where it takes longer, or raise what the server says."""
        self._send_all()
        until_s = time.monotonic() + AT_ONCE_S
        while (left_s := until_s - time.monotonic()) > 0 and self._poll.poll(left_s * 1_000):
            self._pgconn.consume_input()
            if not self._pgconn.is_busy():
                return self._result()
        return None

    async def _answer(self, until_s: float) -> pq.abc.PGresult:
        """Wait for what was sent; return its result, or raise what the server says."""
        self._send_all()
        loop, socket = asyncio.get_running_loop(), self._pgconn.socket
        while True:
            came: asyncio.Future[bool] = loop.create_future()
            loop.add_reader(socket, _settle, came, True)
            timer = loop.call_at(until_s, _settle, came, False)
            try:
                if not await came:
                    raise TimeoutError
            finally:
                timer.cancel()
                loop.remove_reader(socket)
            self._pgconn.consume_input()
            if not self._pgconn.is_busy():
                return self._result()

    def _send_all(self) -> None:
        if self._pgconn.flush():
            raise errors.OperationalError("consuming input failed: the socket takes no more")

    def _result(self) -> pq.abc.PGresult:
        result = self._pgconn.get_result()
        while self._pgconn.get_result() is not None:
            """Take also the end of the answer."""
        if result is None:
            raise errors.OperationalError("consuming input failed: no answer")
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            return result
        state, said = (result.error_field(each) or b"" for each in (pq.DiagnosticField.SQLSTATE, pq.DiagnosticField.MESSAGE_PRIMARY))
        raise _error_type(state.decode())((said or result.error_message).decode("utf-8", "replace"))


def _settle(came: asyncio.Future[bool], whether: bool) -> None:
    if not came.done():
        came.set_result(whether)


def _error_type(state: str) -> type[psycopg.Error]:
    try:
        return errors.lookup(state)
    except KeyError:
        return errors.OperationalError
