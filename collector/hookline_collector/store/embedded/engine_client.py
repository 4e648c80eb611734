"""A client of the embedded engine. Import it once the engine is loaded (`load_engine`): the library's client loads it in its own way.

A new client asks the engine for its version and its thousand settings, which takes as long as several small statements and is the same for
as long as a process lives. Only the first one asks.

A small insert of rows is handed to the engine as it is. The library writes it to a file first, from which the engine reads it in a thread of its
own: of a few rows that is a quarter of what the insert costs. A large one goes by the file, which the engine reads piece by piece, and so does
what is a single row to its format, a request: handed over in memory, such a one was not stored, without a word.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from clickhouse_connect.driver._chdbclient import ChdbClient
from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.summary import QuerySummary

from hookline_collector.store.embedded.engine_session import quoted

MOST_IN_MEMORY = 1024 * 1024
"""Of an insert's bytes: larger ones are read from a file."""
_OF_ROWS = ("RowBinary", "JSONEachRow")


class EngineClient(ChdbClient):
    """The library's client, which knows what the first one was told."""

    _told: ClassVar[Any] = None

    def _init_common_settings(self, tz_source: Any) -> None:
        if EngineClient._told is None:
            super()._init_common_settings(tz_source)
        else:
            self._apply_init_result(EngineClient._told)

    def _apply_init_result(self, result: Any) -> None:
        EngineClient._told = result
        super()._apply_init_result(result)

    def raw_insert(
        self,
        table: str | None = None,
        column_names: Sequence[str] | None = None,
        insert_block: Any = None,
        settings: dict[str, Any] | None = None,
        fmt: str | None = None,
        compression: str | None = None,
        transport_settings: dict[str, str] | None = None,
    ) -> QuerySummary:
        """Insert bytes of a format into a table."""
        if table is None or fmt not in _OF_ROWS or compression or not isinstance(insert_block, bytes) or len(insert_block) > MOST_IN_MEMORY:
            return super().raw_insert(table, column_names, insert_block, settings, fmt, compression, transport_settings)
        self._insert_from_memory(f"{_insert_into(table, tuple(column_names or ()))}{_settings_clause(settings or {})}", insert_block, fmt)
        return QuerySummary({})

    def _insert_from_memory(self, statement: str, block: bytes, form: str) -> None:
        backend = self._backend
        backend._guard()
        with backend._handle.lock:
            backend._guard_locked()
            backend._use_database_locked(self.database)
            try:
                with backend._handle.conn.send_insert(statement, form) as stream:
                    stream.append(block)
                    stream.finish()
            except Exception as error:  # as the library does it
                raise backend._wrap_exception(error) from error


@lru_cache(256)
def _insert_into(table: str, columns: Iterable[str]) -> str:
    names = ", ".join(map(quote_identifier, columns))
    return f"INSERT INTO {table} ({names})" if names else f"INSERT INTO {table}"


def _settings_clause(settings: Mapping[str, Any]) -> str:
    return " SETTINGS " + ", ".join(f"{name} = {quoted(str(value))}" for name, value in settings.items()) if settings else ""
