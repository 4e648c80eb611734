"""`hookline db report`: how busy each database was, with what, what was found, and how long what is left will last."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from hookline.cli.asked_period import asked, sessions, share, with_since
from hookline.cli.duration import brief, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import number, say_stale
from hookline.collector_client import client_for
from hookline.settings import Loaded

Row = dict[str, Any]
MOST = 5
LATELY = "5m"


@click.command("report")
@click.argument("name", default="")
@with_since()
@with_settings()
@with_format("text", "json")
def command(name: str, period: str, loaded: Loaded, format_: str | None) -> None:
    """Show of database NAME, or of each: how busy, with what, what was found, who held others up, and when what will be used up."""
    client = client_for(loaded.settings, say_stale)
    names = [name] if name else [row["database"] for row in client.get(asked("/api/v1/databases", period=period))["databases"]]
    now = {row["database"]: row["active_sessions"] for row in client.get(asked("/api/v1/databases", period=LATELY))["databases"]} if names else {}
    found = []
    for each in names:
        whole = client.get(asked("/api/v1/databases/{}", each, period=period))
        whole["lately"] = {"period": LATELY, "active_sessions": now.get(each)}
        whole["locks"] = client.get(asked("/api/v1/databases/{}/locks", each, period=period))
        whole["forecasts"] = client.get(asked("/api/v1/databases/{}/forecasts", each))["forecasts"]
        found.append(whole)
    if format_ == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif not found:
        click.echo("Nothing was told of any database in this time. `hookline databases` looks at those of the configuration.")
    else:
        click.echo("\n\n".join("\n".join(told(each, period)) for each in found))


def told(found: Row, period: str) -> Iterator[str]:
    """Yield the lines about one database in a period."""
    totals = found["totals"]
    cores = f" on {totals['cores']:.0f} cores" if totals["cores"] else ""
    mean = f"{sessions(totals['active_sessions'])} sessions at work on average over {period} (time that nobody looked counts as none)"
    lately = found["lately"]["active_sessions"]
    yield click.style(totals["database"], bold=True) + f"  {mean}{f', {sessions(lately)} in the last 5 minutes' if lately is not None else ''}{cores}"
    for wait in found["waits"][:MOST]:
        yield f"  {wait['wait_class']:<20} {wait['wait_event']:<22} {sessions(wait['active_sessions']):>6}  {share(wait['share_percent']):>6}"
    if found["verdicts"]:
        yield "found"
        for verdict in found["verdicts"][:MOST]:
            yield from _verdict(verdict)
    if blockers := found["locks"]["blockers"]:
        yield "held others up"
        for each in blockers[:MOST]:
            what = " ".join(part for part in (each["session_state"], each["application"], each["summary"]) if part)
            yield f"  {brief(each['started'])}  process {each['pid']}: {each['waiters']} waited, the longest {short(each['waited_s'])}  {what}"
    if found["statements"]:
        yield "statements"
        for row in found["statements"][:MOST]:
            text = row["summary"] or " ".join(row["query_text"].split())[:60]
            yield f"  {row['statement_hash']}  {share(row['share_percent']):>6}  {number(row['calls'])} calls of {short(row['mean_s'])}  {text}"
    if found["forecasts"]:
        yield "will be used up"
        near = [each for each in found["forecasts"] if each["earliest"]]
        yield from (f"  {_used_up(each)}" for each in near[:MOST])
        far = sorted({each["forecast_of"] for each in found["forecasts"]} - {each["forecast_of"] for each in near})
        if far:
            hours = min(each["horizon_s"] for each in found["forecasts"]) / 3_600
            yield f"  not within {hours:.0f} hours (80 %): {', '.join(far)}"


def _used_up(each: Row) -> str:
    """Return when something will be used up: the limit is reached between two moments in four cases of five."""
    where = " ".join(each["labels"].values())
    expected = f"expected {brief(each['expected'])}, " if each["expected"] else ""
    latest = f"and {brief(each['latest'])}" if each["latest"] else "and later, or not at all"
    return f"{each['forecast_of']}{' (' + where + ')' if where else ''}: {expected}between {brief(each['earliest'])} {latest} (80 %)"


def _verdict(verdict: Row) -> Iterator[str]:
    ended = f" to {brief(verdict['ended'])}" if verdict["ended"] else ", goes on"
    sure = f"{share(verdict['share_percent'])} of the time, {share(verdict['certainty_percent'])} sure"
    yield f"  {brief(verdict['started'])}{ended}  {click.style(verdict['verdict_class'], bold=True)}  {verdict['summary']} ({sure})"
    if verdict["called_by"]:
        called = (f"{each['service']} ({number(each['calls'])} calls, {short(each['total_s'])})" for each in verdict["called_by"])
        yield f"    its statements were called by {', '.join(called)}"
    if verdict["excluded"]:
        yield "    not " + "; not ".join(f"{name}: {why}" for name, why in verdict["excluded"].items())
    if verdict["next_step"]:
        yield f"    next: {verdict['next_step']}"
