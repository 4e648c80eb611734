"""`hookline session ID`: one session as a tree of turns and calls with their times, tokens and cost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import click

from hookline.cli.duration import clock, moment, short
from hookline.cli.options import with_format, with_settings
from hookline.cli.output import COLOURS, SHORT_ID, dollars, number, say_stale
from hookline.collector_client import client_for
from hookline.errors import Rejected
from hookline.settings import Loaded
from hookline.system.text_table import shortened

Row = dict[str, Any]
FACTS = (("project", "project"), ("branch", "branch"), ("user", "user"), ("host", "host"), ("model", "model"), ("ended", "end_reason"))
TOOL_WIDTH = 22


@click.command("session")
@click.argument("session_id")
@click.option("--evidence", is_flag=True, help="Show how each end is known: observed, derived or inferred, and by whom.")
@with_settings()
@with_format("tree", "json")
def command(session_id: str, evidence: bool, loaded: Loaded, format_: str | None) -> None:
    """Show one session: its turns, their calls, how long each took and how it ended. The beginning of an id is enough."""
    client = client_for(loaded.settings, say_stale)
    found = client.get(f"/api/v1/sessions/{quote(_whole_id(client, session_id), safe='')}")
    click.echo(json.dumps(found, indent=2, ensure_ascii=False) if format_ == "json" else "\n".join(tree(found, datetime.now(UTC), evidence=evidence)))


def _whole_id(client: Any, beginning: str) -> str:
    sessions = client.get("/api/v1/sessions?days=36500&limit=1000")["sessions"]
    matching = [s["session_id"] for s in sessions if s["session_id"].startswith(beginning)]
    if len(matching) > 1 and beginning not in matching:
        raise Rejected(f"{beginning!r} is the beginning of {len(matching)} sessions: give more of it")
    return matching[0] if len(matching) == 1 else beginning


def tree(found: Row, now: datetime, *, evidence: bool = False) -> Iterator[str]:
    """Yield the lines of a session's tree; what goes on is as long as it has been until `now`."""
    live = found["live"]
    session = found["session"] or live
    waiting = f" for {live['waiting_for']}" if live and live["state"] == "waiting" else ""
    yield click.style(f"session {session['session_id']}", bold=True) + f"  {_coloured(session['state'])}{waiting}"
    facts = "  ".join(f"{name} {session[key]}" for name, key in FACTS if session.get(key))
    if facts:
        yield facts
    if session.get("total_tokens"):
        cost = dollars(session["cost_usd"], is_partial=bool(session.get("requests_without_cost")))
        yield f"{number(session['total_tokens'])} tokens  {cost}"
    if family := found["conversation_session_ids"]:
        yield f"conversation of {len(family)} sessions: {', '.join(s[:SHORT_ID] for s in family)}"
    for turn in found["turns"]:
        yield from _turn(turn, [call for call in found["tool_calls"] if call["prompt_id"] == turn["prompt_id"]], now, evidence=evidence)
    known = {turn["prompt_id"] for turn in found["turns"]}
    if loose := [call for call in found["tool_calls"] if call["prompt_id"] not in known]:
        yield "outside any turn"
        yield from _calls(loose, evidence=evidence)


def _turn(turn: Row, calls: list[Row], now: datetime, *, evidence: bool) -> Iterator[str]:
    source = {"task_notification": " (the client's own)", "queued": " (typed ahead)"}.get(turn.get("prompt_source", ""), "")
    error = f" {turn['error_type']}" if turn["error_type"] not in ("", turn["outcome"]) else ""
    spent = ""
    if turn.get("total_tokens"):
        spent = f"  {number(turn['total_tokens'])} tokens  {dollars(turn['cost_usd'], is_partial=bool(turn['requests_without_cost']))}"
    yield f"{clock(turn['started'])}  turn{source}  {_lasted(turn, now)}  {_coloured(turn['outcome'])}{error}{spent}{_known(turn, evidence)}"
    yield from _calls(calls, evidence=evidence)


def _calls(calls: list[Row], *, evidence: bool) -> Iterator[str]:
    """Yield the calls, those of subagents set in below the ones of the main agent."""
    names = subagent_names([call["agent_id"] for call in calls if call["agent_id"]])
    for number_, call in enumerate(calls):
        branch = "└─" if number_ == len(calls) - 1 else "├─"
        indent = "  │  " if call["agent_id"] else "  "
        waited = f"  waited {short(call['wait_s'])}" if call["wait_s"] else ""
        agent = f"  in subagent {names[call['agent_id']]}" if call["agent_id"] else ""
        error = f" {call['error_type']}" if call["error_type"] not in ("", call["outcome"]) else ""
        tool = shortened(call["tool"], TOOL_WIDTH - len(indent)).ljust(TOOL_WIDTH - len(indent))
        at = clock(call["requested"])[11:]
        yield f"{indent}{branch} {at}  {tool} {short(call['run_s']):>9}  {_coloured(call['outcome'])}{error}{waited}{agent}{_known(call, evidence)}"


def subagent_names(ids: list[str]) -> dict[str, str]:
    """Return what tells subagents apart: the beginnings of their ids, or, where these are alike, numbers in the order of their calls."""
    found = list(dict.fromkeys(ids))
    short_ids = {each: each[:SHORT_ID] for each in found}
    return short_ids if len(set(short_ids.values())) == len(found) else {each: str(number_) for number_, each in enumerate(found, 1)}


def _lasted(row: Row, now: datetime) -> str:
    began, ended = moment(row["started"]), moment(row["ended"])
    if not began or not ended:
        return ""
    if row.get("is_open"):
        return f"under way for {short(max(0.0, (now - began).total_seconds()))}, last seen after {short((ended - began).total_seconds())}"
    return short((ended - began).total_seconds())


def _known(row: Row, shown: bool) -> str:
    """Return how an end is known: always when a rule guessed it, else on request."""
    how, who, by = row.get("evidence", ""), row.get("evidence_source", ""), row.get("closed_by", "")
    if not how or (not shown and how != "inferred"):
        return ""
    return "  [" + ", ".join(filter(None, (how, who if shown else "", by.replace("_", " ")))) + "]"


def _coloured(word: str) -> str:
    return click.style(word, fg=COLOURS.get(word))
