"""Forecasts of databases in the store, for dashboards: worked out now and then by what answers the API, and kept in `db_forecasts_state`.

Only for databases of which metrics came since the last time, so a collector that is told nothing asks its store nothing. All forecasts of a database
are one row, which newer ones replace: several collectors of one server write the same without asking each other, a kill leaves the old row or the new
one, and a forecast that is no longer honest goes. What fails is worked out with the next call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from hookline_collector.databases.database_forecasts import LEVEL, DatabaseForecast, forecasts_of, series_asked
from hookline_collector.databases.live_looks import MAX_DATABASES, SCOPES, name_of
from hookline_collector.observe.announcements import Accepted
from hookline_collector.rollups.rolled_until import rolled_until, rolled_until_asked
from hookline_collector.signal import Signal
from hookline_collector.store.queries import load_query
from hookline_collector.store.rows import Rows

FORECASTS_EVERY_S: Final = 600.0


class ForecastStore(Protocol):
    """The part of the store that is needed here."""

    def query(self, sql: str, parameters: Mapping[str, object] | None = None) -> Rows:
        """Answer our own SQL."""

    def command(self, sql: str, parameters: Mapping[str, object] | None = None) -> None:
        """Run our own statement."""


def of_database_metrics(accepted: Accepted) -> bool:
    """Whether an accepted request may have what is forecast."""
    return accepted.signal is Signal.METRICS and not SCOPES.isdisjoint(accepted.scopes)


class StoredForecasts:
    """The forecasts of one store. `take` and `names` are for the event loop, `work_out` blocks."""

    def __init__(self, store: ForecastStore, now_ns: Callable[[], int]) -> None:
        self._store = store
        self._now_ns = now_ns
        self._told: dict[str, None] = {}

    def take(self, accepted: Accepted) -> None:
        """Remember which databases a request tells of."""
        for resource in accepted.message.resource_metrics:
            if len(self._told) < MAX_DATABASES and (name := name_of(resource.resource.attributes)):
                self._told[name] = None

    def names(self) -> list[str]:
        """Return the databases of which something came since they were worked out."""
        return list(self._told)

    def done(self, name: str) -> None:
        """Forget a database until more of it comes."""
        self._told.pop(name, None)

    def work_out(self, name: str) -> None:
        """Work out the forecasts of a database and replace its stored ones."""
        now_ns = self._now_ns()
        ends = rolled_until(self._store.query(rolled_until_asked()))
        rows = self._store.query(*series_asked(name, now_ns, ends.get("metrics", 0)))
        found = forecasts_of(rows.as_dicts(), now_ns)
        self._store.command(load_query(__package__, "keep_forecasts"), parameters_of(name, now_ns, found))


def parameters_of(database: str, told_ns: int, forecasts: Sequence[DatabaseForecast]) -> dict[str, Any]:
    """Return the forecasts of a database as the statement takes them: a list a column."""
    same = ("metric", "unit", "value", "limit_value", "slope_per_h", "horizon_s", "earliest_ns", "expected_ns", "latest_ns")
    return {name: [getattr(each, name) for each in forecasts] for name in same} | {
        "database": database,
        "told_ns": told_ns,
        "level": LEVEL,
        "what": [each.forecast_of for each in forecasts],
        "labels": [json.dumps(each.labels) for each in forecasts],
        "method": [each.forecast_method for each in forecasts],
    }
