"""`hookline relay`: the relay alone."""

from __future__ import annotations

import threading

import click

from hookline.cli.options import with_settings
from hookline.lifetime import on_stop_signal
from hookline.settings import Loaded


@click.command("relay")
@with_settings("relay.endpoint", "relay.protocol", "relay.user")
def command(loaded: Loaded) -> None:
    """Run the relay: hook events to spans, sent to any OTLP endpoint. Stops on SIGTERM and Ctrl-C."""
    from hookline import relay

    stop = threading.Event()
    on_stop_signal(stop.set)
    relay.run(loaded.settings, stop, lambda: None)
