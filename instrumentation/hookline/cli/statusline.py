"""`hookline statusline`: the user's own status line, with the limits kept on the way."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from hookline.cli.options import load_settings
from hookline.errors import HooklineError
from hookline.settings import Settings


@click.command("statusline", context_settings={"ignore_unknown_options": True})
@click.argument("own", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND ...]")
@click.option("--preview", is_flag=True, help="Show Hookline's own line with the figures of an example, and read nothing.")
@click.pass_context
def command(ctx: click.Context, own: tuple[str, ...], preview: bool) -> None:
    """Read the agent's status from standard input, keep the limits, and run COMMAND with the same input.

    Output, errors and exit code are COMMAND's; without one Hookline's own line is shown. `hookline install claude-code
    --status-line` puts a faster script of the same effect into the agent's settings.
    """
    from hookline.agents import DEFAULT

    line = DEFAULT.status_line()
    if line is None:
        return
    if preview:
        click.echo(line.preview(_settings(ctx.obj or {})), color=True)
        return
    sys.exit(line.run(_settings(ctx.obj or {}), own))


def _settings(given: Mapping[str, Any]) -> Settings | None:
    """Return the settings; None where they are wrong, which the status line is not the place to tell of."""
    try:
        return load_settings({"data_dir": given.get("data_dir")}, given.get("config_file")).settings
    except (HooklineError, click.ClickException, OSError):
        return None
