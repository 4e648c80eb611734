"""A secret in any string of any captured payload leaves at no level: whatever the field, whoever chose its name."""

import dataclasses
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hookline.agent_event import Place
from hookline.agents.claude_code.usage import record, request_of
from hookline.fold import FoldRules, FoldState, fold
from hookline.privacy.capture import capture_rules
from hookline.settings.schema import CaptureSettings
from hookline.workspace.project import find_place
from support.relaying.captures import FIXTURES, SCENARIOS
from support.replay import adapt

BODY = "a1B2c3D4e5" * 4
SECRET = "ghp_" + BODY
PLACE = Place(project="shop", root="/srv/shop", branch="main")


def payloads() -> list[dict[str, Any]]:
    """Every captured payload that differs in its fields."""
    found = {}
    for path in sorted(path for scenario in SCENARIOS for path in (FIXTURES / scenario / "hooks").glob("*.json")):
        payload = json.loads(path.read_text())["payload"]
        found[payload["hook_event_name"], *sorted(payload)] = payload
    notices: list[dict[str, Any]] = [
        {"hook_event_name": "Notification", "notification_type": "agent_needs_input", "message": "m", "title": "t"},
        {"hook_event_name": "Elicitation", "mcp_server_name": "server", "elicitation_id": "e1", "action": "accept"},
        {"hook_event_name": "ElicitationResult", "mcp_server_name": "server", "elicitation_id": "e1", "action": "accept"},
        {"hook_event_name": "PreCompact", "trigger": "auto"},
        {"hook_event_name": "SessionEnd", "reason": "exit"},
        {"hook_event_name": "PreToolUse", "tool_name": "mcp__git_hub__create", "tool_use_id": "t1", "tool_input": {"file_path": "/srv/x.py"}},
        {"hook_event_name": "StatusLine", "model": {"id": "m"}, "workspace": {"current_dir": "/srv/shop"}},
        {"hook_event_name": "SomethingNew", "name": "n"},
    ]
    common: dict[str, Any] = {"session_id": "s1", "prompt_id": "p1", "cwd": "/srv/shop", "permission_mode": "default"}
    common |= {"agent_id": "a1", "agent_type": "Explore"}
    return [*found.values(), *(common | notice for notice in notices)]


def planted(value: Any) -> Iterator[Any]:
    """Yield the value once for each of its strings (and keys), with the secret in that place."""
    if isinstance(value, str):
        yield from (SECRET, f"{value}-{SECRET}", "x" * 240 + SECRET)
    elif isinstance(value, list):
        for index, item in enumerate(value[:3]):
            yield from ([*value[:index], other, *value[index + 1 :]] for other in planted(item))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from ({**value, key: other} for other in planted(item))
        yield {**value, SECRET: 1}


def told(payload: dict[str, Any], level: str) -> str:
    """Return all that leaves of an event: as it is, and as the fold's spans and records."""
    policy = capture_rules(CaptureSettings(level=level))(PLACE)  # type: ignore[arg-type]
    env = {"kind": "statusline"} if payload["hook_event_name"] == "StatusLine" else {}
    event = adapt(json.dumps(payload).encode(), env, time.time_ns(), "u1", lambda cwd: PLACE, lambda place: policy)
    _, step = fold(FoldState(), event, FoldRules())
    return repr((step.spans, step.logs)) + repr(dataclasses.replace(event, cwd="", transcript_path=""))


@pytest.mark.parametrize("level", ["full", *(pytest.param(level, marks=pytest.mark.long) for level in ("metadata", "inputs"))])
def test_a_secret_in_any_field_of_any_payload_stays(level: str) -> None:
    """Names of tools, agents, servers, models, types of errors and notices, ids, keys: each string in turn."""
    count = 0
    for payload in payloads():
        for other in planted(payload):
            if not other.get("hook_event_name"):
                continue
            count += 1
            assert BODY[:9] not in told(other, level), json.dumps(other)[:2000]
    assert count > 500


def test_a_secret_in_the_name_of_a_branch_a_folder_or_a_remote_stays(tmp_path: Path) -> None:
    """A repository chooses them."""
    root = tmp_path / f"shop-{SECRET}"
    (root / ".git" / "objects").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text(f"ref: refs/heads/fix/{SECRET}\n")
    (root / ".git" / "config").write_text(f'[remote "origin"]\n\turl = https://git.example.com/acme-{SECRET}/shop-{SECRET}.git\n')
    assert BODY[:9] not in repr(find_place(str(root)).attributes)
    (root / ".git" / "config").write_text("")
    place = find_place(str(root))
    assert place.branch.startswith("fix/[redacted:")
    assert BODY[:9] not in repr(place.attributes)


def test_a_secret_in_a_transcripts_request_stays() -> None:
    """Its model and its ids."""
    message = {"id": f"m-{SECRET}", "model": f"claude-{SECRET}", "usage": {"input_tokens": 1, "output_tokens": 1}}
    line = {"type": "assistant", "timestamp": "2026-01-01T00:00:00Z", "message": message, "requestId": SECRET, "promptId": SECRET}
    request = request_of(line, "p1")
    assert request is not None
    assert BODY[:9] not in repr(record(request, "s1", {}))
