"""What of a database's tables and sequences comes to an end bit by bit, as points: dead rows before vacuum, values of a sequence.

Of many tables and sequences only those are told that are on their way; once told, they are told on, so that the course of each is whole: also after a
vacuum, which takes it back to nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from hookline.contract.databases import DB_COLLECTION, DB_NAMESPACE
from hookline.databases.database_events import shown
from hookline.databases.database_points import DatabasePoint
from hookline.databases.postgres.link import PgRows

VACUUM_DUE, SEQUENCE_USED = "hookline.db.vacuum.due_percent", "hookline.db.sequence.used_percent"
MOST_TOLD = 50
LEAST_DEAD = 1_000
FROM_PERCENT = {VACUUM_DUE: 25.0, SEQUENCE_USED: 10.0}


@dataclass(frozen=True, slots=True)
class DeadRows:
    """How many dead rows a table of a database has, and at how many vacuum begins."""

    schema: str
    table: str
    dead: int
    trigger: float


@dataclass(slots=True)
class NearingEnds:
    """Remembers what is told; one for a server."""

    _told: dict[str, set[Hashable]] = field(default_factory=dict)

    def of_tables(self, database: str, tables: Iterable[DeadRows]) -> list[DatabasePoint]:
        """Return the tables whose dead rows come near to what brings a vacuum."""
        named = [(each.schema, each.table, 100.0 * each.dead / max(1.0, each.trigger), each.dead >= LEAST_DEAD) for each in tables]
        return self._chosen(VACUUM_DUE, database, named)

    def of_sequences(self, database: str, rows: PgRows) -> list[DatabasePoint]:
        """Return the sequences that are used to some part."""
        named = [(schema, name, percent, True) for schema, name, is_visible, percent in rows if is_visible and percent is not None]
        return self._chosen(SEQUENCE_USED, database, named)

    def _chosen(self, metric: str, database: str, named: Iterable[tuple[str, str, float, bool]]) -> list[DatabasePoint]:
        told, points = self._told.setdefault(metric, set()), []
        for schema, name, percent, counts in sorted(named, key=lambda each: -each[2]):
            key = database, schema, name
            if key not in told:
                if not counts or percent < FROM_PERCENT[metric] or len(told) >= MOST_TOLD:
                    continue
                told.add(key)
            where = {DB_NAMESPACE: shown(database), DB_COLLECTION: shown(f"{schema}.{name}")}
            points.append(DatabasePoint(metric, round(percent, 3), where))
        return points
