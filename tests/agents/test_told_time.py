"""The client's own moment counts where it can be: a little before the hook wrote it down."""

from __future__ import annotations

from typing import Any

import pytest

from hookline.agents import event_of
from hookline.agents.told_time import happened_ns

KEPT_NS = 1_795_638_767_291_000_000
TOLD_NS = 1_795_638_765_223_000_000


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"timestamp": "2026-11-25T20:32:45.223Z"}, TOLD_NS),
        ({"timestamp": TOLD_NS // 1_000_000}, TOLD_NS),
        ({"timestamp": "2026-11-25T20:32:48.000Z"}, KEPT_NS),  # it cannot lie behind the hook
        ({"timestamp": "2026-11-25T20:31:45.223Z"}, KEPT_NS),  # nor can a hook take a minute
        ({"timestamp": "soon"}, KEPT_NS),
        ({}, KEPT_NS),
    ],
)
def test_what_the_client_says_counts_where_it_can_be(payload: dict[str, Any], expected: int) -> None:
    assert happened_ns(payload, KEPT_NS) == expected


@pytest.mark.parametrize(
    ("agent", "payload"),
    [
        ("gemini-cli", {"session_id": "s", "hook_event_name": "BeforeAgent", "prompt": "Go on."}),
        ("qwen-code", {"session_id": "s", "hook_event_name": "UserPromptSubmit", "prompt": "Go on."}),
        ("copilot-cli", {"session_id": "s", "hook_event_name": "UserPromptSubmit", "prompt": "Go on."}),
        ("cline", {"sessionContext": {"rootSessionId": "s"}, "hookName": "agent_start"}),
    ],
)
def test_hooks_of_a_busy_machine_are_late_and_their_events_not(agent: str, payload: dict[str, Any]) -> None:
    """What the relay reads beside the hooks has its own time already."""
    told = payload | {"timestamp": "2026-11-25T20:32:45.223Z"}
    assert event_of(told, {"agent": agent}, KEPT_NS, "u").time_ns == TOLD_NS
    if agent != "copilot-cli":
        assert event_of(told, {"agent": agent, "source": "transcript"}, KEPT_NS, "u").time_ns == KEPT_NS
