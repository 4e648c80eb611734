"""`hookline live`: a screen that says who waits for you and who works, and since when.

It fits 80 columns: `COLUMNS` are always there, `WIDE` where there is room, and the agent where more than one is at work. Times leave out what the
machine slept. Pure functions make the rows of the API's answer and the moment; only `_watch` draws again and again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click

from hookline.cli.duration import duration, moment
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, SHORT_ID, show, with_agent
from hookline.collector_client import client_for
from hookline.errors import HooklineError
from hookline.settings import Loaded

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Row = dict[str, Any]
COLUMNS = ("state", "in_state_s", "project", "doing", "session_id")
WIDE = ("state", "in_state_s", "project", "branch", "doing", "prompts", "tool_calls", "failures", "session_id")
WIDE_FROM = 120
WIDTHS = {"state": 17, "in_state_s": 9, "agent": 11, "session_id": SHORT_ID}  # of what may not be cut
STYLES = {
    "permission": "bold red",
    "answer": "bold red",
    "prompt": "bold yellow",
    "working": "green",
    "background": "cyan",
    "idle": "dim",
    "ended": "dim",
}
URGENCY = tuple(STYLES)


@click.command("live")
@with_settings()
@click.option("--every", default=1.0, show_default=True, type=click.FloatRange(0.2, 3600), help="Seconds between two looks.")
@click.option("--agent", metavar="NAME", default="", help="Only sessions of this agent, such as codex.")
@click.option("--once", is_flag=True, help="Print once and return, as it does where there is no terminal.")
@with_format("table", "json")
def command(loaded: Loaded, every: float, agent: str, once: bool, format_: str | None) -> None:
    """Show every session that is not over: who waits for you comes first."""
    client = client_for(loaded.settings)

    def look() -> list[Row]:
        return list(client.get(f"/api/v1/live?{urlencode({'agent': agent})}" if agent else "/api/v1/live")["sessions"])

    if format_ == "json":
        show(look(), (), "json")
    elif not sys.stdout.isatty():
        found = look()
        show(rows(found, datetime.now(UTC)), with_agent(COLUMNS, found), None, heads=HEADS)
    elif once or format_:
        _console().print(table(look(), datetime.now(UTC), _console().width))
    else:
        _watch(look, every)


def rows(sessions: Sequence[Row], now: datetime) -> list[Row]:
    """Return the rows of sessions, the most urgent first: who waits for an answer, then for a prompt, then who works; the longest first."""
    ordered = sorted(sessions, key=lambda s: (URGENCY.index(kind_of(s)), s["since"]))
    return [
        {
            "kind": kind_of(s),
            "state": _state(s),
            "in_state_s": _lasted(s["since"], s["asleep_s"], now),
            "agent": s["agent"],
            "project": s["project"],
            "branch": s["branch"],
            "doing": _doing(s, now),
            "prompts": s["prompts"],
            "tool_calls": s["tool_calls"],
            "failures": s["failures"],
            "session_id": s["session_id"][:SHORT_ID],
        }
        for s in ordered
    ]


def kind_of(session: Row) -> str:
    """Return what a session is in one word, those that need you by what they need."""
    if session["state"] == "waiting":
        return session["waiting_for"] if session["waiting_for"] in STYLES else "answer"
    return "background" if session["in_background"] else str(session["state"])


def _state(session: Row) -> str:
    kind = kind_of(session)
    if session["state"] == "waiting":
        return f"waits: {kind}"
    return "in background" if kind == "background" else kind


def _lasted(since: str | None, asleep_s: float, now: datetime) -> str:
    at = moment(since)
    return duration(max(0.0, (now - at).total_seconds() - asleep_s)) if at else ""


def _doing(session: Row, now: datetime) -> str:
    """Return who waits for what, else what runs, else why nothing does."""
    if asked := session["waiting_on"]:
        whose = f"subagent {asked['agent_name']}".strip() if asked["agent_id"] else ""
        return " in ".join(filter(None, (asked["tool"], whose)))
    if session["turn_error_type"]:
        return f"API error: {session['turn_error_type']}"
    calls = [f"{call['tool']} {_lasted(call['started'], call['asleep_s'], now)}" for call in session["running_calls"]]
    tasks = session["background_tasks"]
    background = [f"{_named(task)} {_lasted(task['started'], task['asleep_s'], now)}" for task in tasks]
    named = {task["task_id"] for task in tasks}
    agents = [f"subagent {agent['agent_name']}" for agent in session["subagents"] if agent["agent_id"] not in named]
    return ", ".join([*calls, *agents, *background]) or ("thinks" if session["state"] == "working" else "")


def _named(task: Row) -> str:
    return " ".join(filter(None, (task["task_type"], task["task_name"] if task["task_type"] != "shell" else ""))) or task["task_id"][:SHORT_ID]


def table(sessions: Sequence[Row], now: datetime, width: int, trouble: str = "") -> Table:
    """Return the screen for a terminal of a width; `trouble` says why it may be old."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    columns = with_agent(WIDE if width >= WIDE_FROM else COLUMNS, sessions)
    drawn = Table(title=_title(sessions, now, trouble), box=box.SIMPLE_HEAD, title_justify="left", title_style="", expand=True, padding=(0, 1, 0, 0))
    for column in columns:
        fixed = WIDTHS.get(column)
        drawn.add_column(
            HEADS.get(column, column), no_wrap=True, overflow="ellipsis", min_width=fixed, max_width=fixed, ratio=None if fixed else _ratio(column)
        )
    for row in rows(sessions, now):
        style = STYLES[str(row["kind"])]
        drawn.add_row(*(Text(_printable(row[column]), style=style if column in ("state", "in_state_s") else _quiet(style)) for column in columns))
    if not sessions:
        drawn.add_row(Text("nobody", style="dim"), *[Text("")] * (len(columns) - 1))
    return drawn


def _ratio(column: str) -> int:
    return {"doing": 3, "project": 2, "branch": 2}.get(column, 1)


def _quiet(style: str) -> str:
    return "dim" if style == "dim" else ""


def _title(sessions: Sequence[Row], now: datetime, trouble: str) -> str:
    kinds = [kind_of(s) for s in sessions]
    waiting = sum(s["state"] == "waiting" for s in sessions)
    parts = [f"{waiting} waiting for you", f"{kinds.count('working')} working"]
    if kinds.count("background"):
        parts.append(f"{kinds.count('background')} in the background")
    return f"{now.astimezone():%H:%M:%S}  {', '.join(parts)}" + (f"  ({trouble})" if trouble else "")


def _printable(value: Any) -> str:
    """Return a text without the control characters that a repository's names may hold."""
    return "".join(c if c.isprintable() else " " for c in str(value))


def _console() -> Console:
    from rich.console import Console

    return Console()


def _watch(look: Callable[[], list[Row]], every_s: float) -> None:
    """Draw again and again until interrupted. While the collector is away the last answer stays, and the times go on."""
    from rich.live import Live

    console, sessions, trouble = _console(), look(), ""
    with Live(table(sessions, datetime.now(UTC), console.width), console=console, screen=True, auto_refresh=False) as screen:
        try:
            while True:
                time.sleep(every_s)
                try:
                    sessions, trouble = look(), ""
                except HooklineError:
                    trouble = "the collector does not answer"
                screen.update(table(sessions, datetime.now(UTC), console.width, trouble), refresh=True)
        except KeyboardInterrupt:
            return
