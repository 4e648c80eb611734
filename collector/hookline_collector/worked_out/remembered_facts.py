"""Facts that were read before, remembered: a call more changes two of the six tables that tell of a session, and each costs its planning.

An answer holds until something new is in its table, of whichever session: what is new, `Dirt` sees before anything is read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Query

MOST_ROWS = 5_000
_OF_TABLES = {
    "told_stretches": "activity_state",
    "told_places": "places_state",
    "told_suspends": "suspends_state",
    "told_request_keys": "usage_state",
    "told_requests": "usage_state",
}
"""The tables to which a call adds nothing."""


class RememberedFacts:
    """Answers to the questions for facts, by the tables that they are of. The oldest are forgotten first."""

    def __init__(self, query: Query, most_rows: int = MOST_ROWS) -> None:
        self._query = query
        self._most_rows = most_rows
        self._rows = 0
        self._kept: dict[tuple[str, str], Rows] = {}

    def ask(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        """Answer a question, from memory where nothing of its table changed."""
        asked = sql, repr(sorted(parameters.items()))
        found = self._kept.get(asked)
        if found is None:
            found = self._query(sql, parameters)
            if sql in _tables():
                self._keep(asked, found)
        return found

    def forget(self, tables: Collection[str]) -> None:
        """Forget what is of these tables."""
        for asked in [asked for asked in self._kept if _tables()[asked[0]] in tables]:
            self._rows -= len(self._kept.pop(asked).rows)

    def _keep(self, asked: tuple[str, str], found: Rows) -> None:
        self._kept[asked] = found
        self._rows += len(found.rows)
        while self._rows > self._most_rows:
            self._rows -= len(self._kept.pop(next(iter(self._kept))).rows)


@cache
def _tables() -> Mapping[str, str]:
    return {load_query(__package__, name): table for name, table in _OF_TABLES.items()}
