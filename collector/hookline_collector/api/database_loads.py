"""How busy databases are and with which statements, put together from what was worked out and what was not yet.

Each function names the statements that it needs, or makes answers of their rows; only `statements_of` asks.
"""

from __future__ import annotations

import asyncio
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hookline.contract.databases import NO_LOAD
from hookline_collector.api.asked_lately import Lately, Row, ask
from hookline_collector.api.questions import Reading
from hookline_collector.api.rolled_up import HOUR_S, MINUTE_S, Ends, ReadRange, StatementAsked, all_rows, asked_of, metric_parts
from hookline_collector.databases.sample_classes import class_of

ADDED = (
    "calls",
    "total_s",
    "squares",
    "plan_s",
    "result_rows",
    "blocks_hit",
    "blocks_read",
    "blocks_dirtied",
    "blocks_written",
    "temp_blocks_read",
    "temp_blocks_written",
    "read_s",
    "write_s",
    "wal_bytes",
)
NEWEST_S = 600
WORDS = ("query_id", "query_text", "summary", "namespace", "role")
_FIRST = {"time": "total_s", "load": "active_sessions", "calls": "calls", "mean": "mean_s", "rows": "result_rows", "reads": "blocks_read"}


def class_parts(asked: Lately, ends: Ends, database: str) -> list[StatementAsked]:
    """Return what says how long sessions of databases, or of one, did or waited for what."""
    whole, minutes, samples = asked_of(asked), ends.of("classes"), ends.of("samples")
    hours, of = whole.hours(ends.of("class_hours")), {"database": database, "at": "minute"}
    return [
        (name, of | stretch.bound | more)
        for name, stretch, more in (
            ("database_classes", whole.before(hours.since).before(minutes), {"source": "db_classes_1m"}),
            ("database_class_hours", hours, {}),
            ("database_classes", whole.behind(hours.until).before(minutes), {"source": "db_classes_1m"}),
            ("database_classes", whole.behind(max(hours.until, minutes)).before(samples), {"source": "db_load_1m"}),
            ("database_classes_told", whole.behind(max(hours.until, minutes, samples)), {}),
        )
        if stretch
    ]


