"""`hookline live`: a screen that says who works and who waits for you, and since when."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from hookline.cli.duration import since
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import show
from hookline.client import client_for
from hookline.settings import Loaded

if TYPE_CHECKING:
    from rich.table import Table

Row = dict[str, Any]
COLUMNS = ("state", "since", "project", "branch", "doing", "prompts", "calls", "failures", "session")
ORDER = {"waiting": 0, "working": 1, "idle": 2, "ended": 3}
STYLES = {"working": "green", "waiting": "bold yellow", "idle": "dim", "ended": "dim"}


@click.command("live")
@with_settings()
@click.option("--every", default=1.0, show_default=True, type=click.FloatRange(0.2, 3600), help="Seconds between two looks.")
@click.option("--once", is_flag=True, help="Print once and return, as it does where there is no terminal.")
@with_format("table", "json")
def command(loaded: Loaded, every: float, once: bool, format_: str | None) -> None:
    """Show every session that is not over: who waits for you comes first."""
    client = client_for(loaded.settings)
    if once or format_ or not sys.stdout.isatty():
        sessions = client.get("/api/v1/live")["sessions"]
        show(sessions, (), "json") if format_ == "json" else show(_rows(sessions), COLUMNS, format_)
        return
    _watch(lambda: client.get("/api/v1/live")["sessions"], every)


def _watch(look: Any, every_s: float) -> None:
    from rich.live import Live

    with Live(_table(look()), screen=True, auto_refresh=False) as screen:
        try:
            while True:
                time.sleep(every_s)
                screen.update(_table(look()), refresh=True)
        except KeyboardInterrupt:
            return


def _rows(sessions: list[Row]) -> list[Row]:
    now = datetime.now(UTC)
    rows = sorted(sessions, key=lambda s: (ORDER[s["state"]], s["since"]))
    return [
        {
            "state": f"{s['state']} for {s['waiting_for']}" if s["state"] == "waiting" else s["state"],
            "since": since(s["since"], now),
            "project": s["project"],
            "branch": s["branch"],
            "doing": _doing(s, now),
            "prompts": s["prompts"],
            "calls": s["tool_calls"],
            "failures": s["failures"],
            "session": s["session_id"][:8],
        }
        for s in rows
    ]


def _doing(session: Row, now: datetime) -> str:
    calls = [f"{call['name']} {since(call['since'], now)}" for call in session["running"]]
    agents = [f"subagent {agent['name']}" for agent in session["subagents"]]
    return ", ".join([*calls, *agents]) or ("thinking" if session["state"] == "working" else "")


def _table(sessions: list[Row]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    waiting = sum(s["state"] == "waiting" for s in sessions)
    working = sum(s["state"] == "working" for s in sessions)
    table = Table(
        title=f"{datetime.now():%H:%M:%S}  {working} working, {waiting} waiting for you", box=box.SIMPLE_HEAD, title_justify="left", expand=True
    )
    for column in COLUMNS:
        table.add_column(column)
    for row in _rows(sessions):
        table.add_row(*(Text(str(row[column]), style=STYLES[str(row["state"]).split(" ", maxsplit=1)[0]]) for column in COLUMNS))
    if not sessions:
        table.add_row(*([Text("nobody", style="dim")] + [Text("")] * (len(COLUMNS) - 1)))
    return table
