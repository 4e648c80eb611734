"""How long each table keeps its rows: a TTL per table, set from the settings and set anew when they change.

Raw signals are dropped by whole days (`ttl_only_drop_parts`, partitions by day), which costs nothing; derived tables, kept for
years, row by row when their parts are merged. A setting of 0 keeps a table without limit: it has no TTL.

`drop_expired` takes partitions away at once that hold nothing but rows past their time: on a full disk the engine could not write what a
TTL needs, and dropping makes the room for it. `retain` changes definitions, which needs room. No statement waits for what it asked for.
A part carries until when it is kept, as the TTL was when it was written. Where that becomes longer the engine writes that anew, lest rows
go too early; where it becomes shorter, dropping whole partitions is enough, and nothing is rewritten.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from hookline.settings import Settings
from hookline.settings.schema import RetentionSettings
from hookline_collector.store.rows import Rows

_DAY, _MONTH, _YEAR = re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"\d{4}(0[1-9]|1[0-2])"), re.compile(r"\d{4}")
_METRICS = ("gauge", "sum", "histogram", "exponential_histogram", "summary")
_BY_DAY = ("tool_calls_state", "activity_state", "usage_state", "suspends_state", "places_state")
_WORKED_BY_DAY = tuple(
    f"worked_{name}" for name in ("calls", "commands", "turns", "requests", "parts", "running", "clocks", "spells", "days", "days_known")
)
_OF_DATABASES = tuple(f"db_{name}_state" for name in ("samples", "locks", "statements", "relations"))
_NOT_WAITED_FOR = "SETTINGS alter_sync = 0, mutations_sync = 0"
_DAYS = re.compile(r"toIntervalDay\((\d+)\)")
_PARTITIONS = """SELECT table, partition FROM system.parts WHERE database = {database:String} AND active
GROUP BY table, partition ORDER BY table, partition"""
_TABLES = "SELECT name, engine_full FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree'"


@dataclass(frozen=True, slots=True)
class Keep:
    """Keep a table's rows for `days` after `since`, an expression of type DateTime or Date; 0 days keeps them without limit.

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


def plan(retention: RetentionSettings) -> list[Keep]:
    """Return what the settings ask for, table by table."""
    return [
        Keep("otel_traces", "toDateTime(Timestamp)", retention.traces_days),
        Keep("otel_traces_trace_id_ts", "toDateTime(Start)", retention.traces_days),
        Keep("otel_logs", "toDateTime(Timestamp)", retention.logs_days),
        *(Keep(f"otel_metrics_{kind}", "toDateTime(TimeUnix)", retention.metrics_days) for kind in _METRICS),
        *(Keep(table, "day", retention.derived_days) for table in (*_BY_DAY, *_WORKED_BY_DAY)),
        Keep("worked_sessions", "last_day", retention.derived_days, unless_unset="last_ns"),
        Keep("otel_metrics_minutes", "Bucket", retention.metric_minutes_days),
        Keep("otel_metrics_1h", "Bucket", retention.metric_hours_days),
        Keep("metric_rollup_hours", "hour", retention.metric_hours_days),
        Keep("sessions_state", "toDateTime(last)", retention.derived_days, unless_unset="last"),  # the end of a killed one comes alone
        Keep("usage_limits_state", "minute", retention.derived_days),
        Keep("alerts_state", "toDateTime(changed)", retention.derived_days),
        *(Keep(table, "day", retention.traces_days) for table in ("requests_state", "request_statements")),
        *(Keep(table, "toDateTime(time)", retention.database_days) for table in _OF_DATABASES),
        Keep("db_plans_state", "toDateTime(last)", retention.derived_days),
        Keep("db_verdicts_state", "toDateTime(intDiv(until_ns, 1000000000))", retention.derived_days),
        Keep("db_forecasts_state", "toDateTime(told)", retention.database_days),
        *(Keep(f"db_{name}_1m", "minute", retention.metric_minutes_days) for name in ("load", "classes", "busy")),
        *(Keep(f"db_{name}_1h", "hour", retention.metric_hours_days) for name in ("load", "classes", "statements", "relations")),
        Keep("client_hours", "hour", retention.derived_days),
        Keep("db_rollup_hours", "hour", retention.metric_hours_days),
    ]


def retain(store: Runner, settings: Settings, *, rewrite: bool = True) -> list[str]:
    """Make every table's TTL what the settings ask for; return the names of the tables that changed.

    Without `rewrite` what is to be kept for less time than before is left to `drop_expired`.
    """
    engines: dict[str, str] = dict(store.query(_TABLES, {"database": store.database}))
    on_cluster = f" ON CLUSTER `{settings.store.cluster}`" if settings.store.cluster else ""
    changed = []
    for keep in plan(settings.retention):
        change = _change(keep, engines.get(keep.table))
        if change:
            how = _NOT_WAITED_FOR + _no_rewriting(keep, engines[keep.table], rewrite)
            store.command(f"ALTER TABLE `{store.database}`.{keep.table}{on_cluster} {change} {how}")
            changed.append(keep.table)
    return changed


def _no_rewriting(keep: Keep, engine: str, rewrite: bool) -> str:
    """Return the setting that leaves parts as they are, where that is safe."""
    before = _DAYS.search(engine.partition(" TTL ")[2])
    is_longer = before is not None and int(before[1]) < keep.days
    return "" if rewrite or is_longer else ", materialize_ttl_after_modify = 0"


def drop_expired(store: Runner, settings: Settings, today: date) -> list[str]:
    """Drop the partitions in which every row is past its time; return them as `table partition`."""
    days = {keep.table: keep.days for keep in plan(settings.retention)}
    on_cluster = f" ON CLUSTER `{settings.store.cluster}`" if settings.store.cluster else ""
    dropped = []
    for table, partition in store.query(_PARTITIONS, {"database": store.database}):
        if is_expired(partition, days.get(table, 0), today):
            store.command(f"ALTER TABLE `{store.database}`.{table}{on_cluster} DROP PARTITION '{partition}' {_NOT_WAITED_FOR}")
            dropped.append(f"{table} {partition}")
    return dropped


def is_expired(partition: str, days: int, today: date) -> bool:
    """Whether all of a partition, a day (2026-03-01), a month (202603) or a year (2026), is past its time; 0 never passes, other names stay."""
    end = _end_of(partition)
    return days > 0 and end is not None and end + timedelta(days=days) <= today


def _end_of(partition: str) -> date | None:
    """Return the day after a partition's last."""
    if _DAY.fullmatch(partition):
        return date.fromisoformat(partition) + timedelta(days=1)
    if _MONTH.fullmatch(partition):
        return (date(int(partition[:4]), int(partition[4:]), 28) + timedelta(days=4)).replace(day=1)
    if _YEAR.fullmatch(partition):
        return date(int(partition) + 1, 1, 1)
    return None


def _change(keep: Keep, engine: str | None) -> str:
    """Return the clause of ALTER TABLE that is needed, empty when none is or when there is no such table."""
    if engine is None:
        return ""
    now = engine.partition(" TTL ")[2].partition(" SETTINGS ")[0].strip()
    if keep.days <= 0:
        return "REMOVE TTL" if now else ""
    return "" if now == keep.ttl else f"MODIFY TTL {keep.ttl}"
