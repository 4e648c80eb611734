"""What a tool does, in the same few words for every agent: `hookline.tool.kind`.

A tool keeps the name that its agent gives it; the kind is what compares agents. An adapter says it from its own table of names (`kind_of`).
Where nobody said it, in rows of older versions and in what agents send themselves, the name says it (`kind_by_name`).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ToolKind(StrEnum):
    """What a tool does."""

    SHELL = "shell"  # runs a command
    READ = "read"  # reads files that it is given
    EDIT = "edit"  # writes files
    SEARCH = "search"  # finds and lists files, or text in them
    WEB = "web"  # asks the network
    AGENT = "agent"  # runs a subagent
    MCP = "mcp"  # a tool of an MCP server, whatever it does
    OTHER = "other"


TOOL_KINDS: Final[tuple[str, ...]] = tuple(map(str, ToolKind))
MCP_PREFIX: Final = "mcp__"  # of the names that agents make of a server's and its tool's

_NAMES: Final = {
    ToolKind.SHELL: (
        "Bash", "BashOutput", "Execute", "KillShell", "PowerShell", "Shell", "bash", "exec_command", "execute_command", "local_shell", "powershell",
        "run_commands", "run_shell_command", "shell", "write_stdin",
    ),
    ToolKind.READ: (
        "NotebookRead", "Read", "ReadFile", "ReadMediaFile", "ReadManyFiles", "read", "read_file", "read_files", "read_many_files", "view",
        "view_image",
    ),
    ToolKind.EDIT: (
        "ApplyPatch", "Create", "Edit", "MultiEdit", "NotebookEdit", "StrReplaceFile", "Write", "WriteFile", "apply_patch", "create", "edit",
        "edit_file", "editor", "multiedit", "patch", "replace", "str_replace_editor", "write", "write_file",
    ),
    ToolKind.SEARCH: (
        "Glob", "Grep", "LS", "ListDirectory", "codesearch", "glob", "grep", "grep_search", "list", "list_directory", "rg", "search_codebase",
        "search_file_content",
    ),
    ToolKind.WEB: (
        "FetchURL", "FetchUrl", "SearchWeb", "WebFetch", "WebSearch", "fetch_web_content", "google_web_search", "web_fetch", "web_search", "webfetch",
        "websearch",
    ),
    ToolKind.AGENT: (
        "Agent", "AgentSwarm", "Task", "agent", "collaborationspawn_agent", "delegate_to_agent", "invoke_agent", "spawn_agent", "task",
    ),
}  # fmt: skip
NAMED_KINDS: Final[dict[str, ToolKind]] = {name: kind for kind, names in _NAMES.items() for name in names}


def kind_of(name: str, kinds: Mapping[str, ToolKind]) -> ToolKind:
    """Return the kind of a tool, by an agent's own table."""
    return ToolKind.MCP if name.startswith(MCP_PREFIX) else kinds.get(name, ToolKind.OTHER)


def kind_by_name(name: str) -> ToolKind:
    """Return the kind of a tool of which nothing but its name is known."""
    return kind_of(name, NAMED_KINDS)
