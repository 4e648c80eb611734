"""Works out by the minute and hour what was told of databases, an hour at a time, as `metric_rollups` does with metrics.

How many rows there are is read from the parts of their days, so a look that finds nothing new reads next to nothing. An hour that has got more
rows than it was worked out from is worked out again; one that has fewer lost them to the retention or to a merge, and stays.

Load by the minute is worked out once more, into what lists of databases and long ranges read, and that into hours: from the minutes, which are kept
when samples are gone, so that a store of an earlier version gets it too. Each hour follows its minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import orjson

from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S, MOST_HOURS, RollupStore
from hookline_collector.store.queries import load_query


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """What is worked out: its word in `db_rollup_hours`, where it comes from, and the statements that write an hour's rows.

    `source` is a table with the time of a row in `moment`, or the word of what was worked out before (`is_derived`). Where the statements
    serve several sources, `told` is the view that they read: no bound value can name a view with parameters.
    """

    what: str
    source: str
    rolls: tuple[str, ...]
    is_derived: bool = False
    moment: str = "time"
    told: str = ""

    def statements(self) -> Iterator[str]:
        """Yield the statements that write the rows of what was told from {since} until {until}."""
        for roll in self.rolls:
            yield load_query(__package__, roll).replace("TOLD", self.told)


TABLES = (
    DatabaseTable("samples", "db_samples_state", ("roll_database_load",)),
    DatabaseTable("classes", "samples", ("roll_database_classes", "roll_database_load_hours"), is_derived=True),
    DatabaseTable("busy", "samples", ("roll_database_busy",), is_derived=True),
    DatabaseTable("class_hours", "classes", ("roll_database_class_hours",), is_derived=True),
    DatabaseTable("statements", "db_statements_state", ("roll_database_statements",)),
    DatabaseTable("relations", "db_relations_state", ("roll_database_relations",)),
)
OF_DERIVED = 8
"""So many times as many hours are worked out in one go of what was worked out before, which has few rows."""


class DatabaseRollups:
    """Rollups of one store. Calls block."""

    def __init__(
        self, store: RollupStore, now_s: Callable[[], float], most_hours: int = MOST_HOURS, tables: Sequence[DatabaseTable] = TABLES
    ) -> None:
        self._store = store
        self._tables = tables
        self._now_s = now_s
        self._most_hours = most_hours

    def catch_up(self) -> int:
        """Work out hours that are over and stale, the oldest first; return how many. What fails, or is left, is worked out with the next call."""
        return sum(self._catch_up(table) for table in self._tables)

    def _catch_up(self, table: DatabaseTable) -> int:
        over = self._now_s() - HOUR_S - GRACE_S
        most = self._most_hours * (OF_DERIVED if table.is_derived else 1)
        due = sorted((hour, points) for hour, points in self._stale(table) if hour <= over)[:most]
        for hour, points in due:
            self._roll(table, hour, points)
        return len(due)

    def _stale(self, table: DatabaseTable) -> Iterator[tuple[int, int]]:
        if table.is_derived:
            yield from self._store.query(load_query(__package__, "stale_derived_hours"), {"what": table.what, "source": table.source})
            return
        days = self._store.query(load_query(__package__, "stale_database_days"), {"what": table.what, "source": table.source})
        for (day,) in days:
            asked = {"what": table.what, "source": table.source, "moment": table.moment, "day": day}
            yield from self._store.query(load_query(__package__, "stale_database_hours"), asked)

    def _roll(self, table: DatabaseTable, hour: int, points: int) -> None:
        """Write an hour's rows, and only then that it is worked out.

        The note is an insert that the waterline waits for, so a waterline that has the note has the rows.
        """
        for statement in table.statements():
            self._store.command(statement, {"since": hour, "until": hour + HOUR_S})
        self._store.write("db_rollup_hours", orjson.dumps({"what": table.what, "hour": hour, "points": points}))
