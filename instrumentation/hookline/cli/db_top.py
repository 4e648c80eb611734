"""`hookline db top`: sessions and what they wait for, as the agent sees them."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator
from typing import Any

import click

from hookline.cli.db_screen import screen
from hookline.cli.options import with_format, with_settings
from hookline.databases.live_client import live_views
from hookline.settings import Loaded

WIDTH, HEIGHT = 120, 10_000
DRAWS_EVERY_S = 0.1


@click.command("top")
@with_settings()
@click.argument("database", required=False)
@click.option("--once", is_flag=True, help="Print once and return, as it does where there is no terminal.")
@with_format("text", "json")
def command(loaded: Loaded, database: str | None, once: bool, format_: str | None) -> None:
    """Watch sessions by what they wait for, live from the running agent: at most a tenth of a second old while there is trouble.

    Bars are sessions on average over five seconds, against the machine's cores. Ctrl-C leaves.
    """
    if format_ == "json":
        for view in live_views(loaded.settings, database, follow=not once and sys.stdout.isatty()):
            click.echo(json.dumps(view))
    elif once or not sys.stdout.isatty():
        views = list(live_views(loaded.settings, database))
        for text, _ in screen(views, WIDTH, HEIGHT):
            click.echo(text.rstrip())
    else:
        _watch(live_views(loaded.settings, database, follow=True))


def _watch(views: Iterator[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    latest: dict[str, dict[str, Any]] = {}
    drawn_s = 0.0
    with Live(console=Console(), screen=True, auto_refresh=False) as live:
        try:
            for view in views:
                latest[view["database"]] = view
                if time.monotonic() - drawn_s < DRAWS_EVERY_S / 2:
                    continue
                drawn_s = time.monotonic()
                size = shutil.get_terminal_size((WIDTH, 40))
                lines = screen(list(latest.values()), size.columns, size.lines - 1)
                live.update(Text("\n").join(Text(text, style=colour or "", no_wrap=True) for text, colour in lines), refresh=True)
        except KeyboardInterrupt:
            return
