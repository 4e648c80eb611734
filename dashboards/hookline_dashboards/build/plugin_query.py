"""A panel's question as the query model of Grafana's ClickHouse plugin, which the SDK does not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery

PLUGIN: Final = "grafana-clickhouse-datasource"
SOURCE: Final = {"type": PLUGIN, "uid": "${datasource}"}
"""The data source that is chosen at the top of the dashboard."""
SERIES, TABLE = 0, 1


class PluginQuery(Dataquery):
    """SQL in the plugin's own words: format 0 is a time series, 1 a table."""

    def __init__(self, sql: str, shape: int, ref: str = "A") -> None:
        self._sql = sql
        self._shape = shape
        self._ref = ref

    def to_json(self) -> dict[str, object]:
        """Return it as it stands in a dashboard."""
        kind = "timeseries" if self._shape == SERIES else "table"
        return {"datasource": SOURCE, "editorType": "sql", "format": self._shape, "queryType": kind, "rawSql": self._sql, "refId": self._ref}


@dataclass(frozen=True, slots=True)
class Asks(Builder[Dataquery]):
    """A builder of one, as the SDK wants it."""

    sql: str
    shape: int

    def build(self) -> Dataquery:
        """Return the query."""
        return PluginQuery(self.sql, self.shape)
