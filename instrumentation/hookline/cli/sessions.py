"""`hookline sessions`: which sessions there are and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import click

from hookline.agents import install_hint
from hookline.cli.duration import brief, duration
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, SHORT_ID, dollars, number, say_stale, show, tokens, with_agent
from hookline.collector_client import client_for
from hookline.settings import Loaded
from hookline.system.invocation import as_typed

COLUMNS = ("session_id", "state", "project", "started", "duration_s", "prompts", "total_tokens", "cost_usd")
ELASTIC = ("project", "agent")
SHEET = (
    "session_id",
    "state",
    "agent",
    "project",
    "branch",
    "started",
    "duration_s",
    "prompts",
    "tool_calls",
    "failures",
    "total_tokens",
    "cost_usd",
    "end_reason",
    "evidence",
)


@click.command("sessions")
@with_settings()
@click.option("--days", type=click.IntRange(1, 36_500), default=7, show_default=True, help="Only sessions active in the last N days.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--project", help="Only sessions of this project.")
@click.option("--user", help="Only sessions of this person.")
@click.option("--agent", help="Only sessions of this agent, such as codex.")
@click.option("--evidence", is_flag=True, help="Show how each session's end is known.")
@with_format("table", "json", "csv")
def command(
    loaded: Loaded, days: int, limit: int, project: str | None, user: str | None, agent: str | None, evidence: bool, format_: str | None
) -> None:
    """List sessions, the most recently active first. `hookline session ID` shows one whole; the beginning of an id is enough."""
    wanted = urlencode({"days": days, "limit": limit, **{k: v for k, v in (("project", project), ("user", user), ("agent", agent)) if v}})
    sessions = client_for(loaded.settings, say_stale).get(f"/api/v1/sessions?{wanted}")["sessions"]
    if format_ == "json":
        show(sessions, (), "json")
    elif format_ == "csv":
        show(sessions, SHEET, "csv")
    elif sessions or format_:
        length = enough_of([session["session_id"] for session in sessions])
        columns = (*shown_columns(sessions), *(["end_reason"] if evidence else []))
        show([table_row(session, length) for session in sessions], columns, None, elastic=ELASTIC, heads=HEADS)
    else:
        click.echo(as_typed(f"No session in the last {days} days. `{install_hint()}` installs the hooks."))


def shown_columns(sessions: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """Return the columns of the table: with more than one agent, whose each session is, in place of its prompts, for which no room is left."""
    columns = with_agent(COLUMNS, sessions)
    return columns if len(columns) == len(COLUMNS) else tuple(column for column in columns if column != "prompts")


def enough_of(ids: list[str], least: int = SHORT_ID) -> int:
    """Return how many characters of ids tell them apart, `least` at least."""
    longest = max(map(len, ids), default=least)
    return next((length for length in range(least, longest) if len({each[:length] for each in ids}) == len(set(ids))), longest)


def table_row(session: dict[str, Any], length: int = SHORT_ID) -> dict[str, Any]:
    """Return a session as a person reads it, within 80 columns."""
    cost, reason = session["cost_usd"], session["end_reason"]
    return {
        "session_id": session["session_id"][:length],
        "state": session["state"],
        "agent": session["agent"],
        "project": session["project"],
        "started": brief(session["started"]),
        "duration_s": duration(session["duration_s"]),
        "prompts": number(session["prompts"]),
        "total_tokens": tokens(session["total_tokens"]),
        "cost_usd": dollars(cost, is_partial=bool(session["requests_without_cost"])) if session["requests"] else "",
        "end_reason": f"{reason} ({session['evidence']})" if reason and session["evidence"] else reason,
    }
