"""One connection to a server: opened, asked within a time, given up.

A session is read-only, has time-outs of its own, and is named `hookline`. The server ends what takes too long; where the server itself hangs (a
stopped process, a dead network), nothing of psycopg's that waits for it is waited for: after the time the socket is shut, which ends the call at
once.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors

from hookline.databases.postgres.repeated import RepeatedStatements
from hookline.databases.troubles import ALL_TAKEN, LinkLost, NotNow, NotVisible

APPLICATION: Final = "hookline"
CONNECT_S: Final = 3.0
GRACE_S: Final = 1.0
"""So much longer than the server's own time-out an answer is waited for."""
_CLOSES_WITHIN_S: Final = 1.0
NO_VALUES: Final[Mapping[str, Any]] = {}

PgRows = list[tuple[Any, ...]]
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """Where a link goes. `options` are more of libpq's words, such as a password that came from the environment."""

    url: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """What a session may take, in milliseconds. One that may wait for locks gives up after `lock_ms` all the same."""

    statement_ms: int = 1_000
    lock_ms: int = 100
    plans_like_others: bool = False
    """Leave settings that change plans as the server has them, for everybody."""


class PgLink:
    """A connection that is open. Used by one task at a time."""

    def __init__(self, connection: psycopg.AsyncConnection[Any], limits: LinkLimits) -> None:
        self._connection = connection
        self._repeated = RepeatedStatements(connection)
        self._limits = limits

    @classmethod
    async def open(cls, target: LinkTarget, limits: LinkLimits, database: str = "") -> PgLink:
        """Connect. Raises LinkLost with what is in the way."""
        words: dict[str, Any] = {
            "application_name": APPLICATION,
            "connect_timeout": int(CONNECT_S),
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
            **target.options,
            "options": _session_options(limits),
        }
        if database:
            words["dbname"] = database
        opening = asyncio.ensure_future(psycopg.AsyncConnection.connect(target.url, autocommit=True, **words))
        try:  # not wait_for: before Python 3.12 it loses a cancellation that comes with the result
            done, _ = await asyncio.wait({opening}, timeout=CONNECT_S + GRACE_S)
        except asyncio.CancelledError:
            _let_go(opening)
            raise
        if not done:
            _let_go(opening)
            raise LinkLost(f"it does not answer within {CONNECT_S + GRACE_S:g} s")
        try:
            return cls(opening.result(), limits)
        except (psycopg.Error, OSError) as why:
            raise LinkLost(connection_trouble(str(why))) from None

    async def ask(self, sql: str, values: Mapping[str, Any] | None = NO_VALUES, *, binary: bool = False) -> PgRows:
        """Return the rows of a statement; with None as values its text is taken as it is. Raises LinkLost, NotVisible or NotNow.

        `binary` is for many numbers: neither the server nor we write and read them as texts.
        """
        return await self._told(self._within(self._fetch(sql, values, binary), self._within_s))

    async def ask_again(self, sql: str) -> PgRows:
        """Return the rows of a statement without values that is asked often. Raises LinkLost, NotVisible or NotNow."""
        return await self._told(self._repeated.ask(sql, self._within_s))

    @property
    def _within_s(self) -> float:
        return self._limits.statement_ms / 1_000 + GRACE_S

    async def _told(self, asking: Awaitable[PgRows]) -> PgRows:
        """Wait for rows; say in our words what is in the way."""
        try:
            return await asking
        except TimeoutError:
            _shut(self._connection)
            raise LinkLost(f"it does not answer within {self._within_s:g} s") from None
        except (errors.QueryCanceled, errors.LockNotAvailable, errors.DeadlockDetected) as why:
            raise NotNow(_first_line(why)) from None
        except (errors.OperationalError, errors.InterfaceError) as why:
            if isinstance(why, errors.ObjectNotInPrerequisiteState) and not self._connection.closed:
                raise NotVisible(_first_line(why)) from None
            raise LinkLost(connection_trouble(str(why))) from None
        except psycopg.Error as why:
            raise NotVisible(_first_line(why)) from None

    async def close(self) -> None:
        """End the connection without waiting for the server."""
        _shut(self._connection)
        with contextlib.suppress(Exception):
            await self._connection.close()

    @property
    def backend_pid(self) -> int:
        """The server process of this connection."""
        return self._connection.info.backend_pid

    async def _fetch(self, sql: str, values: Mapping[str, Any] | None, binary: bool) -> PgRows:
        cursor = await self._connection.execute(sql, values, binary=binary)  # statements come from files
        return list(await cursor.fetchall()) if cursor.rownumber is not None else []  # its description would be made anew each time

    async def _within(self, work: Coroutine[Any, Any, Found], seconds: float) -> Found:
        """Wait for a call, not longer than so; by hand, because `asyncio.wait` costs a sixth of a look."""
        loop = asyncio.get_running_loop()
        task, ended = loop.create_task(work), loop.create_future()

        def end(_: object = None) -> None:
            if not ended.done():
                ended.set_result(None)

        task.add_done_callback(end)
        timer = loop.call_later(seconds, end)
        try:
            await ended
        except asyncio.CancelledError:
            await self._give_up(task)
            raise
        finally:
            timer.cancel()
        if task.done():
            return task.result()
        await self._give_up(task)
        raise LinkLost(f"it does not answer within {seconds:g} s")

    async def _give_up(self, task: asyncio.Future[Any]) -> None:
        """End a call that waits for the server, at once: without its socket it sees the end of the connection."""
        _shut(self._connection)
        await asyncio.wait({task}, timeout=_CLOSES_WITHIN_S)
        if not task.done():
            task.cancel()
        elif not task.cancelled():
            task.exception()  # looked at, so that nobody is told of it


