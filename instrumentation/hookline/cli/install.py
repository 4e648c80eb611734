"""`hookline install` and `hookline uninstall`: the hooks in an agent's settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from hookline.agents import AGENTS
from hookline.cli.options import with_settings
from hookline.settings import Loaded

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer
    from hookline.install import Change, Scope


def with_scope(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the agent, where its settings are, and `--dry-run`."""
    options = (
        click.argument("agent", type=click.Choice([name for name, agent in AGENTS.items() if agent.installer()])),
        click.option("--user", "scope", flag_value="user", default="user", help="In your own settings, for all projects (the default)."),
        click.option("--project", "scope", flag_value="project", help="In the project's settings, which its other users share."),
        click.option("--local", "scope", flag_value="local", help="In the project's settings that are yours alone."),
        click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("install")
@with_scope
@click.option("--native-telemetry", is_flag=True, help="Also switch on the agent's own OpenTelemetry, towards the collector.")
@click.option("--status-line", is_flag=True, help="Also wrap the status line, which tells limits and context.")
@with_settings()
def command(agent: str, scope: Scope, dry_run: bool, native_telemetry: bool, status_line: bool, loaded: Loaded) -> None:
    """Install the hooks into an agent's settings: hookline install claude-code.

    Everything else in the file stays as it is, a backup lies beside it, and running it again changes nothing.
    """
    installer = installer_of(agent)
    change = installer.install(loaded.settings, scope, native_telemetry=native_telemetry, status_line=status_line, dry_run=dry_run)
    tell(change, done=f"Hooks installed in {change.path}.", nothing=f"The hooks are installed in {change.path} already.")


def installer_of(agent: str) -> Installer:
    """Return what installs into an agent's settings."""
    found = AGENTS[agent].installer()
    if found is None:
        raise click.UsageError(f"{agent} has nothing that can be installed")
    return found


def tell(change: Change, *, done: str, nothing: str) -> None:
    """Say what happened to the file, or show what would."""
    if change.is_dry_run:
        click.echo(change.diff() or "Nothing would change.", nl=not change.diff())
    else:
        click.echo(done if change.is_needed else nothing)
        if change.backup is not None:
            click.echo(f"The file as it was: {change.backup}")
    for remark in change.remarks:
        click.echo(f"Note: {remark}", err=True)
