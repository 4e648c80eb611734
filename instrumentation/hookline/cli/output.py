"""Rows for a person or for a program.

A table with colours where a terminal is there, the same as aligned plain text where not; JSON as an array of objects;
CSV with a header. `NO_COLOR` and `TERM=dumb` are honoured by rich. Rich is imported only when a table is drawn.
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

Rows = Sequence[Mapping[str, Any]]


def show(rows: Rows, columns: Sequence[str], form: str | None, *, title: str = "") -> None:
    """Print rows in the form asked for; `columns` gives the order and, without a row, the header."""
    click.echo(render(rows, columns, form, title=title, terminal=sys.stdout.isatty()))


def render(rows: Rows, columns: Sequence[str], form: str | None, *, title: str = "", terminal: bool = False) -> str:
    """Return rows as text; `form` is json, csv, table or None, which is a table."""
    if form == "json":
        return json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False, default=str)
    if form == "csv":
        return _csv(rows, columns)
    return _rich_table(rows, columns, title) if terminal else _plain_table(rows, columns)


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
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().rstrip("\n")


def _plain_table(rows: Rows, columns: Sequence[str]) -> str:
    lines = [list(columns), *([_one_line(row.get(column)) for column in columns] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def _one_line(value: Any) -> str:
    """Keep a row on one line and a terminal safe from control characters."""
    return "".join(c if c.isprintable() else " " for c in cell(value))


def _rich_table(rows: Rows, columns: Sequence[str], title: str) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for column in columns:
        numeric = bool(rows) and all(isinstance(row.get(column), int | float) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_one_line(row.get(column))) for column in columns))
    console = Console()
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip("\n")
