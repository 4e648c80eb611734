"""SQLAlchemy 2.0 and 2.1, by its own events: pools of every engine, and executions by drivers that are not watched themselves (SQLite, MySQL …)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from hookline.contract.services import DB_NAMESPACE, DB_POOL_NAME, DB_POOL_STATE, POOL_COUNT, POOL_MAX
from hookline.services.active import active
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import begun, ended, text_of
from hookline.services.clients.pool_waits import waited
from hookline.services.durations import Labels
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.service_metrics import observe
from hookline.services.statements import StatementWords, sql_words

WATCHED_DRIVERS: Final = frozenset({"psycopg", "psycopg_async", "psycopg2", "asyncpg", "clickhouse_connect", "connect", "native", "http"})
SYSTEMS: Final = {"mssql": "microsoft.sql_server", "oracle": "oracle.db"}
"""`db.system.name` of dialects whose own name is another."""
_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()
_pools: WeakSet[Any] = WeakSet()
_KEY: Final = "hookline_call"


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Listen to SQLAlchemy."""
    for name, listener in (("before_cursor_execute", _before), ("after_cursor_execute", _after), ("handle_error", _failed)):
        event.listen(Engine, name, listener)
        patches.on_undo(partial(event.remove, Engine, name, listener))
    patches.replace(Pool, "connect", waited(_name_of_pool))
    watch = active()
    if watch is not None:
        observe(watch.meter, POOL_COUNT, _connections, lambda: watch.is_active)
        observe(watch.meter, POOL_MAX, _largest, lambda: watch.is_active)


def _before(connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    if connection.dialect.driver in WATCHED_DRIVERS or active() is None:
        return
    call = begun(_described, connection, (statement,), {})
    if call is not None and context is not None:
        setattr(context, _KEY, call)


def _after(_connection: Any, cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool) -> None:
    _end(context, None, cursor)


def _failed(context: Any) -> None:
    _end(context.execution_context, context.original_exception, None)


def _end(context: Any, error: BaseException | None, cursor: Any) -> None:
    call, watch = getattr(context, _KEY, None), active()
    if call is None or watch is None:
        return
    delattr(context, _KEY)
    ended(watch, call, error, _told, cursor)


def _told(call: ServiceCall, cursor: Any, _result: Any) -> None:
    count = getattr(cursor, "rowcount", -1)
    call.rows = count if isinstance(count, int) else -1


def _described(connection: Any, args: tuple[Any, ...], _kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    target = target_of(connection.engine)
    return target, sql_words(text_of(args[0]), target.system)


def target_of(engine: Any) -> CallTarget:
    """Return where an engine goes."""
    target = _targets.get(engine)
    if target is None:
        url, name = engine.url, engine.dialect.name
        target = CallTarget(SYSTEMS.get(name, name), {DB_NAMESPACE: str(url.database or ""), **address_of(url.host or "", url.port)})
        _targets[engine] = target
    return target


def _name_of_pool(pool: Any) -> str:
    _pools.add(pool)
    return str(getattr(pool, "logging_name", None) or type(pool).__name__)


def _connections() -> Iterator[tuple[float, Labels]]:
    for pool in list(_pools):
        if hasattr(pool, "checkedout") and hasattr(pool, "checkedin"):
            name = _name_of_pool(pool)
            yield pool.checkedout(), {DB_POOL_NAME: name, DB_POOL_STATE: "used"}
            yield pool.checkedin(), {DB_POOL_NAME: name, DB_POOL_STATE: "idle"}


def _largest() -> Iterator[tuple[float, Labels]]:
    for pool in list(_pools):
        most = getattr(pool, "_max_overflow", None)
        if hasattr(pool, "size") and isinstance(most, int) and most >= 0:
            yield pool.size() + most, {DB_POOL_NAME: _name_of_pool(pool)}
