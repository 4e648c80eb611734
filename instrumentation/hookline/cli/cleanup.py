"""`hookline cleanup`: close what no event will close, now, and say what the cleanup did so far."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click

from hookline.cli.duration import short
from hookline.cli.options import with_format, with_settings
from hookline.operate.client import client_for
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
    began = datetime.fromtimestamp(found["since"], UTC).astimezone()
    lines = [f"since {began:%Y-%m-%d %H:%M:%S}: {found['runs']} runs, closed {_closed(found['closed'])}"]
    if last := found["last"]:
        lines.append(f"last run: looked at {last['looked_at']} sessions in {short(last['took_s'])}, closed {_closed(last['closed'])}")
        if last["error"]:
            lines.append(f"it could not finish: {last['error']}")
    if took := found["took_s"]:
        lines.append(f"a run takes {short(took['mean'])} on average, {short(took['max'])} at most")
    return "\n".join(lines)


def _closed(closed: dict[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in sorted(closed.items())) or "nothing"
