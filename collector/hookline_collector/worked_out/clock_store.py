"""Adding up half hours again: those of a person in which something was worked out anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import Query
from hookline_collector.worked_out.clock_rules import SLOT_NS, Stretch, by_slot, clocks_of, counts_from, pieces_of, slots_of, spells_of
from hookline_collector.worked_out.flat_tables import CLOCKS, PARTS, SPELLS, FlatTable, Hashes, Key, Row, day_of
from hookline_collector.worked_out.remembered_rows import RememberedRows
from hookline_collector.worked_out.remembered_stretches import RememberedStretches

_DAYS_AT_ONCE = 31
_USER, _KIND, _FROM, _TO = (PARTS.key.index(name) for name in ("user", "kind", "from_ns", "to_ns"))
Slots = Mapping[str, Collection[int]]
SlotOfUser = tuple[str, int]
"""A person's half hour, by its first moment."""
Write = Callable[[FlatTable, Iterable[Row], Hashes, int], Hashes]


def touched(keys: Iterable[Key]) -> Slots:
    """Return by person the half hours that parts with these keys lie in."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for key in keys:
        found[key[_USER]].update(slots_of(counts_from(key[_KIND], key[_FROM], key[_TO], key[_TO]), key[_TO]))
    return found


@dataclass(frozen=True, slots=True)
class NewParts:
    """What was worked out just now: all stretches of some sessions, by person."""

    sessions: Collection[str]
    of_users: Mapping[str, Sequence[Stretch]]

    @classmethod
    def of(cls, sessions: Collection[str], rows: Iterable[Row]) -> NewParts:
        """Return them of the rows of parts."""
        found: defaultdict[str, list[Stretch]] = defaultdict(list)
        for row in rows:
            found[row["user"]].append(Stretch._make(row[name] for name in Stretch._fields))
        return cls(sessions, found)


@dataclass(frozen=True, slots=True)
class RememberedSlots:
    """What is known of half hours: the rows that they have, and the stretches that they were added up of."""

    rows: RememberedRows[SlotOfUser] = field(default_factory=RememberedRows)
    stretches: RememberedStretches = field(default_factory=RememberedStretches)


def renew(query: Query, write: Write, slots: Slots, version: int, new: NewParts, remembered: RememberedSlots, *, is_doubtful: bool) -> None:
    """Add up these half hours again, and write what changed; `remembered` knows what there was of some, unless that is doubtful."""
    for user, of_user in slots.items():
        by_day: defaultdict[int, list[int]] = defaultdict(list)
        for at_ns in of_user:
            by_day[day_of(at_ns)].append(at_ns)
        days = sorted(by_day)
        for first in range(0, len(days), _DAYS_AT_ONCE):
            _renew(
                query,
                write,
                user,
                [at_ns for day in days[first : first + _DAYS_AT_ONCE] for at_ns in by_day[day]],
                version,
                new,
                remembered,
                is_doubtful=is_doubtful,
            )


def stretches(query: Query, user: str, slots: Collection[int]) -> list[Stretch]:
    """Return what a person and their agents did in these half hours."""
    return [Stretch(*row) for row in query(load_query(__package__, "parts_of_days"), asked_of(user, slots)).rows]


def asked_of(user: str, slots: Collection[int]) -> dict[str, Any]:
    """Return what the questions for a person's half hours bind."""
    days = sorted({day_of(at_ns) for at_ns in slots})
    return {"user": user, "days": [day_named(day) for day in days], "since": min(slots), "until": max(slots) + SLOT_NS}


def day_named(day: int) -> str:
    """Return a day as the engine reads it."""
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def _renew(
    query: Query,
    write: Write,
    user: str,
    slots: Collection[int],
    version: int,
    new: NewParts,
    remembered: RememberedSlots,
    *,
    is_doubtful: bool,
) -> None:
    wanted = set(slots)
    owners = [(user, at_ns) for at_ns in wanted]
    known = remembered.rows.take(owners)
    before = _before(query, user, wanted) if known is None or is_doubtful else known
    known_stretches = remembered.stretches.take(user, wanted)
    if known_stretches is None or is_doubtful:
        of_slots = by_slot(stretches(query, user, slots), wanted)
    else:
        of_slots = by_slot(new.of_users.get(user, ()), wanted)
        for at_ns, others in known_stretches.items():
            of_slots[at_ns] += [stretch for stretch in others if stretch.session_id not in new.sessions]
    pieces = {at_ns: pieces_of(found, at_ns) for at_ns, found in of_slots.items()}
    now = {
        CLOCKS: write(CLOCKS, [row for at_ns, found in pieces.items() for row in clocks_of(user, at_ns, found)], before[CLOCKS], version),
        SPELLS: write(SPELLS, [row for at_ns, found in pieces.items() for row in spells_of(user, at_ns, found)], before[SPELLS], version),
    }
    remembered.rows.keep(owners, now, _slot_of)
    remembered.stretches.keep(user, of_slots)


def _before(query: Query, user: str, wanted: Collection[int]) -> dict[FlatTable, Hashes]:
    asked = asked_of(user, wanted)
    found: dict[FlatTable, Hashes] = {}
    for table, name in ((CLOCKS, "clock_hashes"), (SPELLS, "spell_hashes")):
        hashes: Hashes = {tuple(row[:-1]): row[-1] for row in query(load_query(__package__, name), asked)}
        found[table] = {key: each for key, each in hashes.items() if _slot_of(table, key)[1] in wanted}
    return found


def _slot_of(table: FlatTable, key: Key) -> SlotOfUser:
    at_ns = key[table.key.index("at_ns" if table is CLOCKS else "from_ns")]
    return key[table.key.index("user")], at_ns - at_ns % SLOT_NS
