"""What was written last, remembered: a session in which something goes on is worked out again and again, and need not be read for it each time.

Only for a process that writes alone. What is taken is forgotten until it is kept again, so whatever fails in between is read the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from hookline_collector.worked_out.flat_tables import FlatTable, Hashes, Key

MOST_ROWS = 50_000
K = TypeVar("K", bound=Hashable)
OfTables = dict[FlatTable, Hashes]


class RememberedRows(Generic[K]):
    """Keys and hashes of rows in some tables, by what they belong to. What was kept longest ago is forgotten first."""

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._rows = 0
        self._kept: dict[K, OfTables] = {}

    def take(self, owners: Iterable[K]) -> OfTables | None:
        """Return the rows of all owners and forget them; None where one is not known."""
        taken = [self._forget(owner) for owner in set(owners)]
        found: OfTables = {}
        for of_owner in taken:
            if of_owner is None:
                return None
            for table, hashes in of_owner.items():
                found.setdefault(table, {}).update(hashes)
        return found

    def keep(self, owners: Collection[K], rows: Mapping[FlatTable, Hashes], owner_of: Callable[[FlatTable, Key], K]) -> None:
        """Remember that these are all rows of the owners."""
        for owner in owners:
            self._forget(owner)
            self._kept[owner] = {table: {} for table in rows}
        for table, hashes in rows.items():
            for key, found in hashes.items():
                if (of_owner := self._kept.get(owner_of(table, key))) is not None:
                    of_owner[table][key] = found
                    self._rows += 1
        while self._rows > self._most_rows:
            self._forget(next(iter(self._kept)))

    def _forget(self, owner: K) -> OfTables | None:
        found = self._kept.pop(owner, None)
        self._rows -= sum(map(len, found.values())) if found else 0
        return found
