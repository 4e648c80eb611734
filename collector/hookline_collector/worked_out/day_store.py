"""Adding up whole days that are over: what the calls, prompts, requests and stretches of each come to, so that months are read without their rows.

Up to a day all were added up (`through`), but for those that are open: a row of theirs was written since. A day is opened before a row of it is
written, and known to be added up when all of it is: a kill between two writes leaves days that are added up again. Only for who writes alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

import orjson

from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import with_sums
from hookline_collector.worked_out.clock_rules import SLOT_NS
from hookline_collector.worked_out.clock_store import day_named
from hookline_collector.worked_out.flat_store import FlatStore
from hookline_collector.worked_out.flat_tables import CALLS, CLOCKS, PARTS, REQUESTS, SPELLS, TURNS, FlatTable, Key, day_of

ADDED_UP = (CALLS, TURNS, REQUESTS, PARTS, CLOCKS, SPELLS)
CALLS_AT_ONCE = 300_000
DAYS_AT_ONCE = 92
OVER_FOR_DAYS = 2
"""A day that is over is written to for a while: sessions that nobody ended, other machines' clocks, other zones' days."""
_KNOWN = "worked_days_known"
_NEVER = -1
_NAMES = "user, project, branch"


class _Roll(NamedTuple):
    """What is added up: the statement, the grain, the columns by which, what they are of rows where that is another, and of which rows."""

    name: str
    grain: int
    into: str
    keys: str = ""
    which: str = ""

    @property
    def sql(self) -> str:
        """The statement."""
        found = with_sums(load_query(__package__, f"roll_{self.name}")).replace("GRAIN", str(self.grain)).replace("WHICH", self.which)
        return found.replace("COLUMNS", self.into).replace("KEYS", self.keys or self.into)


_ROLLS = (
    _Roll("calls", 1, f"{_NAMES}, tool, tool_kind"),
    _Roll("calls", 2, "at_ns", f"started_ns - started_ns % {SLOT_NS}"),
    _Roll("prompts", 4, f"{_NAMES}, model"),
    _Roll("prompts", 5, "at_ns", f"started_ns - started_ns % {SLOT_NS}"),
    _Roll("spend", 6, f"{_NAMES}, model", "of_user, of_project, of_branch, model"),
    _Roll("spend", 7, "at_ns", f"time_ns - time_ns % {SLOT_NS}"),
    _Roll("lengths", 11, "user", which="of_project = 0"),
    _Roll("lengths", 12, "project", which="of_project = 1"),
    _Roll("lengths", 13, "at_ns", which="of_project = 0"),
    _Roll("clocks", 14, "user", which="grain = 0"),
    _Roll("clocks", 15, "project", which="grain = 1"),
    _Roll("clocks", 16, "at_ns", which="grain = 0"),
    _Roll("clocks", 17, "agent", which="(grain = 5 OR grain = 0 AND mixed = 0)"),
    _Roll("clocks", 18, "project, branch", which="grain = 2"),
)


class Versions(NamedTuple):
    """Of which version a day's rows are, and up to which there may be older ones, which do not count."""

    older: int
    last: int


class AddedUp(NamedTuple):
    """Days are numbers: all up to `through` were added up, but for those that are open; `calls` is how many calls each had then."""

    through: int
    open: frozenset[int]
    calls: Mapping[int, int]
    versions: Mapping[int, Versions]


NOTHING_ADDED_UP = AddedUp(_NEVER, frozenset(), {}, {})


