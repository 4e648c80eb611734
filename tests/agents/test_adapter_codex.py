"""Codex's payloads, one by one: what an event says, and what it must not."""

from __future__ import annotations

from typing import Any

import pytest

from hookline.agents import AgentEvent, event_of
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from support.cases import with_each
from support.replay import adapt

SESSION = "01a21464-efa0-7512-b752-8043f354994c"
COMMON = {"session_id": SESSION, "turn_id": "t-1", "cwd": "/srv/shop", "model": "gpt-6.1-sol", "transcript_path": "/r/rollout.jsonl"}
IN_AGENT = {"agent_id": "a-1", "agent_type": "default", "turn_id": "t-of-the-agent"}


def made(name: str, source: str = "", **fields: Any) -> AgentEvent:
    env = {"agent": "codex", "ppid": "77"} | ({"source": source} if source else {})
    return event_of({**COMMON, "hook_event_name": name, **fields}, env, 1_000, "u")


def bash(**more: Any) -> dict[str, Any]:
    return {"tool_name": "Bash", "tool_use_id": "exec-1", "tool_input": {"command": "ls"}, **more}


@with_each(
    "name, kind",
    [
        ("SessionStart", EventKind.SESSION_STARTED),
        ("UserPromptSubmit", EventKind.PROMPT_SUBMITTED),
        ("PreToolUse", EventKind.TOOL_STARTED),
        ("PermissionRequest", EventKind.PERMISSION_REQUESTED),
        ("PostToolUse", EventKind.TOOL_ENDED),
        ("PostModelRequest", EventKind.REQUEST_ENDED),
        ("SubagentStart", EventKind.SUBAGENT_STARTED),
        ("SubagentStop", EventKind.SUBAGENT_ENDED),
        ("PreCompact", EventKind.COMPACTION_STARTED),
        ("PostCompact", EventKind.COMPACTION_ENDED),
        ("Stop", EventKind.TURN_ENDED),
        ("Interrupt", EventKind.TURN_INTERRUPTED),
        ("SessionEnd", EventKind.SESSION_ENDED),
        ("SomethingNew", EventKind.OTHER),
    ],
)
def test_every_event_has_its_kind(name: str, kind: EventKind) -> None:
    """One that a newer client brings is counted."""
    event = made(name, **bash())
    assert (event.agent, event.provider, event.kind, event.pid) == ("codex", "openai", kind, 77)


def test_a_permission_has_the_hash_of_its_call() -> None:
    """Its input has a description beside the command, and it names no call."""
    call, permission = made("PreToolUse", **bash()), made("PermissionRequest", tool_name="Bash", tool_input={"command": "ls", "description": "Why?"})
    assert call.tool is not None
    assert permission.tool is not None
    assert call.tool.input_hash == permission.tool.input_hash != ""
    assert (call.tool.call_id, permission.tool.call_id) == ("exec-1", "")


def test_a_subagents_events_name_neither_prompt_nor_transcript() -> None:
    """Both would be its own; what it prompts and ends is not the session's."""
    event = made("PreToolUse", **bash(), **IN_AGENT)
    assert (event.prompt_id, event.transcript_path, event.agent_id) == ("", "", "a-1")
    assert [made(name, **IN_AGENT).kind for name in ("UserPromptSubmit", "Stop", "Interrupt")] == [EventKind.OTHER] * 3


@pytest.mark.parametrize(
    ("said", "outcome", "error", "kind"),
    [
        ({}, SpanOutcome.SUCCESS, "", EventKind.TOOL_ENDED),
        ({"exit_code": 0, "status": "completed"}, SpanOutcome.SUCCESS, "", EventKind.TOOL_ENDED),
        ({"exit_code": 2, "status": "failed"}, SpanOutcome.FAILURE, "exit_2", EventKind.TOOL_FAILED),
        ({"exit_code": -1, "status": "failed"}, SpanOutcome.INTERRUPTED, "interrupted", EventKind.TOOL_INTERRUPTED),
        ({"status": "declined"}, SpanOutcome.DENIED, "denied", EventKind.TOOL_FAILED),
        ({"status": "failed"}, SpanOutcome.FAILURE, "tool_error", EventKind.TOOL_FAILED),
    ],
)
def test_an_end_is_what_the_rollout_says_of_it(said: dict[str, Any], outcome: SpanOutcome, error: str, kind: EventKind) -> None:
    """A hook alone cannot tell, and is then believed."""
    event = made("PostToolUse", **bash(tool_response="out"), **said)
    assert (event.outcome, event.error_type, event.kind) == (outcome, error, kind)
    assert event.tool is not None
    assert event.tool.output_size == 3


