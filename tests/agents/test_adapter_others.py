"""Other agents that run hooks of Claude's settings files, and the file that names a subagent's call."""

import json
from pathlib import Path
from typing import Any

import pytest

from hookline.agents import AGENTS, AgentEvent
from hookline.agents.claude_code.subagent_files import enrich, parent_call
from hookline.contract.events import EventKind
from hookline.errors import Rejected
from support.replay import FIXTURES, adapt

ENV = {"agent": "claude-code"}
CLAUDE = {"session_id": "s", "transcript_path": "/home/ana/.claude/projects/-srv/s.jsonl", "hook_event_name": "PreToolUse", "tool_name": "Bash"}


def made(fields: dict[str, Any]) -> AgentEvent:
    return adapt(json.dumps(fields).encode(), ENV, 1, "u")


@pytest.mark.parametrize(
    ("fields", "agent"),
    [
        ({"cursor_version": "2.1", "conversation_id": "c", "generation_id": "g", "hook_event_name": "preToolUse"}, "cursor"),
        ({"conversation_id": "c", "generation_id": "g", "hook_event_name": "PreToolUse"}, "cursor"),
        ({"sessionId": "c", "toolName": "bash", "timestamp": 1, "cwd": "/srv"}, "copilot-cli"),
        ({"session_id": "c", "timestamp": "2026-08-20T09:14:02Z", "hook_event_name": "PostToolUse", "tool_result": {}}, "copilot-cli"),
        ({"session_id": "c", "timestamp": "2026-08-20T09:14:02Z", "hook_event_name": "SessionStart"}, "copilot-cli"),
        (
            {"session_id": "c", "timestamp": "2026-08-20T09:14:02Z", "hook_event_name": "Stop", "transcript_path": "/x/session-state/c/events.jsonl"},
            "copilot-cli",
        ),
        ({"session_id": "c", "timestamp": "x", "transcript_path": "/t", "hook_event_name": "BeforeTool"}, "gemini-cli"),
    ],
)
def test_other_agents_are_recognised_and_kept_apart(fields: dict[str, Any], agent: str) -> None:
    """They never become part of a Claude session's spans; an agent with a folder here reads them itself."""
    event = made(fields)
    assert (event.agent, event.session_id) == (agent, "c")
    assert agent in AGENTS or event.kind is EventKind.OTHER


def test_claudes_own_payload_is_claudes() -> None:
    """Also with a field that another agent happens to have."""
    assert made(CLAUDE).agent == "claude-code"
    assert made({**CLAUDE, "timestamp": "2026-08-20T09:14:02Z"}).agent == "claude-code"
    assert made({**CLAUDE, "turn_id": "51a0"}).agent == "claude-code"


def test_another_agents_payload_without_a_session_is_rejected() -> None:
    """There is nothing to keep it under."""
    with pytest.raises(Rejected, match="cursor"):
        made({"cursor_version": "2.1", "hook_event_name": "workspaceOpen"})


def test_the_clients_file_names_the_call_that_started_a_subagent() -> None:
    """The capture's own file."""
    transcripts = FIXTURES / "transcripts" / "-srv-shop"
    transcript = str(transcripts / "5d1bd6c4-7692-4511-a1ea-3aeb7336cfbd.jsonl")
    payload = {"session_id": "s", "hook_event_name": "SubagentStop", "agent_id": "ae1a2d327a8085f0b", "transcript_path": transcript}
    assert enrich(made(payload)).parent_call_id == "toolu_1ca66af395e34846a264602e"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"toolUseId": 5}', b'{"toolUseId": null}', b"[" * 60_000, b"\xff"])
def test_a_broken_file_names_no_call(tmp_path: Path, content: bytes) -> None:
    """Nothing is raised; the fold does without."""
    folder = tmp_path / "s" / "subagents"
    folder.mkdir(parents=True)
    (folder / "agent-x.meta.json").write_bytes(content)
    assert parent_call(str(tmp_path / "s.jsonl"), "x") == ""


@pytest.mark.parametrize(
    ("transcript", "agent_id"), [("", "x"), ("/nowhere/s.jsonl", "x"), ("/nowhere/s.jsonl", "../../etc"), ("/a\0b.jsonl", "x"), ("/tmp", "x")]
)
def test_a_path_that_makes_no_sense_is_not_opened(transcript: str, agent_id: str) -> None:
    """An id is no way out of the folder."""
    assert parent_call(transcript, agent_id) == ""


def test_only_subagents_are_looked_up() -> None:
    """Other events cost no file access."""
    event = made(CLAUDE)
    assert enrich(event) is event
