"""Codex CLI. Its models work in JavaScript: one tool, `exec`, whose code makes the calls that hooks tell of.

Hooks have to be approved: the play does that as the client would, by the hashes that Hookline works
out, on which the client agrees.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from hookline.agents.codex.trust import our_hashes
from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

SPAWN, WAIT = "collaborationspawn_agent", "collaborationwait_agent"


def _settings(place: Place) -> list[str]:
    provider = {"name": "scripted", "base_url": f"{place.model_url}/v1", "wire_api": "responses", "env_key": "OPENAI_API_KEY"}
    values: dict[str, Any] = {"model_provider": "scripted", "model_providers.scripted": provider, "sandbox_mode": "workspace-write"}
    return [word for key, value in values.items() for word in ("-c", f"{key}={_toml(value)}")]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)


def _prepare(place: Place) -> None:
    hooks = place.home / ".codex" / "hooks.json"
    states = [f'[hooks.state."{hooks}:{at}"]\ntrusted_hash = "{digest}"\n' for at, digest in our_hashes(hooks)]
    trusted = f'[projects."{place.shop}"]\ntrust_level = "trusted"\n'
    hooks.parent.mkdir(exist_ok=True)
    hooks.with_name("config.toml").write_text("\n".join([trusted, *states]))


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    again = ["resume", resumed] if resumed else []
    return [str(place.program), "exec", *again, "--json", "--skip-git-repo-check", *_settings(place), prompt]


def _own_steps(step: Step) -> list[Step]:
    """A subagent is started in one step and waited for in the next."""
    calls = [call for call in step.get("tools", ()) if call[0] != "agent"]
    agents = [given for name, given in step.get("tools", ()) if name == "agent"]
    rest = {key: value for key, value in step.items() if key != "tools"}
    made: list[Step] = [rest | {"tools": [["exec", _javascript(calls)]]}] if calls else [] if agents else [rest]
    for given in agents:
        spawn = {"task_name": given["title"].lower().replace(" ", "_"), "message": given["prompt"], "fork_turns": "none"}
        made += [{"tools": [["collaboration::spawn_agent", spawn]]}, {"tools": [["collaboration::wait_agent", {"timeout_ms": 20_000}]]}]
    return made


def _javascript(calls: list[Any]) -> str:
    asked = [_nested(*call) for call in calls]
    return f"text(await {asked[0]});" if len(asked) == 1 else f"text(await Promise.all([{', '.join(asked)}]));"


def _nested(name: str, given: dict[str, Any]) -> str:
    if name == "edit":
        patch = f"*** Begin Patch\n*** Update File: {given['path']}\n@@\n-{given['old']}\n+{given['new']}\n*** End Patch\n"
        return f"tools.apply_patch({json.dumps(patch)})"
    commands = {"read": lambda: f"cat {given['path']}", "search": lambda: f"grep -rn {given['pattern']} {given['path']}"}
    command = {"cmd": commands[name]() if name in commands else given["command"]}
    asks = {"sandbox_permissions": "require_escalated", "justification": "Fetch it?"} if name in ("refused", "asked") else {}
    return f"tools.exec_command({json.dumps(command | asks)})"


def _recorded(home: Path) -> list[RecordedSession]:
    threads = [[json.loads(line) for line in path.read_text().splitlines()] for path in sorted(home.glob(".codex/sessions/*/*/*/*.jsonl"))]
    mains = [thread[0]["payload"]["id"] for thread in threads if thread[0]["payload"]["id"] == thread[0]["payload"]["session_id"]]
    return [_session(session_id, [thread for thread in threads if thread[0]["payload"]["session_id"] == session_id]) for session_id in mains]


def _session(session_id: str, threads: list[list[Any]]) -> RecordedSession:
    payloads = [line["payload"] for thread in threads for line in thread]
    items = [payload for payload in payloads if payload.get("type") == "item_completed"]
    done = [one for one in items if one["item"]["type"] in ("CommandExecution", "FileChange")]
    calls = tuple(RecordedCall(one["item"]["id"], one["started_at_ms"] / 1e3, one["completed_at_ms"] / 1e3) for one in done)
    usages = [payload["usage"] for payload in payloads if "response_id" in payload and "usage" in payload]
    own = [line for line in threads[0] if line["payload"].get("type") in ("task_started", "task_complete", "turn_aborted")]
    return RecordedSession(
        session_id,
        _seconds(own[0]),
        _seconds(own[-1]) if own[-1]["payload"]["type"] != "task_started" else None,
        calls,
        sum(usage["input_tokens"] for usage in usages),
        sum(usage["output_tokens"] for usage in usages),
        sum(usage["cached_input_tokens"] for usage in usages),
    )


def _seconds(line: Any) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


CODEX = AgentUnderTest(
    name="codex",
    package="@openai/codex",
    version="0.169.0",
    program="codex",
    environment=lambda place: {"OPENAI_API_KEY": "sk-offline"},
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    prepare=_prepare,
    has_history=True,
    kinds={"read": "shell", "search": "shell"},  # it reads and searches with commands
    ignored_tools=frozenset({WAIT}),
    terminal=TerminalUse(
        command=lambda place: [str(place.program), *_settings(place)],
        ready=r"context left|\? for shortcuts|Ask Codex|›",
        asks=r"Would you like to run|Yes, proceed",
        leave="/quit",
        shows_runs=True,
        again=lambda place, session_id: [str(place.program), "resume", *_settings(place), session_id],
    ),
)
