"""`hookline open`: the pages, in the browser."""

from __future__ import annotations

import click

from hookline.cli.options import with_settings
from hookline.collector_client import client_for, page_link
from hookline.operate import opening
from hookline.settings import Loaded


@click.command("open")
@with_settings()
@click.option("--print", "only_print", is_flag=True, help="Print the link and open nothing.")
def command(loaded: Loaded, only_print: bool) -> None:
    """Open the pages in the browser, with the token that opens them; print the link where there is no browser."""
    client_for(loaded.settings).get("/api/v1/status")
    link = page_link(loaded.settings)
    if only_print or not opening.open_link(link, loaded.settings.data_dir):
        click.echo(link)
