"""`hookline slow`: requests that were kept for being slow or for having failed, and one of them with its calls."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from hookline.cli.asked_period import asked, with_since
from hookline.cli.duration import brief, clock, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, number, say_stale, show
from hookline.collector_client import client_for
from hookline.errors import Rejected
from hookline.settings import Loaded

COLUMNS = (
    "request_id",
    "started",
    "service",
    "method",
    "route",
    "response_status",
    "duration_s",
    "db_calls",
    "db_s",
    "repeated_calls",
    "kept_because",
)
SHEET = (*COLUMNS, "error_type", "loop_lag_s", "gc_s", "first_byte_s", "version", "instance", "host", "trace_id")
SHORT_ID = 13
"""Of a request's name: the end of its trace, which is enough to tell it."""


@click.command("slow")
@click.argument("request_id", default="")
@click.option("--service", default="", help="Only requests of this service.")
@click.option("--route", default="", help="Only requests of this route.")
@click.option("--newest", is_flag=True, help="The newest first, not the slowest.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many.")
@with_since()
@with_settings()
@with_format("table", "json", "csv")
def command(request_id: str, service: str, route: str, newest: bool, limit: int, period: str, loaded: Loaded, format_: str | None) -> None:
    """Show the slowest requests, or with REQUEST_ID one of them: each call to a database with its file and line."""
    client = client_for(loaded.settings, say_stale)
    names = [service] if service else [row["service"] for row in client.get(asked("/api/v1/services", period=period))["services"]]
    wanted = {"period": period, "route": route, "newest": "true" if newest else "", "limit": 1000 if request_id else limit}
    rows = [row for name in names for row in client.get(asked("/api/v1/services/{}/slow", name, **wanted))["slow_requests"]]
    rows.sort(key=lambda row: row["started"] if newest else row["duration_s"], reverse=True)
    if request_id:
        found = client.get(asked("/api/v1/requests/{}", whole_id(rows, request_id), period=period))
        click.echo(json.dumps(found, indent=2, ensure_ascii=False) if format_ == "json" else "\n".join(told(found)))
    elif format_ in ("json", "csv"):
        show(rows[:limit], SHEET, format_)
    elif not rows:
        click.echo("No request was kept: none was slow or failed, or no service tells of them (hookline.instrument(app)).")
    else:
        show([as_shown(row) for row in rows[:limit]], COLUMNS, None, elastic=["route"], heads=HEADS)


def whole_id(rows: list[dict[str, Any]], part: str) -> str:
    """Return the id of the request that a part of it names. Raises Rejected where it names several."""
    found = [row["request_id"] for row in rows if part in row["request_id"]]
    if len(found) > 1:
        raise Rejected(f"{part!r} is part of {len(found)} requests: give more of it")
    return found[0] if found else part


def as_shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as people read it."""
    return {
        **row,
        "request_id": row["request_id"].partition(":")[0][-SHORT_ID:],
        "started": brief(row["started"]),
        "duration_s": short(row["duration_s"]),
        "db_calls": number(row["db_calls"]),
        "db_s": short(row["db_s"]),
        "repeated_calls": number(row["repeated_calls"]) if row["repeated_calls"] else "",
    }


def told(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of one request: what it was, what it called from where, and what was seen of that in the databases."""
    row = found["request"]
    status = f" {row['response_status']}" if row["response_status"] else ""
    yield click.style(f"{row['method']} {row['route']}{status}  {short(row['duration_s'])}", bold=True) + f"  {clock(row['started'])}"
    yield f"{row['service']} {row['version']} on {row['host'] or row['instance']}, kept because: {row['kept_because']}".rstrip()
    yield f"databases {short(row['db_s'])} in {row['db_calls']} calls, event loop held up {short(row['loop_lag_s'])}, garbage {short(row['gc_s'])}"
    for call in found["database_calls"]:
        where = f"  {call['file']}:{call['line']} {call['function']}" if call["file"] else ""
        error = click.style(f"  {call['error']}", fg="red") if call["error"] else ""
        yield f"  +{short(call['at_s']):>8} {short(call['duration_s']):>8}  {call['summary'] or call['kind']}  {call['statement_hash']}{where}{error}"
    if found["calls_left_out"]:
        yield f"  and {found['calls_left_out']} calls more"
    at_least = "at least " if found["calls_left_out"] else ""
    for each in found["repeated"]:
        yield click.style(f"  {at_least}{each['calls']} times {each['summary']} from {each['file']}:{each['line']}: a query in a loop", fg="yellow")
    for seen in found["samples"][:10]:
        waits = f" {seen['wait_class']} {seen['wait_event']}".rstrip()
        yield f"  seen in {seen['database']} at {clock(seen['looked'])}: {seen['statement_hash']}{waits}, ran {short(seen['statement_s'])}"
