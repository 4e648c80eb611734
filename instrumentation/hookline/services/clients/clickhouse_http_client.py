"""clickhouse-connect: over HTTP, with and without asyncio, and its embedded engine. Whatever a person calls goes through these methods."""

from __future__ import annotations

import importlib
from typing import Any, Final
from weakref import WeakKeyDictionary

from hookline.contract.services import DB_NAMESPACE
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import text_of, timed
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.statements import StatementWords, sql_words

SYSTEM: Final = "clickhouse"
_CLASSES: Final = (
    ("clickhouse_connect.driver._backendclient", "SyncBackendClient"),
    ("clickhouse_connect.driver.httpclient", "HttpClient"),
    ("clickhouse_connect.driver.asyncclient", "AsyncClient"),
)
_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Put clocks into clickhouse-connect; which classes there are depends on its version and on what else is installed."""
    for module, name in _CLASSES:
        try:
            owner = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError):
            continue
        for method, describe, finish in _METHODS:
            if method in vars(owner):
                patches.replace(owner, method, timed(describe, finish, may_nest=True))


def target_of(client: Any) -> CallTarget:
    """Return where a client goes."""
    target = _targets.get(client)
    if target is None:
        address: str = getattr(client, "url", "") or ""
        host, _, port = address.rpartition("//")[2].rpartition("/")[0].rpartition(":") if address.count("/") > 2 else _parted(address)
        database = getattr(client, "database", None)
        target = CallTarget(SYSTEM, {DB_NAMESPACE: database or "default", **address_of(host, port if port.isdigit() else None)})
        _targets[client] = target
    return target


def _parted(address: str) -> tuple[str, str, str]:
    return address.rpartition("//")[2].rpartition(":")


def _of_context(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    context = args[0] if args else kwargs["context"]
    return target_of(client), sql_words(text_of(context.query), SYSTEM)


def _of_insert(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    context = args[0] if args else kwargs["context"]
    return target_of(client), sql_words(f"INSERT INTO {context.table}", SYSTEM)


def _of_text(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    query = args[0] if args else next(kwargs[name] for name in ("cmd", "query") if name in kwargs)
    return target_of(client), sql_words(text_of(query), SYSTEM)


def _of_raw_insert(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(client), sql_words(f"INSERT INTO {args[0] if args else kwargs.get('table')}", SYSTEM)


def _told_result(call: ServiceCall, _client: Any, result: Any) -> None:
    count = getattr(result, "row_count", None)
    if isinstance(count, int) and not getattr(result, "_block_gen", None):
        call.rows = count


def _told_insert(call: ServiceCall, _client: Any, result: Any) -> None:
    rows = getattr(result, "written_rows", -1)
    call.batch = rows if isinstance(rows, int) and rows > 1 else 0


def _nothing(_call: ServiceCall, _client: Any, _result: Any) -> None:
    """Add nothing."""


_METHODS: Final = (
    ("_query_with_context", _of_context, _nothing),
    ("data_insert", _of_insert, _told_insert),
    ("command", _of_text, _nothing),
    ("raw_query", _of_text, _nothing),
    ("raw_stream", _of_text, _nothing),
    ("raw_insert", _of_raw_insert, _nothing),
)
