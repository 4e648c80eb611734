"""What Codex's tool calls say: their input, and what a rollout knows of their end.

    Bash                       every command; it reads and searches with commands too
    apply_patch                an edit: `command` is the patch, and the files' names stand only in it
    collaborationspawn_agent   starts a subagent and comes back at once: it runs beside its caller
    collaborationwait_agent    waits for subagents. Kind `other`, since what it waits for has spans of its own
    mcp__<server>__<tool>      a tool of an MCP server

A hook gives the plain output and neither exit code nor duration: those stand in the rollout (`exit_code`, `duration_ms` and `status` are the names
under which it is told here). The permission's input has a description beside the command, so hash and pairing go by the command alone.
"""

from __future__ import annotations

import re
from typing import Any, Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import Json, flag, integer, member, text
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

SHELL: Final = "Bash"
PATCH: Final = "apply_patch"
SPAWN: Final = "collaborationspawn_agent"
WAIT: Final = "collaborationwait_agent"
SHELL_TOOLS: Final = frozenset({SHELL})
KINDS: Final[dict[str, ToolKind]] = {
    SHELL: ToolKind.SHELL,
    PATCH: ToolKind.EDIT,
    "view_image": ToolKind.READ,
    "web_search": ToolKind.WEB,
    SPAWN: ToolKind.AGENT,
    "spawn_agent": ToolKind.AGENT,
}
KILLED: Final = -1  # the client ended the command: a person stopped it, or it outlived the session
MS: Final = 1_000_000
MAX_DURATION_MS: Final = 7 * 86_400_000
OUTCOMES: Final = {"failed": SpanOutcome.FAILURE, "declined": SpanOutcome.DENIED, "completed": SpanOutcome.SUCCESS}

_PATCHED = re.compile(r"^\*\*\* (?:Update|Add|Delete) File: (.+)$", re.MULTILINE)


def read_tool(payload: Json, policy: Policy, has_response: bool = False) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = text(payload, "tool_name") or "unknown"
    raw_input = payload.get("tool_input")
    path = _patched(name, raw_input)
    response = payload.get("tool_response") if has_response else None
    agent_id = text(payload, "started_agent")
    duration_ms = integer(payload, "duration_ms", MAX_DURATION_MS)
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_use_id"),
        kind=kind_of(name, KINDS),
        mcp_server=_server(name),
        input_hash=measure(_command(raw_input))[1],
        input_size=measure(raw_input)[0],
        output_size=size_of(response),
        input_text=policy.input_json(raw_input) if raw_input is not None else "",
        output_text=policy.output_json(response) if response is not None else "",
        file_extension=extension_of(path),
        file_path=policy.input_text(path),
        is_background=flag(payload, "is_background"),
        starts_agent=name == SPAWN,
        agent_id=agent_id,
        is_launch=bool(agent_id),
        exit_code=exit_code_of(payload),
        duration_ns=None if duration_ms is None else duration_ms * MS,
    )


def outcome_of(payload: Json) -> tuple[SpanOutcome, str]:
    """Return (outcome, error type) of an end: success, as far as a hook can tell."""
    code = exit_code_of(payload)
    outcome = OUTCOMES.get(text(payload, "status"), SpanOutcome.SUCCESS)
    if outcome is SpanOutcome.DENIED:
        return outcome, "denied"
    if code == KILLED:
        return SpanOutcome.INTERRUPTED, "interrupted"
    if code:
        return SpanOutcome.FAILURE, f"exit_{code}"
    return outcome, "tool_error" if outcome is SpanOutcome.FAILURE else ""


def end_kind(outcome: SpanOutcome) -> EventKind:
    """Return the kind of event that an end with this outcome is."""
    return {SpanOutcome.SUCCESS: EventKind.TOOL_ENDED, SpanOutcome.INTERRUPTED: EventKind.TOOL_INTERRUPTED}.get(outcome, EventKind.TOOL_FAILED)


def exit_code_of(payload: Json) -> int | None:
    """Return a command's exit code; -1 is one that was killed."""
    value = payload.get("exit_code")
    return value if isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31 else None


def _command(raw_input: Any) -> Any:
    """Return what the permission of a call has in common with it."""
    command = raw_input.get("command") if isinstance(raw_input, dict) else None
    return command if isinstance(command, str) else raw_input


def _patched(name: str, raw_input: Any) -> str:
    """Return the first file that a patch names."""
    patch = text(member({"input": raw_input}, "input"), "command", 65_536) if name == PATCH else ""
    found = _PATCHED.search(patch)
    return found[1].strip() if found else ""


def _server(name: str) -> str:
    """Return the MCP server of `mcp__<server>__<tool>`."""
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""
