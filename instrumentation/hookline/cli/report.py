"""`hookline report`: where the time went, asked of the running collector."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from hookline.cli.duration import duration, hours, period, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, dollars, number, say_stale, show, tokens
from hookline.collector_client import client_for
from hookline.contract.groupings import GROUPINGS, MAX_BLOCKS
from hookline.settings import Loaded
from hookline.system.timezone import zone_of

PATIENCE_S = 60.0
UNITS = {"s": 1, "m": 60, "h": 3600}
ReportJson = Mapping[str, Any]


@click.command("report")
@click.argument("period_", metavar="[PERIOD]", default="today")
@click.option("--by", type=click.Choice(GROUPINGS), default="project", show_default=True, help="What a row stands for.")
@click.option("--idle", metavar="GAP", help="A gap longer than this ends a work block, such as 10m.")
@click.option("--round", "round_", metavar="LENGTH", help="Round the length of each block for an invoice, such as 15m.")
@click.option("--rounding", type=click.Choice(("up", "nearest")), default="up", show_default=True, help="Which way to round.")
@click.option("--tz", metavar="ZONE", help="The zone in which days are cut, such as Europe/Berlin.")
@click.option("--user", "person", metavar="NAME", default="", help="One person only.")
@click.option("--project", metavar="NAME", default="", help="One project only.")
@click.option("--agent", metavar="NAME", default="", help="One agent only, such as codex.")
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
    agent: str,
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
        "timezone": tz or zone_of(loaded.settings.work.timezone),
        "user": person,
        "project": project,
        "agent": agent,
        "rounding": rounding,
    }
    asked |= {name: str(seconds(text, option)) for name, text, option in (("idle_s", idle, "--idle"), ("round_s", round_, "--round")) if text}
    client = client_for(loaded.settings, say_stale)
    if format_ not in (None, "table"):
        asked |= {"format": str(format_), "most_blocks": str(MAX_BLOCKS)}
        click.echo(client.ask("GET", f"/api/v1/reports/work?{urlencode(asked)}", None, PATIENCE_S).decode(), nl=False)
        return
    found = client.get(f"/api/v1/reports/work?{urlencode(asked)}", PATIENCE_S)
    for line in headlines(found):
        click.echo(line)
    if evidence:
        for line in _evidence(found):
            click.echo(line)
    _tables(found)


KINDS = ("agent", "tool_kind", "tool_calls", "failures", "denials", "p50_s", "p95_s", "p99_s", "wait_s")
TOOLS = ("tool", "tool_calls", "failures", "denials", "p50_s", "p95_s", "p99_s", "wait_s")
COLUMNS = ("human_s", "agent_s", "wall_s", "waiting", "prompts", "tool_calls", "failures", "cost_usd")
COLUMNS_BY_MODEL = ("prompts", "requests", "total_tokens", "cost_usd")
BLOCKS = ("block", "duration_s", "projects", "session_ids", "prompt_ids_total", "revisions")
BLOCK_HEADS = {**HEADS, "duration_s": "length", "session_ids": "sessions"}


def _tables(found: ReportJson) -> None:
    by = found["by"]
    if found["tools"]:
        click.echo()
        show([tool_row(tool) for tool in found["tools"]], TOOLS, None, title="Tools", elastic=["tool"], heads=HEADS)
    if found["tool_kinds"] and by == "kind":
        click.echo()
        show([tool_row(kind) for kind in found["tool_kinds"]], KINDS, None, title="Kinds of tools", elastic=["agent"], heads=HEADS)
    if found["rows"] and by not in ("tool", "kind"):
        click.echo()
        columns = ("key", *(COLUMNS_BY_MODEL if by == "model" else COLUMNS))
        show([work_row(row) for row in found["rows"]], columns, None, title=f"By {by}", elastic=["key"], heads={**HEADS, "key": by})
    if found["blocks"]:
        click.echo()
        columns = (*BLOCKS[:2], *(["rounded_s"] if found["round_s"] else []), *BLOCKS[2:])
        zone = ZoneInfo(found["period"]["timezone"])
        rows = [block_row(block, zone) for block in found["blocks"]]
        show(rows, columns, None, title=f"Work blocks (gaps up to {duration(found['idle_s'])})", elastic=["projects"], heads=BLOCK_HEADS)
        click.echo(f"{counted(len(rows), 'block')}, {_sum_of_blocks(found)}" + ("; more were left out" if found["has_more_blocks"] else ""))
    if found.get("corrected_blocks"):
        click.echo()
        rows = [block_row(block, ZoneInfo(found["period"]["timezone"])) for block in found["corrected_blocks"]]
        show(rows, ("block", "duration_s", "projects"), None, title="Work blocks, corrected by hand", elastic=["projects"], heads=BLOCK_HEADS)
    if not found["tools"] and not found["rows"]:
        click.echo("\nNothing was recorded in this period.")


def _sum_of_blocks(found: ReportJson) -> str:
    lengths = duration(sum(block["duration_s"] for block in found["blocks"]))
    if not found["round_s"]:
        return f"{lengths} in all"
    billed = duration(sum(block["rounded_s"] for block in found["blocks"]))
    return f"{lengths} in all, {billed} counted ({found['rounding']} to {duration(found['round_s'])})"


def headlines(found: ReportJson) -> list[str]:
    """Return what a person reads first."""
    total, told = found["totals"], found["period"]
    parallel = f", {total['parallelism']:.1f} at once" if total["parallelism"] else ""
    return [
        f"{period(told['start'], told['end'], told['timezone'])} ({told['timezone']})",
        "",
        f"Prompts         {total['prompts']:>9,}   in {counted(total['sessions'], 'session')}"
        + _noted(failed=total["failed_prompts"], stopped=total["interrupted_prompts"]),
        f"Tool calls      {total['tool_calls']:>9,}   {_share(total['failures'], total['tool_calls'], 'failed')}, {total['denials']:,} denied"
        + _noted(stopped=total["interruptions"]),
        f"Waiting         {short(total['permission_wait_s']):>9}   for your permission",
        f"Agents          {duration(total['agent_s']):>9}   at work{parallel}",
        f"You, at least   {duration(total['human_s']):>9}   at work (estimate)",
        f"You, at most    {duration(total['human_at_most_s']):>9}   at work (estimate)",
        f"Wall clock      {duration(total['wall_s']):>9}   with you or an agent at work",
        *_corrected(found),
    ]


def _corrected(found: ReportJson) -> list[str]:
    """Say what the blocks come to with corrections by hand, where there are some."""
    total, given = found["totals"], found.get("corrections", ())
    if not given or total["corrected_s"] is None:
        return []
    measured, corrected = duration(total["worked_s"]), duration(total["corrected_s"])
    return [f"Corrected       {corrected:>9}   in blocks, by {counted(len(given), 'correction')} by hand; measured {measured}"]


def counted(number: int, what: str) -> str:
    """Return a number of things as a person says it: 1 block, 2 blocks."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _share(part: int, whole: int, what: str) -> str:
    return f"{part:,} {what}" + (f" ({100 * part / whole:.1f} %)" if whole else "")


