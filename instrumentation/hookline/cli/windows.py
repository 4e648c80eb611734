"""`hookline windows`: five-hour and weekly windows of each account, observed or estimated."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import click

from hookline.cli.duration import brief
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, dollars, number, say_stale, show, tokens
from hookline.collector_client import client_for
from hookline.settings import Loaded

COLUMNS = ("account", "start", "end", "used_percent", "pace", "requests", "total_tokens", "cost_usd", "limit_reached")
WEEKS = ("account", "end", "used_percent", "elapsed_percent", "pace", "projected_percent", "limit_reached")
WEEK_HEADS = {**HEADS, "end": "resets"}
SHEET = (
    "account", "kind", "source", "start", "end", "is_active", "used_percent", "elapsed_percent", "pace", "requests", "total_tokens", "cost_usd",
    "tokens_per_min", "projected_total_tokens", "projected_percent", "limit_reached", "limit_reached_earliest", "limit_reached_latest",
)  # fmt: skip


@click.command("windows")
@with_settings()
@click.option("--days", type=click.IntRange(1, 366), default=3, show_default=True, help="How far back.")
@click.option("--account", default="", help="One account only.")
@with_format("table", "json", "csv")
def command(loaded: Loaded, days: int, account: str, format_: str | None) -> None:
    """Show the five-hour and weekly windows of each account: how full, how fast, and where the present one leads.

    `observed` windows come from the limits that the status line reports (`hookline install claude-code --status-line`),
    `estimated` ones (~) from the public rule. The pace is the share used over the share of time gone: above 1 it does not last.
    """
    found = client_for(loaded.settings, say_stale).get(f"/api/v1/reports/windows?{urlencode({'days': days, 'account': account})}")
    fives, weeks = found["windows"], found["weeks"]
    if format_ == "json":
        show([*fives, *weeks], (), "json")
    elif format_ == "csv":
        show([*fives, *weeks], SHEET, "csv")
    elif not fives and not weeks:
        click.echo(f"No usage in the last {days} days.")
    else:
        show([five_hour_row(window) for window in fives], COLUMNS, None, title="Five hours", elastic=["account"], heads=HEADS)
        if weeks:
            click.echo()
            show([week_row(window) for window in weeks], WEEKS, None, title="Week", elastic=["account"], heads=WEEK_HEADS)


def five_hour_row(window: dict[str, Any]) -> dict[str, Any]:
    """Return a five-hour window as a row of the table; ~ marks what is estimated, * the one that runs."""
    gap = window["source"] == "gap"
    return {
        "account": window["account"],
        "start": ("~" if window["source"] == "estimated" else "") + brief(window["start"]) + (" gap" if gap else ""),
        "end": brief(window["end"])[-5:] + (" *" if window["is_active"] else ""),
        "used_percent": percent(window["used_percent"]),
        "pace": _pace(window),
        "requests": "" if gap else number(window["requests"]),
        "total_tokens": "" if gap else tokens(window["total_tokens"]),
        "cost_usd": "" if gap or not window["requests"] else dollars(window["cost_usd"]),
        "limit_reached": brief(window["limit_reached"])[-5:],
    }


def week_row(window: dict[str, Any]) -> dict[str, Any]:
    """Return a weekly window as a row of the table."""
    return {
        "account": window["account"],
        "end": brief(window["end"]),
        "used_percent": percent(window["used_percent"]),
        "elapsed_percent": percent(window["elapsed_percent"]),
        "pace": _pace(window),
        "projected_percent": percent(window["projected_percent"]),
        "limit_reached": brief(window["limit_reached"]),
    }


def percent(value: float | None) -> str:
    """Return a share: 41 %."""
    return "" if value is None else f"{value:.0f} %"


def _pace(window: dict[str, Any]) -> str:
    return "" if window.get("pace") is None else f"{window['pace']:.1f}"
