"""Qwen Code, over Chat Completions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

ALLOWED: Final = ("echo", "sleep", "true", "grep", "exit", "ls", "wc")
WITH_SUBAGENT: Final = "Who calls charge?"  # it asks for a subagent, unless everything is allowed


def _environment(place: Place) -> Mapping[str, str]:
    return {
        "OPENAI_API_KEY": "sk-offline",
        "OPENAI_BASE_URL": f"{place.model_url}/v1",
        "OPENAI_MODEL": "qwen3-coder-plus",
        "NO_BROWSER": "true",
    }


def _command(place: Place) -> list[str]:
    allowed = [word for name in ALLOWED for word in ("--allowed-tools", f"run_shell_command({name})")]
    return [str(place.program), "--auth-type", "openai", *allowed]


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    again = ["--resume", resumed] if resumed else []
    mode = ["--approval-mode", "yolo"] if prompt == WITH_SUBAGENT else []
    more = ["--allowed-tools", "edit", "--allowed-tools", "agent", "--output-format", "json"]
    return [*_command(place), *more, *mode, *again, "-p", prompt]


def _own_steps(step: Step) -> list[Step]:
    calls = [_tool(*call) for call in step.get("tools", ())]
    return [{**step, "tools": calls}] if calls else [step]


def _tool(name: str, given: dict[str, Any]) -> list[Any]:
    if name == "read":
        return ["read_file", {"file_path": given["path"]}]
    if name == "edit":
        return ["edit", {"file_path": given["path"], "old_string": given["old"], "new_string": given["new"]}]
    if name == "search":
        return ["grep_search", {"pattern": given["pattern"], "path": given["path"]}]
    if name == "agent":
        asked = {"description": given["title"], "prompt": given["prompt"], "subagent_type": "general-purpose", "run_in_background": False}
        return ["agent", asked]
    command = re.sub(r"\Asleep [0-9.]+; (?=curl)", "", given["command"])  # it refuses to sleep before another command
    return ["run_shell_command", {"command": command, "description": "As asked", "is_background": False}]


def _recorded(home: Path) -> list[RecordedSession]:
    paths = sorted(home.glob(".qwen/projects/*/chats/*.jsonl"), key=lambda path: path.stat().st_mtime)
    return [_session(path, lines) for path in paths if (lines := _lines(path)) and any(line["type"] == "user" for line in lines)]


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def _session(path: Path, lines: list[dict[str, Any]]) -> RecordedSession:
    told = [line["systemPayload"]["uiEvent"] for line in lines if line.get("subtype") == "ui_telemetry"]
    requests = [one for one in told if one["event.name"].endswith(".api_response")]
    answers = [line for line in lines if line["type"] == "assistant" and "functionCall" not in json.dumps(line["message"])]
    return RecordedSession(
        path.stem,
        _seconds(next(line for line in lines if line["type"] == "user")),
        _seconds(answers[-1]) if answers else None,
        tuple(_calls(lines)),
        sum(one["input_token_count"] for one in requests),
        sum(one["output_token_count"] for one in requests),
        sum(one["cached_content_token_count"] for one in requests),
    )


def _calls(lines: list[dict[str, Any]]) -> list[RecordedCall]:
    """Return the calls of the main conversation: they begin when the model asks for them, and some end with others."""
    ended = {line["toolCallResult"]["callId"]: _seconds(line) for line in lines if line["type"] == "tool_result"}
    found = []
    for line in lines:
        parts = line["message"]["parts"] if line["type"] == "assistant" else []
        calls = [part["functionCall"] for part in parts if "functionCall" in part]
        for call in calls:
            is_alone = len(calls) == 1 and "echo begin; sleep" not in json.dumps(call)
            found.append(RecordedCall(call["id"], None, ended.get(call["id"]) if is_alone else None))
    return found


def _seconds(line: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(str(line["timestamp"])).timestamp()


QWEN = AgentUnderTest(
    name="qwen-code",
    package="@qwen-code/qwen-code",
    version="0.24.4",
    program="qwen",
    environment=_environment,
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    node=22,
    terminal=TerminalUse(
        command=lambda place: [*_command(place), "--approval-mode", "default"],
        ready=r"Type your message",
        asks=r"Allow execution|Yes, allow once|Apply this change",
        allow="Enter",
        leave="/quit",
        refused_call="denied",
        again=lambda place, session_id: [*_command(place), "--approval-mode", "default", "--resume", session_id],
    ),
)
