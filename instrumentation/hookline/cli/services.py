"""`hookline services`: what services answered, how long it took, and what failed."""

from __future__ import annotations

from typing import Any

import click

from hookline.cli.asked_period import asked, share, with_since
from hookline.cli.duration import short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, number, say_stale, show
from hookline.collector_client import client_for
from hookline.settings import Loaded

COLUMNS = ("service", "served_requests", "request_rate", "failed_percent", "mean_s", "p50_s", "p95_s", "p99_s", "known_by", "versions")
ROUTES = ("method", "route", "served_requests", "failed_percent", "mean_s", "p50_s", "p95_s", "p99_s", "total_s")
SHEET = (
    "service", "route", "method", "served_requests", "failed_requests", "failed_percent", "request_rate", "total_s", "mean_s", "p50_s",
    "p95_s", "p99_s", "known_by",
)  # fmt: skip


@click.command("services")
@click.argument("name", default="")
@with_since()
@with_settings()
@with_format("table", "json", "csv")
def command(name: str, period: str, loaded: Loaded, format_: str | None) -> None:
    """Show what services answered: requests, failures, percentiles; with NAME the routes of one.

    `known by` says how: metrics count every request; spans are only those that were sent.
    """
    client = client_for(loaded.settings, say_stale)
    slower: list[dict[str, Any]] = []
    if name:
        detail = client.get(asked("/api/v1/services/{}", name, period=period))
        rows, slower = detail["routes"], detail["slower_routes"]
    else:
        rows = client.get(asked("/api/v1/services", period=period))["services"]
    if format_ in ("json", "csv"):
        show(rows, SHEET, format_)
    elif not rows:
        click.echo("Nothing was told of any service. A Python service tells with one line: hookline.instrument(app).")
    else:
        show([as_shown(row) for row in rows], ROUTES if name else COLUMNS, None, elastic=["route" if name else "service"], heads=HEADS)
        for each in slower:
            click.echo(f"Slower: {each['summary']}")


def as_shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row as people read it."""
    seconds = {field: short(row[field]) for field in ("mean_s", "p50_s", "p95_s", "p99_s", "total_s")}
    counted = {"served_requests": number(row["served_requests"]), "request_rate": f"{row['request_rate']:.2f}"}
    return {**row, **seconds, **counted, "failed_percent": share(row["failed_percent"]), "versions": ", ".join(row["versions"])}
