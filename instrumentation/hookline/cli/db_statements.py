"""`hookline db statements`: the statements that took most of a database's time."""

from __future__ import annotations

from typing import Any

import click

from hookline.cli.asked_period import asked, sessions, share, with_since
from hookline.cli.duration import short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, number, say_stale, show
from hookline.collector_client import client_for
from hookline.settings import Loaded

COLUMNS = ("statement_hash", "share_percent", "total_s", "calls", "mean_s", "blocks_read", "active_sessions", "wait_class", "summary")
SHEET = (
    "database", "statement_hash", "query_id", "namespace", "role", "calls", "total_s", "mean_s", "deviation_s", "max_s", "plan_s", "result_rows",
    "blocks_hit", "blocks_read", "temp_blocks_written", "read_s", "write_s", "wal_bytes", "share_percent", "active_sessions",
    "wait_class", "query_text",
)  # fmt: skip


@click.command("statements")
@click.argument("name", default="")
@click.option(
    "--by", "order", type=click.Choice(["time", "load", "calls", "mean", "rows", "reads"]), default="time", show_default=True, help="What first."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many of a database.")
@with_since()
@with_settings()
@with_format("table", "json", "csv")
def command(name: str, order: str, limit: int, period: str, loaded: Loaded, format_: str | None) -> None:
    """List the statements of database NAME, or of all, that took most time. `hookline db explain STATEMENT` shows the plans of one.

    Figures are PostgreSQL's own, as growth; `active` is how many sessions were seen busy with it at once.
    """
    client = client_for(loaded.settings, say_stale)
    names = [name] if name else [row["database"] for row in client.get(asked("/api/v1/databases", period=period))["databases"]]
    found = {
        each: client.get(asked("/api/v1/databases/{}/statements", each, period=period, order=order, limit=limit))["statements"] for each in names
    }
    if format_ in ("json", "csv"):
        show([{"database": each, **row} for each, rows in found.items() for row in rows], SHEET, format_)
    elif not any(found.values()):
        click.echo("Nothing was told of any statement. `hookline databases` looks at the databases of the configuration (pg_stat_statements).")
    else:
        for each, rows in found.items():
            click.secho(each, bold=True)
            show([as_shown(row) for row in rows], COLUMNS, None, elastic=["summary"], heads=HEADS)


def as_shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as people read it."""
    return {
        **row,
        "share_percent": share(row["share_percent"]),
        **{field: short(row[field]) for field in ("total_s", "mean_s", "max_s")},
        **{field: number(row[field]) for field in ("calls", "result_rows", "blocks_read")},
        "active_sessions": sessions(row["active_sessions"]),
        "summary": row["summary"] or " ".join(row["query_text"].split()),
    }
