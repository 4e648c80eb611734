"""`hookline install`: the hooks in agents' settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hookline.cli.agent_choice import ChosenAgent, change_each, chosen, here, with_agents
from hookline.cli.options import with_settings
from hookline.settings import Loaded

if TYPE_CHECKING:
    from hookline.install import Change, Scope


@click.command("install")
@with_agents("Every known agent that is found on this machine; they are named first.")
@click.option("--native-telemetry", is_flag=True, help="Also switch on the agent's own OpenTelemetry, towards the collector.")
@click.option("--status-line", is_flag=True, help="Also wrap the status line, which tells limits and context.")
@with_settings()
def command(names: tuple[str, ...], is_all: bool, scope: Scope, dry_run: bool, native_telemetry: bool, status_line: bool, loaded: Loaded) -> None:
    """Install the hooks into agents' settings: hookline install claude-code, or hookline install --all.

    Everything else in the files stays as it is, a backup lies beside them, and running it again changes nothing.
    """

    def install(each: ChosenAgent, scope: Scope) -> Change:
        return each.installer.install(loaded.settings, scope, native_telemetry=native_telemetry, status_line=status_line, dry_run=dry_run)

    def say(change: Change) -> None:
        tell(change, done=f"Hooks installed in {change.path}.", nothing=f"The hooks are installed in {change.path} already.")

    change_each(chosen(names, is_all=is_all, found_by=here, none="no agent was found on this machine"), scope, install, say)


def tell(change: Change, *, done: str, nothing: str) -> None:
    """Say what happened to the file, or show what would."""
    if change.is_dry_run:
        click.echo(change.diff() or "Nothing would change.", nl=not change.diff())
    else:
        click.echo(done if change.is_needed else nothing)
        if change.backup is not None:
            click.echo(f"The file as it was: {change.backup}")
        if change.beside is not None and change.beside.is_needed:
            click.echo(f"Also changed: {change.beside.path}" + (f" (as it was: {change.beside.backup})" if change.beside.backup else ""))
    for remark in change.remarks:
        click.echo(f"Note: {remark}", err=True)
