"""Agents that are written from their documentation: their payloads are the documentation's examples, not captures."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hookline.agent_event import AgentEvent
from hookline.agents import AGENTS, event_of, identify
from hookline.agents.cursor.installer import CursorInstaller
from hookline.agents.kiro.installer import EVENTS as KIRO_EVENTS
from hookline.agents.kiro.installer import KiroInstaller
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import ConfigInvalid, Rejected
from hookline.settings import Settings
from support.captured_agents import lines_of

SECOND = 10**9
NO_REQUESTS: Mapping[str, bool] = {"native_telemetry": False, "status_line": False}


def told(agent: str, payloads: list[dict[str, Any]], **words: str) -> list[AgentEvent]:
    return [event_of(payload, {"agent": agent, **words}, at * SECOND, f"u{at}") for at, payload in enumerate(payloads, 1)]


CURSOR: dict[str, Any] = {
    "conversation_id": "c-1",
    "generation_id": "g-1",
    "model": "gpt-5",
    "cursor_version": "2.4.0",
    "workspace_roots": ["/srv/shop"],
}
SHELL = {"tool_name": "Shell", "tool_input": {"command": "ls"}, "tool_use_id": "t-1"}
LOOK = {"tool_name": "Read", "tool_input": {"file_path": "/srv/shop/pay.py"}, "tool_use_id": "t-2"}
CURSORS = [
    CURSOR | {"hook_event_name": "sessionStart", "session_id": "c-1", "composer_mode": "agent"},
    CURSOR | {"hook_event_name": "beforeSubmitPrompt", "prompt": "Make it three."},
    CURSOR | SHELL | {"hook_event_name": "preToolUse", "cwd": "/srv/shop"},
    CURSOR | {"hook_event_name": "beforeShellExecution", "command": "ls", "cwd": "/srv/shop"},
    CURSOR | SHELL | {"hook_event_name": "postToolUse", "tool_output": "{\"exitCode\": 1}", "duration": 250},
    CURSOR | LOOK | {"hook_event_name": "preToolUse"},
    CURSOR | LOOK | {"hook_event_name": "postToolUseFailure", "failure_type": "permission_denied", "error_message": "no"},
    CURSOR | {"hook_event_name": "stop", "status": "aborted"},
]  # fmt: skip


def test_cursors_hooks_tell_of_turns_and_calls() -> None:
    """What shells and files fire beside them is told of already."""
    assert lines_of(told("cursor", CURSORS), SECOND) == [
        "invoke_agent cursor 1000..7000 interrupted interrupted root",
        "execute_tool Shell 3750..4000 failure exit_1 in invoke_agent cursor",
        "execute_tool Read 6000..6000 denied denied in invoke_agent cursor",
    ]


def test_cursor_is_known_where_it_runs_others_hooks_and_says_no_more_than_that_there() -> None:
    """Its own hooks tell the rest: told twice, it would count twice."""
    for hint in ("claude-code", ""):
        event = event_of(CURSORS[2], {"agent": hint} if hint else {}, 1, "u")
        assert (identify(CURSORS[2], hint).name, event.kind, event.session_id) == ("cursor", EventKind.OTHER, "c-1")
    assert event_of(CURSORS[2], {"agent": "cursor"}, 1, "u").kind is EventKind.TOOL_STARTED


READ = {"operations": [{"mode": "Line", "path": "/srv/shop/pay.py"}]}
KIRO: dict[str, Any] = {"cwd": "/srv/shop"}
KIROS = [
    KIRO | {"hook_event_name": "agentSpawn"},
    KIRO | {"hook_event_name": "userPromptSubmit", "prompt": "Make it three."},
    KIRO | {"hook_event_name": "preToolUse", "tool_name": "fs_read", "tool_input": READ},
    KIRO | {"hook_event_name": "preToolUse", "tool_name": "@git/status", "tool_input": {}},
    KIRO | {"hook_event_name": "postToolUse", "tool_name": "fs_read", "tool_input": READ, "tool_response": {"success": True, "result": [""]}},
    KIRO | {"hook_event_name": "postToolUse", "tool_name": "@git/status", "tool_input": {}, "tool_response": {"success": False, "result": []}},
    KIRO | {"hook_event_name": "stop"},
]  # fmt: skip


def test_kiros_calls_are_paired_and_its_session_is_its_process() -> None:
    """Nothing has an id."""
    events = told("kiro", KIROS, ppid="4711")
    assert {event.session_id for event in events} == {"process-4711"}
    assert lines_of(events, SECOND) == [
        "invoke_agent kiro 1000..6000 success root",
        "execute_tool fs_read 2000..4000 success in invoke_agent kiro",
        "execute_tool @git/status 3000..5000 failure tool_error in invoke_agent kiro",
    ]
    assert [(event.tool.kind, event.tool.mcp_server) for event in events[2:4] if event.tool] == [("read", ""), ("mcp", "git")]
    with pytest.raises(Rejected, match="no session"):
        told("kiro", KIROS[:1])


AMP: dict[str, Any] = {"thread": {"id": "T-1"}, "cwd": "/srv/shop"}
AMPS = [
    AMP | {"event": "session.start"},
    AMP | {"event": "agent.start", "id": "m-1", "message": "Make it three."},
    AMP | {"event": "tool.result", "toolUseID": "t-1", "tool": "Bash", "input": {"cmd": "ls"}, "status": "done", "output": "pay.py"},
    AMP | {"event": "tool.result", "toolUseID": "t-2", "tool": "edit_file", "input": {"path": "/srv/shop/pay.py"}, "status": "error", "error": "no"},
    AMP | {"event": "agent.end", "id": "m-1", "status": "done"},
]


def test_amps_calls_are_known_by_their_results() -> None:
    """When one began nobody says: it has no length."""
    assert lines_of(told("amp", AMPS), SECOND) == [
        "invoke_agent amp 1000..4000 success root",
        "execute_tool Bash 2000..2000 success in invoke_agent amp",
        "execute_tool edit_file 3000..3000 failure tool_error in invoke_agent amp",
    ]
    assert told("amp", [AMPS[4] | {"status": "cancelled"}])[0].outcome is SpanOutcome.INTERRUPTED


def test_amps_plugin_names_the_hook_and_answers_no_question(tmp_path: Path) -> None:
    """An answer to `tool.call` could stand in place of a person's."""
    installer = AGENTS["amp"].installer()
    assert installer is not None
    text = installer.text(Settings(data_dir=tmp_path), "user")  # type: ignore[attr-defined]
    assert str(tmp_path / "hook.sh") in text and "tool.call" not in text and "@HOOK@" not in text


