"""`hookline db`: what there is to ask about databases. A command is a module of its own, imported when it is called."""

from __future__ import annotations

import importlib

import click

DB_COMMANDS: dict[str, tuple[str, str]] = {
    "setup": ("db_setup", "Print the SQL that makes the agent's role."),
    "check": ("db_check", "Say what is visible of each database, what is not, and the line that opens it."),
    "top": ("db_top", "Watch sessions and what they wait for, live."),
    "locks": ("db_locks", "Show who blocks whom."),
    "report": ("db_report", "Show how busy each database was, with what, and what was found."),
    "statements": ("db_statements", "List the statements that took most time."),
    "explain": ("db_explain", "Show the plans of a statement that are stored."),
}
"""By name: the module of the command, and its line in the help."""


class DatabaseGroup(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(DB_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None where there is no such command."""
        if cmd_name not in DB_COMMANDS:
            return None
        found = importlib.import_module(f"hookline.cli.{DB_COMMANDS[cmd_name][0]}").command
        assert isinstance(found, click.Command)  # noqa: S101 - a mistake in the table, not in the input
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in DB_COMMANDS.items()])


@click.group("db", cls=DatabaseGroup)
def command() -> None:
    """Ask about databases: what is slow, why, and who blocks whom."""
