"""Which sessions have something that was not worked out yet? Derived from the store, so it holds across kills, restarts and other collectors.

At the first look every session's marks are compared with what its rows were made of. From then on only new parts are looked into: a part's block
numbers say what it consists of, so what merges is not new, and a part with a block that was not seen before is. Where blocks are gone, all is
compared again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Query

PRICES = "prices"
_TRIES = 20
_SESSIONS_IN = """SELECT 'TABLE' AS of_table, _part AS part, groupUniqArray(session_id) AS sessions
FROM TABLE WHERE _part IN {TABLE:Array(String)} GROUP BY part"""
OfTable = tuple[str, str]
Blocks = tuple[int, int]


class FactPart(NamedTuple):
    """An active part of a table, with its first and last block."""

    table: str
    partition: str
    name: str
    first: int
    last: int


class PartsLook(NamedTuple):
    """What a look found: the parts that there are, those with something new, and whether something is gone."""

    parts: tuple[FactPart, ...]
    fresh: tuple[FactPart, ...]
    is_less: bool


def look_at(parts: Iterable[FactPart], before: Iterable[FactPart]) -> PartsLook:
    """Compare the parts with those of the last look."""
    found, known = tuple(parts), defaultdict[OfTable, list[Blocks]](list)
    for part in sorted(before, key=lambda part: part.first):
        known[part.table, part.partition].append((part.first, part.last))
    fresh = tuple(part for part in found if not _covers(known[part.table, part.partition], part))
    now = defaultdict[OfTable, list[FactPart]](list)
    for part in found:
        now[part.table, part.partition].append(part)
    is_less = any(
        not any(part.first <= first and last <= part.last for part in now[place]) for place, blocks in known.items() for first, last in blocks
    )
    return PartsLook(found, fresh, is_less)


def _covers(blocks: Sequence[Blocks], part: FactPart) -> bool:
    """Whether all of a part's blocks are known: a number that is missing between them may be of an insert that came late."""
    need = part.first
    for first, last in blocks:
        if first <= need <= last:
            need = last + 1
    return need > part.last


class Dirt:
    """What was seen of the store so far. Not for several threads at once."""

    def __init__(self, query: Query, rules: int) -> None:
        self._query = query
        self._rules = rules
        self._seen: tuple[FactPart, ...] | None = None
        self.was_all = False
        """Whether the last look compared everything: what it found may have been left half done."""
        self.changed: frozenset[str] = frozenset()
        """The tables in which the last look found something new; empty where it compared everything."""

    def look(self, priced_by: Callable[[], int]) -> list[str]:
        """Return the sessions that may have something new since the last look, each once, the newest first. A look that fails is made again, whole.

        Those that are worked out together should be of one time: an insert makes a part of each month that its rows are in.

        `priced_by` reads which list of prices counts. It is asked after the parts were listed: a list that comes later than that is in a part
        that the next look finds new, so that nothing is left worked out by prices that are no more.
        """
        self.was_all, self.changed = False, frozenset()
        for _ in range(_TRIES):
            found = look_at(self._parts(), self._seen or ())
            if self._seen is None or found.is_less or any(part.table == PRICES for part in found.fresh):
                sessions = self._all(priced_by())
            elif (some := self._in(found.fresh)) is not None:
                sessions, self.changed = some, frozenset(part.table for part in found.fresh)
            else:
                continue
            self._seen = found.parts
            return sessions
        self._seen = None
        return self._all(priced_by())

    def _parts(self) -> list[FactPart]:
        return [FactPart(*row) for row in self._query(load_query(__package__, "fact_parts"), {})]

    def _all(self, priced_by: int) -> list[str]:
        self.was_all = True
        return [row[0] for row in self._query(load_query(__package__, "dirty_sessions"), {"rules": self._rules, "priced_by": priced_by})]

    def _in(self, fresh: Iterable[FactPart]) -> list[str] | None:
        """Return the sessions that the parts tell of, by months; None when a part was merged away meanwhile."""
        names = defaultdict[str, list[str]](list)
        for part in fresh:
            names[part.table].append(part.name)
        if not names:
            return []
        rows = self._query(" UNION ALL ".join(_SESSIONS_IN.replace("TABLE", table) for table in sorted(names)), names).rows
        if {(row[0], row[1]) for row in rows} != {(table, name) for table, found in names.items() for name in found}:
            return None
        by_month = sorted(rows, key=lambda row: row[1] if row[1][0].isdigit() else "", reverse=True)  # a part's name begins with its month, or "all"
        return list(dict.fromkeys(session_id for row in by_month for session_id in row[2]))
