"""`hookline alerts`: what fires, what is about to, what became of it; and saying that somebody knows."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Any

import click

from hookline.cli.duration import clock
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import Client, client_for
from hookline.errors import HooklineError
from hookline.settings import Loaded

COLUMNS = ("alert_state", "alert", "active", "value", "labels", "annotations", "fingerprint")
CHANGES = ("changed", "rule", "from_state", "to_state", "value", "labels")
OWN_HEADS = {"held": "held back", "fingerprint": "id"}
LEAST_CHARS, SHOWN_CHARS = 4, 8
WHICH = click.argument("which", metavar="ALERT")


@click.group("alerts", invoke_without_command=True)
@click.option(
    "--state", type=click.Choice(("all", "pending", "firing", "resolved")), default="all", show_default=True, help="Only those in this state."
)
@click.option("--history", "days", type=click.IntRange(1, 3_660), help="Show the changes of so many days instead.")
@with_settings()
@with_format("table", "json", "csv")
@click.pass_context
def command(ctx: click.Context, state: str, days: int | None, loaded: Loaded, format_: str | None) -> None:
    """Show the alerts that are pending, firing or lately resolved; with --history what became of alerts."""
    if ctx.invoked_subcommand:
        return
    client = client_for(loaded.settings)
    columns: tuple[str, ...]
    if days:
        rows, columns = client.get(f"/api/v1/alerts/history?days={days}")["transitions"], CHANGES
    else:
        rows, columns = client.get(f"/api/v1/alerts?state={state}")["alerts"], COLUMNS
    if format_ in (None, "table") and not rows:
        click.echo("No alert changed." if days else "No alerts.")
        return
    if format_ in (None, "table"):
        rows = [_row(row) for row in rows]
        columns = (*columns, "held") if any(row["held"] for row in rows) else columns
    show(rows, columns, format_, elastic=("annotations", "labels"), heads=HEADS | OWN_HEADS)


@command.command("ack")
@WHICH
@click.option("--note", default="", help="What you say to it, for whoever looks next.")
@click.option("--by", default="", help="Who knows; your login when it is left out.")
@with_settings()
def acknowledge(which: str, note: str, by: str, loaded: Loaded) -> None:
    """Say that you know of an alert that fires: it is not repeated, you are still notified when it ends.

    ALERT is a fingerprint, its first characters, or a name: then all of that name that fire.
    """
    client = client_for(loaded.settings)
    for alert in _firing(client, which):
        told = {"created_by": by or getpass.getuser(), "comment": note}
        row = client.post(f"/api/v1/alerts/{alert['fingerprint']}/acknowledgement", told)
        click.echo(f"{row['created_by']} knows of {_named(alert)}{': ' + row['comment'] if row['comment'] else ''}.")


@command.command("unack")
@WHICH
@with_settings()
def forget(which: str, loaded: Loaded) -> None:
    """Take that back: the alert is repeated again."""
    client = client_for(loaded.settings)
    for alert in _firing(client, which):
        client.ask("DELETE", f"/api/v1/alerts/{alert['fingerprint']}/acknowledgement", None)
        click.echo(f"Nobody is said to know of {_named(alert)} any more.")


def _firing(client: Client, which: str) -> Sequence[dict[str, Any]]:
    """Return the alerts that a person means, of those that fire."""
    firing = client.get("/api/v1/alerts?state=firing")["alerts"]
    named = [alert for alert in firing if alert["alert"] == which]
    begun = [alert for alert in firing if len(which) >= LEAST_CHARS and alert["fingerprint"].startswith(which.lower())]
    if found := named or begun:
        return found
    known = ", ".join(f"{alert['fingerprint']} ({_named(alert)})" for alert in firing[:10])
    raise HooklineError(f"no alert {which!r} is firing; " + (f"these are: {known}" if known else "none is"))


def _named(alert: dict[str, Any]) -> str:
    return f"{alert['alert']} {_labels(alert)}".strip()


def _labels(row: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in row["labels"].items() if name != "alertname")


def _row(row: dict[str, Any]) -> dict[str, Any]:
    moments = {name: clock(row[name]) for name in ("active", "changed") if name in row}
    texts = {"labels": _labels(row), "annotations": row["annotations"].get("summary", ""), "value": f"{row['value']:.6g}", "held": _held(row)}
    return row | moments | texts | {"fingerprint": row["fingerprint"][:SHOWN_CHARS]}


def _held(row: dict[str, Any]) -> str:
    """Say in a word or two why no one is notified of an alert again; empty where someone is."""
    if row.get("silenced_by"):
        return f"silenced by {row['silenced_by'][0]}"
    if row.get("inhibited_by"):
        return f"held back by {row['inhibited_by'][0]}"
    return f"known to {row['acknowledged']['created_by']}" if row.get("acknowledged") else ""
