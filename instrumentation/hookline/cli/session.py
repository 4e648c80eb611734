"""`hookline session ID`: one session as a tree of turns and calls with their durations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import click

from hookline.cli.duration import clock, moment, short
from hookline.cli.options import with_format, with_settings
from hookline.client import client_for
from hookline.errors import Rejected
from hookline.settings import Loaded

Row = dict[str, Any]
FACTS = (("project", "project"), ("branch", "branch"), ("user", "user"), ("host", "host"), ("model", "model"), ("ended", "ended_how"))


@click.command("session")
@click.argument("session_id")
@with_settings()
@with_format("tree", "json")
def command(session_id: str, loaded: Loaded, format_: str | None) -> None:
    """Show one session: its turns, their calls, how long each took and how it ended. The beginning of an id is enough."""
    client = client_for(loaded.settings)
    found = client.get(f"/api/v1/sessions/{quote(_whole_id(client, session_id), safe='')}")
    click.echo(json.dumps(found, indent=2, ensure_ascii=False) if format_ == "json" else "\n".join(_tree(found)))


def _whole_id(client: Any, beginning: str) -> str:
    sessions = client.get("/api/v1/sessions?days=36500&limit=1000")["sessions"]
    matching = [s["session_id"] for s in sessions if s["session_id"].startswith(beginning)]
    if len(matching) > 1 and beginning not in matching:
        raise Rejected(f"{beginning!r} is the beginning of {len(matching)} sessions: give more of it")
    return matching[0] if len(matching) == 1 else beginning


def _tree(found: Row) -> Iterator[str]:
    session, live = found["session"], found["live"]
    state = session.get("state") or (live or {}).get("state") or ""
    waiting = f" for {live['waiting_for']}" if live and live["state"] == "waiting" else ""
    yield click.style(f"session {session['session_id']}", bold=True) + f"  {state}{waiting}"
    facts = "  ".join(f"{name} {session[key]}" for name, key in FACTS if session.get(key))
    if facts:
        yield facts
    if found["conversation"]:
        yield f"conversation of {len(found['conversation'])} sessions: {', '.join(s[:8] for s in found['conversation'])}"
    for turn in found["turns"]:
        yield from _turn(turn, [call for call in found["calls"] if call["prompt_id"] == turn["prompt_id"]])
    known = {turn["prompt_id"] for turn in found["turns"]}
    if loose := [call for call in found["calls"] if call["prompt_id"] not in known]:
        yield "outside any turn"
        yield from _calls(loose)


def _turn(turn: Row, calls: list[Row]) -> Iterator[str]:
    closed = f", closed by {turn['closed_by']}" if turn.get("closed_by") else ""
    yield f"{clock(turn['started'])}  turn  {_lasted(turn)}  {_outcome(turn)}{closed}"
    yield from _calls(calls)


def _calls(calls: list[Row]) -> Iterator[str]:
    for number, call in enumerate(calls):
        branch = "└─" if number == len(calls) - 1 else "├─"
        waited = f"  waited {short(call['wait_s'])}" if call["wait_s"] else ""
        agent = f"  in subagent {call['agent_id'][:8]}" if call["agent_id"] else ""
        error = f" {call['error_type']}" if call["error_type"] else ""
        yield f"  {branch} {call['tool']:<16} {short(call['run_s']):>10}  {_outcome(call)}{error}{waited}{agent}"


def _lasted(row: Row) -> str:
    began, ended = moment(row["started"]), moment(row["ended"])
    return short((ended - began).total_seconds()) if began and ended and not row.get("is_open") else "under way"


def _outcome(row: Row) -> str:
    colours = {"success": "green", "failure": "red", "denied": "yellow", "interrupted": "yellow"}
    return click.style(row["outcome"], fg=colours.get(row["outcome"]))
