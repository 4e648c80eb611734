"""`hookline rules`: the alert rules in force; and rule files checked, tested and tried on the history before they are."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hookline.cli.duration import clock, length_s, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import HEADS, show
from hookline.collector_client import Client, client_for
from hookline.errors import HooklineError, NotRunning, Refused
from hookline.settings import Loaded
from hookline.settings.load import config_path
from hookline.settings.schema import Settings
from hookline.system.clock import NS_PER_S, iso, parse_iso

if TYPE_CHECKING:
    from hookline_collector.alerts.backtest import AlertEpisode, Backtest
    from hookline_collector.notification.deciding.alert_message import AlertMessage
    from hookline_collector.notification.plan.notification_plan import NotificationPlan
    from hookline_collector.store.rows import Rows

COLUMNS = ("rule", "rule_group", "health", "measured", "alerts", "evaluated", "error")
MOST, PATIENCE_S, LONGEST_WAIT_S = 20, 120.0, 30.0
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


@command.command("schema")
def schema() -> None:
    """Print the JSON schema of rule files, by which editors complete and check them."""
    try:
        from hookline_collector.alerts.rule_fields import schema_text
    except ImportError:
        raise _no_collector() from None
    click.echo(schema_text(), nl=False)


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
    "--against", type=click.Path(path_type=Path), help="The same rules as they were: what would be sent now and was not, and the other way round."
)
@click.option("--routes", type=click.Path(path_type=Path), help="The file of receivers and routes; the one in force when it is left out.")
@with_settings()
@with_format("table", "json")
def backtest(file: Path, begin: str, end: str, only: str, against: Path | None, routes: Path | None, loaded: Loaded, format_: str | None) -> None:
    """Try a rule file on the stored history: when each rule would have fired, for how long, and how many messages that makes."""
    try:
        from hookline_collector.notification.replayed import plan_at
    except ImportError:
        raise _no_collector() from None
    plan = plan_at(routes or _routes(loaded))
    from_ns, to_ns = _moment(begin), _moment(end)
    if from_ns >= to_ns:
        raise HooklineError("--from must be before --to")
    tried = _Tried(client_for(loaded.settings), plan, from_ns, to_ns, only, loaded.settings)
    now, before = tried.file(file), tried.file(against) if against else None
    if format_ == "json":
        click.echo(json.dumps([each.as_json() for each in (now, before) if each is not None], indent=2))
        return
    for name, found in now.rules.items():
        click.echo(_text(found, before.rules.get(name) if before else None, now, before, from_ns, to_ns))
    for name in (before.rules if before else {}).keys() - now.rules.keys():
        click.echo(f"{name}: not there any more")
    click.echo(_totals(now, before))


@dataclass(frozen=True, slots=True)
class _Trial:
    """What came of the rules of a file, and the messages that the routes made of it."""

    rules: dict[str, Backtest]
    messages: Sequence[AlertMessage]

    def messages_of(self, rule: str) -> int:
        """Return how many messages a rule made."""
        return sum(any(alert.rule.name == rule for alert in message.alerts) for message in self.messages)

    def by_target(self) -> Counter[str]:
        """Return how many messages each target would have got."""
        return Counter(message.target for message in self.messages)

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        rules = [_told(found) | {"messages": self.messages_of(name)} for name, found in self.rules.items()]
        return {"rules": rules, "messages": len(self.messages), "messages_by_target": dict(self.by_target())}


@dataclass(frozen=True, slots=True)
class _Tried:
    """How files are tried: whom to ask, who is notified, and from when to when."""

    client: Client
    plan: NotificationPlan
    from_ns: int
    to_ns: int
    only: str
    settings: Settings

    def file(self, path: Path) -> _Trial:
        """Try the rules of a file."""
        from hookline_collector.alerts.backtest import backtest as run
        from hookline_collector.alerts.rule_files import read_files
        from hookline_collector.notification.replayed import messages
        from hookline_collector.work.prices import prices_path, request_pricer

        read = read_files([path])
        if read.problems:
            raise HooklineError("\n".join(map(str, read.problems)))
        chosen = [rule for rule in read.rules if self.only in ("", rule.origin.name)]
        if not chosen:
            raise HooklineError(f"{path} has no rule {self.only!r}" if self.only else f"{path} has no rules")
        price = request_pricer(prices_path(self.settings.work.prices_file, config_path(os.environ).parent))
        idle_after_s = self.settings.sessions.idle_after_s
        found = {rule.origin.name: run(rule, self.ask, self.from_ns, self.to_ns, idle_after_s, price) for rule in chosen}
        return _Trial(found, messages(self.plan, [change for each in found.values() for change in each.transitions], self.to_ns))

    def ask(self, sql: str) -> Rows:
        """Ask the collector, and wait where it asks for that."""
        from hookline_collector.store.rows import Rows

        while True:
            try:
                told = self.client.post("/api/v1/query", {"sql": sql}, PATIENCE_S)
                return Rows(tuple(told["columns"]), tuple(told["types"]), tuple(map(tuple, told["rows"])))
            except Refused as why:
                if why.retry_after_s > LONGEST_WAIT_S:
                    raise
                time.sleep(why.retry_after_s)


def _routes(loaded: Loaded) -> Path:
    """Return where the file of receivers and routes lies."""
    named = loaded.settings.notify.routes_file
    return Path(named).expanduser() if named else config_path(os.environ).parent / "notify.yaml"


def _moment(text: str) -> int:
    found = parse_iso(text)
    return found if found is not None else time.time_ns() - int(length_s(text, "--from") * NS_PER_S) if text != "0s" else time.time_ns()


def _told(found: Backtest) -> dict[str, Any]:
    rows = [{"labels": each.labels, "fired": iso(each.fired_ns), "ended": iso(each.ended_ns), "value": each.value} for each in found.episodes]
    return {"rule": found.rule, "items": found.items, "dropped": found.dropped, "episodes": rows}


def _text(found: Backtest, was: Backtest | None, now: _Trial, before: _Trial | None, from_ns: int, to_ns: int) -> str:
    from hookline_collector.alerts.backtest import drawn, drawn_change

    lines = [f"{found.rule}: {_summary(found, now, to_ns)}", f"  now    │{drawn(found.episodes, from_ns, to_ns)}│"]
    if before is None:
        lines += [f"  {_episode(each, to_ns)}" for each in found.episodes[:MOST]]
        lines += [f"  and {len(found.episodes) - MOST} more"] if len(found.episodes) > MOST else []
        return "\n".join(lines)
    if was is None:
        return "\n".join([*lines, "  before │ not there"])
    known, fresh = {_same(each) for each in was.episodes}, {_same(each) for each in found.episodes}
    lines.append(f"  before │{drawn(was.episodes, from_ns, to_ns)}│ {_summary(was, before, to_ns)}")
    lines.append(f"  change │{drawn_change(was.episodes, found.episodes, from_ns, to_ns)}│")
    changed = [f"  + {_episode(each, to_ns)}" for each in found.episodes if _same(each) not in known]
    changed += [f"  - {_episode(each, to_ns)}" for each in was.episodes if _same(each) not in fresh]
    return "\n".join([*lines, *changed[: 2 * MOST], *([f"  and {len(changed) - 2 * MOST} more"] if len(changed) > 2 * MOST else [])])


def _summary(found: Backtest, trial: _Trial, to_ns: int) -> str:
    firing_s = sum((each.ended_ns or to_ns) - each.fired_ns for each in found.episodes) / NS_PER_S
    rarer = f"; asked each {short(found.asked_each_ns / NS_PER_S)} only" if found.asked_each_ns else ""
    return (
        f"fired {len(found.episodes)} times, for {short(firing_s)} in all; {trial.messages_of(found.rule)} messages; "
        f"{found.dropped} times pending only; {found.items} items{rarer}"
    )


def _totals(now: _Trial, before: _Trial | None) -> str:
    """Return how many messages all of it makes, by target; of a changed file beside those of before."""
    each, was = now.by_target(), before.by_target() if before else Counter[str]()
    names = sorted({*each, *was})
    listed = ", ".join(f"{name} {f'{was[name]} → ' if before else ''}{each[name]}" for name in names)
    return f"messages after grouping: {f'{len(before.messages)} → ' if before else ''}{len(now.messages)}{f' ({listed})' if listed else ''}"


def _same(each: AlertEpisode) -> tuple[str, int]:
    return each.labels, each.fired_ns


def _episode(each: AlertEpisode, to_ns: int) -> str:
    lasted = short(((each.ended_ns or to_ns) - each.fired_ns) / NS_PER_S)
    return f"{clock(iso(each.fired_ns))}  {lasted}{'' if each.ended_ns else ' and still'}  {each.value:g}  {each.labels}"


def _no_collector() -> NotRunning:
    return NotRunning("rule files are read by the collector's own code, which is not installed here: install hookline[collector]")
