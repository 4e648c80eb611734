"""Which agents a command is about: named one by one, or all that are found on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from hookline.agents import AGENTS
from hookline.agents.agent import Agent
from hookline.errors import HooklineError

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer
    from hookline.install import Change, Scope


@dataclass(frozen=True, slots=True)
class ChosenAgent:
    """One agent, what installs into its settings, and by what it was found where nobody named it."""

    agent: Agent
    installer: Installer
    found_by: str = ""


def with_agents(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the agents, `--all`, where their settings are, and `--dry-run`; `what` says which agents all are."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        options = (
            click.argument("names", metavar="[AGENT]...", nargs=-1),
            click.option("--all", "is_all", is_flag=True, help=what),
            click.option("--user", "scope", flag_value="user", default="user", help="In your own settings, for all projects (the default)."),
            click.option("--project", "scope", flag_value="project", help="In the project's settings, which its other users share."),
            click.option("--local", "scope", flag_value="local", help="In the project's settings that are yours alone."),
            click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing."),
        )
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def installable() -> list[ChosenAgent]:
    """Return every agent that has something to install."""
    return [ChosenAgent(agent, installer) for agent in AGENTS.values() if (installer := agent.installer())]


def chosen(names: Sequence[str], *, is_all: bool, found_by: Callable[[Installer], str], none: str) -> list[ChosenAgent]:
    """Return the agents that were asked for, each once; with `--all` those that are found, which are named first.

    Raises a usage error that lists the known agents.
    """
    known = {each.agent.name: each for each in installable()}
    if strangers := [name for name in names if name not in known]:
        raise click.UsageError(f"no agent is called {' or '.join(map(repr, strangers))}; known are {', '.join(known)}")
    if names and is_all:
        raise click.UsageError("name agents or give --all, not both")
    if names:
        return [known[name] for name in dict.fromkeys(names)]
    if not is_all:
        raise click.UsageError(f"name an agent, or give --all for those that are found on this machine; known are {', '.join(known)}")
    found = [ChosenAgent(each.agent, each.installer, by) for each in known.values() if (by := found_by(each.installer))]
    if not found:
        raise HooklineError(f"{none}; known are {', '.join(known)}")
    for each in found:
        click.echo(f"Found {each.agent.title}: {each.found_by}")
    return found


def here(installer: Installer) -> str:
    """Return by what an agent is found on this machine."""
    return installer.is_present(os.environ)


def with_hooks(installer: Installer) -> str:
    """Return the settings files of an agent that have our hooks."""
    return ", ".join(map(str, installer.installed()[0]))


def change_each(agents: Iterable[ChosenAgent], scope: Scope, change: Callable[[ChosenAgent, Scope], Change], tell: Callable[[Change], None]) -> None:
    """Change the settings of each agent and tell of it. What fails for one stops no other; the last failure ends the command."""
    agents, failed = list(agents), None
    for each in agents:
        if len(agents) > 1:
            click.echo(f"\n{each.agent.title}")
        try:
            tell(change(each, scope))
        except HooklineError as why:
            if len(agents) == 1:
                raise
            failed = why
            click.echo(f"Not done: {why}", err=True)
    if failed:
        raise failed
