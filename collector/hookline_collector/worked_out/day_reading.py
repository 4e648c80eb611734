"""Calls, prompts and spend of a period out of days as they were added up, and out of the rows of what lies beside them.

What days come to is asked once, until one of them is opened or added up again; what lies beside them each time, and both are added up here.
Sessions count once and times of runs do not add up, so for these one statement reads both. A report of one person or project reads rows, which are
few, and so does one by session. Times of tools' runs are added up for everybody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

import orjson

from hookline.system.clock import NS_PER_DAY
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work.side_by_side import side_by_side
from hookline_collector.work.statements import Query, with_sums
from hookline_collector.worked_out.clock_rules import SLOT_NS
from hookline_collector.worked_out.clock_store import day_named
from hookline_collector.worked_out.day_store import AddedUp, Versions

YEAR_BY_YEAR = "SETTINGS do_not_merge_across_partitions_select_final = 1\n"
PROMPT_COLUMNS = (
    "key",
    "is_total",
    "prompts",
    "failed_prompts",
    "interrupted_prompts",
    "derived_prompts",
    "inferred_prompts",
    "open_prompts",
    "sessions",
)
FEWEST_CALLS, MANY_CALLS = 100_000, 500_000
"""So many calls' rows cost as much as it does to plan the statements about days: some five hundred days of one person. Of many calls sessions are
counted by the engine.
"""
MOST_OPEN = 100
MOST_RUNS = 2_000
"""So many runs beside days are told with the question for times, so that its answer holds however often they are read again."""
_TOOL = 2
_GRAINS = {"calls": (1, 2), "prompts": (4, 5), "spend": (6, 7)}
"""By who and where, and by half hours."""
_NO_TIMES: tuple[float | None, ...] = (None, None, None)
_TOLD = ",\n    quantilesExactInclusiveMergeIf(0.5, 0.95, 0.99)(c.run_quantiles, part > 1) AS run_quantiles_s"
_RUNS = ",\n    groupArrayIf({most_runs:UInt32})(w.run_s, outcome != 'denied') AS runs"
_ADDED = ",\n            quantilesExactInclusiveStateIf(0.5, 0.95, 0.99)(w.run_s, outcome != 'denied') AS run_quantiles"
DayQuestion = Mapping[str, Any]


class Keys(NamedTuple):
    """What rows are grouped by: in what was added up, and in rows."""

    of_day: str
    of_row: str
    is_of_time: bool


class DayGround(NamedTuple):
    """What answers questions about days, which may be an answer of before, and about rows; and what was added up when it was asked."""

    of_days: Query
    of_rows: Query
    added_up: AddedUp


class DaysRead(NamedTuple):
    """Which days are read as they were added up: what a statement about them binds, the condition for them, and the one for rows beside them.

    `beside` is empty where there are none; `pieces` are what of the period lies beside these days, each from and until; `calls` is how many calls the
    days have.
    """

    bound: Mapping[str, Any]
    counting: str
    beside: str
    pieces: Sequence[tuple[int, int]]
    calls: int


def days_between(asked: DayQuestion, added_up: AddedUp, *, is_of_time: bool, fewest_calls: int) -> DaysRead | None:
    """Return which days of a period are read as they were added up; None where that answers nothing, or where so few calls save nothing."""
    begin, end = asked["cuts"][0], asked["cuts"][-1]
    first, last = -(-begin // NS_PER_DAY), min(end // NS_PER_DAY - 1, added_up.through)
    still_open = sorted(day for day in added_up.open if first <= day <= last)
    is_narrowed = asked["user"] or asked["project"] or asked["by"] == "session"
    saved = sum(calls for day, calls in added_up.calls.items() if first <= day <= last and day not in added_up.open)
    if is_narrowed or last < first or saved < fewest_calls or len(still_open) > MOST_OPEN:
        return None
    if is_of_time and any(edge % SLOT_NS for edge in asked["cuts"]):
        return None
    versions = {day: found for day, found in added_up.versions.items() if first <= day <= last and day not in still_open}
    bound: dict[str, Any] = {"first": day_named(first), "last": day_named(last), "open": list(map(day_named, still_open))}
    beside = {
        "day > {last:Date}": end > (last + 1) * NS_PER_DAY,
        "day < {first:Date}": begin < first * NS_PER_DAY,
        "day IN {open:Array(Date)}": bool(still_open),
    }
    conditions = " OR ".join(text for text, is_there in beside.items() if is_there)
    counting = load_query(__package__, "is_added_up") + (" AND NOT (day IN {open:Array(Date)})" if still_open else "")
    if any(found.older for found in versions.values()):
        bound["from_days"], bound["versions"] = _counting(versions)
        counting += f" {load_query(__package__, 'as_last_added_up')}"
    pieces = [(begin, first * NS_PER_DAY), *((day * NS_PER_DAY, (day + 1) * NS_PER_DAY) for day in still_open), ((last + 1) * NS_PER_DAY, end)]
    return DaysRead(bound, counting, f" AND ({conditions})" if conditions else "", _joined(pieces), saved)


def _joined(pieces: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return pieces in order, those that touch as one, without empty ones."""
    found: list[tuple[int, int]] = []
    for from_ns, to_ns in pieces:
        if from_ns < to_ns and found and found[-1][1] == from_ns:
            found[-1] = found[-1][0], to_ns
        elif from_ns < to_ns:
            found.append((from_ns, to_ns))
    return found


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


