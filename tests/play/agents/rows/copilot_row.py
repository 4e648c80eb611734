"""GitHub Copilot CLI, in its offline mode with a provider of one's own. A command with an address is asked about twice, so addresses are allowed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from play.agents.under_test import AgentUnderTest, Place, RecordedCall, RecordedSession, TerminalUse
from support.scripted_model.dialect import Step

ALLOWED: Final = ("echo", "sleep", "true", "grep", "exit", "ls", "wc")


def _environment(place: Place) -> Mapping[str, str]:
    return {
        "COPILOT_OFFLINE": "true",
        "COPILOT_PROVIDER_BASE_URL": f"{place.model_url}/v1",
        "COPILOT_PROVIDER_API_KEY": "sk-offline",
        "COPILOT_MODEL": "claude-sonnet-4.5",
        "COPILOT_AUTO_UPDATE": "false",
    }


def _allowed() -> list[str]:
    return [word for name in ALLOWED for word in ("--allow-tool", f"shell({name}:*)")] + ["--allow-tool", "write"]


def _headless(place: Place, prompt: str, resumed: str) -> Sequence[str]:
    begun = [f"--resume={resumed}"] if resumed else ["--trust-folder"]
    return [str(place.program), "--no-auto-update", "--no-color", "--output-format", "json", *begun, *_allowed(), "-p", prompt]


def _terminal(place: Place) -> list[str]:
    allowed = [word for name in ("sleep", "echo") for word in ("--allow-tool", f"shell({name}:*)")]
    return [str(place.program), "--no-auto-update", "--allow-all-urls", *allowed]


def _own_steps(step: Step) -> list[Step]:
    tools = [_own(*call) for call in step.get("tools", ())]
    return [{**step, "tools": tools} if tools else step]


def _own(name: str, given: Mapping[str, Any]) -> list[Any]:
    match name:
        case "read":
            return ["view", {"path": given["path"]}]
        case "edit":
            return ["edit", {"path": given["path"], "old_str": given["old"], "new_str": given["new"]}]
        case "search":
            return ["grep", {"pattern": given["pattern"], "path": given["path"]}]
        case "agent":
            agent = {"agent_type": "general-purpose", "name": "callers", "mode": "sync"}
            return ["task", {"description": given["title"], "prompt": given["prompt"], **agent}]
        case _:
            return ["bash", {"command": given["command"], "description": "As the scenario says"}]


def _recorded(home: Path) -> list[RecordedSession]:
    files = [[json.loads(line) for line in path.read_text().splitlines()] for path in home.glob(".copilot/session-state/*/events.jsonl")]
    begun = [lines for lines in files if any(line["type"] == "user.message" for line in lines)]
    return sorted((_session(lines) for lines in begun), key=lambda session: session.begun_s or 0.0)


def _session(lines: list[Any]) -> RecordedSession:
    ended = {line["data"]["toolCallId"]: _seconds(line) for line in lines if line["type"] == "tool.execution_complete"}
    starts = [line for line in lines if line["type"] == "tool.execution_start"]
    calls = tuple(RecordedCall(one["data"]["toolCallId"], _seconds(one), ended.get(one["data"]["toolCallId"])) for one in starts)
    usages = [line["data"]["usage"] for line in lines if line["type"] == "session.usage_record"]
    own = [line for line in lines if "agentId" not in line]
    asked = {line["data"]["requestId"]: _seconds(line) for line in lines if line["type"] == "permission.requested"}
    answered = {line["data"]["requestId"]: _seconds(line) for line in lines if line["type"] == "permission.completed"}
    turn_ends = [line for line in own if line["type"] in ("assistant.turn_end", "abort", "session.error")]
    return RecordedSession(
        lines[0]["data"]["sessionId"],
        next(_seconds(line) for line in own if line["type"] == "user.message"),
        _seconds(turn_ends[-1]) if turn_ends else None,
        calls,
        sum(usage["inputTokens"] for usage in usages),
        sum(usage["outputTokens"] for usage in usages),
        sum(usage["cacheReadTokens"] for usage in usages),
        tuple(answered[name] - at for name, at in asked.items() if name in answered),
    )


def _seconds(line: Any) -> float:
    return datetime.fromisoformat(line["timestamp"]).timestamp()


COPILOT: Final = AgentUnderTest(
    name="copilot-cli",
    package="@github/copilot",
    version="1.0.102",
    program="copilot",
    environment=_environment,
    headless=_headless,
    own_steps=_own_steps,
    recorded=_recorded,
    terminal=TerminalUse(
        command=_terminal,
        again=lambda place, session_id: [*_terminal(place), f"--resume={session_id}"],
        ready=r"/ commands",
        asks=r"Do you want to (?:run|allow)",
        allow="Enter",
        working=r"esc esc interrupt",
        first=((r"Do you trust the files", "Enter"),),
        stop_again=r"again to interrupt",
    ),
)
