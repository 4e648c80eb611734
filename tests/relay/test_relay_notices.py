"""The relay tells of waits by itself: no collector answers here, and no rule is set."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hookline.settings import Settings
from hookline.settings.schema import NotifySettings
from support.relaying import RelayThread, settings_for, wait_until
from support.relaying.captures import write

NOBODY = "http://127.0.0.1:9"
BASH: dict[str, Any] = {"tool_name": "Bash", "tool_input": {"command": "curl https://example.com/?token=secret"}}


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """Return the file in which the notices' command notes what it is told."""
    return tmp_path / "told"


@pytest.fixture
def settings(tmp_path: Path, told: Path) -> Settings:
    """Return a relay's settings with a command that notes."""
    rules = NotifySettings(how=("command",), after_s=0.5, command=("sh", "-c", f"cat >> {told}"))
    return replace(settings_for(tmp_path / "data", NOBODY), notify=rules)


def fire(settings: Settings, event: str, **payload: Any) -> int:
    """Leave an event as a hook would; return its time."""
    now_ns = time.time_ns()
    whole = {"session_id": "s1", "transcript_path": "", "cwd": "/", "prompt_id": "p1", "hook_event_name": event, **payload}
    write(settings.spool_dir, f"{now_ns}", json.dumps(whole).encode(), now_ns)
    return now_ns


def ask(settings: Settings, call: str) -> None:
    """A call that asks for a permission."""
    fire(settings, "PreToolUse", **BASH, tool_use_id=call)
    fire(settings, "PermissionRequest", **BASH)


def lines(told: Path) -> list[dict[str, Any]]:
    """Return what was told until now."""
    return [json.loads(line) for line in told.read_text().splitlines()] if told.exists() else []


def test_a_permission_that_nobody_answers_is_told_and_taken_back_when_it_is_answered(settings: Settings, told: Path) -> None:
    """Without a collector; and nothing of the command itself is told."""
    with RelayThread(settings):
        fire(settings, "SessionStart", source="startup")
        fire(settings, "UserPromptSubmit", prompt="go")
        ask(settings, "toolu_1")
        wait_until(lambda: [line["what"] for line in lines(told)] == ["waiting"], what="the notice")
        fire(settings, "PostToolUse", **BASH, tool_use_id="toolu_1", tool_response={})
        wait_until(lambda: [line["what"] for line in lines(told)] == ["waiting", "resolved"], what="its end")
    first = lines(told)[0]
    assert (first["reason"], first["tool"], first["session"], first["agent"]) == ("permission", "Bash", "s1", "claude-code")
    assert "secret" not in told.read_text()


def test_what_was_asked_and_answered_while_the_relay_was_away_is_told_by_nobody(settings: Settings, told: Path) -> None:
    """It reads the question and the answer at once; only the question that is open is told."""
    fire(settings, "SessionStart", source="startup")
    fire(settings, "UserPromptSubmit", prompt="go")
    for number in range(3):
        ask(settings, f"toolu_{number}")
        fire(settings, "PostToolUse", **BASH, tool_use_id=f"toolu_{number}", tool_response={})
    ask(settings, "toolu_open")
    with RelayThread(settings):
        wait_until(lambda: bool(lines(told)), what="the notice")
    assert [line["what"] for line in lines(told)] == ["waiting"]


def test_a_command_that_hangs_holds_up_neither_the_relay_nor_its_end(settings: Settings, told: Path) -> None:
    """Events are read on meanwhile. It goes on until the relay has ended."""
    over = told.with_name("over")
    hangs = ("sh", "-c", f"cat >> {told}; until [ -e {over} ]; do sleep 0.05; done")
    slow = replace(settings, notify=replace(settings.notify, command=hangs, command_timeout_s=20.0))
    with RelayThread(slow) as relay:
        fire(slow, "SessionStart", source="startup")
        fire(slow, "UserPromptSubmit", prompt="go")
        ask(slow, "toolu_1")
        wait_until(lambda: bool(lines(told)), what="the notice")
        fire(slow, "PostToolUse", **BASH, tool_use_id="toolu_1", tool_response={})
        relay.end()
        assert relay.code == 0
    over.touch()
