"""A client of the embedded engine. Import it once the engine is loaded (`load_engine`): the library's client loads it in its own way.

A new client asks the engine for its version and its thousand settings, which takes as long as several small statements and is the same for
as long as a process lives. Only the first one asks.
"""

from typing import Any, ClassVar

from clickhouse_connect.driver._chdbclient import ChdbClient


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
