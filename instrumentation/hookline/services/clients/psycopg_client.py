"""psycopg 3, with and without asyncio: executions, copies, streams until their first row, and the ends of transactions, which is where a commit
waits for the disk."""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

import psycopg

from hookline.contract.services import DB_NAMESPACE
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import text_of, timed, timed_block, timed_rows
from hookline.services.clients.query_plans import SESSION_OPTION, noted_plan
from hookline.services.clients.trace_comments import trace_comment
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.statements import StatementWords, sql_words

_CURSORS: Final = ("Cursor", "AsyncCursor", "ServerCursor", "AsyncServerCursor")
_COPYING: Final = ("Cursor", "AsyncCursor")
_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Put clocks into psycopg."""
    for name in _CURSORS:
        cursor = getattr(psycopg, name)
        for method in ("execute", "executemany"):
            if method in vars(cursor):
                patches.replace(cursor, method, timed(_of_cursor, _told))
                if options.sql_comments and method == "execute" and "Server" not in name:
                    patches.replace_again(cursor, method, _commented)
        if name in _COPYING:
            patches.replace(cursor, "copy", timed_block(_of_cursor, _told))
            patches.replace(cursor, "stream", timed_rows(_of_cursor))
    for connection in (psycopg.Connection, psycopg.AsyncConnection):
        for method in ("commit", "rollback"):
            patches.replace(connection, method, timed(_ending(method)))
        if options.plans:
            patches.replace(connection, "connect", _asking_for_plans)
    if options.plans:
        patches.replace(psycopg, "connect", lambda _original: _connect)


def target_of(connection: Any) -> CallTarget:
    """Return where a connection goes."""
    target = _targets.get(connection)
    if target is None:
        info = connection.info
        target = CallTarget("postgresql", {DB_NAMESPACE: info.dbname, **address_of(info.host, info.port)}, info.backend_pid)
        _targets[connection] = target
        connection.add_notice_handler(lambda diagnostic: noted_plan(target, diagnostic.message_primary or ""))
    return target


def _of_cursor(cursor: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    query = args[0] if args else next(kwargs[name] for name in ("query", "statement") if name in kwargs)
    return target_of(cursor.connection), sql_words(text_of(query, cursor))


def _told(call: ServiceCall, cursor: Any, _result: Any) -> None:
    call.rows = cursor.rowcount


def _ending(method: str) -> Any:
    words = sql_words(method.upper())

    def describe(connection: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords] | None:
        is_open = connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
        return (target_of(connection), words) if is_open else None

    return describe


def _commented(original: Any) -> Any:
    """Add the trace's comment to a text that is then not prepared."""

    def execute(self: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        if (comment := trace_comment()) and isinstance(query, str):
            return original(self, query + comment, *args, **{**kwargs, "prepare": False})
        return original(self, query, *args, **kwargs)

    return execute


def _asking_for_plans(original: Any) -> Any:
    def connect(cls: Any, conninfo: str = "", **kwargs: Any) -> Any:
        known = psycopg.conninfo.conninfo_to_dict(conninfo, **kwargs).get("options") or ""
        return original(cls, conninfo, **{**kwargs, "options": f"{known} {SESSION_OPTION}".strip()})

    return connect


def _connect(*args: Any, **kwargs: Any) -> Any:
    """Connect by the class as it is now: what psycopg has under this name was bound when it was imported."""
    return psycopg.Connection.connect(*args, **kwargs)
