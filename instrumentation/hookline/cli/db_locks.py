"""`hookline db locks`: who blocks whom now."""

from __future__ import annotations

import json

import click

from hookline.cli.db_screen import tree_lines
from hookline.cli.options import with_format, with_settings
from hookline.databases.live_client import live_views
from hookline.settings import Loaded

WIDTH = 160


@click.command("locks")
@with_settings()
@click.argument("database", required=False)
@with_format("text", "json")
def command(loaded: Loaded, database: str | None, format_: str | None) -> None:
    """Show who blocks whom now, as trees: the root first, what it runs or that it sits idle in a transaction, then who waits and since when.

    It asks the running agent, not the server, so it works while locks are held and connections are used up.
    """
    views = list(live_views(loaded.settings, database))
    if format_ == "json":
        click.echo(json.dumps([{key: view.get(key) for key in ("database", "state", "age_s", "trees")} for view in views], indent=2))
        return
    for view in views:
        if view["state"] == "blind":
            click.echo(f"{view['database']}: nothing is seen ({view['why']})", err=True)
            continue
        for line in tree_lines(view, WIDTH):
            click.echo(line)
