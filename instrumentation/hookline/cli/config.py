"""`hookline config`: the effective settings and where each came from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from hookline.cli.options import with_format, with_settings
from hookline.cli.output import show
from hookline.settings import Loaded
from hookline.settings.describe import effective, to_markdown, to_toml


@click.group("config", invoke_without_command=True)
@with_settings()
@with_format("table", "json", "toml")
@click.pass_context
def command(ctx: click.Context, loaded: Loaded, format_: str | None) -> None:
    """Show the effective settings and where each came from: a flag, a variable, the file, or the default.

    Secrets print as ***. `--format toml` prints a settings file.
    """
    if ctx.invoked_subcommand:
        return
    if format_ == "toml":
        click.echo(to_toml(loaded), nl=False)
        return
    found = [{"key": entry.key, "value": entry.shown, "origin": entry.origin} for entry in effective(loaded)]
    show([_as_text(row) for row in found] if format_ != "json" else found, ["key", "value", "origin"], format_)


@command.command("docs", hidden=True)
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
def docs(path: Path) -> None:
    """Write the reference of all settings as Markdown."""
    path.write_text(to_markdown())


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    value = row["value"]
    return row | {"value": value if isinstance(value, str) else json.dumps(value)}
