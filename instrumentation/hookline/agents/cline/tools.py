"""What Cline's tool calls say. Several of its tools take a list: one call runs many commands, or reads many files.

A call is one call, whatever is in its list. Its result has an item for each: it failed if one did, and its exit code is the first that is not 0.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, members, text
from hookline.contract.events import SpanOutcome
from hookline.contract.tool_kinds import ToolKind, kind_of
from hookline.privacy.capture import Policy

KINDS: Final = {
    "run_commands": ToolKind.SHELL,
    "read_files": ToolKind.READ,
    "editor": ToolKind.EDIT,
    "apply_patch": ToolKind.EDIT,
    "search_codebase": ToolKind.SEARCH,
    "fetch_web_content": ToolKind.WEB,
    "spawn_agent": ToolKind.AGENT,
}
SHELL_TOOLS: Final = frozenset({"run_commands"})
AGENT_TOOLS: Final = frozenset({"spawn_agent"})
QUESTION_TOOLS: Final = frozenset({"ask_question"})
MAX_ITEMS: Final = 1_000
HEAD: Final = 2_000
NS_PER_MS: Final = 1_000_000

_EXIT = re.compile(r"exited with code (-?\d{1,10})")
_ERRORS: Final = (
    ("denied", re.compile(r"was rejected by the user|(?i:\bdenied by|blocked by)")),
    ("interrupted", re.compile(r"was aborted\b|(?i:\b(?:aborted|interrupted|cancelled) by (?:the )?user\b)")),
    ("timeout", re.compile(r"(?i)\btimed out\b")),
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
)
OUTCOMES: Final = {"denied": SpanOutcome.DENIED, "interrupted": SpanOutcome.INTERRUPTED}


def read_tool(call: Json, policy: Policy) -> ToolUse:
    """Return what one event tells of a tool call: its `tool_call` or its `tool_result`."""
    name, given, output = text(call, "name") or "unknown", call.get("input"), call.get("output")
    size, digest = measure(given)
    kind = kind_of(name, KINDS)
    duration_ms = integer(call, "durationMs")
    path = next(_paths(given), "")
    return ToolUse(
        name=policy.label(name),
        call_id=text(call, "id"),
        mcp_server=_server(name),
        input_hash=digest,
        input_size=size,
        output_size=size_of(output),
        input_text=policy.input_json(given) if given is not None else "",
        output_text=policy.output_json(output) if output is not None else "",
        file_extension=extension_of(path) if kind in (ToolKind.READ, ToolKind.EDIT) else "",
        file_path=policy.input_text(path),
        kind=kind,
        asks_person=name in QUESTION_TOOLS,
        starts_agent=name in AGENT_TOOLS,
        duration_ns=None if duration_ms is None else duration_ms * NS_PER_MS,
    )


def read_error(output: Any) -> tuple[str, int | None, str]:
    """Return (error type, exit code, text) of a result; an empty type where nothing in it failed."""
    failed = [item for item in items_of(output) if item.get("success") is False or ("error" in item and "success" not in item)]
    if not failed:
        return "", None, ""
    said = long_text(failed[0], "error") or long_text(failed[0], "result")
    if found := _EXIT.search(said[:HEAD]):
        return f"exit_{found[1]}", int(found[1]), said
    return next((name for name, expression in _ERRORS if expression.search(said[:HEAD])), "tool_error"), None, said


def items_of(output: Any) -> list[Json]:
    """Return the items of a result: a list of objects, one, or one written as JSON."""
    if isinstance(output, str) and output[:1] in "{[" and len(output) > 1:
        try:
            output = json.loads(output)
        except ValueError:
            return []
    return members({"items": output if isinstance(output, list) else [output]}, "items", MAX_ITEMS)


def _paths(given: Any) -> Iterator[str]:
    source: Json = given if isinstance(given, dict) else {}
    yield from (path for item in (source, *members(source, "files", 1)) if (path := text(item, "path", MAX_PATH)))


def _server(name: str) -> str:
    parts = name.split("__", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "mcp" else ""
