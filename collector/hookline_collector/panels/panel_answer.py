"""A panel's answer, column by column: times as Unix milliseconds, numbers as they are, everything else as text; no value is null."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from hookline_collector.panels.dashboard_files import PanelStatement
from hookline_collector.store.rows import Rows

_WRAPPED: Final = re.compile(r"^(?:Nullable|LowCardinality)\((.*)\)$|^SimpleAggregateFunction\(\w+, (.*)\)$")
_ROLES: Final = (("time", re.compile(r"Date")), ("number", re.compile(r"U?Int|Float|Decimal|Bool|BFloat")))
ANSWER_SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "What a panel shows: an answer for each of its questions, column by column.",
    "required": ["targets", "from", "to", "interval_ms"],
    "properties": {
        "from": {"type": "integer", "description": "The beginning of the range, in Unix milliseconds."},
        "to": {"type": "integer", "description": "Its end."},
        "interval_ms": {"type": "integer", "description": "How long an interval of a series is."},
        "targets": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["ref", "format", "columns", "data", "rows", "truncated"],
                "properties": {
                    "ref": {"type": "string"},
                    "format": {"enum": ["time_series", "table"]},
                    "columns": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["name", "type", "role"],
                            "properties": {"name": {"type": "string"}, "type": {"type": "string"}, "role": {"enum": ["time", "number", "text"]}},
                        },
                    },
                    "data": {"type": "array", "description": "A list for each column; times in Unix milliseconds, null where there is no value."},
                    "rows": {"type": "integer"},
                    "truncated": {"type": "boolean", "description": "Whether rows were left out."},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class PanelColumn:
    """A column: its name, its ClickHouse type, and what it is to a chart."""

    name: str
    type: str
    role: str


def role_of(kind: str) -> str:
    """Return what a ClickHouse type is to a chart: time, number or text."""
    inner = kind
    while found := _WRAPPED.match(inner):
        inner = found[1] or found[2]
    return next((role for role, pattern in _ROLES if pattern.match(inner)), "text")


def columns_of(rows: Rows) -> tuple[PanelColumn, ...]:
    """Return the columns of an answer."""
    return tuple(PanelColumn(name, kind, role_of(kind)) for name, kind in zip(rows.columns, rows.types, strict=True))


def target_of(statement: PanelStatement, rows: Rows, limit: int) -> dict[str, Any]:
    """Return the answer of one question; rows past the limit are left out."""
    columns = columns_of(rows)
    kept = rows.rows[:limit]
    by_column: Sequence[Sequence[Any]] = list(zip(*kept, strict=True)) if kept else [()] * len(columns)
    return {
        "ref": statement.ref,
        "format": statement.format,
        "columns": [{"name": column.name, "type": column.type, "role": column.role} for column in columns],
        "data": [_shown(column, values) for column, values in zip(columns, by_column, strict=True)],
        "rows": len(kept),
        "truncated": rows.truncated or len(rows) > limit,
    }


def _shown(column: PanelColumn, values: Sequence[Any]) -> Sequence[Any]:
    """Return a column's values as they are told. Of times, most are told again and again: a row for each line."""
    if column.role == "number":
        return values if "Bool" not in column.type else [int(value) if isinstance(value, bool) else value for value in values]
    if column.role == "time":
        known = {value: None if value is None else _time(value) for value in set(values)}
        return [known[value] for value in values]
    return [value if value is None or isinstance(value, str) else orjson.dumps(value).decode() for value in values]


def _time(value: str) -> int:
    """Return a moment or a day as the store writes it, in milliseconds; a bare day begins at midnight UTC."""
    text = value if len(value) > len("2026-03-01") else f"{value}T00:00:00Z"
    return round(datetime.fromisoformat(text).timestamp() * 1000)
