"""What Copilot CLI's tool calls say: their input, and the text that its model gets as the result.

A hook under a name in Pascal case gives tools other names (`Bash`, `Read`) than the client's own, which its session file and its telemetry
have (`bash`, `view`). A call is named by the own one, wherever it was seen.

A command's exit code stands at the end of its text: `<shellId: 2 completed with exit code 1>`. The hash is that of the command, else of
the whole input: the texts by which a person is asked hold the command and nothing else of the input.

`error.type` of a failed call: `exit_<n>`, `denied`, `timeout`, `not_found`, `invalid_input`, else `tool_error`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from hookline.agent_event import ToolUse
from hookline.agents.event_parts import ToolPart
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, long_text, member, text
from hookline.contract.events import SpanOutcome
from hookline.contract.tool_kinds import MCP_PREFIX, ToolKind, kind_of
from hookline.privacy.capture import Policy

OWN_NAMES: Final = {  # what hooks call a tool: its own name
    "Bash": "bash",
    "PowerShell": "powershell",
    "Read": "view",
    "Edit": "edit",
    "Write": "create",
    "Grep": "grep",
    "Glob": "glob",
    "Agent": "task",
    "Task": "task",
    "WebFetch": "web_fetch",
    "WebSearch": "web_search",
    "AskUserQuestion": "ask_user",
    "ExitPlanMode": "exit_plan_mode",
    "Skill": "skill",
}
SHELL_TOOLS: Final = frozenset({"bash", "powershell", "local_shell"})
KINDS: Final[dict[str, ToolKind]] = {
    **dict.fromkeys((*SHELL_TOOLS, "read_bash", "write_bash", "stop_bash", "list_bash"), ToolKind.SHELL),
    **dict.fromkeys(("read_powershell", "write_powershell", "stop_powershell", "list_powershell"), ToolKind.SHELL),
    **dict.fromkeys(("view", "show_file"), ToolKind.READ),
    **dict.fromkeys(("edit", "create", "apply_patch", "str_replace_editor"), ToolKind.EDIT),
    **dict.fromkeys(("grep", "glob", "rg", "lsp", "session_store_sql"), ToolKind.SEARCH),
    **dict.fromkeys(("web_fetch", "web_search", "fetch_copilot_cli_documentation"), ToolKind.WEB),
    **dict.fromkeys(("task", "read_agent", "write_agent", "list_agents"), ToolKind.AGENT),
}
QUESTION_TOOLS: Final = frozenset({"ask_user", "exit_plan_mode"})
AGENT_TOOL: Final = "task"
COMMAND_PREFIX: Final = "Run command: "  # of the text by which a person is asked about a command

_EXIT = re.compile(r"<(?:shellId|sessionId): [^<>]{1,80} completed with exit code (-?\d{1,10})>\s*\Z")
_BACKGROUND = re.compile(r"<command (?:started in background )?with shellId: ([A-Za-z0-9_.:-]{1,64})[ >]")
_LAUNCHED = re.compile(r"Agent started in background with agent_id: ([A-Za-z0-9_-]{1,64})")
_ERRORS: Final = (
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
    ("timeout", re.compile(r"(?i)\btimed? ?out\b")),
    ("invalid_input", re.compile(r"(?i)\binvalid\b|\bmust be\b|\brequired\b")),
)
_OUTCOMES: Final = {
    "rejected": (SpanOutcome.DENIED, "denied"),
    "denied": (SpanOutcome.DENIED, "denied"),
    "failure": (SpanOutcome.FAILURE, "tool_error"),
    "timeout": (SpanOutcome.FAILURE, "timeout"),
}


def own_name(name: str) -> str:
    """Return a tool's own name."""
    return OWN_NAMES.get(name, name)


def read_tool(payload: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call."""
    name = own_name(text(payload, "tool_name") or "unknown")
    raw_input = payload.get("tool_input")
    fields = member(payload, "tool_input")
    path = text(fields, "path", MAX_PATH) or text(fields, "file_path", MAX_PATH)
    server = text(payload, "mcp_server") or _server(name)
    is_agent = name == AGENT_TOOL
    return ToolUse(
        name=policy.label(name),
        call_id=text(payload, "tool_use_id"),
        kind=ToolKind.MCP if server else kind_of(name, KINDS),
        mcp_server=policy.label(server),
        input_hash=input_hash(name, fields, raw_input),
        input_size=measure(raw_input)[0],
        input_text=policy.input_json(raw_input) if raw_input is not None else "",
        file_extension=extension_of(path),
        file_path=policy.input_text(path),
        is_background=_is_background(name, fields),
        asks_person=name in QUESTION_TOOLS,
        starts_agent=is_agent,
        wanted_agent_type=text(fields, "agent_type") if is_agent else "",
    )


def input_hash(name: str, fields: Json, raw_input: object) -> str:
    """Return the hash by which a call, its permission and its end are found again."""
    command = fields.get("command") if name in SHELL_TOOLS else None
    return measure(command if isinstance(command, str) else raw_input)[1]


def read_end(payload: Json, policy: Policy) -> ToolPart:
    """Return how a call ended. A command that failed is a success to the client; its exit code stands in the text."""
    result = member(payload, "tool_result")
    said = long_text(result, "text_result_for_llm")
    tool = _with_result(read_tool(payload, policy), said, policy, result.get("exit_code"))
    if known := _OUTCOMES.get(text(result, "result_type")):
        outcome, error_type = known
        return ToolPart(tool, outcome, error_type, policy.output_text(said))
    return ToolPart(tool, SpanOutcome.FAILURE, f"exit_{tool.exit_code}") if tool.exit_code else ToolPart(tool, SpanOutcome.SUCCESS)


def read_failure(payload: Json, policy: Policy) -> ToolPart:
    """Return how a call failed."""
    error = payload.get("error")
    said = error if isinstance(error, str) else long_text(member(payload, "error"), "message")
    said = said or long_text(member(payload, "tool_result"), "text_result_for_llm")
    tool = _with_result(read_tool(payload, policy), said, policy)
    code = text(member(payload, "error"), "code")
    if code in ("denied", "rejected"):
        return ToolPart(tool, SpanOutcome.DENIED, "denied", policy.output_text(said))
    error_type = f"exit_{tool.exit_code}" if tool.exit_code else next((name for name, found in _ERRORS if found.search(said[:400])), "tool_error")
    return ToolPart(tool, SpanOutcome.FAILURE, error_type, policy.output_text(said))


def _with_result(tool: ToolUse, said: str, policy: Policy, exit_code: object = None) -> ToolUse:
    """Return a call with its result; the session file has a command's exit code, hooks only the text."""
    found = _EXIT.search(said[-400:]) if tool.name in SHELL_TOOLS else None
    known = exit_code if isinstance(exit_code, int) and not isinstance(exit_code, bool) else None
    code = int(found[1]) if known is None and found else known
    launched = _LAUNCHED.search(said[:400]) if tool.starts_agent else None
    background = _BACKGROUND.search(said[:400]) if tool.name in SHELL_TOOLS else None
    on = replace(tool, is_background=True, background_id=background[1]) if background else tool
    return replace(
        on,
        output_size=size_of(said),
        output_text=policy.output_text(said),
        exit_code=code,
        is_launch=bool(launched),
        agent_id=launched[1] if launched else "",
    )


def _is_background(name: str, fields: Json) -> bool | None:
    mode = text(fields, "mode")
    return mode in ("background", "async") if mode and name in (*SHELL_TOOLS, AGENT_TOOL) else None


def _server(name: str) -> str:
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and name.startswith(MCP_PREFIX) else ""
