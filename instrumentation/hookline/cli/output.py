"""Rows for a person or for a program.

A table with colours where a terminal is there, the same as aligned plain text where not, or where the terminal is too narrow for it;
columns that may be cut (`elastic`) make room until a row fits the terminal, or 80 columns where there is none. JSON as an array of objects;
CSV with a header. Columns are the API's fields: in JSON and CSV by name, in a table under the heads that `hookline.contract.fields` gives them.
`NO_COLOR` and `TERM=dumb` are honoured by rich. Rich is imported only when a table is drawn.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from hookline.contract.fields import FIELDS
from hookline.system.plain import csv_cell
from hookline.system.text_table import Heads, TableRows, as_line, cell, fit, is_quantity, plain_table

FRAME = 2  # what a drawn table is wider than a plain one
WIDTH = 80  # where no terminal says otherwise
COLOURS = {
    "working": "green", "waiting": "yellow", "idle": "cyan", "ended": "bright_black",
    "success": "green", "failure": "red", "failed": "red", "denied": "yellow", "interrupted": "yellow", "running": "green",
}  # fmt: skip
"""What a word of a state or an outcome is shown in."""
NO_HEADS: Heads = {}
HEADS = {name: field.heading or name for name, field in FIELDS.items()}
"""What stands above a column of the API's fields."""


def say_stale(why: str) -> None:
    """Say beside the answer that it is not complete, where a pipe does not have it."""
    click.echo(f"not everything that was received is in this answer yet: {why}", err=True)


def show(rows: TableRows, columns: Sequence[str], form: str | None, *, title: str = "", elastic: Sequence[str] = (), heads: Heads = NO_HEADS) -> None:
    """Print rows in the form asked for; `columns` gives the order and, without a row, the header."""
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal else WIDTH
    click.echo(render(rows, columns, form, title=title, terminal=is_terminal, elastic=elastic, width=width, heads=heads))


def render(
    rows: TableRows,
    columns: Sequence[str],
    form: str | None,
    *,
    title: str = "",
    terminal: bool = False,
    elastic: Sequence[str] = (),
    width: int = WIDTH,
    heads: Heads = NO_HEADS,
) -> str:
    """Return rows as text; `form` is json, csv, table or None, which is a table. `elastic` columns are cut until a row fits `width`."""
    if form == "json":
        return json.dumps([dict(row) for row in rows], indent=2, ensure_ascii=False, default=str)
    if form == "csv":
        return _csv(rows, columns)
    fitted = fit(rows, columns, elastic, width - FRAME * terminal, heads)
    return _rich_table(fitted, columns, title, heads) if terminal else plain_table(fitted, columns, heads)


def number(value: float | None) -> str:
    """Return a count as people write it: 2,543."""
    return "" if value is None else f"{value:,.0f}"


def tokens(value: int | None) -> str:
    """Return a number of tokens; nothing where nobody told of any: there is no request without them."""
    return number(value or None)


def dollars(cost: float | None, *, is_partial: bool = False) -> str:
    """Return a cost: $1.50, $1.50+ where some of it is unknown, ? where all is."""
    return "?" if cost is None else f"${cost:,.2f}" + ("+" if is_partial else "")


def _csv(rows: TableRows, columns: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(csv_cell, columns))
    writer.writerows([_csv_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().rstrip("\n")


def _csv_cell(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else csv_cell(cell(value))


def _rich_table(rows: TableRows, columns: Sequence[str], title: str, heads: Heads) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(heads.get(column, column), justify="right" if is_quantity(rows, column) else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(text, style=COLOURS.get(text, "")) for text in (as_line(row.get(column)) for column in columns)))
    console, plain = Console(), plain_table(rows, columns, heads)
    if max(map(len, plain.splitlines())) + FRAME > console.width:
        return plain
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().splitlines())


SHORT_ID = 8
"""So many characters of an id are shown where there are few of them."""


def with_agent(columns: Sequence[str], sessions: Sequence[Mapping[str, Any]], before: str = "project") -> tuple[str, ...]:
    """Return columns with the agent's, where sessions are of more than one: else it would say the same in every row."""
    at = columns.index(before)
    return (*columns[:at], "agent", *columns[at:]) if len({session["agent"] for session in sessions}) > 1 else tuple(columns)
