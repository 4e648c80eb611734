"""What services answered, called and took, put together from what was worked out and what was not yet.

`..._rows` ask; the others make one of the rows that were found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from hookline_collector.api.asked_lately import Lately, Row, ask
from hookline_collector.api.questions import Reading
from hookline_collector.api.rolled_up import Ends, all_rows, metric_parts, rolled_and_told

MOST_STATEMENTS = 50


async def runtime_rows(reading: Reading, asked: Lately, ends: Ends, service: str) -> list[Row]:
    """Return what the processes of a service took."""
    return await _with_running(reading, "service_runtime", asked, ends, {"service": service})


async def duration_rows(reading: Reading, asked: Lately, ends: Ends, *, service: str, by_route: int) -> list[Row]:
    """Return how long requests took, of one service or, where it is empty, of all."""
    return await _with_running(reading, "service_durations", asked, ends, {"service": service, "by_route": by_route})


async def statement_rows(reading: Reading, asked: Lately, ends: Ends, service: str) -> list[Row]:
    """Return which statements a service called, and how long they took."""
    return await _with_running(reading, "service_statements", asked, ends, {"service": service})


async def _with_running(reading: Reading, name: str, asked: Lately, ends: Ends, bound: Row) -> list[Row]:
    """Return what metrics say. By how much running totals grew takes a dear statement to say, so it is asked where there are some alone."""
    rows = await all_rows(reading, metric_parts(name, asked, ends, **bound), ends)
    if not any(row.get("running") for row in rows):
        return rows
    _, told = rolled_and_told(asked, ends)
    return [*rows, *await ask(reading, f"{name}_running", told.bound | bound)]


def durations_together(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each service, route and method, the one with most requests first."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["service"], row["route"], row["method"]), []).append(row)
    found = [_added(group) | dict(zip(("service", "route", "method"), key, strict=True)) for key, group in groups.items()]
    return sorted((row for row in found if row["served"]), key=lambda row: -int(row["served"]))


def whole_service(rows: Sequence[Row]) -> Row:
    """Return a service's routes as one."""
    return _added(rows) | {"service": rows[0]["service"], "route": "", "method": ""}


def _added(rows: Sequence[Row]) -> Row:
    sums = {name: sum(row[name] for row in rows) for name in ("served", "failed", "total_s")}
    counts = [sum(each) for each in zip_longest(*(row["counts"] for row in rows), fillvalue=0)]
    names = {name: sorted({each for row in rows for each in row[name]}) for name in ("versions", "instances")}
    return {"counts": counts, "bounds": rows[0]["bounds"], **sums, **names}


def statements_together(rows: Iterable[Row]) -> list[Row]:
    """Return one row for each statement, those that took most time first."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (row["statement_hash"], row["summary"])
        if key in found:
            found[key] = found[key] | {name: found[key][name] + row[name] for name in ("calls", "total_s")}
        else:
            found[key] = row
    return sorted((row for row in found.values() if row["calls"]), key=_longest)[:MOST_STATEMENTS]


def _longest(row: Mapping[str, Any]) -> float:
    return -float(row["total_s"])
