"""What Kiro's tool calls say. Written from its documentation. Servers' tools are named `@server/tool`."""

from __future__ import annotations

from typing import Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, member, members, text
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

KINDS: Final = {
    "shell": ToolKind.SHELL,
    "execute_bash": ToolKind.SHELL,
    "execute_cmd": ToolKind.SHELL,
    "read": ToolKind.READ,
    "fs_read": ToolKind.READ,
    "write": ToolKind.EDIT,
    "fs_write": ToolKind.EDIT,
    "grep": ToolKind.SEARCH,
    "glob": ToolKind.SEARCH,
    "web_search": ToolKind.WEB,
    "web_fetch": ToolKind.WEB,
    "use_subagent": ToolKind.AGENT,
    "delegate": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"shell", "execute_bash", "execute_cmd"})
AGENT_TOOLS: Final = frozenset({"use_subagent", "delegate"})


def read_tool(payload: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = text(payload, "tool_name") or "unknown"
    given, output = payload.get("tool_input"), payload.get("tool_response")
    size, digest = measure(given)
    fields = member(payload, "tool_input")
    path = next((found for item in (fields, *members(fields, "operations", 1)) if (found := text(item, "path", MAX_PATH))), "")
    server, _, tool = name.removeprefix("@").partition("/")
    kind = ToolKind.MCP if name.startswith("@") and tool else kind_of(name, KINDS)
    return ToolUse(
        name=policy.label(name),
        mcp_server=policy.label(server) if kind is ToolKind.MCP else "",
        input_hash=digest,
        input_size=size,
        output_size=size_of(output),
        input_text=policy.input_json(given) if given is not None else "",
        output_text=policy.output_json(output) if output is not None else "",
        file_extension=extension_of(path) if kind in (ToolKind.READ, ToolKind.EDIT) else "",
        file_path=policy.input_text(path),
        kind=kind,
        starts_agent=name in AGENT_TOOLS,
        runs_unmarked=name in AGENT_TOOLS,
    )
