"""`hookline alerts`: what fires, what is about to, and what became of it."""

from __future__ import annotations

from typing import Any

import click

from hookline.cli.duration import clock
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import client_for
from hookline.settings import Loaded

COLUMNS = ("alert_state", "alert", "active", "value", "labels", "annotations")
CHANGES = ("changed", "rule", "from_state", "to_state", "value", "labels")


@click.command("alerts")
@click.option(
    "--state", type=click.Choice(("all", "pending", "firing", "resolved")), default="all", show_default=True, help="Only those in this state."
)
@click.option("--history", "days", type=click.IntRange(1, 3_660), help="Show the changes of so many days instead.")
@with_settings()
@with_format("table", "json", "csv")
def command(state: str, days: int | None, loaded: Loaded, format_: str | None) -> None:
    """Show the alerts that are pending, firing or lately resolved; with --history what became of alerts."""
    client = client_for(loaded.settings)
    if days:
        rows, columns = client.get(f"/api/v1/alerts/history?days={days}")["transitions"], CHANGES
    else:
        rows, columns = client.get(f"/api/v1/alerts?state={state}")["alerts"], COLUMNS
    if format_ in (None, "table") and not rows:
        click.echo("No alert changed." if days else "No alerts.")
        return
    show([_row(row) for row in rows] if format_ in (None, "table") else rows, columns, format_, elastic=("annotations", "labels"), heads=HEADS)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    labels = ", ".join(f"{name}={value}" for name, value in row["labels"].items() if name != "alertname")
    moments = {name: clock(row[name]) for name in ("active", "changed") if name in row}
    return row | moments | {"labels": labels, "annotations": row["annotations"].get("summary", ""), "value": f"{row['value']:.6g}"}
