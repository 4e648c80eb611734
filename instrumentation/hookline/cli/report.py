"""`hookline report`: where the time went, asked of the running collector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import click

from hookline.cli.duration import duration, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import show
from hookline.client import client_for
from hookline.errors import ConfigInvalid
from hookline.settings import Loaded
from hookline.timezone import zone_of

GROUPINGS = ("project", "branch", "user", "day", "session")
PATIENCE_S = 60.0
UNITS = {"s": 1, "m": 60, "h": 3600}


@click.command("report")
@click.argument("period", default="today")
@click.option("--by", type=click.Choice(GROUPINGS), default="project", show_default=True, help="What a row stands for.")
@click.option("--idle", metavar="GAP", help="A gap longer than this ends a work block, such as 10m.")
@click.option("--tz", metavar="ZONE", help="The zone in which days are cut, such as Europe/Berlin.")
@click.option("--user", "person", metavar="NAME", default="", help="One person only.")
@click.option("--project", metavar="NAME", default="", help="One project only.")
@with_settings()
@with_format("table", "json", "csv", "sheet", "ics", "timewarrior")
def command(period: str, by: str, idle: str | None, tz: str | None, person: str, project: str, loaded: Loaded, format_: str | None) -> None:
    """Show where the time went: prompts, tools, waiting, and agents' time.

    PERIOD is today, yesterday, week, month, a date, or FROM..TO. `--format sheet`, `ics` and `timewarrior` give the work
    blocks, each with the sessions, prompts and commits behind it.
    """
    asked = {"period": period, "by": by, "tz": tz or zone_of(loaded.settings), "user": person, "project": project}
    if idle:
        asked["idle_s"] = str(seconds(idle))
    client = client_for(loaded.settings)
    if format_ not in (None, "table"):
        click.echo(client.ask("GET", f"/api/v1/reports/work?{urlencode(asked | {'format': format_})}", None, PATIENCE_S).decode(), nl=False)
        return
    found = client.get(f"/api/v1/reports/work?{urlencode(asked)}", PATIENCE_S)
    for line in headlines(found):
        click.echo(line)
    _tables(found)


def _tables(found: Mapping[str, Any]) -> None:
    by = found["by"]
    if found["tools"]:
        click.echo()
        show([tool_row(tool) for tool in found["tools"]], ["tool", "calls", "failed", "denied", "p50", "p95", "p99", "waited"], None, title="Tools")
    if found["rows"]:
        click.echo()
        columns = [by, "agent", "human", "wall", "waiting", "prompts", "calls", "failed", "tokens", "cost"]
        show([work_row(by, row) for row in found["rows"]], columns, None, title=f"By {by}")
    if not found["tools"] and not found["rows"]:
        click.echo("\nNothing was recorded in this period.")


def headlines(found: Mapping[str, Any]) -> list[str]:
    """Return what a person reads first."""
    total, period = found["total"], found["period"]
    share = f" ({100 * total['failures'] / total['calls']:.1f} %)" if total["calls"] else ""
    parallel = f", {total['parallelism']:.1f} at once" if total["parallelism"] else ""
    return [
        f"{period['start'][:16]} to {period['end'][:16]} ({period['tz']})",
        "",
        f"Prompts      {total['prompts']:>8,}   in {total['sessions']:,} sessions",
        f"Tool calls   {total['calls']:>8,}   {total['failures']:,} failed{share}, {total['denials']:,} denied",
        f"Permission   {short(total['waiting_permission_s']):>8}   waited for",
        f"Agents       {duration(total['agent_s']):>8}   at work{parallel}",
        f"You          {duration(total['human_s']):>8}   at work",
        f"Wall clock   {duration(total['wall_s']):>8}   in which one of you worked",
    ]


def tool_row(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool as a row of the table."""
    quantiles = {name: short(tool[f"{name}_s"]) for name in ("p50", "p95", "p99")}
    name = f"{tool['mcp_server']}: {tool['name']}" if tool["mcp_server"] else tool["name"]
    return {"tool": name, "calls": tool["calls"], "failed": tool["failures"], "denied": tool["denials"], "waited": short(tool["wait_s"])} | quantiles


def work_row(by: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a project, branch, ... as a row of the table."""
    waiting = row["waiting_permission_s"] + row["waiting_answer_s"]
    cost = "" if row["cost_usd"] is None else f"${row['cost_usd']:.2f}"
    times = {"agent": row["agent_s"], "human": row["human_s"], "wall": row["wall_s"], "waiting": waiting}
    counts = {"prompts": row["prompts"], "calls": row["calls"], "failed": row["failures"], "tokens": row["total_tokens"], "cost": cost}
    return {by: row["key"] or "(none)"} | {name: duration(value) for name, value in times.items()} | counts


def seconds(text: str) -> int:
    """Read a gap such as 90, 90s, 10m or 1h. Raises ConfigInvalid."""
    unit = UNITS.get(text[-1:], 0)
    number = text[:-1] if unit else text
    if not number.isdecimal():
        raise ConfigInvalid([("--idle", f"{text!r} is no length of time: give one such as 90s, 10m or 1h")])
    return int(number) * (unit or 1)
