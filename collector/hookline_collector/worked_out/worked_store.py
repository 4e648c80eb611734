"""Keeping what was worked out up to what is stored: dirty, work out, replace, read. See the package's docstring."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import islice
from typing import Any, NamedTuple

from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.pricing import Prices
from hookline_collector.worked_out.clock_store import NewParts, RememberedSlots, renew, touched
from hookline_collector.worked_out.day_store import ADDED_UP, NOTHING_ADDED_UP, AddedUp, DayStore, days_told_by
from hookline_collector.worked_out.dirt import Dirt
from hookline_collector.worked_out.flat_store import FlatStore
from hookline_collector.worked_out.flat_tables import LAST_DAY, PARTS, ROWS, SESSIONS, FlatTable, Hashes, Key, Row
from hookline_collector.worked_out.loading import load, prices
from hookline_collector.worked_out.remembered_facts import RememberedFacts
from hookline_collector.worked_out.remembered_rows import RememberedRows
from hookline_collector.worked_out.working_out import RULES, work_out

AT_ONCE = 25
"""So many sessions are worked out together: what their facts take in memory is bounded, and so is how long others wait."""
WHILE_ASKED = 200
"""A question waits for so many; with more to work out, it is answered from the facts, as slowly as that takes."""
_TRIES = 3
log = logging.getLogger(__name__)


class KnownSession(NamedTuple):
    """A session's row: as which version it was worked out, on which days its rows are, and its hash."""

    session_id: str
    version: int
    first_day: int
    last_day: int
    hash: int