THEIRS = '{\n  "version": 1,\n  "hooks": {\n    "stop": [{ "command": "./mine.sh" }],\n    "preToolUse": []\n  }\n}\n'


def test_cursors_file_is_given_back_as_it_was(tmp_path: Path) -> None:
    """Handlers stand in lists, without groups; a new file has its version."""
    kept, installer = Settings(data_dir=tmp_path / "data"), CursorInstaller({"HOME": str(tmp_path)})
    path = tmp_path / ".cursor" / "hooks.json"
    installer.install(kept, "user", dry_run=False, **NO_REQUESTS)
    made = json.loads(path.read_text())
    assert made["version"] == 1 and len(made["hooks"]) == 10 and installer.installed() == ([path], [])
    assert all(list(handler) == ["command", "timeout"] for handlers in made["hooks"].values() for handler in handlers)
    installer.uninstall(kept, "user", dry_run=False)
    assert not path.exists()
    path.parent.mkdir(exist_ok=True)
    path.write_text(THEIRS)
    installer.install(kept, "user", dry_run=False, **NO_REQUESTS)
    assert not installer.install(kept, "user", dry_run=False, **NO_REQUESTS).is_needed
    path.write_text(path.read_text().replace("./mine.sh", "./mine-too.sh"))  # somebody works on it meanwhile
    installer.uninstall(kept, "user", dry_run=False)
    assert path.read_text() == THEIRS.replace("./mine.sh", "./mine-too.sh")


def test_kiros_hooks_go_into_each_agents_file(tmp_path: Path) -> None:
    """Where there is none, it says what to do."""
    kept, installer = Settings(data_dir=tmp_path / "data"), KiroInstaller({"HOME": str(tmp_path)})
    with pytest.raises(ConfigInvalid, match="agent of your own"):
        installer.install(kept, "user", dry_run=False, **NO_REQUESTS)
    folder = tmp_path / ".kiro" / "agents"
    folder.mkdir(parents=True)
    texts = {"dev": '{"name": "dev", "tools": ["*"]}', "ops": '{\n  "hooks": {\n    "stop": [{"command": "say"}]\n  }\n}\n'}
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text)
    assert installer.install(kept, "user", dry_run=False, **NO_REQUESTS).is_needed
    made = json.loads((folder / "ops.json").read_text())["hooks"]
    assert (
        set(made) == {event.name for event in KIRO_EVENTS} and made["preToolUse"][0]["timeout_ms"] == 5000 and made["preToolUse"][0]["matcher"] == "*"
    )
    installer.uninstall(kept, "user", dry_run=False)
    assert {name: (folder / f"{name}.json").read_text() for name in texts} == texts
