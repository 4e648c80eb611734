"""What was said by hand is asked again once anything was written, and not before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hookline_collector.corrections.correction import Correction
from hookline_collector.corrections.correction_book import CorrectionBook, corrections_between
from hookline_collector.store import Rows, Store
from hookline_collector.worked_out import WorkedReading, WorkedStore
from support.agent_records import T0, S
from support.stores import derived_store as store

__all__ = ["store"]
SAID = Correction("", "add", "ana", T0, T0 + 60 * S, "shop", "", "ana", "", T0)


class Counted:
    """A store that counts what is written and asked."""

    def __init__(self, store: Store) -> None:
        self.changes = self.asked = 0
        self._store = store
        self.secure = store.secure

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer a statement."""
        self.asked += 1
        return self._store.query(sql, parameters)

    def write(self, table: str, lines: bytes) -> None:
        """Insert rows."""
        self._store.write(table, lines)
        self.changes += 1


def test_a_correction_is_in_the_next_answer(store: Store) -> None:
    """One that is taken back is in none; until then nothing is asked twice, but for another person."""
    counted = Counted(store)
    book = CorrectionBook(counted)
    reading = WorkedReading(counted.query, WorkedStore(store, is_alone=True, changes=lambda: counted.changes))

    def told(user: str = "") -> tuple[int, int]:
        """Return how many corrections are told, and how many statements that took."""
        query, counted.asked = reading.begin().query, 0
        return len(corrections_between(query, 0, 2**62, user=user)), counted.asked

    assert [told(), told()] == [(0, 1), (0, 0)]
    said = book.add(SAID)
    assert [told(), told(), told("bo"), told("bo")] == [(1, 1), (1, 0), (0, 1), (0, 0)]
    book.withdraw(said.correction_id, T0)
    assert [told(), told()] == [(0, 1), (0, 0)]


def test_who_does_not_write_alone_asks_each_time(store: Store) -> None:
    """Another collector may have written one."""
    counted = Counted(store)
    reading = WorkedReading(counted.query, WorkedStore(store))
    for n in (1, 2):
        corrections_between(reading.begin().query, 0, 2**62)
        assert counted.asked == n
