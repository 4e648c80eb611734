"""`hookline collector`: the collector alone."""

from __future__ import annotations

import click

from hookline.cli.options import ADDRESSES, with_settings
from hookline.cli.parts import need_collector
from hookline.settings import Loaded


@click.command("collector")
@with_settings(*ADDRESSES, "store.url")
def command(loaded: Loaded) -> None:
    """Run the collector: OTLP in, ClickHouse, API and pages. Stops on SIGTERM and Ctrl-C."""
    need_collector()
    from hookline_collector.app import main

    main(loaded.settings)
