"""`hookline up`: everything for one person, in the foreground or in the background."""

from __future__ import annotations

import contextlib
import sys
from functools import partial

import click

from hookline.agents import DEFAULT
from hookline.cli.options import ADDRESSES, child_environment, with_settings
from hookline.cli.parts import need_collector, need_databases
from hookline.collector_client import client_for, page_link
from hookline.operate import up
from hookline.settings import Loaded, Settings
from hookline.system import runtime
from hookline.system.invocation import as_typed


@click.command("up")
@with_settings(*ADDRESSES)
@click.option("--detach", "-d", is_flag=True, help="Run in the background and return when everything answers.")
def command(loaded: Loaded, detach: bool) -> None:
    """Run relay and collector together, on the embedded ClickHouse.

    Prints the link to the pages and the one command that installs the hooks. `hookline down` stops what runs in the background.
    """
    need_collector()
    need_databases(loaded.settings)
    environment = child_environment()
    if detach:
        fresh = up.start_in_background(loaded.settings, environment, click.echo)
        _greet("Hookline runs." if fresh else "Hookline is already running.", page_link(loaded.settings), loaded.settings)
    else:
        up.run(loaded, environment, _say, partial(_greet_started, loaded.settings))


def _say(line: str) -> None:
    with contextlib.suppress(OSError):  # a log on a full disk
        click.echo(f"hookline: {as_typed(line)}", err=True)


def _greet_started(settings: Settings) -> None:
    with contextlib.suppress(OSError):  # a log on a full disk
        _greet("Hookline runs. Ctrl-C stops it.", _link_for_output(settings), settings)


def _link_for_output(settings: Settings) -> str:
    """Return the link with its token for a person at a terminal; what goes into a log names the address alone."""
    return page_link(settings) if sys.stdout.isatty() else as_typed(f"{client_for(settings).url} (`hookline open` opens it with its token)")


def _greet(headline: str, link: str, settings: Settings) -> None:
    click.echo(headline)
    click.echo(f"  pages  {link}")
    if (found := runtime.read(settings.runtime_path)) and found.clickhouse_url:
        click.echo(f"  sql    {found.clickhouse_url} (ClickHouse's HTTP interface, user hookline, password the token)")
    for name, command in (("open", "open"), ("hooks", f"install {DEFAULT.name}"), ("stop", "down")):
        click.echo(f"  {name:<5}  {as_typed(f'hookline {command}')}")
    click.echo(f"  log    {up.log_path(settings)}")