class WorkedStore:
    """What was worked out, and what is still to do. Calls block and may come from any thread."""

    def __init__(self, store: FlatStore, *, is_alone: bool = False, changes: Callable[[], int] | None = None) -> None:
        """`is_alone`: no other process works out what is in this store, so nothing was left half done while this one runs.

        `changes` returns a number that is another one after anything was written; without it every call looks at the tables.
        """
        self._store = store
        self._is_alone = is_alone
        self._changes = changes
        self._changes_seen: int | None = None
        self._writes = Counter[str]()
        self._begun = self._seen = 0
        self._lock = threading.Lock()
        self._dirt = Dirt(self._query, RULES)
        self._dirty: dict[str, None] = {}  # in the order in which they are worked out
        self._doubtful: set[str] = set()
        self._prices: Prices = {}
        self._priced_by = 0
        self._version, self._last_version = -1, 0
        self._days = DayStore(store) if is_alone else None
        self._facts = RememberedFacts(self._query)
        self._sessions = RememberedRows[str]()
        self._slots = RememberedSlots()

    @property
    def is_alone(self) -> bool:
        """Whether nobody else writes here."""
        return self._is_alone

    def writes(self, tables: Collection[str]) -> int:
        """Return how often something was written to these tables: what was read of them before may be another now."""
        return sum(self._writes[table] for table in tables)

    @property
    def changes(self) -> Callable[[], int] | None:
        """What returns another number after anything was written to the store, where that is known."""
        return self._changes

    @property
    def added_up(self) -> AddedUp:
        """Which days were added up."""
        return self._days.days if self._days else NOTHING_ADDED_UP

    @property
    def backlog(self) -> int:
        """How many sessions are known to be dirty."""
        return len(self._dirty)

    def catch_up(self, now_ns: int, most: int = WHILE_ASKED) -> bool:
        """Work out everything that was stored before this call. False when that is more than `most` sessions: then little of it is done.

        Those who call while others look share the next look: it sees what was stored before it begins.
        """
        begun = self._begun
        with self._lock:
            if self._seen <= begun:
                self._begun = seen = self._begun + 1
                changes = self._changes() if self._changes else None
                if changes is None or changes != self._changes_seen:
                    self._look()
                    self._changes_seen = changes
                self._seen = seen
            if len(self._dirty) > most:
                self._work(now_ns)
                return False
            while self._dirty:
                self._work(now_ns)
            return True

    def settle(self, now_ns: int) -> None:
        """Find the sessions whose running turns have ended because nothing was heard of them, so that questions need not ask for them any more."""
        with self._lock:
            self._dirty |= {row[0]: None for row in self._query(load_query(__package__, "settled_sessions"), {"now": now_ns})}

    def add_up_days(self, now_ns: int) -> bool:
        """Add up some of the days that are over; whether none is left."""
        with self._lock:
            return self._version < 0 or self._days is None or self._days.add_up(now_ns)

    def _query(self, sql: str, parameters: Mapping[str, Any]) -> Rows:
        return self._store.query(sql, parameters)

    def _look(self) -> None:
        if self._version < 0:
            if self._days:
                self._days.read()
            self._version = self._query(load_query(__package__, "last_version"), {}).scalar() or 0
        found = self._dirt.look(self._read_prices)
        if self._dirt.was_all:
            self._facts = RememberedFacts(self._query)
            self._doubtful.update(found)
        self._facts.forget(self._dirt.changed)
        self._dirty = dict.fromkeys(found) | self._dirty

    def _read_prices(self) -> int:
        self._prices, self._priced_by = prices(self._query)
        return self._priced_by

    def _work(self, now_ns: int) -> None:
        """Work out some of the dirty sessions, with those that are linked with them."""
        wanted = set(islice(self._dirty, AT_ONCE))
        for _ in range(_TRIES):
            done = self._work_out(wanted, now_ns)
            if done is not None:
                for session_id in done:
                    self._dirty.pop(session_id, None)
                return
        log.info("another collector works out the same sessions; they are looked at again")

    def _work_out(self, wanted: set[str], now_ns: int) -> set[str] | None:
        """Return the sessions that were worked out; None when somebody else did so meanwhile, perhaps from less."""
        told = load(self._facts.ask if self._is_alone else self._query, wanted)
        worked = work_out(told, self._prices, self._priced_by, now_ns)
        names = wanted | {str(row["session_id"]) for row in worked.sessions} | set(told.sessions)
        is_doubtful = not self._is_alone or bool(names & self._doubtful)
        hashes = self._before(names, is_doubtful=is_doubtful)
        version = self._version = max(now_ns, self._version + 1, self._last_version + 1)
        self._doubtful |= names  # until all is written
        slots, self._slots = self._slots, RememberedSlots()  # what fails from here on leaves nothing remembered
        changed: set[Key] = set()
        now: dict[FlatTable, Hashes] = {}
        for table in ROWS:
            now[table] = self._write(table, worked.rows[table], hashes[table], version)
            if table is PARTS:
                changed = {key for key, _ in now[PARTS].items() ^ hashes[PARTS].items()}
        if is_doubtful:
            changed = {*now[PARTS], *hashes[PARTS]}
        new = NewParts.of(names, worked.rows[PARTS])
        renew(self._query, self._write, touched(changed), version, new, slots, is_doubtful=is_doubtful)
        self._slots = slots
        now[SESSIONS] = self._write(SESSIONS, worked.sessions, hashes[SESSIONS], version)
        self._doubtful -= names
        if not self._is_alone:
            return None if any(each.version > version for each in self._known(names)) else names
        self._sessions.keep(names, now, _session_of)
        return names

    def _before(self, names: Collection[str], *, is_doubtful: bool) -> dict[FlatTable, Hashes]:
        """Return the rows that there are of sessions, as remembered or read."""
        if (found := self._sessions.take(names)) is not None and not is_doubtful:
            return found
        known = self._known(names)
        self._last_version = max(self._last_version, *(each.version for each in known), 0)
        of_sessions: Hashes = {(each.first_day, each.session_id): each.hash for each in known}
        return {**self._hashes(names, known, everywhere=is_doubtful), SESSIONS: of_sessions}

    def _known(self, names: Collection[str]) -> list[KnownSession]:
        return [KnownSession(*row) for row in self._query(load_query(__package__, "known_sessions"), {"sessions": sorted(names)})]

    def _hashes(self, names: Collection[str], known: Collection[KnownSession], *, everywhere: bool) -> dict[FlatTable, Hashes]:
        """Return the rows that there are; what was left half done may be on days that no session's row knows."""
        if not known and not everywhere:
            return {table: {} for table in ROWS}
        first, last = (0, LAST_DAY) if everywhere else (min(each.first_day for each in known), max(each.last_day for each in known))
        asked = {"sessions": sorted(names), "first": first, "last": last}
        return {table: {tuple(row[:-1]): row[-1] for row in self._query(table.hashes_of, asked).rows} for table in ROWS}

    def _write(self, table: FlatTable, rows: Iterable[Row], before: Hashes, version: int) -> Hashes:
        """Write the rows that changed and take away those that are no more; return the rows that there are now."""
        new = table.hashed(rows)
        changed = [key for key, (found, _) in new.items() if before.get(key) != found]
        gone = [key for key in before if key not in new]
        lines = [table.line(new[key][1], version, new[key][0]) for key in changed] + [table.gone(key, version) for key in gone]
        if lines:
            if self._days and table in ADDED_UP:
                self._days.open(set().union(*(days_told_by(table, key) for key in (*changed, *gone))))
            try:
                self._store.write(table.name, b"\n".join(lines))
            finally:
                self._writes[table.name] += 1
        return {key: found for key, (found, _) in new.items()}


def _session_of(table: FlatTable, key: Key) -> str:
    return str(key[table.key.index("session_id")])
