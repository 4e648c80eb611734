"""`hookline db check`: what is visible of each database."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import sys
from typing import TYPE_CHECKING

import click

from hookline.cli.options import with_format, with_settings
from hookline.cli.parts import need_databases
from hookline.errors import HooklineError
from hookline.settings import Loaded

if TYPE_CHECKING:
    from hookline.databases.targets import DatabaseTarget
    from hookline.databases.visible_part import VisiblePart

SIGNS = {"yes": ("✓", "green"), "partly": ("~", "yellow"), "no": ("✗", "red")}


@click.command("check")
@with_settings()
@click.argument("database", required=False)
@with_format("text", "json")
def command(loaded: Loaded, database: str | None, format_: str | None) -> None:
    """Say what is visible of each configured database, what is not, what that costs, and the one line that opens it.

    Ends with 1 where a database cannot be reached or its sessions are not seen.
    """
    need_databases(loaded.settings)
    from hookline.databases.targets import targets_of

    targets = [target for target in targets_of(loaded.settings.databases, os.environ) if database in (None, target.name)]
    if not targets:
        raise HooklineError(
            f"no database is named {database}" if database else 'no database is configured: [databases.shop] with url = "postgresql://…"'
        )
    found = {target.name: asyncio.run(_check(target)) for target in targets}
    if format_ == "json":
        click.echo(json.dumps({name: [dataclasses.asdict(part) for part in parts] for name, parts in found.items()}, indent=2))
    else:
        for target in targets:
            _print(target, found[target.name])
    if any(part.seen == "no" and part.part in {"connection", "sessions", "role"} for parts in found.values() for part in parts):
        sys.exit(1)


async def _check(target: DatabaseTarget) -> list[VisiblePart]:
    from hookline.databases.targets import CLICKHOUSE

    if target.system == CLICKHOUSE:
        from hookline.databases.clickhouse.clickhouse_checks import check_clickhouse

        return await check_clickhouse(target)
    from hookline.databases.postgres.link import LinkTarget
    from hookline.databases.postgres.postgres_checks import check_postgres

    return await check_postgres(LinkTarget(target.url, target.options))


def _print(target: DatabaseTarget, parts: list[VisiblePart]) -> None:
    click.secho(f"{target.name}  {target.system} at {target.address}:{target.port}", bold=True)
    width = max(len(part.part) for part in parts)
    for part in parts:
        sign, colour = SIGNS[part.seen]
        click.echo(f"  {click.style(sign, fg=colour)} {part.part:<{width}}  {part.says}")
        if part.costs:
            click.echo(f"    {'':<{width}}  without it: {part.costs}" if part.seen == "no" else f"    {'':<{width}}  {part.costs}")
        if part.opens:
            click.echo(f"    {'':<{width}}  {click.style(part.opens, fg='cyan')}")
