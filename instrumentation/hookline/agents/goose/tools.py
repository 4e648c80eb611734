"""What Goose's tool calls say. Written from its documentation. A tool is named after its extension: `developer__shell`."""

from __future__ import annotations

from typing import Any, Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, member, text
from hookline.contract.tool_kinds import ToolKind
from hookline.privacy.capture import Policy

KINDS: Final = {
    "developer__shell": ToolKind.SHELL,
    "developer__read_image": ToolKind.READ,
    "developer__write": ToolKind.EDIT,
    "developer__edit": ToolKind.EDIT,
    "developer__text_editor": ToolKind.EDIT,
    "developer__tree": ToolKind.SEARCH,
    "summon__delegate": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"developer__shell"})
OWN: Final = frozenset(
    {"developer", "platform", "todo", "memory", "summon", "skills", "extensionmanager", "computercontroller"}
)  # extensions of its own


def read_tool(payload: Json, policy: Policy, output: Any = None) -> ToolUse:
    """Return what one event tells of a tool call."""
    name, given = text(payload, "tool_name") or "unknown", payload.get("tool_input")
    size, digest = measure(given)
    path = text(member(payload, "tool_input"), "path", MAX_PATH)
    extension, _, tool = name.partition("__")
    is_server = bool(tool) and extension not in OWN
    kind = ToolKind.MCP if is_server else KINDS.get(name, ToolKind.OTHER)
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_call_id"),
        mcp_server=policy.label(extension) if is_server else "",
        input_hash=digest,
        input_size=size,
        output_size=size_of(output),
        input_text=policy.input_json(given) if given is not None else "",
        output_text=policy.output_json(output) if output is not None else "",
        file_extension=extension_of(path) if kind in (ToolKind.READ, ToolKind.EDIT) else "",
        file_path=policy.input_text(path),
        kind=kind,
        starts_agent=kind is ToolKind.AGENT,
    )
