"""Works out what clients tell of their own times (`client_hours`), an hour at a time, as `database_rollups` does: spans and records are wide, lie
in another order, and are kept for weeks; these rows are small and kept for years.

An hour is worked out again when more spans or records of it came, of whomever: so late ones are there, too. That is looked at seldom, for the
times of today's rows are read for it; what is not worked out yet is read as it was told.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hookline_collector.rollups.database_rollups import DatabaseRollups, DatabaseTable
from hookline_collector.rollups.metric_rollups import RollupStore

CLIENT_EVERY_S: Final = 600.0
CLIENT_TABLES: Final = (
    DatabaseTable("client spans", "otel_traces", of_hours=("roll_client_hours",), moment="Timestamp", told="client_timings_of_spans"),
    DatabaseTable("client records", "otel_logs", of_hours=("roll_client_hours",), moment="Timestamp", told="client_timings_of_logs"),
)


def client_rollups(store: RollupStore, now_s: Callable[[], float]) -> DatabaseRollups:
    """Return the rollups of clients' times in one store."""
    return DatabaseRollups(store, now_s, tables=CLIENT_TABLES)
