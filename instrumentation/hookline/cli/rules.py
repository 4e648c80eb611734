"""`hookline rules`: the alert rules in force; and rule files checked, tested and tried on the history before they are."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hookline.cli.duration import clock, length_s, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import client_for
from hookline.errors import HooklineError, NotRunning
from hookline.settings import Loaded
from hookline.system.clock import NS_PER_S, iso, parse_iso

if TYPE_CHECKING:
    from hookline_collector.alerts.backtest import Backtest

COLUMNS = ("rule", "rule_group", "health", "measured", "alerts", "evaluated", "error")
FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group("rules", invoke_without_command=True)
@with_settings()
@with_format("table", "json", "csv")
@click.pass_context
def command(ctx: click.Context, loaded: Loaded, format_: str | None) -> None:
    """Show the alert rules in force and how each fares; check, test and try rule files."""
    if ctx.invoked_subcommand:
        return
    found = client_for(loaded.settings).get("/api/v1/rules")
    if format_ == "json":
        click.echo(json.dumps(found, indent=2))
        return
    told = [row | {"alerts": len(row["alerts"]), "evaluated": clock(row["evaluated"])} for row in found["rules"]]
    show(told, COLUMNS, format_, elastic=("error", "measured"), heads=HEADS)
    for problem in found["file_problems"]:
        click.echo(f"{problem['file']}:{problem['line']}:{problem['column']}: {problem['key_path']}: {problem['message']}", err=True)


@command.command("check")
@FILES
def check(files: tuple[Path, ...]) -> None:
    """Check rule files: every problem at once, with file, line and key. Needs no running collector."""
    try:
        from hookline_collector.alerts.rule_files import read_files
    except ImportError:
        raise _no_collector() from None
    read = read_files(files)
    for problem in read.problems:
        click.echo(str(problem), err=True)
    if read.problems:
        sys.exit(1)
    click.echo(f"{len(read.rules)} rules in {len(files)} files, nothing wrong.")


@command.command("test")
@FILES
def test(files: tuple[Path, ...]) -> None:
    """Run unit tests of rules: input series and items, and the alerts expected. Needs no running collector."""
    try:
        from hookline_collector.alerts.rule_tests import run_tests
    except ImportError:
        raise _no_collector() from None
    failed = 0
    for path in files:
        count, failures = run_tests(path)
        for failure in failures:
            click.echo(str(failure), err=True)
        click.echo(f"{path}: {count - len(failures)} of {count} hold")
        failed += len(failures)
    if failed:
        sys.exit(1)


@command.command("backtest")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "begin", default="7d", show_default=True, metavar="TIME", help="Since when: a moment, or how long ago, such as 7d.")
@click.option("--to", "end", default="0s", show_default=True, metavar="TIME", help="Until when.")
@click.option("--rule", "only", default="", help="One rule only.")
@click.option(
    "--against", type=click.Path(path_type=Path), help="The same rules as they were: what would be told now and was not, and the other way round."
)
@with_settings()
@with_format("table", "json")
def backtest(file: Path, begin: str, end: str, only: str, against: Path | None, loaded: Loaded, format_: str | None) -> None:
    """Try a rule file on the stored history: when each rule would have fired, for how long, and how many messages that makes."""
    try:
        from hookline_collector.alerts.backtest import backtest as run
        from hookline_collector.alerts.rule_files import read_files
    except ImportError:
        raise _no_collector() from None
    client = client_for(loaded.settings)

    def ask(sql: str) -> Sequence[dict[str, Any]]:
        told = client.post("/api/v1/query", {"sql": sql}, 120.0)
        return [dict(zip(told["columns"], row, strict=True)) for row in told["rows"]]

    from_ns, to_ns = _moment(begin), _moment(end)
    results: list[dict[str, Backtest]] = []
    for path in (file, *([against] if against else [])):
        read = read_files([path])
        if read.problems:
            raise HooklineError("\n".join(map(str, read.problems)))
        results.append({rule.origin.name: run(rule, ask, from_ns, to_ns) for rule in read.rules if only in ("", rule.origin.name)})
    if format_ == "json":
        click.echo(json.dumps([[_told(found) for found in each.values()] for each in results], indent=2))
        return
    for name, found in results[0].items():
        click.echo(_text(found, results[1].get(name) if against else None, from_ns, to_ns))


def _moment(text: str) -> int:
    found = parse_iso(text)
    return found if found is not None else time.time_ns() - int(length_s(text, "--from") * NS_PER_S) if text != "0s" else time.time_ns()


def _told(found: Backtest) -> dict[str, Any]:
    rows = [{"labels": each.labels, "fired": iso(each.fired_ns), "ended": iso(each.ended_ns), "value": each.value} for each in found.episodes]
    return {"rule": found.rule, "items": found.items, "messages": found.messages, "dropped": found.dropped, "episodes": rows}


def _text(found: Backtest, before: Backtest | None, from_ns: int, to_ns: int) -> str:
    from hookline_collector.alerts.backtest import drawn

    firing_s = sum((each.ended_ns or to_ns) - each.fired_ns for each in found.episodes) / NS_PER_S
    lines = [
        f"{found.rule}: fired {len(found.episodes)} times, for {short(firing_s)} in all; {found.messages} messages; "
        f"{found.dropped} times pending only; {found.items} items",
        f"  now    │{drawn(found.episodes, from_ns, to_ns)}│",
    ]
    if before is not None:
        known, fresh = {_same(each) for each in before.episodes}, {_same(each) for each in found.episodes}
        lines.append(f"  before │{drawn(before.episodes, from_ns, to_ns)}│ {len(before.episodes)} times, {before.messages} messages")
        lines += [f"  + {_episode(each, to_ns)}" for each in found.episodes if _same(each) not in known]
        lines += [f"  - {_episode(each, to_ns)}" for each in before.episodes if _same(each) not in fresh]
    else:
        lines += [f"  {_episode(each, to_ns)}" for each in found.episodes[:20]]
        lines += [f"  and {len(found.episodes) - 20} more"] if len(found.episodes) > 20 else []
    return "\n".join(lines)


def _same(each: Any) -> tuple[str, int]:
    return each.labels, each.fired_ns


def _episode(each: Any, to_ns: int) -> str:
    lasted = short(((each.ended_ns or to_ns) - each.fired_ns) / NS_PER_S)
    return f"{clock(iso(each.fired_ns))}  {lasted}{'' if each.ended_ns else ' and still'}  {each.value:g}  {each.labels}"


def _no_collector() -> NotRunning:
    return NotRunning("rule files are read by the collector's own code, which is not installed here: install hookline[collector]")
