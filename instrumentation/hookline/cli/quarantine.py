"""`hookline quarantine`: what the store would not take."""

from __future__ import annotations

from urllib.parse import quote

import click

from hookline.cli.duration import clock
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import client_for
from hookline.settings import Loaded

COLUMNS = ("name", "signal", "items", "size_bytes", "reason", "error", "set_aside")


@click.group("quarantine", invoke_without_command=True)
@with_settings()
@with_format("table", "json", "csv")
@click.pass_context
def command(ctx: click.Context, loaded: Loaded, format_: str | None) -> None:
    """Show what ClickHouse refused although it was valid, and why."""
    if ctx.invoked_subcommand:
        return
    entries = client_for(loaded.settings).get("/api/v1/quarantine")["entries"]
    if not entries and format_ in (None, "table"):
        click.echo("Nothing is in quarantine.")
        return
    is_table = format_ in (None, "table")
    show([entry | {"set_aside": clock(entry["set_aside"])} for entry in entries] if is_table else entries, COLUMNS, format_, heads=HEADS)


@command.command("replay")
@click.argument("name")
@with_settings()
def replay(name: str, loaded: Loaded) -> None:
    """Put an entry into the journal again, such as after an upgrade."""
    entry = client_for(loaded.settings).post(f"/api/v1/quarantine/{quote(name, safe='')}/replay", {})
    click.echo(f"{entry['items']} items of {name} are in the journal again.")


@command.command("discard")
@click.argument("name")
@with_settings()
def discard(name: str, loaded: Loaded) -> None:
    """Give an entry up."""
    client_for(loaded.settings).ask("DELETE", f"/api/v1/quarantine/{quote(name, safe='')}", None)
    click.echo(f"{name} is gone.")
