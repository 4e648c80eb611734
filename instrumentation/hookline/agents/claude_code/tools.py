"""What Claude Code's tool calls say: their input, their response, and the text of their errors.

`error.type` of a failed call: `exit_<n>` (a command's exit code), `timeout`, `interrupted`, `denied`, `not_found`,
`invalid_input`, else `tool_error`. The text itself leaves only at the level `full`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from hookline.agent_event import BatchCall, ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, flag, integer, member, members, text
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

QUESTION_TOOLS: Final = frozenset({"AskUserQuestion", "ExitPlanMode"})
AGENT_TOOLS: Final = frozenset({"Agent", "Task"})
SHELL_TOOLS: Final = frozenset({"Bash", "PowerShell"})
FILE_TOOLS: Final = frozenset({"Read", "Write", "Edit", "MultiEdit", "NotebookEdit", "NotebookRead"})
EXTENSION_TOOLS: Final = frozenset({"WebSearch"})  # run by the provider, not by the client
KINDS: Final[dict[str, ToolKind]] = {
    **dict.fromkeys((*SHELL_TOOLS, "BashOutput", "KillShell"), ToolKind.SHELL),
    **dict.fromkeys(("Read", "NotebookRead"), ToolKind.READ),
    **dict.fromkeys(("Write", "Edit", "MultiEdit", "NotebookEdit"), ToolKind.EDIT),
    **dict.fromkeys(("Grep", "Glob", "LS"), ToolKind.SEARCH),
    **dict.fromkeys(("WebFetch", "WebSearch"), ToolKind.WEB),
    **dict.fromkeys(AGENT_TOOLS, ToolKind.AGENT),
}
MS: Final = 1_000_000
MAX_DURATION_MS: Final = 7 * 86_400_000

_EXIT = re.compile(r"Exit code (-?\d{1,10})")
_ERRORS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("timeout", re.compile(r"(?i)\btimed out after\b|\btimeout\b.{0,40}\bexceeded\b")),
    ("interrupted", re.compile(r"(?i)\[Request interrupted by user|\binterrupted by (?:the )?user\b|\bAbortError\b")),
    (
        "denied",
        re.compile(
            r"(?i)\b(?:permission|request)\b.{0,200}\b(?:denied|rejected)\b|doesn't want to (?:proceed|take this action)|requires approval|blocked by"
        ),
    ),
    ("invalid_input", re.compile(r"(?i)InputValidationError|invalid (?:tool )?(?:input|parameters|arguments)")),
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
)
_DENIED_RESULT = re.compile(
    r"(?i)\A(?:This command requires approval|Permission to use .{1,200} (?:has been|was) denied|The user doesn't want to|"
    r"Claude requested permissions|.{0,80}\bhook\b.{0,200}\b(?:denied|blocked)|Permission for this action)"
)


@dataclass(frozen=True, slots=True)
class ToolResponse:
    """What a response says, or for a call without one that it says nothing."""

    is_background: bool | None
    output_size: int | None = None
    output_text: str = ""
    agent_id: str = ""
    agent_model: str = ""
    is_launch: bool = False
    background_id: str = ""
    exit_code: int | None = None


def read_tool(payload: Json, policy: Policy, has_response: bool = False) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = text(payload, "tool_name") or "unknown"
    raw_input = payload.get("tool_input")
    fields = member(payload, "tool_input")
    size, digest = measure(raw_input)
    path = _path(name, fields)
    runs_on = flag(fields, "run_in_background")
    said = _response(name, payload.get("tool_response"), policy, runs_on) if has_response else ToolResponse(runs_on)
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_use_id"),
        type="extension" if name in EXTENSION_TOOLS else "function",
        kind=kind_of(name, KINDS),
        mcp_server=_server(name),
        input_hash=digest,
        input_size=size,
        output_size=said.output_size,
        input_text=policy.input_json(raw_input) if raw_input is not None else "",
        output_text=said.output_text,
        file_extension=extension_of(path),
        file_path=policy.input_text(path),
        is_background=said.is_background,
        asks_person=name in QUESTION_TOOLS,
        starts_agent=name in AGENT_TOOLS,
        wanted_agent_type=text(fields, "subagent_type") if name in AGENT_TOOLS else "",
        agent_id=said.agent_id,
        agent_model=said.agent_model,
        is_launch=said.is_launch,
        exit_code=said.exit_code,
        background_id=said.background_id,
        duration_ns=_duration_ns(payload),
    )


def _response(name: str, response: Any, policy: Policy, runs_on: bool | None) -> ToolResponse:
    """Return what a response says: an object of the tool's own shape, a list or a text. `runs_on`: the input asked for the background."""
    shape: Json = response if isinstance(response, dict) else {}
    size, output = size_of(response), policy.output_json(response) if response is not None else ""
    if name in AGENT_TOOLS:
        is_launch = text(shape, "status") in ("async_launched", "teammate_spawned", "remote_launched") or flag(shape, "isAsync") is True
        return ToolResponse(is_launch, size, output, text(shape, "agentId"), text(shape, "resolvedModel"), is_launch)
    if name in SHELL_TOOLS:
        if text(shape, "backgroundTaskId") or flag(shape, "backgroundedByUser") is True:
            return ToolResponse(True, size, output, background_id=text(shape, "backgroundTaskId"))
        is_plain = bool(shape) and not shape.get("returnCodeInterpretation") and flag(shape, "interrupted") is not True
        return ToolResponse(None, size, output, exit_code=0 if is_plain else None)
    return ToolResponse(runs_on, size, output)


def was_interrupted(payload: Json) -> bool:
    """Answer whether a successful shell call says that a person stopped it."""
    return text(payload, "tool_name") in SHELL_TOOLS and flag(member(payload, "tool_response"), "interrupted") is True


def read_error(error: str, is_interrupt: bool) -> tuple[str, int | None]:
    """Return (error type, exit code) of a failed call's error text. Only its head is looked at."""
    head = error[:2_000]
    found = _EXIT.match(head)
    code = int(found[1]) if found else None
    if is_interrupt:
        return "interrupted", code
    first_lines = "\n".join(head.splitlines()[:3])
    if found and not _ERRORS[0][1].search(first_lines):
        return f"exit_{code}", code
    return next((name for name, expression in _ERRORS if expression.search(first_lines)), "tool_error"), code


def read_batch(payload: Json) -> tuple[BatchCall, ...]:
    """Return the calls that a finished batch names."""
    return tuple(_batch_call(item) for item in members(payload, "tool_calls") if text(item, "tool_use_id"))


def _batch_call(item: Json) -> BatchCall:
    response = item.get("tool_response")
    is_denied = bool(_DENIED_RESULT.match(response[:400])) if isinstance(response, str) else None
    return BatchCall(text(item, "tool_use_id"), text(item, "tool_name"), measure(item.get("tool_input"))[1], is_denied)


def _server(name: str) -> str:
    """Return the MCP server of `mcp__<server>__<tool>`; a plugin's server keeps its `plugin_` prefix."""
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""


def _path(name: str, fields: Json) -> str:
    return text(fields, "file_path", MAX_PATH) or text(fields, "notebook_path", MAX_PATH) if name in FILE_TOOLS else ""


def _duration_ns(payload: Json) -> int | None:
    milliseconds = integer(payload, "duration_ms", MAX_DURATION_MS)
    return None if milliseconds is None else milliseconds * MS
