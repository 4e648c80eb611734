"""`hookline report`: where the time went, asked of the running collector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import click

from hookline.cli.duration import duration, moment, period, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import dollars, number, show
from hookline.contract.groupings import GROUPINGS
from hookline.operate.client import client_for
from hookline.settings import Loaded
from hookline.system.timezone import zone_of

PATIENCE_S = 60.0
UNITS = {"s": 1, "m": 60, "h": 3600}
Found = Mapping[str, Any]


@click.command("report")
@click.argument("period_", metavar="[PERIOD]", default="today")
@click.option("--by", type=click.Choice(GROUPINGS), default="project", show_default=True, help="What a row stands for.")
@click.option("--idle", metavar="GAP", help="A gap longer than this ends a work block, such as 10m.")
@click.option("--round", "round_", metavar="LENGTH", help="Round the length of each block for an invoice, such as 15m.")
@click.option("--rounding", type=click.Choice(("up", "nearest")), default="up", show_default=True, help="Which way to round.")
@click.option("--tz", metavar="ZONE", help="The zone in which days are cut, such as Europe/Berlin.")
@click.option("--user", "person", metavar="NAME", default="", help="One person only.")
@click.option("--project", metavar="NAME", default="", help="One project only.")
@click.option("--evidence", is_flag=True, help="Show how the ends of turns and calls are known, and how estimates are made.")
@with_settings()
@with_format("table", "json", "csv", "sheet", "ics", "timewarrior")
def command(
    period_: str,
    by: str,
    idle: str | None,
    round_: str | None,
    rounding: str,
    tz: str | None,
    person: str,
    project: str,
    evidence: bool,
    loaded: Loaded,
    format_: str | None,
) -> None:
    """Show where the time went: prompts, tools, waiting, your time and agents' time, and the blocks of work.

    PERIOD is today, yesterday, week, last-week, month, last-month, 7d, 30d, a date, or FROM..TO. `--format csv` gives the rows,
    `sheet` (CSV), `ics` and `timewarrior` the work blocks, each with the sessions, prompts and commits behind it.
    """
    asked = {
        "period": period_,
        "by": by,
        "tz": tz or zone_of(loaded.settings.work.timezone),
        "user": person,
        "project": project,
        "rounding": rounding,
    }
    asked |= {name: str(seconds(text, option)) for name, text, option in (("idle_s", idle, "--idle"), ("round_s", round_, "--round")) if text}
    client = client_for(loaded.settings)
    if format_ not in (None, "table"):
        click.echo(client.ask("GET", f"/api/v1/reports/work?{urlencode(asked | {'format': str(format_)})}", None, PATIENCE_S).decode(), nl=False)
        return
    found = client.get(f"/api/v1/reports/work?{urlencode(asked)}", PATIENCE_S)
    for line in headlines(found):
        click.echo(line)
    if evidence:
        for line in _evidence(found):
            click.echo(line)
    _tables(found)


def _tables(found: Found) -> None:
    by = found["by"]
    if found["tools"]:
        click.echo()
        columns = ["tool", "calls", "failed", "denied", "p50", "p95", "p99", "waited"]
        show([tool_row(tool) for tool in found["tools"]], columns, None, title="Tools", elastic=["tool"])
    if found["rows"] and by != "tool":
        click.echo()
        columns = [by, *(COLUMNS_BY_MODEL if by == "model" else COLUMNS)]
        show([work_row(by, row) for row in found["rows"]], columns, None, title=f"By {by}", elastic=[by])
    if found["blocks"]:
        click.echo()
        columns = ["block", "length", *(["counted"] if found["round_s"] else []), "projects", "sessions", "prompts", "commits"]
        rows = [block_row(block) for block in found["blocks"]]
        show(rows, columns, None, title=f"Work blocks (gaps up to {duration(found['idle_s'])})", elastic=["projects"])
        click.echo(f"{counted(len(rows), 'block')}, {_sum_of_blocks(found)}" + ("; more were left out" if found["blocks_are_cut"] else ""))
    if not found["tools"] and not found["rows"]:
        click.echo("\nNothing was recorded in this period.")


COLUMNS = ("you", "agents", "wall", "waiting", "prompts", "calls", "failed", "cost")
COLUMNS_BY_MODEL = ("prompts", "requests", "tokens", "cost")


def _sum_of_blocks(found: Found) -> str:
    lengths = duration(sum(block["duration_s"] for block in found["blocks"]))
    if not found["round_s"]:
        return f"{lengths} in all"
    billed = duration(sum(block["rounded_s"] for block in found["blocks"]))
    return f"{lengths} in all, {billed} counted ({found['rounding']} to {duration(found['round_s'])})"


def headlines(found: Found) -> list[str]:
    """Return what a person reads first."""
    total, told = found["total"], found["period"]
    parallel = f", {total['parallelism']:.1f} at once" if total["parallelism"] else ""
    return [
        f"{period(told['start'], told['end'])} ({told['tz']})",
        "",
        f"Prompts         {total['prompts']:>9,}   in {counted(total['sessions'], 'session')}"
        + _noted(failed=total["failed_prompts"], stopped=total["interrupted_prompts"]),
        f"Tool calls      {total['calls']:>9,}   {_share(total['failures'], total['calls'], 'failed')}, {total['denials']:,} denied"
        + _noted(stopped=total["interruptions"]),
        f"Permission      {short(total['waiting_permission_s']):>9}   waited for",
        f"Agents          {duration(total['agent_s']):>9}   at work{parallel}",
        f"You, at least   {duration(total['human_s']):>9}   at work (estimate)",
        f"You, at most    {duration(total['human_at_most_s']):>9}   at work (estimate)",
        f"Wall clock      {duration(total['wall_s']):>9}   in which one of you worked",
    ]


def counted(number: int, what: str) -> str:
    """Return a number of things as a person says it: 1 block, 2 blocks."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _share(part: int, whole: int, what: str) -> str:
    return f"{part:,} {what}" + (f" ({100 * part / whole:.1f} %)" if whole else "")


