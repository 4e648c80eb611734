"""What Cursor's tool calls say. Written from its documentation."""

from __future__ import annotations

import json
from typing import Any, Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, integer, member, text
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

KINDS: Final = {
    "Shell": ToolKind.SHELL,
    "Read": ToolKind.READ,
    "Write": ToolKind.EDIT,
    "Edit": ToolKind.EDIT,
    "Delete": ToolKind.EDIT,
    "Grep": ToolKind.SEARCH,
    "Glob": ToolKind.SEARCH,
    "WebSearch": ToolKind.WEB,
    "WebFetch": ToolKind.WEB,
    "Task": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"Shell"})
AGENT_TOOLS: Final = frozenset({"Task"})
MCP: Final = "MCP:"  # before the name of a server's tool
NS_PER_MS: Final = 1_000_000


def read_tool(payload: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = text(payload, "tool_name") or "unknown"
    given, output = payload.get("tool_input"), _decoded(payload.get("tool_output"))
    size, digest = measure(given)
    fields = member(payload, "tool_input")
    path = text(fields, "file_path", MAX_PATH) or text(fields, "path", MAX_PATH)
    kind = ToolKind.MCP if name.startswith(MCP) else kind_of(name, KINDS)
    duration_ms = integer(payload, "duration")
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_use_id"),
        input_hash=digest,
        input_size=size,
        output_size=size_of(output),
        input_text=policy.input_json(given) if given is not None else "",
        output_text=policy.output_json(output) if output is not None else "",
        file_extension=extension_of(path) if kind in (ToolKind.READ, ToolKind.EDIT) else "",
        file_path=policy.input_text(path),
        kind=kind,
        starts_agent=name in AGENT_TOOLS,
        wanted_agent_type=text(fields, "subagent_type") if name in AGENT_TOOLS else "",
        exit_code=integer(output, "exitCode") if isinstance(output, dict) and name in SHELL_TOOLS else None,
        duration_ns=None if duration_ms is None else duration_ms * NS_PER_MS,
    )


def _decoded(output: Any) -> Any:
    """Return a result: it is written as JSON in a text."""
    try:
        return json.loads(output) if isinstance(output, str) else output
    except ValueError:
        return output
