"""`hookline cleanup`: close what no event will close, now, and say what the cleanup did so far."""

from __future__ import annotations

import json
from typing import Any

import click

from hookline.cli.duration import clock, short
from hookline.cli.options import with_format, with_settings
from hookline.collector_client import client_for
from hookline.settings import Loaded


@click.command("cleanup")
@with_settings()
@click.option("--statistics", "only_statistics", is_flag=True, help="Run nothing; only say what the cleanup did.")
@with_format("table", "json")
def command(loaded: Loaded, only_statistics: bool, format_: str | None) -> None:
    """Close orphaned sessions and spans, apply retention, and print what the cleanup did since the collector started."""
    client = client_for(loaded.settings)
    found = client.get("/api/v1/cleanup") if only_statistics else client.post("/api/v1/cleanup", {}, 60.0)
    click.echo(json.dumps(found, indent=2) if format_ == "json" else _text(found))


def _text(found: dict[str, Any]) -> str:
    lines = [f"since {clock(found['since'])}: {found['runs']} runs, closed {_closed(found['closed'])}"]
    if last := found["last_run"]:
        lines.append(f"last run: looked at {last['sessions']} sessions in {short(last['duration_s'])}, closed {_closed(last['closed'])}")
        if last["error"]:
            lines.append(f"it could not finish: {last['error']}")
        lines.append(f"a run takes {short(found['mean_duration_s'])} on average, {short(found['max_duration_s'])} at most")
    return "\n".join(lines)


def _closed(closed: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(closed.items())) or "nothing"
