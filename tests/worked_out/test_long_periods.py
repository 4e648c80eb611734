"""A report of any number of days needs memory for its rows, and none for each of its days beside each row."""

from __future__ import annotations

from typing import Any

import pytest

from hookline_collector.store import Store
from hookline_collector.work.statements import statement
from hookline_collector.worked_out.clock_reading import blocks_statement, clocks_statement
from hookline_collector.worked_out.worked_reading import grouped, instead
from support.stores import emptied

SLOT_NS = 900 * 10**9
ROWS, SLOTS, FIRST_DAY = 20_000, 2_000, 17_987  # all in one month, so that a block has many of the rows
MOST_BYTES = 150_000_000
"""A number of eight bytes for each of the days beside each of the rows is 320 MB."""
NS = f"{FIRST_DAY * 96 * SLOT_NS} + toInt64(number) * {SLOTS * SLOT_NS // ROWS}"
OF_DAY = f"SELECT 'ann' AS user, toDate({FIRST_DAY} + intDiv(number * {SLOTS}, {ROWS} * 96)) AS day, 1 AS version, 'shop' AS project"
TOLD = {
    "worked_turns": f"toString(number) AS prompt_id, {NS} AS started_ns",
    "worked_calls": f"toString(number) AS call_id, {NS} AS started_ns",
    "worked_requests": f"toString(number) AS request_key, {NS} AS time_ns",
    "worked_parts": f"toString(number) AS prompt_id, 1 AS kind, 1 AS agents, {NS} AS from_ns, from_ns + 60000000000 AS to_ns",
    "worked_clocks": f"0 AS grain, {NS} AS at_ns, 60000000000 AS wall_ns",
    "worked_spells": f"0 AS of_project, {NS} AS from_ns, from_ns + 60000000000 AS to_ns",
}

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def store() -> Store:
    """Give twenty thousand rows of each kind within three weeks."""
    opened = emptied()
    for table, own in TOLD.items():
        columns = f"{OF_DAY}, {own}"
        names = ", ".join(each.rpartition(" ")[2] for each in columns.removeprefix("SELECT ").split(", ") if " AS " in each)
        opened.command(f"INSERT INTO {table} ({names}) {columns} FROM numbers({ROWS})")
    return opened


def statements() -> dict[str, str]:
    """Return those that group by day: of what was worked out, and those of facts, which read the same columns of views."""
    found = {f"{name}, worked out": grouped("day")[statement(name)] for name in ("calls", "prompts", "spend")}
    found |= {f"{name}, told": statement(name).replace("told_", "") for name in ("calls", "prompts", "spend")}
    found["worked"] = instead()[statement("worked")]
    found["clocks"] = clocks_statement("day")
    found["blocks"] = blocks_statement()
    return found


@pytest.mark.parametrize("name", statements())
def test_memory_is_that_of_rows(store: Store, name: str) -> None:
    """With two thousand days (they may be short), of which every one has rows, and a bound that a copy of the days for each row would break."""
    edges = [(FIRST_DAY * 96 + n) * SLOT_NS for n in range(SLOTS + 1)]
    days = [f"day {n}" for n in range(SLOTS)]
    of_period = {"since": "2019-04-01", "until": "2019-04-30", "days": days, "edges": edges, "cuts": edges}
    of_blocks = {"blocks": 1, "max_blocks": 10**6, "block_days": days, "block_edges": edges, "per_project": False, "of_project": 0, "spells": "[]"}
    of_clocks = {"own": [0], "whole": [0], "grains": [0], "live": []}
    narrowed = {"user": "", "project": "", "agent": "", "idle_s": 300, "now": edges[-1]}
    asked: dict[str, Any] = {"by": "day"} | of_period | of_blocks | of_clocks | narrowed
    sql = statements()[name]
    bound = f"\nSETTINGS max_memory_usage = {MOST_BYTES}"
    found = store.query(sql.replace("\nSETTINGS ", f"{bound}, ") if "\nSETTINGS " in sql else f"{sql}{bound}", asked).as_dicts()
    assert {day for row in found for day in (row.get("key"), row.get("day"))} >= set(days)
