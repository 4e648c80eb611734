"""Calls, prompts and spend of a period out of days as they were added up, and out of the rows of what lies beside them.

A report of one person or project reads rows, which are few, and so does one by session. Times of tools' runs are added up for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hookline.system.clock import NS_PER_DAY
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.side_by_side import side_by_side
from hookline_collector.work.statements import Query
from hookline_collector.worked_out.clock_rules import SLOT_NS
from hookline_collector.worked_out.clock_store import day_named
from hookline_collector.worked_out.day_store import AddedUp, Versions

FEWEST_CALLS = 100_000
"""So many calls' rows cost as much as it does to plan the statements about days: some five hundred days of one person."""
MOST_OPEN = 100
_GRAINS = {"calls": (1, 2), "prompts": (4, 5), "spend": (6, 7)}
"""By who and where, and by half hours."""
_RUN_TIMES = ("part", "key", "run_quantiles_s")
_NO_TIMES: tuple[float | None, ...] = (None, None, None)
DayQuestion = Mapping[str, Any]


class Keys(NamedTuple):
    """What rows are grouped by: in what was added up, and in rows."""

    of_day: str
    of_row: str
    is_of_time: bool


def days_between(asked: DayQuestion, added_up: AddedUp, *, is_of_time: bool) -> dict[str, Any] | None:
    """Return which days of a period are read as they were added up; None where that answers nothing, or saves nothing."""
    edges = asked["edges"]
    first, last = -(-edges[0] // NS_PER_DAY), min(edges[-1] // NS_PER_DAY - 1, added_up.through)
    still_open = sorted(day for day in added_up.open if first <= day <= last)
    is_narrowed = asked["user"] or asked["project"] or asked["by"] == "session"
    saved = sum(calls for day, calls in added_up.calls.items() if first <= day <= last and day not in added_up.open)
    if is_narrowed or last < first or saved < FEWEST_CALLS or len(still_open) > MOST_OPEN:
        return None
    if is_of_time and any(edge % SLOT_NS for edge in edges):
        return None
    since, versions = _counting({day: found for day, found in added_up.versions.items() if first <= day <= last and day not in still_open})
    return {
        "first": day_named(first),
        "last": day_named(last),
        "open": [day_named(day) for day in (0, *still_open)],
        "from_days": since,
        "versions": versions,
    }


def _counting(days: Mapping[int, Versions]) -> tuple[list[int], list[int]]:
    """Return from which days on rows of which version and later ones are those that count: few pairs, as most days were added up once."""
    found: list[tuple[int, Versions]] = []
    for day in sorted(days):
        since, before = found[-1] if found else (day, days[day])
        both = Versions(max(before.older, days[day].older), min(before.last, days[day].last))
        if both.older < both.last:
            found[-1:] = [(since, both)]
        else:
            found.append((day, days[day]))
    return [day for day, _ in found] or [0], [each.last for _, each in found] or [0]


def day_rows(query: Query, name: str, keys: Keys, asked: DayQuestion, added_up: AddedUp) -> Rows | None:
    """Return what one of the grouped statements answers; None where days as they were added up do not help."""
    days = days_between(asked, added_up, is_of_time=keys.is_of_time)
    if days is None:
        return None
    of_names, of_hours = _GRAINS[name]
    sql = _statement(name).replace("KEY_OF_DAY", keys.of_day).replace("KEY_OF_ROW", keys.of_row)
    if name != "calls":
        return query(sql, {**asked, **days, "grains": [of_hours if keys.is_of_time else of_names]})
    counted, [times] = side_by_side(
        lambda: query(sql, {**asked, **days, "grains": [of_names, of_hours] if keys.is_of_time else [of_names]}),
        lambda: query(_statement("run_times"), {**asked, **days}),
    )
    known = {(part, key): quantiles for part, key, quantiles in times}
    rows = tuple((*row, known.get((row[0], row[1]), _NO_TIMES)) for row in counted)
    return Rows((*counted.columns, "run_quantiles_s"), (*counted.types, ""), rows)


def _statement(name: str) -> str:
    """Return a statement about days as they were added up; rows of versions before a day's last one do not count."""
    return load_query(__package__, f"rolled_{name}").replace("IS_ADDED_UP", load_query(__package__, "is_added_up"))
