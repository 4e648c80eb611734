"""`hookline uninstall`: take out exactly what `hookline install` put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hookline.cli.install import installer_of, tell, with_scope
from hookline.cli.options import with_settings
from hookline.settings import Loaded

if TYPE_CHECKING:
    from hookline.install import Scope


@click.command("uninstall")
@with_scope
@with_settings()
def command(agent: str, scope: Scope, dry_run: bool, loaded: Loaded) -> None:
    """Take the hooks out of an agent's settings again: hookline uninstall claude-code."""
    change = installer_of(agent).uninstall(loaded.settings, scope, dry_run=dry_run)
    tell(change, done=f"Hooks taken out of {change.path}.", nothing=f"There are no hooks of Hookline in {change.path}.")
