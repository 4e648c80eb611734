"""The table of commands, and the group that imports a command only when it is called.

Help lists the commands from the table alone: neither the settings nor any part of Hookline is imported for it.
"""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass

import click

from hookline.system.invocation import as_typed
from hookline.version import VERSION


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """One command: where its function stands and its line in the help."""

    module: str
    summary: str
    hidden: bool = False


COMMANDS: dict[str, CommandEntry] = {
    "up": CommandEntry("up", "Run relay and collector together, for one person."),
    "down": CommandEntry("down", "Stop what `hookline up` started."),
    "open": CommandEntry("open", "Open the pages in the browser."),
    "install": CommandEntry("install", "Install the hooks into an agent's settings."),
    "uninstall": CommandEntry("uninstall", "Take the hooks out again."),
    "status": CommandEntry("status", "Show the health of each part."),
    "doctor": CommandEntry("doctor", "Send a probe through every part and show how long each step took."),
    "report": CommandEntry("report", "Show where the time went."),
    "live": CommandEntry("live", "Watch who works and who waits for you."),
    "notify": CommandEntry("notify", "Be told when an agent waits for you: desktop, bell or a command."),
    "alerts": CommandEntry("alerts", "Show what fires, what is about to, and what became of it."),
    "rules": CommandEntry("rules", "Show the alert rules; check, test and try rule files."),
    "silence": CommandEntry("silence", "Hold alerts back for a while, by their labels."),
    "sessions": CommandEntry("sessions", "List sessions and what became of them."),
    "session": CommandEntry("session", "Show one session: its turns and calls with their durations."),
    "windows": CommandEntry("windows", "Show the five-hour usage windows."),
    "services": CommandEntry("services", "Show what services answered, how long it took and what failed."),
    "slow": CommandEntry("slow", "Show the slowest requests of services, or one with its calls."),
    "db": CommandEntry("db", "Ask about databases: what is slow, why, and who blocks whom."),
    "query": CommandEntry("query", "Run a read-only SQL statement against the running collector."),
    "backfill": CommandEntry("backfill", "Read the history that the agent's transcripts hold."),
    "cleanup": CommandEntry("cleanup", "Close orphaned sessions now, and show what the cleanup did."),
    "quarantine": CommandEntry("quarantine", "Show what ClickHouse refused; send it again or give it up."),
    "config": CommandEntry("config", "Show the effective settings and where each came from."),
    "statusline": CommandEntry("statusline", "Show a status line and keep the limits that it is told."),
    "databases": CommandEntry("databases", "Watch databases: sessions, locks, statements, to any OTLP endpoint."),
    "relay": CommandEntry("relay", "Run the relay alone: hook events to any OTLP endpoint."),
    "collector": CommandEntry("collector", "Run the collector alone: OTLP in, ClickHouse, API and pages."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command; None where there is no such command."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"hookline.cli.{COMMANDS[cmd_name].module}")
        command = module.command
        assert isinstance(command, click.Command)  # noqa: S101 - a mistake in the table, not in the input
        return command

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help with each command as it must be typed here."""
        with formatter.indentation():
            for paragraph in as_typed(self.help or "").split("\n\n"):
                formatter.write_paragraph()
                formatter.write_text(" ".join(paragraph.split()))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        rows = [(name, entry.summary) for name, entry in COMMANDS.items() if not entry.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(VERSION, prog_name="hookline")
@click.option("--data-dir", metavar="FOLDER", help="Folder of everything that lasts.")
@click.option("--config", "config_file", metavar="FILE", help="The settings file.")
@click.option("--debug", is_flag=True, help="Show where in the code an error came from.")
@click.pass_context
def hookline(ctx: click.Context, data_dir: str | None, config_file: str | None, debug: bool) -> None:
    """Where the time goes when you work with coding agents.

    Start with `hookline up`, then `hookline install claude-code`, then work.
    """
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.obj = {"data_dir": data_dir, "config_file": config_file, "debug": debug}
