"""Rows once more, some weeks earlier: a person's long history is so many times what they did in the last weeks, under ids of its own each time.

What a column is says its type and name: a moment moves, an id gets the mark of its time, everything else stays as it was. So a column that is added
to a table moves, too, when it is a moment.
"""

from __future__ import annotations

import re
from typing import Final

from hookline_collector.store import Store

MARKED: Final = ("session_id", "prompt_id", "previous_id", "call_id", "request_key", "TraceId", "SpanId", "ParentSpanId")
MARKED_LISTS: Final = ("sessions", "prompts")
MARKED_KEYS: Final = ("session.id", "prompt.id", "gen_ai.tool.call.id")
MOMENT: Final = re.compile(r"^(?:Nullable\(|SimpleAggregateFunction\(\w+, )*(?:Date|DateTime)\b|DateTime64")
COLUMNS: Final = """SELECT name, type FROM system.columns
WHERE database = currentDatabase() AND table = {table:String} AND default_kind NOT IN ('ALIAS', 'MATERIALIZED') ORDER BY position"""


def move_earlier(store: Store, table: str, days: int, times: int, rows: str = "") -> None:
    """Write a table's rows again `days` earlier, and so on, so many times. `rows` is a statement that gives other rows than all."""
    columns = store.query(COLUMNS, {"table": table}).rows
    changes = ",\n    ".join(f"{expression} AS {name}" for name, kind in columns if (expression := moved(str(name), str(kind))))
    these = rows or f"SELECT * FROM {table}{' FINAL' if table.startswith('worked_') else ''}"
    sql = f"""INSERT INTO {table} SETTINGS max_partitions_per_insert_block = 0
SELECT r.* REPLACE (
    {changes})
FROM ({these}) AS r
CROSS JOIN (SELECT number AS n, concat('t', leftPad(toString(n), 3, '0')) AS mark FROM numbers(1, {{times:UInt64}})) AS t"""
    store.command(sql, {"times": times, "days": days})


def moved(name: str, kind: str) -> str:
    """Return what a column becomes; nothing where it stays."""
    if kind.startswith(("Array(DateTime", "Array(Tuple", "Array(UInt", "SimpleAggregateFunction(groupUniqArrayArray")):
        return ""
    if name.endswith("_ns") and "Int64" in kind and name not in LENGTHS:
        return f"if(r.{name} = 0, r.{name}, r.{name} - toInt64(t.n * {{days:UInt64}}) * 86400000000000)"
    if MOMENT.match(kind):
        return f"r.{name} - toIntervalDay(t.n * {{days:UInt64}})"
    if name in MARKED and kind == "String":
        return f"if(r.{name} = '', '', concat(t.mark, substring(r.{name}, 5)))"
    if name in MARKED_LISTS and kind == "Array(String)":
        return f"arrayMap(each -> concat(t.mark, substring(each, 5)), r.{name})"
    if kind == "Map(LowCardinality(String), String)":
        known = ", ".join(f"'{key}'" for key in MARKED_KEYS)
        return f"mapApply((k, v) -> (k, if(k IN ({known}), concat(t.mark, substring(v, 5)), v)), r.{name})"
    return ""


LENGTHS: Final = frozenset(
    (
        *("human_ns", "human_at_most_ns", "agent_ns", "agent_once_ns", "wall_ns"),
        *("permission_wait_ns", "answer_wait_ns", "prompt_wait_ns", "block_ns"),
    )
)
"""Columns that end as moments do and are lengths."""
