"""Works out by the minute and hour what was told of databases, an hour at a time, as `metric_rollups` does with metrics.

How many rows there are is read from the parts of their days, so a look that finds nothing new reads next to nothing. An hour that has got more
rows than it was worked out from is worked out again; one that has fewer lost them to the retention or to a merge, and stays.

What has a row a minute is worked out before its hour is over, five minutes at a time, so that whoever asks reads the same few minutes row by row
just before an hour ends as just after. Each time the minutes that are new are, or all of the hour where rows came late.

Load by the minute is worked out once more, into what lists of databases and long ranges read, and that into hours: from the minutes, which are kept
when samples are gone, so that a store of an earlier version gets it too. Each hour follows its minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from hookline_collector.rollups.metric_rollups import GRACE_S, HOUR_S, MOST_HOURS, RollupStore
from hookline_collector.store.queries import load_query

PART_S: Final = 300
"""The statement that finds stale hours counts rows by as much."""


@dataclass(frozen=True, slots=True)
class DatabaseTable:
    """What is worked out: its word in `db_rollup_hours`, where it comes from, and the statements that write its rows.

    `of_minutes` write the rows of any whole minutes, `of_hours` those of a whole hour. `source` is a table with the time of a row in `moment`, or the
    word of what was worked out before (`is_derived`). Where the statements serve several sources, `told` is the view that they read: no bound
    value can name a view with parameters.
    """

    what: str
    source: str
    of_minutes: tuple[str, ...] = ()
    of_hours: tuple[str, ...] = ()
    is_derived: bool = False
    moment: str = "time"
    told: str = ""

    @property
    def least_s(self) -> int:
        """How much of an hour is worked out at least: at a multiple of it an hour may end for now."""
        return PART_S if self.of_minutes else HOUR_S

    def statement(self, name: str) -> str:
        """Return a statement that writes the rows of what was told from {since} until {until}."""
        return load_query(__package__, name).replace("TOLD", self.told)


class StaleHour(NamedTuple):
    """An hour to work out, from which of its seconds until which; of how many rows it is, and what was known of it until now."""

    hour: int
    known: int
    known_s: int
    points: int
    since_s: int
    until_s: int


TABLES = (
    DatabaseTable("samples", "db_samples_state", of_minutes=("roll_database_load",)),
    DatabaseTable("classes", "samples", of_minutes=("roll_database_classes",), of_hours=("roll_database_load_hours",), is_derived=True),
    DatabaseTable("busy", "samples", of_minutes=("roll_database_busy",), is_derived=True),
    DatabaseTable("class_hours", "classes", of_hours=("roll_database_class_hours",), is_derived=True),
    DatabaseTable("statements", "db_statements_state", of_hours=("roll_database_statements",)),
    DatabaseTable("relations", "db_relations_state", of_hours=("roll_database_relations",)),
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
        """Work out what is over and stale, the oldest first; return how many hours, or parts of them.

        What fails, or is left, is worked out with the next call.
        """
        done: dict[str, list[StaleHour]] = {}
        for table in self._tables:
            found = self._derived(table, done.get(table.source, [])) if table.is_derived else self._stale(table)
            due = sorted(found)[: self._most_hours * (OF_DERIVED if table.is_derived else 1)]
            for each in due:
                self._roll(table, each)
            done[table.what] = due
        return sum(map(len, done.values()))

    def _stale(self, table: DatabaseTable) -> Iterator[StaleHour]:
        until = int(self._now_s() - GRACE_S) // table.least_s * table.least_s
        days = self._store.query(load_query(__package__, "stale_database_days"), {"what": table.what, "source": table.source})
        for (day,) in days:
            asked = {"what": table.what, "source": table.source, "moment": table.moment, "day": day, "until": until}
            yield from map(StaleHour._make, self._store.query(load_query(__package__, "stale_database_hours"), asked))

    def _derived(self, table: DatabaseTable, done: Collection[StaleHour]) -> Iterator[StaleHour]:
        """Yield what follows from what was worked out before, of which some was `done` just now: of that, only what is new follows."""
        going_on = {(each.hour, each.known, each.known_s) for each in done if each.since_s == each.known_s}
        asked = {"what": table.what, "source": table.source, "least_s": table.least_s}
        for hour, known, known_s, points, until_s in self._store.query(load_query(__package__, "stale_derived_hours"), asked):
            since_s = known_s if (hour, known, known_s) in going_on else 0
            yield StaleHour(hour, known, known_s, points, since_s, until_s)

    def _roll(self, table: DatabaseTable, stale: StaleHour) -> None:
        """Write rows, and only then that they are worked out.

        The note is an insert that the waterline waits for, so a waterline that has the note has the rows.
        """
        for name in table.of_minutes:
            self._store.command(table.statement(name), {"since": stale.hour + stale.since_s, "until": stale.hour + stale.until_s})
        if stale.until_s == HOUR_S:
            for name in table.of_hours:
                self._store.command(table.statement(name), {"since": stale.hour, "until": stale.hour + HOUR_S})
        known = {"what": table.what, "hour": stale.hour, "points": stale.points, "seconds": stale.until_s}
        self._store.write("db_rollup_hours", orjson.dumps(known))
