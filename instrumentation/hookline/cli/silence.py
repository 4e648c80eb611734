"""`hookline silence`: alerts of which nobody is notified for a while."""

from __future__ import annotations

import getpass
from urllib.parse import quote

import click

from hookline.cli.duration import clock, length_s
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import client_for
from hookline.settings import Loaded

COLUMNS = ("silence_id", "silence_state", "matchers", "start", "end", "created_by", "comment")


@click.group("silence", invoke_without_command=True)
@click.option("--expired", is_flag=True, help="Show those too that are over.")
@with_settings()
@with_format("table", "json", "csv")
@click.pass_context
def command(ctx: click.Context, expired: bool, loaded: Loaded, format_: str | None) -> None:
    """Hold alerts back for a while, by their labels. Without a command: show the silences."""
    if ctx.invoked_subcommand:
        return
    rows = client_for(loaded.settings).get(f"/api/v1/silences?expired={str(expired).lower()}")["silences"]
    is_table = format_ in (None, "table")
    if not rows and is_table:
        click.echo("Nothing is silenced.")
        return
    told = [{**row, "matchers": ", ".join(row["matchers"]), "start": clock(row["start"]), "end": clock(row["end"])} for row in rows]
    show(told if is_table else rows, COLUMNS, format_, heads=HEADS)


@command.command("add")
@click.argument("matchers", nargs=-1, required=True, metavar="MATCHER...")
@click.option("--for", "length", default="2h", show_default=True, metavar="TIME", help="How long, such as 30m, 2h or 1d.")
@click.option("--reason", required=True, help="Why: whoever looks later wants to know.")
@click.option("--by", default="", help="Who says so; your login when it is left out.")
@with_settings()
def add(matchers: tuple[str, ...], length: str, reason: str, by: str, loaded: Loaded) -> None:
    """Silence the alerts that all MATCHERs match, such as tool=Bash or 'project=~"shop|till"'."""
    told = {"matchers": list(matchers), "duration_s": length_s(length, "--for"), "comment": reason, "created_by": by or getpass.getuser()}
    row = client_for(loaded.settings).post("/api/v1/silences", told)
    click.echo(f"{row['silence_id']} silences {', '.join(row['matchers'])} until {clock(row['end'])}.")


@command.command("end")
@click.argument("silence_id")
@with_settings()
def end(silence_id: str, loaded: Loaded) -> None:
    """End a silence now."""
    client_for(loaded.settings).ask("DELETE", f"/api/v1/silences/{quote(silence_id, safe='')}", None)
    click.echo(f"{silence_id} is over.")