def _noted(**counts: int) -> str:
    return "".join(f", {count:,} {what}" for what, count in counts.items() if count)


def _evidence(found: ReportJson) -> list[str]:
    lines = [""]
    for what, counts in found["ends_by_evidence"].items():
        known = ", ".join(f"{count:,} {how}" for how, count in counts.items() if count or how == "observed")
        lines.append(f"Ends of {what.replace('_', ' ')}: {known}")
    return [*lines, *(f"You, {rule}." for rule in found["estimates"].values())]


def tool_row(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tool, or an agent's tools of a kind, as a row of the table."""
    times = {name: short(tool[name]) for name in ("p50_s", "p95_s", "p99_s", "wait_s")}
    counts = {name: number(tool[name]) for name in ("tool_calls", "failures", "denials")}
    if "tool_kind" in tool:
        return {"agent": tool["agent"], "tool_kind": tool["tool_kind"], **counts, **times}
    return {"tool": f"{tool['mcp_server']}: {tool['tool']}" if tool["mcp_server"] else tool["tool"], **counts, **times}


def work_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a project, branch, ... as a row of the table."""
    times = {name: hours(row[name]) for name in ("human_s", "agent_s", "wall_s")}
    counts = {name: number(row[name]) for name in ("prompts", "tool_calls", "failures", "requests")} | {"total_tokens": tokens(row["total_tokens"])}
    cost = dollars(row["cost_usd"], is_partial=row["requests_without_cost"] > 0) if row["requests"] else ""
    waiting = hours(row["permission_wait_s"] + row["answer_wait_s"])
    return {"key": row["key"] or "(none)", **times, "waiting": waiting, **counts, "cost_usd": cost}


def block_row(block: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return a work block as a row of the table: when (in the report's zone), how long, on what, and how much stands behind it."""
    start, end = (datetime.fromisoformat(block[name]).astimezone(zone) for name in ("started", "ended"))
    return {
        "block": f"{start:%a} {start.day} {start:%b %H:%M} to {end:%H:%M}",
        "duration_s": duration(block["duration_s"]),
        "rounded_s": hours(block["rounded_s"]),
        "projects": ", ".join(block["projects"]),
        **{name: number(len(block[name])) for name in ("session_ids", "revisions")},
        "prompt_ids_total": number(block.get("prompt_ids_total", len(block["prompt_ids"]))),
    }


def seconds(text: str, option: str = "--idle") -> int:
    """Read a length of time such as 90s, 10m or 1h. Raises click.BadParameter on anything else, also on a number that names no unit."""
    unit = UNITS.get(text[-1:], 0)
    if not unit and text.isdecimal():
        raise click.BadParameter(f"{text!r} has no unit; use {text}m for minutes or {text}s for seconds", param_hint=option)
    if not unit or not text[:-1].isdecimal():
        raise click.BadParameter(f"{text!r} is not a length of time; use one such as 90s, 10m or 1h", param_hint=option)
    return int(text[:-1]) * unit
