"""Corrections in the store: a row each, whose newest version counts. What is written is on the disk before it is said to be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, Protocol

import orjson

from hookline.errors import Rejected
from hookline_collector.corrections.correction import Correction, checked
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query

TABLE = "corrections_state"
MOST = 10_000
"""So many corrections are read at once; a report of ten years has fewer."""
Ask = Callable[[str, Mapping[str, Any]], Rows]


def corrections_between(
    query: Ask, start_ns: int, end_ns: int, *, user: str = "", with_withdrawn: bool = False, correction_id: str = ""
) -> tuple[Correction, ...]:
    """Return the corrections about some time, the first made first."""
    asked = {"since": start_ns, "until": end_ns, "user": user, "with_withdrawn": int(with_withdrawn), "id": correction_id, "limit": MOST}
    return tuple(Correction(**row) for row in query(corrections_statement(), asked).as_dicts())


def corrections_statement() -> str:
    """Return the statement about corrections, for who remembers what it answers."""
    return load_query(__package__, "read_corrections")


class WritableStore(Protocol):
    """The part of the store that is needed here."""

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Answer our own SQL."""

    def write(self, table: str, lines: bytes) -> None:
        """Insert rows of our own."""

    def secure(self) -> None:
        """Return when all that was written is on the disk."""


class CorrectionBook:
    """Writes corrections down. Its calls block."""

    def __init__(self, store: WritableStore) -> None:
        self._store = store

    def add(self, given: Correction) -> Correction:
        """Write one down and return it as it stands: one that is there already is not written again, one that was withdrawn counts again.

        Raises Rejected for one that cannot be, and for a name under which something else was said.
        """
        wanted = checked(given)
        there = self._find(wanted.correction_id)
        if there is not None and not there.says_the_same(wanted):
            raise Rejected(f"the correction {there.correction_id} says something else; withdraw it and make another one")
        if there is not None and not there.withdrawn_ns:
            return there
        self._write(wanted)
        return wanted

    def withdraw(self, correction_id: str, now_ns: int) -> Correction | None:
        """Take one back, once; None where there is none of that name."""
        there = self._find(correction_id)
        if there is None or there.withdrawn_ns:
            return there
        taken_back = replace(there, withdrawn_ns=now_ns)
        self._write(taken_back)
        return taken_back

    def _find(self, correction_id: str) -> Correction | None:
        found = corrections_between(self._store.query, 0, 2**62, with_withdrawn=True, correction_id=correction_id)
        return found[0] if found else None

    def _write(self, said: Correction) -> None:
        version = max(said.created_ns, said.withdrawn_ns)
        self._store.write(TABLE, orjson.dumps({**asdict(said), "version": version}))
        self._store.secure()
