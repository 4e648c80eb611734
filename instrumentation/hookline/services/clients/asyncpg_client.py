"""asyncpg: queries of connections, prepared statements, cursors until their first rows, and how long a pool lets one wait."""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncpg
from asyncpg.cursor import BaseCursor
from asyncpg.pool import Pool
from asyncpg.prepared_stmt import PreparedStatement

from hookline.contract.services import DB_NAMESPACE
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import timed
from hookline.services.clients.pool_waits import waited
from hookline.services.clients.query_plans import noted_plan
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.statements import StatementWords, sql_words

_QUERIES: Final = ("execute", "executemany", "fetch", "fetchval", "fetchrow", "fetchmany")
_COPIES: Final = ("copy_from_table", "copy_to_table", "copy_records_to_table")
_FIRST_ROWS: Final = ("_bind_exec", "_bind")
"""What asks for a cursor's first rows, as one walks over it, or opens it: what comes later is the same statement still."""
_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Put clocks into asyncpg."""
    for name in _QUERIES:
        patches.replace(asyncpg.Connection, name, timed(_of_connection, _told))
        patches.replace(PreparedStatement, name, timed(_of_statement, _told))
    for name in _COPIES:
        patches.replace(asyncpg.Connection, name, timed(_of_copy))
    patches.replace(asyncpg.Connection, "copy_from_query", timed(_of_copied_query))
    for name in _FIRST_ROWS:
        patches.replace(BaseCursor, name, timed(_of_rows))
    patches.replace(Pool, "_acquire", waited(_name_of_pool))
    if options.plans:
        patches.replace(asyncpg, "connect", _asking_for_plans)


def target_of(connection: Any) -> CallTarget:
    """Return where a connection goes."""
    target = _targets.get(connection)
    if target is None:
        address = getattr(connection, "_addr", None)
        host, port = address if isinstance(address, tuple) else (str(address or ""), None)
        database = getattr(getattr(connection, "_params", None), "database", "") or ""
        target = CallTarget("postgresql", {DB_NAMESPACE: database, **address_of(host, port)}, connection.get_server_pid())
        _targets[connection] = target
        if not connection.is_closed():
            connection.add_log_listener(lambda _connection, message: noted_plan(target, getattr(message, "message", "") or ""))
    return target


def _of_connection(connection: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(connection), sql_words(args[0] if args else next(kwargs[name] for name in ("query", "command") if name in kwargs))


def _of_statement(statement: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(statement._connection), sql_words(statement.get_query())


def _of_rows(cursor: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(cursor._connection), sql_words(cursor._query)


def _of_copy(connection: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(connection), sql_words(f"COPY {args[0] if args else kwargs['table_name']}")


def _of_copied_query(connection: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(connection), sql_words(f"COPY ({args[0] if args else kwargs['query']}) TO STDOUT")


def _told(call: ServiceCall, _owner: Any, result: Any) -> None:
    if isinstance(result, list):
        call.rows = len(result)
    elif isinstance(result, str) and (last := result.rpartition(" ")[2]).isdigit():
        call.rows = int(last)


def _name_of_pool(pool: Any) -> str:
    kwargs = getattr(pool, "_connect_kwargs", None) or {}
    return str(kwargs.get("database") or "asyncpg")


def _asking_for_plans(original: Any) -> Any:
    async def connect(*args: Any, **kwargs: Any) -> Any:
        settings = {**(kwargs.get("server_settings") or {}), "client_min_messages": "log"}
        return await original(*args, **{**kwargs, "server_settings": settings})

    return connect