def _let_go(opening: asyncio.Future[psycopg.AsyncConnection[Any]]) -> None:
    """Give up a connection that is being opened; one that was opened meanwhile is closed."""

    def close(opened: asyncio.Future[psycopg.AsyncConnection[Any]]) -> None:
        if not opened.cancelled() and opened.exception() is None:
            opened.result().pgconn.finish()

    opening.add_done_callback(close)
    opening.cancel()


def _shut(connection: psycopg.AsyncConnection[Any]) -> None:
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as ours:
        ours.shutdown(socket.SHUT_RDWR)


def _session_options(limits: LinkLimits) -> str:
    settings = {
        "default_transaction_read_only": "on",
        "statement_timeout": str(limits.statement_ms),
        "lock_timeout": str(limits.lock_ms),
        "idle_in_transaction_session_timeout": "5000",
        "search_path": "pg_catalog",
        "timezone": "UTC",
        "client_min_messages": "error",
    } | ({} if limits.plans_like_others else {"jit": "off", "max_parallel_workers_per_gather": "0"})
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def connection_trouble(said: str) -> str:
    """Return in plain words why there is no connection; what the server said where there are none."""
    text = " ".join(said.split())
    known = {
        "remaining connection slots": ALL_TAKEN,
        "too many clients": ALL_TAKEN,
        "too many connections for role": "the role has all the connections that it may have: is another agent running?",
        "starting up": "it is starting up",
        "shutting down": "it is shutting down",
        "in recovery mode": "it is recovering from a crash",
        "password authentication failed": "the password is not accepted",
        "no password supplied": "it asks for a password: set password_env or passfile",
        "no pg_hba.conf entry": "pg_hba.conf does not let the role in",
        "terminating connection due to administrator command": "an administrator ended the connection, or the server stopped",
        "Connection refused": "nobody listens at this address",
        "No such file or directory": "nobody listens at this socket",
        "server closed the connection": "the server closed the connection",
        "timeout expired": "it does not answer in time",
        "consuming input failed": "the connection broke",
    }
    found = next((words for sign, words in known.items() if sign in text), "")
    return found or text[:200]


def _first_line(why: BaseException) -> str:
    return str(why).strip().partition("\n")[0][:200]
