"""psycopg2: its connections and cursors are types of C, so `connect` gives ones of classes of ours, made from whatever class was asked for."""

from __future__ import annotations

import functools
from typing import Any
from weakref import WeakKeyDictionary

import psycopg2
import psycopg2.extensions

from hookline.contract.services import DB_NAMESPACE
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import text_of, timed
from hookline.services.clients.query_plans import SESSION_OPTION, noted_plan
from hookline.services.clients.trace_comments import trace_comment
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.statements import StatementWords, sql_words

_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Put clocks into psycopg2."""

    def make(original: Any) -> Any:
        def connect(dsn: Any = None, connection_factory: Any = None, cursor_factory: Any = None, **kwargs: Any) -> Any:
            if options.plans:
                known = psycopg2.extensions.parse_dsn(psycopg2.extensions.make_dsn(dsn, **kwargs)).get("options", "")
                kwargs = {**kwargs, "options": f"{known} {SESSION_OPTION}".strip()}
            factory = watched_connection(connection_factory or psycopg2.extensions.connection)
            return original(dsn, connection_factory=factory, cursor_factory=cursor_factory, **kwargs)

        return connect

    patches.replace(psycopg2, "connect", make)


@functools.cache
def watched_connection(base: Any) -> Any:
    """Return a class of connections with clocks."""

    def cursor(self: Any, name: Any = None, cursor_factory: Any = None, **kwargs: Any) -> Any:
        factory = watched_cursor(cursor_factory or self.cursor_factory or psycopg2.extensions.cursor)
        return base.cursor(self, *(() if name is None else (name,)), cursor_factory=factory, **kwargs)

    methods = {
        "cursor": cursor,
        "commit": timed(_ending("COMMIT"))(base.commit),
        "rollback": timed(_ending("ROLLBACK"))(base.rollback),
    }
    return type(base.__name__, (base,), {**methods, "__module__": base.__module__, "__doc__": base.__doc__})


@functools.cache
def watched_cursor(base: Any) -> Any:
    """Return a class of cursors with clocks."""

    def execute(self: Any, query: Any, vars: Any = None) -> Any:
        comment = trace_comment()
        return base.execute(self, query + comment if comment and isinstance(query, str) else query, vars)

    methods = {
        "execute": timed(_of_cursor, _told)(execute),
        "executemany": timed(_of_cursor, _told)(base.executemany),
        "callproc": timed(_of_call)(base.callproc),
        "copy_expert": timed(_of_copy, _told)(base.copy_expert),
        "copy_from": timed(_of_copy, _told)(base.copy_from),
        "copy_to": timed(_of_copy, _told)(base.copy_to),
    }
    return type(base.__name__, (base,), {**methods, "__module__": base.__module__, "__doc__": base.__doc__})


def target_of(connection: Any) -> CallTarget:
    """Return where a connection goes."""
    target = _targets.get(connection)
    if target is None:
        info = connection.info
        target = CallTarget("postgresql", {DB_NAMESPACE: info.dbname, **address_of(info.host, info.port)}, info.backend_pid)
        _targets[connection] = target
    return target


def _of_cursor(cursor: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    query = args[0] if args else kwargs["query"]
    return target_of(cursor.connection), sql_words(text_of(query, cursor))


def _of_call(cursor: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(cursor.connection), sql_words(f"CALL {args[0] if args else kwargs['procname']}")


def _of_copy(cursor: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    text = kwargs.get("sql") or (f"COPY {kwargs['table']}" if "table" in kwargs else None)
    if text is None:  # copy_expert(sql, file), but copy_from(file, table)
        text = args[0] if hasattr(args[0], "as_string") or isinstance(args[0], (str, bytes)) else f"COPY {args[1]}"
    return target_of(cursor.connection), sql_words(text_of(text, cursor))


def _told(call: ServiceCall, cursor: Any, _result: Any) -> None:
    call.rows = cursor.rowcount
    notices = cursor.connection.notices
    if notices and "plan:" in notices[-1]:
        call.target.running = call
        noted_plan(call.target, notices[-1])
        call.target.running = None


def _ending(text: str) -> Any:
    words = sql_words(text)

    def describe(connection: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords] | None:
        return None if connection.info.transaction_status == 0 else (target_of(connection), words)

    return describe