def _noted(**counts: int) -> str:
    return "".join(f", {count:,} {what}" for what, count in counts.items() if count)


def _evidence(found: Found) -> list[str]:
    lines = [""]
    for what, counts in found["evidence"].items():
        lines.append(f"Ends of {what}: " + ", ".join(f"{count:,} {how}" for how, count in counts.items() if count or how == "observed"))
    return [*lines, *(f"You, {rule}." for rule in found["estimates"].values())]


def tool_row(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool as a row of the table."""
    quantiles = {name: short(tool[f"{name}_s"]) for name in ("p50", "p95", "p99")}
    name = f"{tool['mcp_server']}: {tool['name']}" if tool["mcp_server"] else tool["name"]
    counts = {"calls": number(tool["calls"]), "failed": number(tool["failures"]), "denied": number(tool["denials"])}
    return {"tool": name, **counts, "waited": short(tool["wait_s"])} | quantiles


def work_row(by: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a project, branch, ... as a row of the table."""
    times = {
        "you": row["human_s"],
        "agents": row["agent_s"],
        "wall": row["wall_s"],
        "waiting": row["waiting_permission_s"] + row["waiting_answer_s"],
    }
    counts = {"prompts": row["prompts"], "calls": row["calls"], "failed": row["failures"], "requests": row["requests"], "tokens": row["total_tokens"]}
    cost = dollars(row["cost_usd"], is_partial=row["requests_without_cost"] > 0) if row["requests"] else ""
    texts = {name: hours(value) for name, value in times.items()} | {name: number(value) for name, value in counts.items()}
    return {by: row["key"] or "(none)"} | texts | {"cost": cost}


def hours(seconds_: float) -> str:
    """Return a time as hours and minutes, 2:41, as a column of them reads best; seconds where it is less than a minute, nothing for none."""
    if seconds_ < 0.5:
        return ""
    minutes = round(seconds_ / 60)
    return f"{minutes // 60}:{minutes % 60:02d}" if seconds_ >= 60 else f"{seconds_:.0f} s"


def block_row(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return a work block as a row of the table: when, how long, on what, and how much stands behind it."""
    start, end = moment(block["start"]), moment(block["end"])
    assert start is not None  # noqa: S101 - a block has both
    assert end is not None  # noqa: S101
    return {
        "block": f"{start:%a} {start.day} {start:%b %H:%M} to {end:%H:%M}",
        "length": duration(block["duration_s"]),
        "counted": hours(block["rounded_s"]),
        "projects": ", ".join(block["projects"]),
        **{name: number(len(block[name])) for name in ("sessions", "prompts", "commits")},
    }


def seconds(text: str, option: str = "--idle") -> int:
    """Read a length of time such as 90s, 10m or 1h. Raises click.BadParameter on anything else, also on a number that names no unit."""
    unit = UNITS.get(text[-1:], 0)
    if not unit and text.isdecimal():
        raise click.BadParameter(f"{text!r} names no unit: give {text}m for minutes or {text}s for seconds", param_hint=option)
    if not unit or not text[:-1].isdecimal():
        raise click.BadParameter(f"{text!r} is no length of time: give one such as 90s, 10m or 1h", param_hint=option)
    return int(text[:-1]) * unit
