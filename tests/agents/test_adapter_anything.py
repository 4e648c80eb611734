"""Payloads that hold anything: an event or a clear rejection, and only text that can be encoded."""

import dataclasses
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hookline.agents import AgentEvent
from hookline.agents.claude_code.hooks import READERS
from hookline.errors import Rejected
from hookline.privacy.capture import capture_rules
from hookline.settings.schema import CaptureSettings
from support.replay import adapt
from support.soaking import examples

FULL = capture_rules(CaptureSettings(level="full"))
KEYS = (
    *("session_id", "prompt_id", "cwd", "transcript_path", "tool_name", "tool_input", "tool_response", "tool_use_id", "duration_ms", "error"),
    *("tool_calls", "agent_id", "agent_type", "prompt", "last_assistant_message", "background_tasks", "effort", "model", "is_interrupt", "timestamp"),
    *("file_path", "subagent_type", "status", "agentId", "stdout", "interrupted", "rate_limits", "five_hour", "used_percentage", "resets_at"),
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT | st.sampled_from(["Bash", "Agent", "Read", "Exit code 3\nx", "completed"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | TEXT, inner, max_size=4), max_leaves=12
)


def texts(value: Any) -> list[str]:
    """Return every text in a record."""
    if isinstance(value, str):
        return [value]
    if dataclasses.is_dataclass(value):
        return [text for field in dataclasses.fields(value) for text in texts(getattr(value, field.name))]
    return [text for item in value for text in texts(item)] if isinstance(value, tuple) else []


def adapted(payload: bytes, env: dict[str, str]) -> AgentEvent | None:
    try:
        return adapt(payload, env, 1, "u", capture=FULL)
    except Rejected as why:
        assert str(why)
        return None


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from([*READERS, "Unknown"]), st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=12), st.sampled_from(["", "statusline"]))
def test_any_values_in_any_field(name: str, fields: dict[str, Any], kind: str) -> None:
    """Each event's reader, with each field holding anything."""
    payload = json.dumps({**fields, "session_id": "s", "hook_event_name": name}).encode()
    event = adapted(payload, {"agent": "claude-code", "kind": kind, "claude_pid": "77"})
    assert event is not None
    for text in texts(event):
        assert text.encode() is not None


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(payload: bytes) -> None:
    """An event or Rejected; nothing else is raised."""
    adapted(payload, {})
