"""`hookline doctor`: a probe through every part."""

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
    from hookline.operate.doctor import DoctorStep


@click.command("doctor")
@click.option("--patience", default=15.0, show_default=True, metavar="SECONDS", help="How long each step may take.")
@with_settings()
@with_format("table", "json", "csv")
def command(patience: float, loaded: Loaded, format_: str | None) -> None:
    """Send a probe through hook, spool, relay, collector and store, and show how long each step took.

    What fails says what to do; exit code 1. Probes count in no report.
    """
    from hookline.operate.doctor import examine

    steps: list[DoctorStep] = []
    for found in examine(loaded.settings, patience):
        step = dataclasses.replace(found, detail=as_typed(found.detail), remedy=as_typed(found.remedy))
        steps.append(step)
        if format_ is None or format_ == "table":
            _draw(step)
    if format_ in ("json", "csv"):
        show([dataclasses.asdict(step) for step in steps], ["name", "took_s", "ok", "detail", "remedy"], format_)
    elif steps[-1].ok:
        click.echo(f"\nAll is well: {sum(step.took_s for step in steps) * 1000:.0f} ms from the hook to the query.")
    if not steps[-1].ok:
        sys.exit(1)


def _draw(step: DoctorStep) -> None:
    mark = click.style("✓", fg="green") if step.ok else click.style("✗", fg="red")
    click.echo(f"{mark} {step.name:<18} {step.took_s * 1000:>8.1f} ms  {step.detail}")
    if step.remedy:
        click.echo(f"  {'':<18} {'':>8}     → {step.remedy}")
