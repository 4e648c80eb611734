"""`hookline db explain`: the plans of a statement that are stored. It asks nothing of the database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from hookline.cli.asked_period import asked, with_since
from hookline.cli.duration import brief, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import number, say_stale
from hookline.collector_client import client_for
from hookline.settings import Loaded

Row = dict[str, Any]
SAID = ("Relation Name", "Index Name", "Join Type", "Strategy", "Index Cond", "Hash Cond", "Filter")
MAX_DEPTH = 60


@click.command("explain")
@click.argument("statement")
@click.option("--database", default="", help="Only this database.")
@with_since()
@with_settings()
@with_format("text", "json")
def command(statement: str, database: str, period: str, loaded: Loaded, format_: str | None) -> None:
    """Show the stored plans of STATEMENT (its hash, as `hookline db statements` lists it, or PostgreSQL's own id), the newest first."""
    client = client_for(loaded.settings, say_stale)
    names = [database] if database else [row["database"] for row in client.get(asked("/api/v1/databases", period=period))["databases"]]
    found = []
    for name in names:
        plans = client.get(asked("/api/v1/databases/{}/plans", name, period=period, statement_hash=statement, with_plan="true"))["plans"]
        rows = client.get(asked("/api/v1/databases/{}/statements", name, period=period, statement_hash=statement))["statements"] if plans else []
        found += [{"plan": plan, "statement": rows[0] if rows else None} for plan in plans]
    if format_ == "json":
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif not found:
        click.echo(f"No plan of {statement} is stored. Plans are collected where the configuration of a database says so.")
    else:
        click.echo("\n\n".join("\n".join(told(each["plan"], each["statement"])) for each in found))


def told(plan: Row, statement: Row | None) -> Iterator[str]:
    """Yield the lines of one plan."""
    cost = f", cost {plan['plan_cost']:,.0f}" if plan["plan_cost"] else ""
    seen = f"{brief(plan['first'])} to {brief(plan['last'])}"
    yield click.style(f"plan {plan['plan_hash']}", bold=True) + f"  {plan['database']}  {seen}  {plan['plan_source']}{cost}"
    yield " ".join(plan["query_text"].split())
    if statement:
        yield f"{number(statement['calls'])} calls of {short(statement['mean_s'])} on average"
    yield from tree(plan["plan"])


def tree(text: str) -> Iterator[str]:
    """Yield the nodes of a plan as a tree; a plan that is no JSON as it is."""
    try:
        found = json.loads(text)
    except ValueError:
        yield from text.splitlines()
        return
    root = found[0] if isinstance(found, list) and found else found
    if isinstance(root, dict):
        yield from _node(root.get("Plan", root), 0)


def _node(node: Any, depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth > MAX_DEPTH:
        return
    said = "  ".join(f"{name.lower()} {node[name]}" for name in SAID if node.get(name))
    cost = f"  (cost {node['Total Cost']:,.1f}, rows {node.get('Plan Rows', 0):,.0f})" if isinstance(node.get("Total Cost"), int | float) else ""
    yield f"{'  ' * depth}{'-> ' if depth else ''}{node.get('Node Type', 'Node')}  {said}{cost}".rstrip()
    for each in node.get("Plans", ()) if isinstance(node.get("Plans", ()), list) else ():
        yield from _node(each, depth + 1)