def load_parts(asked: Lately, ends: Ends, database: str, statement: str) -> list[StatementAsked]:
    """Return what says how long sessions of a database were busy with its statements, or with one."""
    whole, samples = asked_of(asked), ends.of("samples")
    hours = whole.before(ends.of("classes") // HOUR_S * HOUR_S) if asked.bound["by_hours"] else whole.hours(ends.of("classes"))
    of = {"database": database, "statement_hash": statement}
    return [
        (name, of | stretch.bound)
        for name, stretch in (
            ("statement_load", whole.before(hours.since).before(samples)),
            ("statement_load_hours", hours),
            ("statement_load", whole.behind(hours.until).before(samples)),
            ("statement_load_told", whole.behind(max(hours.until, samples))),
        )
        if stretch
    ]


def session_parts(asked: Lately, ends: Ends, database: str) -> tuple[list[StatementAsked], list[StatementAsked], list[StatementAsked]]:
    """Return what says what the sessions of a database did beside the hours that are worked out, with which statements, and those hours: by class,
    and by statement."""
    whole, samples = asked_of(asked), ends.of("samples")
    hours, of = whole.hours(min(samples, ends.of("classes"), ends.of("class_hours"))), {"database": database}
    first = ReadRange(-(-whole.since // MINUTE_S) * MINUTE_S, whole.until)  # what is worked out by the minute is asked for alike for a minute
    both: list[StatementAsked] = [
        (name, of | stretch.bound)
        for name, stretch in (
            ("database_sessions", first.before(hours.since).before(samples)),
            ("database_sessions", first.behind(hours.until).before(samples)),
            ("database_sessions_told", whole.behind(max(hours.until, samples))),
        )
        if stretch
    ]
    if not hours:
        return both, [], []
    return both, [("database_class_hours", of | hours.bound)], [("statement_load_hours", of | hours.bound | {"statement_hash": ""})]


async def sessions_of(reading: Reading, asked: Lately, ends: Ends, database: str) -> tuple[list[Row], list[Row]]:
    """Return what the sessions of a database did or waited for, and how long they were busy with which statement.

    Planning a statement costs more than what it reads of one database, so what is read by the minute or row by row is read for both at once.
    """
    if asked.bound["by_hours"]:
        parts = class_parts(asked, ends, database), load_parts(asked, ends, database, "")
        classes, load = await asyncio.gather(*(all_rows(reading, each, ends) for each in parts))
        return classes, load
    both, by_class_hours, by_statement = await asyncio.gather(*(all_rows(reading, each, ends) for each in session_parts(asked, ends, database)))
    return [*by_class_hours, *both], [*by_statement, *(row for row in both if row["statement_hash"])]


def growth_parts(asked: Lately, ends: Ends, database: str, statement: str) -> list[StatementAsked]:
    """Return what says what statements did: intervals before and behind the hours that are worked out, and those hours."""
    whole, end, of = asked_of(asked), ends.of("statements"), {"database": database, "statement_hash": statement}
    first = whole.since if asked.bound["by_hours"] else -(-whole.since // HOUR_S) * HOUR_S
    until = max(first, min(end, whole.until // HOUR_S * HOUR_S if not asked.bound["by_hours"] else whole.until))
    hours = ReadRange(-(-first // HOUR_S) * HOUR_S, until)
    parts: list[StatementAsked] = [("database_statements", whole.bound | of | {"first_hour": first, "worked_until": until})]
    return [*parts, ("database_statement_hours", of | hours.bound)] if hours else parts


async def gauges_of(reading: Reading, asked: Lately, ends: Ends, database: str) -> list[Row]:
    """Return what the agent told last of a database's machine and connections.

    It tells so every few seconds, of all databases in one table: what is older than its newest minutes is read where those say nothing of this one.
    """
    parts = metric_parts("database_gauges", asked, ends)
    rolled, told = [part for part in parts if part[0] == "database_gauges"], [part for part in parts if part[0] != "database_gauges"]
    newest = [(name, {**bound, "since": max(bound["since"], bound["until"] - NEWEST_S)}) for name, bound in told]
    older, rows = await asyncio.gather(all_rows(reading, rolled, ends), all_rows(reading, newest, ends))
    if newest != told and not any(row["database"] == database for row in rows):
        rows = await all_rows(reading, told, ends)
    return [*older, *rows]


def relation_parts(asked: Lately, ends: Ends, database: str) -> list[StatementAsked]:
    """Return what says what the tables and indexes of a database were and did: hours that are worked out, and looks behind them."""
    whole, end = asked_of(asked), ends.of("relations")
    hours = ReadRange(-(-whole.since // HOUR_S) * HOUR_S, whole.until).before(end)
    parts = (("database_relation_hours", hours), ("database_relations", whole.behind(end)))
    return [(name, {"database": database} | stretch.bound) for name, stretch in parts if stretch]


def largest_relations(rows: Iterable[Row], limit: int) -> list[Row]:
    """Return the largest tables and indexes; of each the rows come in the order of their times."""
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = row["namespace"], row["schema_name"], row["relation"], row["index_name"]
        before = found.get(key)
        found[key] = row | {name: before[name] + row[name] for name in ("seq_scans", "seq_rows", "index_scans")} if before else row
    return [found[key] for key in sorted(found, key=lambda key: (-found[key]["size_bytes"], key))[:limit]]


async def statements_of(reading: Reading, asked: Lately, ends: Ends, *, database: str, statement: str, order: str, limit: int) -> list[Row]:
    """Return statements in the order asked for."""
    growth, load = await asyncio.gather(
        all_rows(reading, growth_parts(asked, ends, database, statement), ends),
        all_rows(reading, load_parts(asked, ends, database, statement), ends),
    )
    return await first_statements(reading, asked, growth, load, database=database, order=order, limit=limit)


async def first_statements(
    reading: Reading, asked: Lately, growth: Iterable[Row], load: Iterable[Row], *, database: str, order: str, limit: int
) -> list[Row]:
    """Return the first of statements with what they did and kept busy, and their texts."""
    found = statement_figures(growth, load, asked.bound["seconds"])
    first = _FIRST[order]
    chosen = sorted(found, key=lambda row: (-(row[first] or 0), -row["active_sessions"], row["statement_hash"]))[:limit]
    if hashes := sorted(row["statement_hash"] for row in chosen if not row["query_text"]):
        bound = asked_of(asked).bound | {"database": database, "hashes": hashes}
        texts = {row["statement_hash"]: row["query_text"] for row in await ask(reading, "statement_texts", bound)}
        chosen = [row | {"query_text": row["query_text"] or texts.get(row["statement_hash"], "")} for row in chosen]
    return chosen


def statement_figures(growth: Iterable[Mapping[str, Any]], load: Iterable[Mapping[str, Any]], seconds: float) -> list[Row]:
    """Return what statements did, beside how many sessions were busy with each: one of those two may be all that is known."""
    busy: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in load:
        wait_class = class_of(row)
        if wait_class not in NO_LOAD:
            busy[row["statement_hash"]][wait_class] += row["total_s"]
    nothing = dict.fromkeys(ADDED, 0) | dict.fromkeys(WORDS, "") | {"longest_s": 0.0}
    grown: dict[str, Row] = {}
    for row in growth:
        grown[row["statement_hash"]] = _together(grown[row["statement_hash"]], row) if row["statement_hash"] in grown else dict(row)
    whole_s = sum(row["total_s"] for row in grown.values())
    return [_figures(each, grown.get(each, nothing), busy.get(each, {}), seconds, whole_s) for each in dict.fromkeys([*grown, *busy])]


def _together(one: Row, other: Mapping[str, Any]) -> Row:
    """Return what a statement did in two times."""
    sums = {name: one[name] + other[name] for name in ADDED}
    return sums | {name: one[name] or other[name] for name in WORDS} | {"longest_s": max(one["longest_s"], other["longest_s"])}


def _figures(name: str, row: Mapping[str, Any], classes: Mapping[str, float], seconds: float, whole_s: float) -> Row:
    calls, total_s = row["calls"], row["total_s"]
    mean = total_s / calls if calls else None
    known = {key: row[key] for key in (*WORDS, *ADDED) if key != "squares"}
    return known | {
        "statement_hash": name,
        "call_rate": calls / seconds,
        "mean_s": mean,
        "deviation_s": math.sqrt(max(row["squares"] / calls - mean**2, 0)) if mean is not None and row["squares"] > 0 else None,
        "max_s": row["longest_s"] if row["longest_s"] > 0 else None,
        "share_percent": 100 * total_s / whole_s if whole_s > 0 else 0.0,
        "active_sessions": sum(classes.values()) / seconds,
        "wait_class": max(sorted(classes), key=lambda each: classes[each], default=""),
    }


def by_class(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Row]]:
    """Return each database's wait classes, with how long sessions did or waited for each, the most first."""
    found: dict[str, dict[str, Row]] = {}
    for row in rows:
        wait_class = class_of(row)
        of = found.setdefault(row["database"], {}).setdefault(wait_class, {"wait_class": wait_class, "total_s": 0.0, "last": row["last"]})
        of["total_s"] += row["total_s"]
        of["last"] = max(of["last"], row["last"])
    return {name: sorted(classes.values(), key=_most) for name, classes in found.items()}


def by_event(rows: Iterable[Mapping[str, Any]], most: int) -> Sequence[Row]:
    """Return what sessions did or waited for by its name, the most first."""
    found: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (class_of(row), row["wait_event"])
        of = found.setdefault(key, {"wait_class": key[0], "wait_event": key[1], "total_s": 0.0, "samples": 0})
        of["total_s"] += row["total_s"]
        of["samples"] += row["samples"]
    return sorted(found.values(), key=_most)[:most]


def _most(row: Mapping[str, Any]) -> tuple[float, str, str]:
    return -float(row["total_s"]), row["wait_class"], row.get("wait_event", "")
