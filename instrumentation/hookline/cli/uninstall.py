"""`hookline uninstall`: take out exactly what `hookline install` put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hookline.cli.agent_choice import ChosenAgent, change_each, chosen, with_agents, with_hooks
from hookline.cli.install import tell
from hookline.cli.options import with_settings
from hookline.settings import Loaded

if TYPE_CHECKING:
    from hookline.install import Change, Scope


@click.command("uninstall")
@with_agents("Every agent whose settings have the hooks; they are named first.")
@with_settings()
def command(names: tuple[str, ...], is_all: bool, scope: Scope, dry_run: bool, loaded: Loaded) -> None:
    """Take the hooks out of agents' settings again: hookline uninstall claude-code, or hookline uninstall --all."""

    def uninstall(each: ChosenAgent, scope: Scope) -> Change:
        return each.installer.uninstall(loaded.settings, scope, dry_run=dry_run)

    def say(change: Change) -> None:
        tell(change, done=f"Hooks taken out of {change.path}.", nothing=f"There are no hooks of Hookline in {change.path}.")

    change_each(chosen(names, is_all=is_all, found_by=with_hooks, none="no agent's settings have hooks of Hookline"), scope, uninstall, say)