def day_rows(ground: DayGround, name: str, keys: Keys, asked: DayQuestion) -> Rows | None:
    """Return what one of the grouped statements answers; None where days as they were added up do not help."""
    days = days_between(asked, ground.added_up, is_of_time=keys.is_of_time, fewest_calls=FEWEST_CALLS)
    if days is None:
        return None
    of_names, of_hours = _GRAINS[name]
    bound = {**asked, **days.bound, "grains": [of_hours if keys.is_of_time else of_names]}
    if name == "prompts":
        return _prompts(ground, keys, days, bound)
    if name == "spend":
        return _days_and_rows(ground, name, keys, days, bound)
    if keys.is_of_time:
        bound["grains"] = [of_names, of_hours]
    counted, times = (_many_calls if days.calls >= MANY_CALLS else _few_calls)(ground, keys, days, bound)
    known = {(part, key): quantiles for part, key, quantiles in times}
    rows = sorted(((*row, known.get(row[:2], _NO_TIMES)) for row in counted), key=_in_order)
    return Rows((*counted.columns, "run_quantiles_s"), (*counted.types, ""), tuple(rows))


def _many_calls(ground: DayGround, keys: Keys, days: DaysRead, bound: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """Return what calls come to and how long they ran, of a team."""
    counted, [times] = side_by_side(
        lambda: _days_and_rows(ground, "calls", keys, days, bound),
        lambda: ground.of_rows(_run_times(keys, days, "run_times_of_rows"), bound),
    )
    return counted, times


def _few_calls(ground: DayGround, keys: Keys, days: DaysRead, bound: Mapping[str, Any]) -> tuple[Rows, Rows]:
    """Return the same of a person. What lies beside days is read once for both."""
    sql = load_query(__package__, "calls_by_key").replace("KEY", keys.of_row).replace(" BESIDE", days.beside).replace(" ADDED", _RUNS)
    beside = ground.of_rows(sql + YEAR_BY_YEAR, {**bound, "most_runs": MOST_RUNS + 1}).rows if days.beside else ()
    runs = defaultdict[tuple[str, str, str], list[float]](list)
    for _, tool, agent, kind, *_, of_key in beside:
        runs[agent, tool, kind] += of_key
    if sum(map(len, runs.values())) > MOST_RUNS:
        ask_times = partial(ground.of_rows, _run_times(keys, days, "run_times_of_rows"), bound)
    else:
        given = [(*whose, sorted(found)) for whose, found in sorted(runs.items())]  # in an order of its own, so that it is the same question
        ask_times = partial(ground.of_days, _run_times(keys, days, "run_times_given"), {**bound, "runs": orjson.dumps(given).decode()})
    found, [times] = side_by_side(partial(ground.of_days, _statement("calls", keys, days), bound), ask_times)
    return _added([found, Rows(found.columns, found.types, tuple(chain.from_iterable(map(_in_parts, beside))))]), times


def _run_times(keys: Keys, days: DaysRead, runs: str) -> str:
    return _statement("run_times", keys, days, load_query(__package__, runs))


def _in_parts(row: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
    """Yield a row of calls as it counts for all, its key, its tool, and what its agent does with tools of its kind. A tool alone has a server."""
    key, tool, agent, kind, *figures, server, wait_s, _ = row
    for part, name in enumerate(("", key, tool, f"{agent} {kind}")):
        yield part, name, *figures, server if part == _TOOL else "", wait_s


def _prompts(ground: DayGround, keys: Keys, days: DaysRead, bound: Mapping[str, Any]) -> Rows:
    """Return what prompts of days and of the rows beside them come to. A team's sessions are counted by the engine, others by their names here."""
    parts = [_statement(f"prompts_of_{name}", keys, days) for name in ("days", "rows")]
    told = load_query(__package__, "rolled_prompts").replace("PARTS", "UNION ALL\n".join(parts))
    if days.calls >= MANY_CALLS:
        return ground.of_rows(told, bound)
    if days.beside:
        found, beside = side_by_side(lambda: ground.of_days(parts[0], bound), lambda: ground.of_rows(parts[1] + YEAR_BY_YEAR, bound))
    else:
        found, beside = ground.of_days(parts[0], bound), []
    sums = _joined_sums(found, *beside)
    whole = _joined_sums([("", *figures) for figures in sums.values()])
    rows = [(key, is_total, *figures[:-1], len(figures[-1])) for is_total, of in enumerate((sums, whole)) for key, figures in sorted(of.items())]
    return Rows(PROMPT_COLUMNS, ("",) * len(PROMPT_COLUMNS), tuple(rows))


def _joined_sums(*answers: Iterable[Sequence[Any]]) -> dict[str, tuple[Any, ...]]:
    """Return figures by key, added up; the last are names that count once."""
    found: dict[str, tuple[Any, ...]] = {}
    for key, *figures, names in chain.from_iterable(answers):
        *before, known = found.get(key, (*(0 for _ in figures), frozenset[int]()))
        found[key] = (*map(sum, zip(before, figures, strict=True)), known.union(names))
    return found


def _days_and_rows(ground: DayGround, name: str, keys: Keys, days: DaysRead, bound: Mapping[str, Any]) -> Rows:
    """Return what days and the rows beside them come to."""
    of_days = partial(ground.of_days, _statement(name, keys, days), bound)
    if not days.beside:
        return _added([of_days()])
    found, beside = side_by_side(of_days, lambda: ground.of_rows(rows_statement(name, keys.of_row, days.beside, with_times=False), bound))
    return _added([found, *beside])


def _added(answers: Sequence[Rows]) -> Rows:
    """Return the rows of several answers added up by their first two columns, and in their order."""
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in chain.from_iterable(answers):
        key, figures = row[:2], row[2:]
        found[key] = tuple(map(_sum, found[key], figures)) if key in found else figures
    return Rows(answers[0].columns, answers[0].types, tuple((*key, *found[key]) for key in sorted(found)))


def _sum(one: Any, other: Any) -> Any:
    """Return a sum, in which what is not known does not count; of texts the last in order."""
    if one is None or other is None:
        return one if other is None else other
    return max(one, other) if isinstance(one, str) else one + other


def _in_order(row: Sequence[Any]) -> tuple[int, int, str]:
    """Order tools by how often they were called."""
    part, key, tool_calls = row[:3]
    return part, -tool_calls if part > 1 else 0, key


def rows_statement(name: str, key: str, beside: str = "", *, with_times: bool = True) -> str:
    """Return a grouped statement about rows, of all or of those that lie beside days. How long calls ran is told where it is not known otherwise."""
    told, added = (_TOLD, _ADDED) if with_times else ("", "")
    sql = with_sums(load_query(__package__, f"read_{name}")).replace("CALLS", load_query(__package__, "calls_by_key"))
    sql = sql.replace("KEY", key).replace(" BESIDE", beside)
    return sql.replace(" TOLD", told).replace(" ADDED", added)


def _statement(name: str, keys: Keys, days: DaysRead, runs: str = "") -> str:
    sql = days_statement(name, days).replace("RUNS", runs).replace(" BESIDE", days.beside or " AND 0")
    return sql.replace("KEY_OF_DAY", keys.of_day).replace("KEY_OF_ROW", keys.of_row)


def days_statement(name: str, days: DaysRead) -> str:
    """Return a statement about days as they were added up. A row of a version before its day's last one does not count."""
    return with_sums(load_query(__package__, f"rolled_{name}")).replace("IS_ADDED_UP", days.counting)
