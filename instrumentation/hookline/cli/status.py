"""`hookline status`: the health of each part."""

from __future__ import annotations

import dataclasses
import sys
from typing import TYPE_CHECKING

import click

from hookline.cli.options import with_format, with_settings
from hookline.cli.output import show
from hookline.settings import Loaded
from hookline.system.invocation import as_typed

if TYPE_CHECKING:
    from hookline.operate.overview import OverviewLine

MARKS = {"ok": ("✓", "green"), "starting": ("…", "yellow"), "off": ("–", "yellow"), "bad": ("✗", "red")}


@click.command("status")
@with_settings()
@with_format("table", "json", "csv")
def command(loaded: Loaded, format_: str | None) -> None:
    """Show the health of each part; exit code 0 when what runs is well or just starts, 1 when not or when nothing runs.

    Works when nothing runs. For traces, logs and metrics it shows that received = stored + rejected + repeated +
    quarantined + in the journal.
    """
    from hookline.collector_client import page_link
    from hookline.operate import overview

    lines = [dataclasses.replace(line, detail=as_typed(line.detail), remedy=as_typed(line.remedy)) for line in overview.look(loaded.settings)]
    well = overview.is_well(lines)
    if format_ in ("json", "csv"):
        show([dataclasses.asdict(line) for line in lines], ["part", "state", "detail", "remedy"], format_)
    else:
        _draw(lines)
        if any(line.part == "collector" and line.state == overview.OK for line in lines):
            click.echo(f"\npages  {page_link(loaded.settings)}")
    if not well:
        sys.exit(1)


def _draw(lines: list[OverviewLine]) -> None:
    width = max(len(line.part) for line in lines)
    for line in lines:
        mark, colour = MARKS[line.state]
        remedy = f"\n{' ' * (width + 4)}→ {line.remedy}" if line.remedy else ""
        click.echo(f"{click.style(mark, fg=colour)} {line.part:<{width}}  {line.detail}{remedy}")
