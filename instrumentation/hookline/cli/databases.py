"""`hookline databases`: the agent beside databases."""

from __future__ import annotations

import os

import click

from hookline.cli.options import with_settings
from hookline.cli.parts import need_databases
from hookline.settings import Loaded


@click.command("databases")
@with_settings("relay.endpoint", "relay.protocol")
def command(loaded: Loaded) -> None:
    """Watch the databases of the settings and send what is seen to any OTLP endpoint. Stops on SIGTERM and Ctrl-C.

    Each has a table [databases.NAME] with its url. `hookline db setup` prints the SQL for the role that it needs, `hookline db check` says what is
    visible.
    """
    need_databases(loaded.settings)
    from hookline.databases.database_agent import run_agent

    run_agent(loaded.settings, os.environ)
