"""`hookline windows`: the five-hour usage windows and when the present one hits the wall."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import click

from hookline.cli.duration import clock
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import show
from hookline.client import client_for
from hookline.settings import Loaded

COLUMNS = ("account", "source", "start", "end", "used", "requests", "tokens", "cost_usd", "tokens_per_min", "projected", "wall")


@click.command("windows")
@with_settings()
@click.option("--days", type=click.IntRange(1, 366), default=3, show_default=True, help="How far back.")
@click.option("--account", default="", help="One account only.")
@with_format("table", "json", "csv")
def command(loaded: Loaded, days: int, account: str, format_: str | None) -> None:
    """Show the five-hour windows of each account: tokens, cost, burn rate, and where the present one leads.

    `observed` windows come from the limits that the status line reports (`hookline install claude-code --status-line`),
    `estimated` ones from the public rule.
    """
    found = client_for(loaded.settings).get(f"/api/v1/reports/windows?{urlencode({'days': days, 'account': account})}")["windows"]
    if format_ == "json":
        show(found, (), "json")
    elif found or format_:
        show([_row(window) for window in found], COLUMNS, format_)
    else:
        click.echo(f"No usage in the last {days} days.")


def _row(window: dict[str, Any]) -> dict[str, Any]:
    used, cost, burn = window["used_percent"], window["cost_usd"], window["tokens_per_min"]
    return {
        "account": window["account"],
        "source": window["source"] + (", now" if window["is_active"] else ""),
        "start": clock(window["start"]),
        "end": clock(window["end"]),
        "used": f"{used:.0f} %" if used is not None else "",
        "requests": window["requests"],
        "tokens": window["tokens"],
        "cost_usd": round(cost, 4) if cost is not None else None,
        "tokens_per_min": round(burn) if burn is not None else None,
        "projected": window["projected_tokens"],
        "wall": _wall(window),
    }


def _wall(window: dict[str, Any]) -> str:
    if not window["wall"]:
        return ""
    earliest, latest = clock(window["wall_earliest"])[11:16], clock(window["wall_latest"])[11:16]
    return f"{clock(window['wall'])[11:16]} ({earliest or '?'} to {latest or 'after the reset'})"
