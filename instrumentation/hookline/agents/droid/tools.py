"""What Droid's tool calls say: names, input, output, and the text of their errors.

A command's output ends with `[Process exited with code N]`. `error.type` of a failed call: `exit_<n>`, `denied`, `interrupted`, `timeout`,
`not_found`, else `tool_error`.
"""

from __future__ import annotations

import re
from typing import Any, Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, member, text
from hookline.contract.events import SpanOutcome
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

KINDS: Final = {
    "Execute": ToolKind.SHELL,
    "Read": ToolKind.READ,
    "Create": ToolKind.EDIT,
    "Edit": ToolKind.EDIT,
    "MultiEdit": ToolKind.EDIT,
    "ApplyPatch": ToolKind.EDIT,
    "Grep": ToolKind.SEARCH,
    "Glob": ToolKind.SEARCH,
    "LS": ToolKind.SEARCH,
    "WebSearch": ToolKind.WEB,
    "FetchUrl": ToolKind.WEB,
    "Task": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"Execute"})
AGENT_TOOLS: Final = frozenset({"Task"})
QUESTION_TOOLS: Final = frozenset({"AskUser", "ExitSpecMode"})
HEAD: Final = 2_000

_EXIT = re.compile(r"\[Process exited with code (-?\d{1,10})\]\s*\Z")
_ERRORS: Final = (
    (
        "interrupted",
        re.compile(
            r"\A(?:Error: )?Tool execution cancelled by user|terminated by signal: (?:SIGINT|SIGTERM|SIGKILL)|(?i:\binterrupted by (?:the )?user\b)"
            r"|\AError: Error executing command: Unknown terminal: "  # stopped, its terminal had gone before it was asked how the command ended
        ),
    ),
    (
        "denied",
        re.compile(r"(?i)\b(?:is not permitted|was (?:rejected|denied|declined)|permission .{0,80}\bdenied|user (?:rejected|declined|denied))\b"),
    ),
    ("timeout", re.compile(r"(?i)\btimed out\b|\btimeout\b.{0,40}\bexceeded\b")),
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
)
OUTCOMES: Final = {"denied": SpanOutcome.DENIED, "interrupted": SpanOutcome.INTERRUPTED}


def read_tool(payload: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call."""
    name, response = text(payload, "tool_name") or "unknown", payload.get("tool_response")
    raw_input, fields = payload.get("tool_input"), member(payload, "tool_input")
    size, digest = measure(raw_input)
    path = text(fields, "file_path", MAX_PATH)
    kind = kind_of(name, KINDS)
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_use_id"),
        mcp_server=_server(name),
        input_hash=digest,
        input_size=size,
        output_size=size_of(response),
        input_text=policy.input_json(raw_input) if raw_input is not None else "",
        output_text=policy.output_json(response) if response is not None else "",
        file_extension=extension_of(path) if kind in (ToolKind.READ, ToolKind.EDIT) else "",
        file_path=policy.input_text(path),
        kind=kind,
        asks_person=name in QUESTION_TOOLS,
        starts_agent=name in AGENT_TOOLS,
        wanted_agent_type=text(fields, "subagent_type") if name in AGENT_TOOLS else "",
        exit_code=exit_code_of(response) if name in SHELL_TOOLS else None,
    )


def exit_code_of(output: Any) -> int | None:
    """Return the exit code that a command's output ends with."""
    found = _EXIT.search(output[-HEAD:]) if isinstance(output, str) else None
    return int(found[1]) if found else None


def read_error(error: str) -> tuple[str, int | None]:
    """Return (error type, exit code) of what a failed call gave back."""
    code = exit_code_of(error)
    if code is not None:
        return f"exit_{code}", code
    return next((name for name, expression in _ERRORS if expression.search(error[:HEAD])), "tool_error"), None


def _server(name: str) -> str:
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""
