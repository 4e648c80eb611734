"""`hookline query`: a read-only statement against the running collector."""

from __future__ import annotations

import sys

import click

from hookline.cli.options import with_format, with_settings
from hookline.cli.output import say_stale, show
from hookline.collector_client import client_for
from hookline.settings import Loaded

MARGIN_S = 5.0


@click.command("query")
@click.argument("sql")
@with_settings()
@with_format("table", "json", "csv")
def command(sql: str, loaded: Loaded, format_: str | None) -> None:
    """Run one read-only SQL statement: hookline query "SELECT count() FROM otel_traces".

    `-` reads the statement from standard input. Time, memory and rows are limited (store.query_max_s and its
    neighbours); files, URLs, writes and second statements are refused.
    """
    text = sys.stdin.read() if sql == "-" else sql
    answer = client_for(loaded.settings, say_stale).post("/api/v1/query", {"sql": text}, loaded.settings.store.query_max_s + MARGIN_S)
    columns = answer["columns"]
    show([dict(zip(columns, row, strict=True)) for row in answer["rows"]], columns, format_)
