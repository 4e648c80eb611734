"""`hookline backfill`: the history that the client's transcripts hold."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hookline.cli.duration import short
from hookline.cli.options import with_settings
from hookline.settings import Loaded, Settings
from hookline.system import runtime

if TYPE_CHECKING:
    from hookline.history.backfill import Tally

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command("backfill")
@with_settings("relay.endpoint")
@click.option("--from", "root", type=FOLDER, help="Folder of transcripts; the client's own when not given.")
@click.option("--again", is_flag=True, help="Read everything again, also what was read before.")
@click.option("--quiet", is_flag=True, help="Print nothing but problems.")
def command(loaded: Loaded, root: Path | None, again: bool, quiet: bool) -> None:
    """Read the client's transcripts into sessions, activity, calls and usage.

    Only what is new is read. What hooks delivered is recognised and not doubled. It can be interrupted and run again at any time.
    """
    from hookline.history.backfill import backfill
    from hookline.history.delivered import DeliveredTurns

    with _progress(quiet) as on_progress:
        told = DeliveredTurns(loaded.settings)
        tally = backfill(_aimed(loaded), root=root, is_delivered=told, prompts_of=told.prompts_of, on_progress=on_progress, again=again)
    if not quiet:
        click.echo(summary(tally))


def _aimed(loaded: Loaded) -> Settings:
    """Return the settings with the running collector as endpoint, unless another was asked for."""
    found = runtime.read(loaded.settings.runtime_path)
    if loaded.origins["relay.endpoint"] != "default" or found is None or found.tls:
        return loaded.settings
    return replace(loaded.settings, relay=replace(loaded.settings.relay, endpoint=f"http://{found.otlp_grpc}", protocol="grpc"))


def summary(tally: Tally) -> str:
    """Return what a run did, in a line or two."""
    if not tally.conversations:
        return "Nothing new in the transcripts."
    rate = tally.bytes / 1e6 / tally.seconds if tally.seconds else 0.0
    text = f"Read {tally.conversations} conversations, {tally.bytes / 1e6:,.1f} MB in {short(tally.seconds)} ({rate:,.1f} MB/s): "
    text += f"{tally.spans:,} spans, {tally.requests:,} requests."
    return f"{text}\n{tally.damaged:,} damaged lines were passed over." if tally.damaged else text


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Tally], None]]:
    if quiet or not sys.stderr.isatty():
        yield lambda tally: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("reading history"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("history", total=None)
        yield lambda tally: bar.update(task, completed=tally.bytes, total=tally.total_bytes)
