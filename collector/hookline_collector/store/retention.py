"""How long each table keeps its rows: a TTL per table, set from the settings and set anew when they change.

Raw signals are dropped by whole days (`ttl_only_drop_parts`, partitions by day), which costs nothing; derived tables, kept for
years, row by row when their parts are merged. A table that a setting of 0 keeps for ever has no TTL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from hookline.settings import Settings
from hookline.settings.schema import Retention
from hookline_collector.store.rows import Rows

_METRICS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_BY_DAY = ("tool_calls_state", "activity_state", "usage_state", "suspends_state", "places_state")
_TABLES = "SELECT name, engine_full FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree'"


@dataclass(frozen=True, slots=True)
class Keep:
    """A table's rows are kept for `days` after `since`, an expression of type DateTime or Date; 0 days is for ever.

    Rows that do not know their time yet (`unless_unset`, a column that is 0 there) are left until they are merged with those that do.
    """

    table: str
    since: str
    days: int
    unless_unset: str = ""

    @property
    def ttl(self) -> str:
        """The TTL as the engine prints it."""
        return f"{self.since} + toIntervalDay({self.days})" + (f" WHERE {self.unless_unset} > 0" if self.unless_unset else "")


class Runner(Protocol):
    """The part of the store that is needed here."""

    database: str

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Answer our own SQL."""

    def command(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Run our own statement."""


def plan(retention: Retention) -> list[Keep]:
    """Return what the settings ask for, table by table."""
    return [
        Keep("otel_traces", "toDateTime(Timestamp)", retention.traces_days),
        Keep("otel_traces_trace_id_ts", "toDateTime(Start)", retention.traces_days),
        Keep("otel_logs", "toDateTime(Timestamp)", retention.logs_days),
        *(Keep(f"otel_metrics_{kind}", "toDateTime(TimeUnix)", retention.metrics_days) for kind in _METRICS),
        *(Keep(table, "day", retention.derived_days) for table in _BY_DAY),
        Keep("sessions_state", "toDateTime(last)", retention.derived_days, unless_unset="last"),  # the end of a killed one comes alone
        Keep("usage_limits_state", "minute", retention.derived_days),
    ]


def retain(store: Runner, settings: Settings) -> list[str]:
    """Make every table's TTL what the settings ask for; return the names of the tables that changed."""
    engines: dict[str, str] = dict(store.query(_TABLES, {"database": store.database}))
    on_cluster = f" ON CLUSTER `{settings.store.cluster}`" if settings.store.cluster else ""
    changed = []
    for keep in plan(settings.retention):
        change = _change(keep, engines.get(keep.table))
        if change:
            store.command(f"ALTER TABLE `{store.database}`.{keep.table}{on_cluster} {change}")
            changed.append(keep.table)
    return changed


def _change(keep: Keep, engine: str | None) -> str:
    """Return the clause of ALTER TABLE that is needed, empty when none is or when there is no such table."""
    if engine is None:
        return ""
    now = engine.partition(" TTL ")[2].partition(" SETTINGS ")[0].strip()
    if keep.days <= 0:
        return "REMOVE TTL" if now else ""
    return "" if now == keep.ttl else f"MODIFY TTL {keep.ttl}"
