"""`hookline collector`: the collector alone."""

from __future__ import annotations

import click

from hookline.cli.options import ADDRESSES, with_settings
from hookline.cli.parts import need_collector
from hookline.settings import Loaded
from hookline.system import ground


@click.command("collector")
@with_settings(*ADDRESSES, "store.url")
def command(loaded: Loaded) -> None:
    """Run the collector: OTLP in, ClickHouse, API and pages. Stops on SIGTERM and Ctrl-C."""
    need_collector()
    ground.make(loaded.settings.data_dir)  # a folder that does not do is said at once, not after a second of imports
    from hookline_collector.app import main

    main(loaded.settings)
