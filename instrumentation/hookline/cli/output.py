"""Rows for a person or for a program.

A table with colours where a terminal is there, the same as aligned plain text where not, or where the terminal is too narrow for it;
columns that may be cut (`elastic`) make room until a row fits the terminal, or 80 columns where there is none. JSON as an array of objects;
CSV with a header. `NO_COLOR` and `TERM=dumb` are honoured by rich. Rich is imported only when a table is drawn.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from hookline.system.plain import csv_cell

QUANTITY = re.compile(r"-|\$?-?[\d,.]+(e[+-]?\d+)?( ?(%|ms|s|m|h|MB)( \d+ (s|m))?)?")
FRAME = 2  # what a drawn table is wider than a plain one
WIDTH = 80  # where no terminal says otherwise
NARROWEST = 6  # a column is not cut below this
COLOURS = {
    "working": "green", "waiting": "yellow", "idle": "cyan", "ended": "bright_black",
    "success": "green", "failure": "red", "failed": "red", "denied": "yellow", "interrupted": "yellow", "running": "green",
}  # fmt: skip
"""What a word of a state or an outcome is shown in."""
Rows = Sequence[Mapping[str, Any]]


def show(rows: Rows, columns: Sequence[str], form: str | None, *, title: str = "", elastic: Sequence[str] = ()) -> None:
    """Print rows in the form asked for; `columns` gives the order and, without a row, the header."""
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal else WIDTH
    click.echo(render(rows, columns, form, title=title, terminal=is_terminal, elastic=elastic, width=width))


def render(
    rows: Rows,
    columns: Sequence[str],
    form: str | None,
    *,
    title: str = "",
    terminal: bool = False,
    elastic: Sequence[str] = (),
    width: int = WIDTH,
) -> str:
    """Return rows as text; `form` is json, csv, table or None, which is a table. `elastic` columns are cut until a row fits `width`."""
    if form == "json":
        return json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False, default=str)
    if form == "csv":
        return _csv(rows, columns)
    fitted = fit(rows, columns, elastic, width - FRAME * terminal)
    return _rich_table(fitted, columns, title) if terminal else _plain_table(fitted, columns)


def fit(rows: Rows, columns: Sequence[str], elastic: Sequence[str], width: int) -> Rows:
    """Return rows whose texts in the elastic columns are cut, the widest first, so that a line is no longer than `width` where that can be."""
    if not elastic:
        return rows
    widths = {column: max(len(column), *(len(_one_line(row.get(column))) for row in rows)) if rows else len(column) for column in columns}
    excess = sum(widths.values()) + 2 * (len(columns) - 1) - width
    limits = {column: widths[column] for column in elastic if column in widths}
    while excess > 0 and limits:
        widest = max(limits, key=lambda column: limits[column])
        if limits[widest] <= max(NARROWEST, len(widest)):
            break
        limits[widest] -= 1
        excess -= 1
    return [{**row, **{column: shortened(_one_line(row.get(column)), limit) for column, limit in limits.items()}} for row in rows]


def shortened(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters; what was cut is shown by an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def number(value: float | None) -> str:
    """Return a count as people write it: 2,543."""
    return "" if value is None else f"{value:,.0f}"


def dollars(cost: float | None, *, is_partial: bool = False) -> str:
    """Return a cost: $1.50, $1.50+ where some of it is unknown, ? where all is."""
    return "?" if cost is None else f"${cost:,.2f}" + ("+" if is_partial else "")


def cell(value: Any) -> str:
    """Return one value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _csv(rows: Rows, columns: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(csv_cell, columns))
    writer.writerows([_csv_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().rstrip("\n")


def _csv_cell(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else csv_cell(cell(value))


def _plain_table(rows: Rows, columns: Sequence[str]) -> str:
    texts = [list(columns), *([_one_line(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in texts) for i in range(len(columns))]
    rights = [_is_quantity(rows, column) for column in columns]
    return "\n".join(_plain_line(line, widths, rights) for line in texts)


def _plain_line(texts: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> str:
    cells = [text.rjust(width) if right else text.ljust(width) for text, width, right in zip(texts, widths, rights, strict=True)]
    return "  ".join(cells).rstrip()


def _one_line(value: Any) -> str:
    """Keep a row on one line and a terminal safe from control characters."""
    return "".join(c if c.isprintable() else " " for c in cell(value))


def _is_quantity(rows: Rows, column: str) -> bool:
    """Whether a column holds numbers, also with a unit, so that it is set to the right."""
    texts = [_one_line(row.get(column)) for row in rows]
    return any(texts) and all(QUANTITY.fullmatch(text) for text in texts if text)


def _rich_table(rows: Rows, columns: Sequence[str], title: str) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if _is_quantity(rows, column) else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(text, style=COLOURS.get(text, "")) for text in (_one_line(row.get(column)) for column in columns)))
    console, plain = Console(), _plain_table(rows, columns)
    if max(map(len, plain.splitlines())) + FRAME > console.width:
        return plain
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().splitlines())
