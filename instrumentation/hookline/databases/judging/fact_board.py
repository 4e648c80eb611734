"""The newest figures of a server and its tables, noted as they are told: nothing is asked twice for whoever judges."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_points import DatabaseOut, DatabasePoint
from hookline.records import Attributes, LogRecord

FRESH_S = 90.0
"""So old may a figure be and still say something."""
MAX_RELATIONS = 2_000


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What a table did between two readings `seconds` apart, and what there is of it. `trigger` is at how many dead rows autovacuum begins."""

    namespace: str
    name: str
    seconds: float
    rows: int
    dead_rows: int
    trigger: float
    seq_scans: int
    seq_rows: int
    index_scans: int

    @property
    def rows_per_scan(self) -> float:
        """Rows that a sequential scan of it goes through, where each process of a parallel one counts as a scan: what a call reads may be more."""
        return self.seq_rows / self.seq_scans if self.seq_scans else float(self.seq_rows)


@dataclass(slots=True)
class FactBoard:
    """Figures by name and attribute. `out` gets all that is told, as if the board were not there."""

    out: DatabaseOut
    hears: Callable[[Sequence[LogRecord]], Sequence[LogRecord]] = lambda records: ()
    """Is told of every record, and returns what is to be told because of them."""
    clock_s: Callable[[], float] = time.monotonic
    _figures: dict[str, dict[tuple[str, ...], tuple[float, float]]] = field(default_factory=dict)
    _tables: dict[tuple[str, str], tuple[float, TableFacts]] = field(default_factory=dict)
    _read_s: dict[tuple[str, str], float] = field(default_factory=dict)

    def events(self, records: Iterable[LogRecord]) -> None:
        """Note what is said of tables, and hand on."""
        records = list(records)
        now_s = self.clock_s()
        for record in records:
            if record.event_name == DatabaseEvent.RELATION and not record.attributes.get(names.RELATION_INDEX):
                self._note_table(record, now_s)
        self.out.events([*records, *self.hears(records)])

    def points(self, points: Iterable[DatabasePoint], since_ns: int) -> None:
        """Note figures, and hand on."""
        points = list(points)
        now_s = self.clock_s()
        for point in points:
            key = tuple(f"{name}={value}" for name, value in sorted(point.attributes.items()))
            self._figures.setdefault(point.name, {})[key] = (now_s, point.value)
        self.out.points(points, since_ns)

    def _note_table(self, record: LogRecord, now_s: float) -> None:
        found = record.attributes
        key = str(found.get(names.DB_NAMESPACE, "")), str(found.get(names.RELATION_NAME, ""))
        before_s, self._read_s[key] = self._read_s.get(key), now_s
        seconds = number_in(found, names.INTERVAL_S) if before_s is None else max(0.5, now_s - before_s)
        facts = TableFacts(
            *key,
            seconds,
            int(number_in(found, names.RELATION_ROWS)),
            int(number_in(found, names.RELATION_DEAD_ROWS)),
            number_in(found, names.RELATION_VACUUM_TRIGGER),
            int(number_in(found, names.RELATION_SEQ_SCANS)),
            int(number_in(found, names.RELATION_SEQ_ROWS)),
            int(number_in(found, names.RELATION_INDEX_SCANS)),
        )
        self._tables[key] = (now_s, facts)
        while len(self._tables) > MAX_RELATIONS:
            del self._tables[next(iter(self._tables))]

    def figure(self, name: str, *attributes: str) -> float | None:
        """Return the newest value of a figure, `name=value` naming its series; None where there is none that is fresh."""
        found = self._figures.get(name, {}).get(tuple(sorted(attributes)))
        return found[1] if found and self.clock_s() - found[0] <= FRESH_S else None

    def series(self, name: str) -> dict[tuple[str, ...], float]:
        """Return all series of a figure that are fresh."""
        now_s = self.clock_s()
        return {key: value for key, (at_s, value) in self._figures.get(name, {}).items() if now_s - at_s <= FRESH_S}

    def figure_sum(self, name: str) -> float:
        """Return the newest values of all series of a figure, added up; 0 where there is none that is fresh."""
        return sum(self.series(name).values())

    def age_s(self, name: str) -> float:
        """Return how long ago a figure was told, endless where it never was."""
        return min((self.clock_s() - at_s for at_s, _ in self._figures.get(name, {}).values()), default=float("inf"))

    def tables(self) -> list[TableFacts]:
        """Return what is known of tables that did something lately."""
        now_s = self.clock_s()
        return [facts for at_s, facts in self._tables.values() if now_s - at_s <= FRESH_S]


def number_in(attributes: Attributes, name: str) -> float:
    """Return a number among attributes, 0 where there is none."""
    value = attributes.get(name)
    return float(value) if isinstance(value, int | float) else 0.0
