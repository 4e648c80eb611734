"""Gemini CLI. Its subagents answer by calling a tool, and it asks a model which model to ask; neither is a call of a scenario."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

ANSWER: Final = "complete_task"
OF_SUBAGENT: Final = "There is one caller."
POLICY: Final = """[[rule]]
toolName = "run_shell_command"
commandPrefix = ["echo", "sleep", "true", "grep", "exit", "ls", "wc"]
decision = "allow"
priority = 100

[[rule]]
toolName = ["replace", "invoke_agent"]
decision = "allow"
priority = 100
"""


def _environment(place: Place) -> Mapping[str, str]:
    return {"GEMINI_API_KEY": "offline", "GOOGLE_GEMINI_BASE_URL": place.model_url, "GEMINI_CLI_TRUST_WORKSPACE": "true", "NO_BROWSER": "true"}


def _prepare(place: Place) -> None:
    path = place.home / ".gemini" / "settings.json"
    settings = json.loads(path.read_text()) if path.exists() else {}
    settings["security"] = {"auth": {"selectedType": "gemini-api-key"}}
    settings |= {"privacy": {"usageStatisticsEnabled": False}, "general": {"enableAutoUpdate": False}}
    path.parent.mkdir(exist_ok=True)  # where no hooks were installed, it is not there
    path.write_text(json.dumps(settings))
    policies = path.parent / "policies"
    policies.mkdir(exist_ok=True)
    (policies / "play.toml").write_text(POLICY)


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    again = ["--resume", resumed] if resumed else []
    return [str(place.program), "--output-format", "json", *again, "-p", prompt]


def _own_steps(step: Step) -> list[Step]:
    if step.get("say") == OF_SUBAGENT:
        return [{"tools": [[ANSWER, {"result": {"response": OF_SUBAGENT}}]]}]
    calls = [_tool(*call) for call in step.get("tools", ())]
    return [{**step, "tools": calls}] if calls else [step]


def _tool(name: str, given: dict[str, Any]) -> list[Any]:
    if name == "read":
        return ["read_file", {"file_path": given["path"]}]
    if name == "edit":
        texts = {"old_string": given["old"], "new_string": given["new"], "instruction": "Change it as the user asked."}
        return ["replace", {"file_path": given["path"], **texts}]
    if name == "search":
        return ["grep_search", {"pattern": given["pattern"], "dir_path": given["path"]}]
    if name == "agent":
        return ["invoke_agent", {"agent_name": "generalist", "prompt": given["prompt"]}]
    return ["run_shell_command", {"command": given["command"], "description": "As asked"}]


def _recorded(home: Path) -> list[RecordedSession]:
    found = []
    for path in sorted(home.glob(".gemini/tmp/*/chats/*.jsonl"), key=lambda path: path.stat().st_mtime):
        lines = _lines(path)
        session_id = str(lines[0]["sessionId"]) if lines else ""
        inner = [line for other in path.parent.glob(f"{session_id}/*.jsonl") for line in _lines(other)]
        if session_id and any(_is_prompt(line) for line in lines):
            found.append(_session(session_id, lines, inner))
    return found


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def _is_prompt(line: Mapping[str, Any]) -> bool:
    return line.get("type") == "user" and '"text"' in json.dumps(line["content"]) and "<session_context>" not in json.dumps(line["content"])


def _session(session_id: str, lines: list[dict[str, Any]], inner: list[dict[str, Any]]) -> RecordedSession:
    messages = {line["id"]: line for line in (*lines, *inner) if line.get("type") == "gemini" and line.get("tokens")}
    tokens = [line["tokens"] for line in messages.values()]
    calls = sorted((call for line in messages.values() for call in _calls(line)), key=lambda call: call.begun_s or 0.0)
    prompts = [_seconds(line) for line in lines if _is_prompt(line)]
    answers = [_seconds(line) for line in messages.values() if line["content"] and not line.get("toolCalls")]
    return RecordedSession(
        session_id,
        prompts[0],
        max(answers, default=None),
        tuple(calls),
        sum(one["input"] + one["tool"] for one in tokens),
        sum(one["output"] + one["thoughts"] for one in tokens),
        sum(one["cached"] for one in tokens),
    )


def _calls(line: Mapping[str, Any]) -> Iterator[RecordedCall]:
    for call in line.get("toolCalls", ()):
        if call["name"] != ANSWER:  # the end of a call is that of the slowest beside it
            yield RecordedCall(call["id"], _seconds(line), _seconds(call) if len(line["toolCalls"]) == 1 else None)


def _seconds(line: Mapping[str, Any]) -> float:
    return datetime.fromisoformat(str(line["timestamp"])).timestamp()


GEMINI = AgentUnderTest(
    name="gemini-cli",
    package="@google/gemini-cli",
    version="0.61.0",
    program="gemini",
    environment=_environment,
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    prepare=_prepare,
    outcomes={"api_error.turn": "interrupted"},  # without a terminal it ends and says nothing, to hooks or in its file
    node=20,
    ignored_tools=frozenset({ANSWER}),
    terminal=TerminalUse(
        command=lambda place: [str(place.program)],
        ready=r"Type your message",
        asks=r"Allow execution|Allow once",
        allow="Enter",
        leave="/quit",
        refused_call="denied",
        again=lambda place, session_id: [str(place.program), "--resume", session_id],
    ),
)
