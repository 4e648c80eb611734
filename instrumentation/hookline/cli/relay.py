"""`hookline relay`: the relay alone."""

from __future__ import annotations

import click

from hookline.cli.options import with_settings
from hookline.settings import Loaded


@click.command("relay")
@with_settings("relay.endpoint", "relay.protocol", "relay.user")
def command(loaded: Loaded) -> None:
    """Run the relay: hook events to spans, sent to any OTLP endpoint. Stops on SIGTERM and Ctrl-C."""
    from hookline import relay

    relay.run(loaded.settings)
