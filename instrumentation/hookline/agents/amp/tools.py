"""What Amp's tool calls say. Written from its documentation."""

from __future__ import annotations

from typing import Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, member, text
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

KINDS: Final = {
    "Bash": ToolKind.SHELL,
    "shell_command": ToolKind.SHELL,
    "Read": ToolKind.READ,
    "look_at": ToolKind.READ,
    "create_file": ToolKind.EDIT,
    "edit_file": ToolKind.EDIT,
    "undo_edit": ToolKind.EDIT,
    "apply_patch": ToolKind.EDIT,
    "Grep": ToolKind.SEARCH,
    "glob": ToolKind.SEARCH,
    "finder": ToolKind.SEARCH,
    "web_search": ToolKind.WEB,
    "read_web_page": ToolKind.WEB,
    "Task": ToolKind.AGENT,
    "oracle": ToolKind.AGENT,
    "librarian": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"Bash", "shell_command"})


def read_tool(payload: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = text(payload, "tool") or "unknown"
    given, output = payload.get("input"), payload.get("output")
    size, digest = measure(given)
    path = text(member(payload, "input"), "path", MAX_PATH)
    kind = kind_of(name, KINDS)
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "toolUseID"),
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