class DayStore:
    """What days add up to. Not for several threads at once, but for `days`, which is replaced whole."""

    def __init__(self, store: FlatStore) -> None:
        self._store = store
        self._version = 0
        self.days = NOTHING_ADDED_UP

    def read(self) -> None:
        """Learn what was added up."""
        rows = self._store.query(load_query(__package__, "known_days"), {}).rows
        added_up: int = self._store.query(load_query(__package__, "last_day_version"), {}).scalar() or 0
        self._version = max(added_up, *(row[1] for row in rows), 0)
        through = max((row[0] for row in rows), default=_NEVER)
        is_open = frozenset(row[0] for row in rows if row[2])
        self.days = AddedUp(through, is_open, *self._counted(0, through)) if rows else NOTHING_ADDED_UP

    def open(self, written: Collection[int]) -> None:
        """Note that rows of these days are about to be written."""
        opened = {day for day in written if day <= self.days.through} - self.days.open
        if opened:
            self._note(opened, is_open=1)
            self.days = self.days._replace(open=self.days.open | opened)

    def add_up(self, now_ns: int) -> bool:
        """Add up some of the days that are over; whether none is left."""
        last = day_of(now_ns) - OVER_FOR_DAYS
        again = sorted(day for day in self.days.open if day <= last)[:DAYS_AT_ONCE]
        if again:
            self._roll(again[0], again[-1], again, now_ns)
            self._note(again, is_open=0)
            self.days = AddedUp(self.days.through, self.days.open - set(again), *self._counted(again[0], again[-1]))
            return False
        if self.days.through >= last:
            return True
        first = self.days.through + 1
        until = self._next(first, last)
        self._roll(first, until, (), now_ns)
        self._note([until], is_open=0)
        self.days = AddedUp(until, self.days.open, *self._counted(first, until))
        return until == last

    def _next(self, first: int, last: int) -> int:
        """Return the day up to which as much lies as is added up at once."""
        asked = {"first": day_named(first), "last": day_named(last)}
        calls, begun = 0, 0
        for day, of_day in self._store.query(load_query(__package__, "days_to_roll"), asked):
            begun = begun or day
            if calls and (calls + of_day > CALLS_AT_ONCE or day - begun >= DAYS_AT_ONCE):
                return int(day) - 1
            calls += of_day
        return last

    def _counted(self, first: int, last: int) -> tuple[dict[int, int], dict[int, Versions]]:
        """Return what is known of the calls and versions of days, with what some of them have now."""
        between = {"first": day_named(first), "last": day_named(last)}
        calls, versions = (self._store.query(load_query(__package__, name), between) for name in ("day_calls", "day_versions"))
        return {**self.days.calls, **dict(calls.rows)}, {**self.days.versions, **{day: _versions(*found) for day, *found in versions}}

    def _roll(self, first: int, last: int, days: Collection[int], now_ns: int) -> None:
        self._version = max(now_ns, self._version + 2)
        named = {"first": first, "last": last, "before": max(first - 1, 0), "after": last + 1}
        asked = {name: day_named(day) for name, day in named.items()} | {"days": [day_named(day) for day in days], "version": self._version}
        self._store.command(load_query(__package__, "roll_again"), asked)
        for name in ("run_times", "call_hours", "files", "at_work"):
            self._store.command(load_query(__package__, f"roll_{name}"), asked)
        for roll in _ROLLS:
            self._store.command(roll.sql, asked)

    def _note(self, days: Collection[int], *, is_open: int) -> None:
        self._version += 1
        self._store.write(_KNOWN, b"\n".join(self._lines(days, is_open)))

    def _lines(self, days: Collection[int], is_open: int) -> Iterator[bytes]:
        for day in days:
            yield orjson.dumps({"day": day, "version": self._version, "is_open": is_open})


def days_told_by(table: FlatTable, key: Key) -> set[int]:
    """Return the days whose sums a row counts in: that of a run near midnight in those on both sides, as a gap between two may count."""
    if table is not SPELLS:
        return {key[table.key.index("day")]}
    from_ns = key[table.key.index("from_ns")]
    return {day_of(from_ns - SLOT_NS), day_of(from_ns), day_of(from_ns + SLOT_NS)}


def _versions(found: Collection[int], with_rows: Collection[int]) -> Versions:
    last = max(found)
    return Versions(max((version for version in with_rows if version < last), default=0), last)
