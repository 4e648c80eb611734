"""A table as aligned plain text: names to the left, quantities to the right, two blanks between columns.

One engine for the commands and for reports. Values are keyed by the API's names; `heads` says what stands above a column, its name where it says
nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

QUANTITY = re.compile(r"-|\?|\$?-?[\d,.]+(e[+-]?\d+)?\+?( ?(%|ms|s|m|h|MB)( \d+ (s|m))?)?|\d+:\d\d(:\d\d)?")
NARROWEST = 6  # a column is not cut below this
TableRows = Sequence[Mapping[str, Any]]
Heads = Mapping[str, str]


def plain_table(rows: TableRows, columns: Sequence[str], heads: Heads) -> str:
    """Return rows under their heads, without a line break at the end."""
    texts = [[heads.get(column, column) for column in columns], *([as_line(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in texts) for i in range(len(columns))]
    rights = [is_quantity(rows, column) for column in columns]
    return "\n".join(_plain_line(line, widths, rights) for line in texts)


def fit(rows: TableRows, columns: Sequence[str], elastic: Sequence[str], width: int, heads: Heads) -> TableRows:
    """Return rows whose texts in the elastic columns are cut, the widest first, so that a line is no longer than `width` where that can be."""
    if not elastic:
        return rows
    least = {column: len(heads.get(column, column)) for column in columns}
    widths = {column: max(least[column], *(len(as_line(row.get(column))) for row in rows)) if rows else least[column] for column in columns}
    excess = sum(widths.values()) + 2 * (len(columns) - 1) - width
    limits = {column: widths[column] for column in elastic if column in widths}
    while excess > 0 and limits:
        widest = max(limits, key=lambda column: limits[column])
        if limits[widest] <= max(NARROWEST, least[widest]):
            break
        limits[widest] -= 1
        excess -= 1
    return [{**row, **{column: shortened(as_line(row.get(column)), limit) for column, limit in limits.items()}} for row in rows]


def shortened(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters; what was cut is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cell(value: Any) -> str:
    """Return one value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def as_line(value: Any) -> str:
    """Return one value on one line, so that a row stays one and a terminal is safe from control characters."""
    return "".join(c if c.isprintable() else " " for c in cell(value))


def is_quantity(rows: TableRows, column: str) -> bool:
    """Whether a column holds numbers, also with a unit, so that it is set to the right."""
    texts = [as_line(row.get(column)) for row in rows]
    return any(texts) and all(QUANTITY.fullmatch(text) for text in texts if text)


def _plain_line(texts: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    cells = [text.rjust(width) if right else text.ljust(width) for text, width, right in zip(texts, widths, rights, strict=True)]
    return "  ".join(cells).rstrip()
