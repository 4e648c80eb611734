"""What OpenCode's tool calls say: their input, and how they ended.

`error.type` of a failed call: `exit_<n>` (a command's exit code), `denied`, `interrupted`, `timeout`, `not_found`, `invalid_input`,
else `tool_error`.
A tool of an MCP server is named `<server>_<tool>`: nothing tells it from any other tool of that name, so its kind is `other`.
"""

from __future__ import annotations

import re
from typing import Final

from hookline.agent_event import ToolUse
from hookline.agents.event_parts import ToolPart
from hookline.agents.measures import extension_of, measure
from hookline.agents.payload import MAX_PATH, Json, flag, integer, long_text, member, text
from hookline.contract.events import SpanOutcome
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

KINDS: Final[dict[str, ToolKind]] = {
    "bash": ToolKind.SHELL,
    "read": ToolKind.READ,
    **dict.fromkeys(("edit", "write", "multiedit", "patch", "apply_patch"), ToolKind.EDIT),
    **dict.fromkeys(("grep", "glob", "list", "codesearch", "lsp"), ToolKind.SEARCH),
    **dict.fromkeys(("webfetch", "websearch"), ToolKind.WEB),
    "task": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"bash"})
QUESTION_TOOLS: Final = frozenset({"question", "plan_exit"})
AGENT_TOOL: Final = "task"
TIMED_OUT: Final = re.compile(r"(?i)terminated command after exceeding timeout|\btimed out\b")
_ERRORS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    (
        "denied",
        re.compile(r"(?i)rejected permission|permission to use .{0,200}\b(?:denied|rejected)|a rule which prevents you|dismissed this question"),
    ),
    ("interrupted", re.compile(r"(?i)\baborted\b|\binterrupted\b|\bcancelled\b")),
    ("timeout", TIMED_OUT),
    ("invalid_input", re.compile(r"(?i)invalid arguments|invalid (?:tool )?(?:input|parameters)")),
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
)


def read_tool(payload: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = text(payload, "tool_name") or "unknown"
    raw_input = payload.get("tool_input")
    fields = member(payload, "tool_input")
    size, digest = measure(raw_input)
    path = text(fields, "filePath", MAX_PATH)
    output = payload.get("output")
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "call_id"),
        kind=kind_of(name, KINDS),
        input_hash=digest,
        input_size=size,
        output_size=integer(payload, "output_size"),
        input_text=policy.input_json(raw_input) if raw_input is not None else "",
        output_text=policy.output_json(output) if output is not None else "",
        file_extension=extension_of(path),
        file_path=policy.input_text(path),
        asks_person=name in QUESTION_TOOLS,
        starts_agent=name == AGENT_TOOL,
        wanted_agent_type=text(fields, "subagent_type") if name == AGENT_TOOL else "",
        agent_id=text(payload, "child_id") if name == AGENT_TOOL else "",
        exit_code=_exit_code(payload),
    )


def read_end(payload: Json, policy: Policy) -> ToolPart:
    """Return how a call ended: a command that failed is `completed` like any other, with its exit code."""
    tool = read_tool(payload, policy)
    if text(payload, "status") == "error":
        error = long_text(payload, "error")
        error_type = _error_type(error, flag(payload, "interrupted") is True)
        outcome = {"denied": SpanOutcome.DENIED, "interrupted": SpanOutcome.INTERRUPTED}.get(error_type, SpanOutcome.FAILURE)
        return ToolPart(tool, outcome, error_type, policy.output_text(error))
    if tool.exit_code:
        return ToolPart(tool, SpanOutcome.FAILURE, f"exit_{tool.exit_code}")
    if tool.name in SHELL_TOOLS and tool.exit_code is None and (why := _stopped(long_text(payload, "output"))):
        return ToolPart(tool, SpanOutcome.INTERRUPTED if why == "interrupted" else SpanOutcome.FAILURE, why)
    return ToolPart(tool, SpanOutcome.SUCCESS)


def _stopped(output: str) -> str:
    """Return why a command without an exit code ended, as the last lines of its output say."""
    tail = output[-1_000:]
    return "interrupted" if "User aborted the command" in tail else "timeout" if TIMED_OUT.search(tail) else ""


def _error_type(error: str, is_interrupted: bool) -> str:
    if is_interrupted:
        return "interrupted"
    return next((name for name, expression in _ERRORS if expression.search(error[:2_000])), "tool_error")


def _exit_code(payload: Json) -> int | None:
    value = payload.get("exit")
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31 else None
