"""`hookline down`: stop what `hookline up` started."""

from __future__ import annotations

import click

from hookline.cli.options import with_settings
from hookline.operate import up
from hookline.settings import Loaded


@click.command("down")
@with_settings()
def command(loaded: Loaded) -> None:
    """Stop the relay and the collector that `hookline up` started."""
    pid = up.stop_background(loaded.settings)
    click.echo(f"Stopped (process {pid}).")