def test_a_patch_gives_the_extension_of_its_first_file() -> None:
    """Names of files stand only in the patch."""
    patch = "*** Begin Patch\n*** Update File: src/pay.py\n@@\n-a\n+b\n*** Add File: x.toml\n*** End Patch\n"
    tool = made("PreToolUse", tool_name="apply_patch", tool_use_id="exec-2", tool_input={"command": patch}).tool
    assert tool is not None
    assert (tool.file_extension, tool.kind) == ("py", "edit")


@pytest.mark.parametrize(
    ("name", "kind", "server"),
    [
        ("Bash", "shell", ""),
        ("apply_patch", "edit", ""),
        ("mcp__issues__list", "mcp", "issues"),
        ("collaborationspawn_agent", "agent", ""),
        ("collaborationwait_agent", "other", ""),
        ("something", "other", ""),
    ],
)
def test_tools_have_kinds(name: str, kind: str, server: str) -> None:
    """Waiting for a subagent is no subagent's run."""
    tool = made("PreToolUse", tool_name=name, tool_use_id="c").tool
    assert tool is not None
    assert (tool.kind, tool.mcp_server, tool.starts_agent) == (kind, server, name == "collaborationspawn_agent")


def test_a_failed_request_says_the_apis_word_for_it() -> None:
    """Its text is the answer's body, or anything."""
    failed = made("PostModelRequest", status="failed", error='{"error": {"type": "rate_limit_exceeded"}}')
    assert (failed.outcome, failed.error_type) == (SpanOutcome.FAILURE, "rate_limit_exceeded")
    assert made("PostModelRequest", status="failed", error="[{").error_type == "unknown"
    assert made("PostModelRequest", status="completed").outcome is SpanOutcome.SUCCESS


def test_a_compaction_that_a_person_asked_for_belongs_to_the_turn_before() -> None:
    """It has a turn of its own, in which nothing else happens."""
    assert (made("PreCompact", trigger="manual").prompt_id, made("PreCompact", trigger="auto").prompt_id) == ("", "t-1")


def test_what_only_rollouts_tell_is_nobodys_hook() -> None:
    """A payload of a hook cannot pass itself off as it."""
    assert made("TurnFailed", error_type="x").kind is EventKind.OTHER
    beside = made("TurnFailed", "transcript", error_type="x")
    assert (beside.kind, beside.is_beside, beside.pid) == (EventKind.TURN_FAILED, True, None)
    told = made("RateLimits", "transcript", five_hour_percent=12.5, five_hour_resets_at=1_795_700_000)
    limits = told.limits
    assert limits is not None
    assert told.account == "codex", "so that its windows are not another agent's"
    assert (limits.five_hour_percent, limits.five_hour_resets_at, limits.seven_day_percent) == (12.5, 1_795_700_000, None)


def test_what_names_no_session_is_rejected() -> None:
    """With what is wrong."""
    with pytest.raises(Rejected, match="no session_id"):
        made("Stop", session_id="")
    with pytest.raises(Rejected, match="no hook_event_name"):
        made("")


def test_a_payload_that_gives_codex_away_is_read_as_its_own() -> None:
    """Also where its hook says another agent's name."""
    body = b'{"session_id": "c", "turn_id": "t", "transcript_path": "/home/ana/.codex/sessions/x.jsonl", "hook_event_name": "PreToolUse"}'
    assert adapt(body, {"agent": "claude-code"}, 1, "u").agent == "codex"
