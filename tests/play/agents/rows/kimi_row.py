"""Kimi Code. It allows everything without a terminal, and searches with a program that it would fetch from the network: the play greps instead."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.person import new_person
from support.scripted_model.dialect import Step


def _prepare(place: Place) -> None:
    """Install again with the client on the PATH: the events that are registered are those of its version."""
    config = place.home / ".kimi-code" / "config.toml"
    config.parent.mkdir(exist_ok=True)
    if config.exists():  # else no hooks were installed
        path = os.pathsep.join((str(place.program.parent), os.environ["PATH"]))
        done = new_person(place.home).hookline("install", "kimi-code", env={"PATH": path})
        assert done.returncode == 0, done.stderr
    ours = config.read_text() if config.exists() else ""
    model = '[models.scripted]\nprovider = "play"\nmodel = "scripted"\nmax_context_size = 200000\n'
    provider = f'[providers.play]\ntype = "openai"\nbase_url = "{place.model_url}/v1"\napi_key = "sk-offline"\n'
    config.write_text(f'default_model = "scripted"\ntelemetry = false\n{provider}{model}\n{ours}')


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    again = ["--session", resumed] if resumed else []
    return [str(place.program), "--output-format", "stream-json", *again, "-p", prompt]


def _own_steps(step: Step) -> list[Step]:
    return [{**step, "tools": [_call(name, given) for name, given in step["tools"]]}] if "tools" in step else [step]


def _call(name: str, given: dict[str, Any]) -> list[Any]:
    if name == "read":
        return ["Read", {"path": given["path"]}]
    if name == "edit":
        return ["Edit", {"path": given["path"], "old_string": given["old"], "new_string": given["new"]}]
    if name == "agent":
        return ["Agent", {"description": given["title"], "prompt": given["prompt"]}]
    command = f"grep -rn {given['pattern']} {given['path']}" if name == "search" else given["command"]
    return ["Bash", {"command": command, "description": "Play"}]


def _recorded(home: Path) -> list[RecordedSession]:
    mains = sorted(home.glob(".kimi-code/sessions/*/*/agents/main/wire.jsonl"), key=lambda path: path.stat().st_ctime)
    return [_session(path) for path in mains]


def _session(main: Path) -> RecordedSession:
    own = _lines(main)
    lines = own + [line for path in main.parent.parent.glob("agent-*/wire.jsonl") for line in _lines(path)]
    ended = [(line["event"], line["time"]) for line in lines if line.get("event", {}).get("type") == "tool.result"]
    usages = [line["usage"] for line in lines if line["type"] == "usage.record"]
    began = [line["time"] for line in own if line["type"] == "turn.prompt"]
    over = [line["time"] for line in own if line["type"] == "turn.ended"]
    cached = sum(usage["inputCacheRead"] for usage in usages)
    asked = {line["id"]: line["time"] for line in own if line["type"] == "interaction.request" and line["kind"] == "approval"}
    answered = {line["id"]: line["time"] for line in own if line["type"] == "interaction.resolved"}
    return RecordedSession(
        main.parents[2].name,
        began[0] / 1e3 if began else None,
        over[-1] / 1e3 if over else None,
        tuple(RecordedCall(event["toolCallId"], (at - event["result"]["durationMs"]) / 1e3, at / 1e3) for event, at in ended),
        sum(usage["inputOther"] for usage in usages) + cached,
        sum(usage["output"] for usage in usages),
        cached,
        tuple((answered[name] - at) / 1e3 for name, at in asked.items() if name in answered),
    )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


KIMI = AgentUnderTest(
    name="kimi-code",
    package="@moonshot-ai/kimi-code",
    version="2.1.0",
    program="kimi",
    environment=lambda place: {"KIMI_DISABLE_TELEMETRY": "1", "KIMI_CODE_NO_AUTO_UPDATE": "1"},
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    prepare=_prepare,
    kinds={"search": "shell"},
    outcomes={"denied.call": "failure"},  # it ran, and nothing answered
    node=22,
    terminal=TerminalUse(
        command=lambda place: [str(place.program)],
        ready=r"context: +\d",
        asks=r"Run this command\?",
        allow="Enter",
        refuse="3",
        first=((r"Trust this folder\?", "Enter"),),
        shows_runs=True,
        refused_turn="success",
        refused_call="denied",
        asks_always=True,
        again=lambda place, session_id: [str(place.program), "--session", session_id],
    ),
)
