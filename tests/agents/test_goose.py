"""Goose, written from its documentation: the payloads are its examples, not captures."""

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.agents import event_of
from hookline.agents.goose.installer import GooseInstaller
from hookline.errors import Rejected
from hookline.settings import Settings
from support.captured_agents import lines_of

SECOND = 10**9
SHELL: dict[str, Any] = {"tool_name": "developer__shell", "tool_input": {"command": "rg TODO"}, "working_dir": "/srv/shop"}
SERVER: dict[str, Any] = {"tool_name": "github__search", "tool_input": {"query": "TODO"}, "working_dir": "/srv/shop", "tool_call_id": "t-2"}
PAYLOADS: list[dict[str, Any]] = [
    {"event": "SessionStart"},
    {"event": "UserPromptSubmit", "message": "summarize this file"},
    {"event": "PreToolUse", **SHELL},
    {"event": "PreToolUse", **SERVER},
    {"event": "PostToolUse", **SHELL},
    {"event": "PostToolUseFailure", **SERVER},
    {"event": "Stop", "last_assistant_message": "Done."},
    {"event": "SessionEnd"},
]


def test_its_hooks_tell_of_turns_and_calls() -> None:
    """A call without an id is paired by tool and input."""
    events = [
        event_of(one | {"session_id": "abc-123"}, {"agent": "goose", "ppid": "4711"}, at * SECOND, f"u{at}") for at, one in enumerate(PAYLOADS, 1)
    ]
    assert lines_of(events, SECOND) == [
        "invoke_agent goose 1000..6000 success root",
        "execute_tool developer__shell 2000..4000 success in invoke_agent goose",
        "execute_tool github__search 3000..5000 failure tool_error in invoke_agent goose",
    ]
    assert [(event.tool.kind, event.tool.mcp_server) for event in events[2:4] if event.tool] == [("shell", ""), ("mcp", "github")]
    assert {event.pid for event in events} == {4711}
    with pytest.raises(Rejected, match="no session_id"):
        event_of({"event": "Stop"}, {"agent": "goose"}, 1, "u")


def test_its_plugin_comes_and_goes_whole(tmp_path: Path) -> None:
    """With its manifest; another plugin stays."""
    plugins = tmp_path / ".agents" / "plugins"
    (plugins / "mine").mkdir(parents=True)
    kept, installer = Settings(data_dir=tmp_path / "data"), GooseInstaller({"HOME": str(tmp_path)})
    installer.install(kept, "user", native_telemetry=False, status_line=False, dry_run=False)
    hooks = json.loads((plugins / "hookline" / "hooks" / "hooks.json").read_text())["hooks"]
    assert len(hooks) == 7 and all("matcher" not in group for groups in hooks.values() for group in groups)
    assert json.loads((plugins / "hookline" / "plugin.json").read_text())["name"] == "hookline"
    assert not installer.install(kept, "user", native_telemetry=False, status_line=False, dry_run=False).is_needed
    installer.uninstall(kept, "user", dry_run=False)
    assert [path.name for path in plugins.iterdir()] == ["mine"]
