"""`hookline sessions`: which sessions there are and what became of them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import click

from hookline.cli.duration import clock, moment, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import show
from hookline.client import client_for
from hookline.invocation import as_typed
from hookline.settings import Loaded

COLUMNS = ("session", "state", "project", "branch", "started", "lasted", "prompts", "calls", "failures", "tokens", "cost_usd", "ended_how")


@click.command("sessions")
@with_settings()
@click.option("--days", type=click.IntRange(1, 36_500), default=7, show_default=True, help="Sessions heard of in the last so many days.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--project", help="Only sessions of this project.")
@click.option("--user", help="Only sessions of this person.")
@with_format("table", "json", "csv")
def command(loaded: Loaded, days: int, limit: int, project: str | None, user: str | None, format_: str | None) -> None:
    """List sessions, the most recently heard of first. `hookline session ID` shows one whole."""
    wanted = urlencode({"days": days, "limit": limit, **{k: v for k, v in (("project", project), ("user", user)) if v}})
    sessions = client_for(loaded.settings).get(f"/api/v1/sessions?{wanted}")["sessions"]
    if format_ == "json":
        show(sessions, (), "json")
    elif sessions or format_:
        show([_row(session) for session in sessions], COLUMNS, format_)
    else:
        click.echo(as_typed(f"No session in the last {days} days. `hookline install claude-code` installs the hooks."))


def _row(session: dict[str, Any]) -> dict[str, Any]:
    began, last = moment(session["started"]), moment(session["ended"] or session["last"])
    cost = session["cost_usd"]
    return {
        "session": session["session_id"],
        "state": session["state"],
        "project": session["project"],
        "branch": session["branch"],
        "started": clock(session["started"]),
        "lasted": short((last - began).total_seconds()) if began and last else "",
        "prompts": session["prompts"],
        "calls": session["calls"],
        "failures": session["failures"],
        "tokens": session["total_tokens"],
        "cost_usd": round(cost, 4) if cost is not None else None,
        "ended_how": session["ended_how"],
    }
