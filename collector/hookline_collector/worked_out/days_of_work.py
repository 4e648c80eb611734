"""Clocks and lengths of blocks of a period out of days as they were added up, and out of the half hours and runs of what lies beside them.

What half hours come to adds up. So does how long blocks are, once each is cut at midnight: a day has its share of a gap that counts, and nothing has
to be joined. Only reports of everybody are answered so; by session, and of one person, project or agent, rows are read, which are few.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from hookline_collector.store import Rows
from hookline_collector.work.side_by_side import side_by_side
from hookline_collector.worked_out.clock_rules import ALL, BY_AGENT, BY_BRANCH, BY_PROJECT, SLOT_NS
from hookline_collector.worked_out.clock_store import day_named
from hookline_collector.worked_out.day_reading import DayGround, DayQuestion, DaysRead, days_between, days_statement
from hookline_collector.worked_out.flat_tables import day_of

FEWEST_CALLS = 1_000_000
"""The half hours and runs of so many calls cost as much as it does to plan two or three statements more: some years of one person."""
MOST_PIECES = 4
"""A statement is asked for each piece that lies beside whole days; of more than these the rows of all days cost no more."""
_BY_TIME = ("day", "hour")
_LENGTHS = {"user": [11], "project": [12, 13]}
_LENGTHS_OF_HALF_HOURS = [13]
_CLOCKS = {"user": [14], "project": [15, 16], "agent": [17, 16], "branch": [18, 16]}
_CLOCKS_OF_HALF_HOURS = [16]
_AS_HALF_HOURS = {14: (ALL, 0), 15: (BY_PROJECT, 0), 16: (ALL, 1), 17: (BY_AGENT, 0), 18: (BY_BRANCH, 0)}
"""As which grain, and as mixed or not, a day's clocks count. What is of everybody counts for the total alone where rows are of something else."""
AskLengths = Callable[[DayQuestion], Rows]
Clocks = Sequence[Any]


def clocks_of_days(ground: DayGround, asked: DayQuestion, key: str, live_ns: Sequence[int]) -> tuple[Iterator[Clocks], DaysRead] | None:
    """Return what clocks of whole days come to, as half hours, and which days these are; None where days do not help.

    `live_ns` are the half hours in which something goes on until now.
    """
    days = _days(ground, asked, live_ns)
    if days is None:
        return None
    grains = _CLOCKS.get(asked["by"], _CLOCKS_OF_HALF_HOURS)
    found = ground.of_days(days_statement("clocks", days).replace("KEY", key), {**asked, **days.bound, "grains": grains})
    return ((*_AS_HALF_HOURS[grain], name, *clocks) for grain, name, *clocks in found), days


def no_days(asked: DayQuestion) -> DaysRead:
    """Return that no day is read as it was added up: all of the period lies beside such days."""
    return DaysRead({}, "", "", [(asked["cuts"][0], asked["cuts"][-1])], 0)


def lengths_of_days(ground: DayGround, asked: DayQuestion, key: str, live_ns: Sequence[int], ask: AskLengths) -> Rows | None:
    """Return how long blocks are, of whole days and of what lies beside them, which `ask` answers; None where days do not help."""
    days = _days(ground, asked, live_ns)
    if days is None or len(days.pieces) > MOST_PIECES:
        return None
    grains = _LENGTHS.get(asked["by"], _LENGTHS_OF_HALF_HOURS)
    of_days = partial(ground.of_days, days_statement("lengths", days).replace("KEY", key), {**asked, **days.bound, "grains": grains})
    if not days.pieces:
        return of_days()
    found, beside = side_by_side(of_days, *(partial(ask, _cut(asked, *piece)) for piece in days.pieces))
    sums = Counter[tuple[int, str]]()
    for rows in (found, *beside):
        for of_project, name, length_ns in rows:
            sums[of_project, name] += length_ns
    return Rows(found.columns, found.types, tuple((*whose, length_ns) for whose, length_ns in sorted(sums.items())))


def _days(ground: DayGround, asked: DayQuestion, live_ns: Sequence[int]) -> DaysRead | None:
    """Return which days are read as they were added up: of none does anything go on that would count in it or join what is near its end."""
    if asked["agent"]:
        return None
    added_up = ground.added_up
    if live_ns:
        added_up = added_up._replace(through=min(added_up.through, day_of(min(live_ns) - SLOT_NS) - 1))
    return days_between(asked, added_up, is_of_time=asked["by"] in _BY_TIME, fewest_calls=FEWEST_CALLS)


def _cut(asked: DayQuestion, from_ns: int, to_ns: int) -> DayQuestion:
    """Return the question about a piece of a period, cut within it as the period is."""
    within = [edge for edge in asked["edges"] if from_ns < edge < to_ns] if asked["by"] in _BY_TIME else []
    cuts = [from_ns, *within, to_ns]
    names = [asked["days"][bisect_right(asked["edges"], edge) - 1] for edge in cuts[:-1]] if asked["by"] in _BY_TIME else asked["days"]
    return {**asked, "cuts": cuts, "days": names, "since": day_named(day_of(from_ns)), "until": day_named(day_of(to_ns - 1))}
