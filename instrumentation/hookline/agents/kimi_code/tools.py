"""What Kimi Code's tool calls say: names, input, output, and the text of their errors.

`error.type` of a failed call: `exit_<n>`, `denied`, `interrupted`, `timeout`, `not_found`, `invalid_input`, else `tool_error`.
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
    "Bash": ToolKind.SHELL,
    "Read": ToolKind.READ,
    "ReadMediaFile": ToolKind.READ,
    "Write": ToolKind.EDIT,
    "Edit": ToolKind.EDIT,
    "Grep": ToolKind.SEARCH,
    "Glob": ToolKind.SEARCH,
    "WebSearch": ToolKind.WEB,
    "FetchURL": ToolKind.WEB,
    "Agent": ToolKind.AGENT,
    "AgentSwarm": ToolKind.AGENT,
}
AGENT_TOOLS: Final = frozenset({"Agent", "AgentSwarm"})
QUESTION_TOOLS: Final = frozenset({"AskUserQuestion", "ExitPlanMode"})
SHELL_TOOLS: Final = frozenset({"Bash"})
HEAD: Final = 2_000

_EXIT = re.compile(r"failed with exit code: (-?\d{1,10})")
_AGENT_ID = re.compile(r"^agent_id: (agent-\d{1,6})$", re.MULTILINE)
_ERRORS: Final = (
    ("denied", re.compile(r"was not run because the user rejected|(?i:denied by|blocked by|permission .{0,80}\bdenied\b)")),
    ("interrupted", re.compile(r"Session closed\s*\Z|(?i:\b(?:aborted|interrupted|cancelled) by (?:the )?user\b|\bwas aborted\b)")),
    ("timeout", re.compile(r"(?i)\btimed out\b|\btimeout\b.{0,40}\b(?:exceeded|reached)\b")),
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
    ("invalid_input", re.compile(r"(?i)\binvalid (?:tool )?(?:input|parameters|arguments)\b")),
)
OUTCOMES: Final = {"denied": SpanOutcome.DENIED, "interrupted": SpanOutcome.INTERRUPTED}


def read_tool(payload: Json, policy: Policy, output: Any = None) -> ToolUse:
    """Return what one event tells of a tool call; `output` is what it gave back, where the event says that."""
    name = text(payload, "tool_name") or "unknown"
    raw_input, fields = payload.get("tool_input"), member(payload, "tool_input")
    size, digest = measure(raw_input)
    path = text(fields, "path", MAX_PATH)
    starts_agent = name in AGENT_TOOLS
    ran = _AGENT_ID.search(output[:HEAD]) if starts_agent and isinstance(output, str) else None
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_call_id"),
        mcp_server=_server(name),
        input_hash=digest,
        input_size=size,
        output_size=size_of(output),
        input_text=policy.input_json(raw_input) if raw_input is not None else "",
        output_text=policy.output_json(output) if output is not None else "",
        file_extension=extension_of(path) if kind_of(name, KINDS) in (ToolKind.READ, ToolKind.EDIT) else "",
        file_path=policy.input_text(path),
        kind=kind_of(name, KINDS),
        is_background=fields.get("run_in_background") is True or None,
        asks_person=name in QUESTION_TOOLS,
        starts_agent=starts_agent,
        runs_unmarked=starts_agent,
        wanted_agent_type=text(fields, "subagent_type") if starts_agent else "",
        agent_id=ran[1] if ran else "",
        exit_code=0 if name in SHELL_TOOLS and isinstance(output, str) and not read_error(output)[1] else None,
    )


def read_error(error: str) -> tuple[str, int | None]:
    """Return (error type, exit code) of what a failed call gave back. An exit code stands in its last line."""
    found = _EXIT.search(error[-HEAD:])
    code = int(found[1]) if found else None
    if code is not None:
        return f"exit_{code}", code
    return next((name for name, expression in _ERRORS if expression.search(error[:HEAD])), "tool_error"), None


def _server(name: str) -> str:
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""
