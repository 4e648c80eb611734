"""clickhouse-driver: ClickHouse's native protocol, also under its DB API."""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

from clickhouse_driver import Client

from hookline.contract.services import DB_NAMESPACE
from hookline.services.calls import CallTarget, ServiceCall, address_of
from hookline.services.clients.call_timing import text_of, timed
from hookline.services.options import ServiceOptions
from hookline.services.patches import Patches
from hookline.services.statements import StatementWords, sql_words

SYSTEM: Final = "clickhouse"
_METHODS: Final = ("execute", "execute_with_progress", "execute_iter", "query_dataframe", "insert_dataframe", "query_arrow", "query_arrow_stream")
_targets: WeakKeyDictionary[Any, CallTarget] = WeakKeyDictionary()


def patch(patches: Patches, options: ServiceOptions) -> None:
    """Put clocks into clickhouse-driver."""
    for name in _METHODS:
        patches.replace(Client, name, timed(_of_client, _told, may_nest=True))


def target_of(client: Any) -> CallTarget:
    """Return where a client goes."""
    connection = client.connection
    target = _targets.get(connection)
    if target is None:
        hosts = getattr(connection, "hosts", None)
        host, port = hosts[0] if hosts else (getattr(connection, "host", "") or "", getattr(connection, "port", None))
        target = CallTarget(SYSTEM, {DB_NAMESPACE: getattr(connection, "database", "") or "default", **address_of(host, port)})
        _targets[connection] = target
    return target


def _of_client(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[CallTarget, StatementWords]:
    return target_of(client), sql_words(text_of(args[0] if args else kwargs["query"]), SYSTEM)


def _told(call: ServiceCall, _client: Any, result: Any) -> None:
    if isinstance(result, list):
        call.rows = len(result)
    elif isinstance(result, int):
        call.batch = result
