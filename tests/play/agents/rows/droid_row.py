"""Droid. `exec` permits no subagents, cannot go on with a session without its servers, and asks the model on when a command is stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

OFFLINE = {"FACTORY_AIRGAP_ENABLED": "true", "FACTORY_API_KEY": "fk-offline", "FACTORY_DROID_AUTO_UPDATE_ENABLED": "false"}
REFUSED = "Tool execution cancelled by user"


def _prepare(place: Place) -> None:
    path = place.home / ".factory" / "settings.json"
    found = json.loads(path.read_text()) if path.exists() else {}  # where no hooks were installed
    model = {"model": "scripted", "displayName": "Scripted", "baseUrl": f"{place.model_url}/v1", "apiKey": "sk-offline"}
    model |= {"provider": "generic-chat-completion-api", "maxOutputTokens": 16_000}  # type: ignore[dict-item]
    defaults = {"model": "custom:Scripted-0", "autonomyLevel": "low", "autonomyMode": "auto-low"}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(found | {"customModels": [model], "sessionDefaultSettings": defaults}))


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    del resumed
    return [str(place.program), "exec", "--model", "custom:scripted", "--output-format", "json", "--auto", "medium", prompt]


def _own_steps(step: Step) -> list[Step]:
    return [{**step, "tools": [_call(name, given) for name, given in step["tools"]]}] if "tools" in step else [step]


def _call(name: str, given: dict[str, Any]) -> list[Any]:
    if name == "read":
        return ["Read", {"file_path": given["path"]}]
    if name == "edit":
        return ["Edit", {"file_path": given["path"], "old_str": given["old"], "new_str": given["new"]}]
    if name == "search":
        return ["Grep", {"pattern": given["pattern"], "path": given["path"]}]
    if name == "agent":
        return ["Task", {"description": given["title"], "prompt": given["prompt"], "subagent_type": "general-purpose"}]
    risk = {"timeout": 120, "riskLevel": "high" if name == "asked" else "low", "riskLevelReason": "It says so."}
    return ["Execute", {"command": given["command"], "summary": "Play"} | risk]


def _recorded(home: Path) -> list[RecordedSession]:
    found = sorted(home.glob(".factory/sessions/*/*.jsonl"), key=lambda path: path.stat().st_ctime)
    return [_session(path) for path in found]


def _session(path: Path) -> RecordedSession:
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    messages = [line for line in lines if line["type"] == "message" and not line["id"].startswith("context-")]
    own = [line for line in messages if not line["message"].get("hookEventName")]
    runs = {(line["message"]["hookEventName"], line["message"].get("hookToolCallId")): line["message"] for line in messages if line not in own}
    answers = [(block["tool_use_id"], _seconds(line)) for line in own for block in line["message"]["content"] if block["type"] == "tool_result"]
    settings = json.loads(path.with_suffix(".settings.json").read_text())
    used = settings.get("tokenUsage", {})
    return RecordedSession(
        path.stem,
        _seconds(own[0]) if own else None,
        _seconds(own[-1]) if any(line["type"] == "agent_turn_outcome" for line in lines) else None,
        tuple(
            RecordedCall(name, _run(runs, "PreToolUse", name, "hookEndTime"), _run(runs, "PostToolUse", name, "hookStartTime") or at)
            for name, at in answers
        ),
        used.get("inputTokens", 0) + used.get("cacheReadTokens", 0),
        used.get("outputTokens", 0),
        used.get("cacheReadTokens", 0),
        tuple(_waits(messages)),
    )


def _waits(messages: list[Any]) -> Iterator[float | None]:
    """Yield how long each question waited: of a call that was refused its result says when, of one that was granted nothing does."""
    for number, line in enumerate(messages):
        if line["message"].get("hookEventName") == "Notification":
            answer = next((one for one in messages[number:] if not one["message"].get("hookEventName")), None)
            is_refused = answer and REFUSED in [block.get("content") for block in answer["message"]["content"]]
            yield _seconds(answer) - line["message"]["hookStartTime"] / 1e3 if is_refused else None


def _run(runs: dict[tuple[str, str | None], Any], event: str, call: str, key: str) -> float | None:
    return runs[event, call][key] / 1e3 if (event, call) in runs else None


def _seconds(line: Any) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


DROID = AgentUnderTest(
    name="droid",
    package="droid",
    version="0.215.0",
    program="droid",
    environment=lambda place: OFFLINE,
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    prepare=_prepare,
    outcomes={"denied.call": "failure", "interrupt.turn": "success"},
    terminal=TerminalUse(
        command=lambda place: [str(place.program)],
        ready=r"\? for help",
        asks=r"Command to approve",
        allow="Enter",
        leave="/quit",
        left_out={"closed": "it asks the model on while it ends, so how the turn ended is not one thing"},
        again=lambda place, session_id: [str(place.program), "--resume", session_id],
        first=((r"Trust this folder\?", "Enter"),),
    ),
    left_out={"subagent": "exec permits no subagents", "resume": "a session cannot be gone on with offline"},
)
