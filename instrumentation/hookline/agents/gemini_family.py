"""What Gemini CLI and its descendants have in common: the names of their tools, and what a call's input and result say.

Results are texts for the model. A command's ends with lines of its own (`Exit Code: 1`, `Signal: 15`), where its output may hold such lines too:
the last counts. What names a call in its input (`identity`) is hashed alone: the clients fill in other fields before a call runs, and a
permission names only the command or the file.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from hookline.agent_event import ToolUse
from hookline.agents.measures import extension_of, measure, size_of
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, member, members, text
from hookline.contract.events import SpanOutcome
from hookline.contract.tool_kinds import ToolKind
from hookline.privacy.capture import Policy

SHELL: Final = "run_shell_command"
QUESTION_TOOLS: Final = frozenset({"ask_user", "ask_user_question", "exit_plan_mode", "enter_plan_mode"})
EXTENSION_TOOLS: Final = frozenset({"google_web_search"})  # run by the provider, not by the client
KINDS: Final[dict[str, ToolKind]] = {
    SHELL: ToolKind.SHELL,
    **dict.fromkeys(("read_file", "read_many_files", "read_mcp_resource", "get_internal_docs", "notebook_read"), ToolKind.READ),
    **dict.fromkeys(("replace", "edit", "write_file", "notebook_edit"), ToolKind.EDIT),
    **dict.fromkeys(("glob", "grep_search", "search_file_content", "list_directory", "list_mcp_resources", "lsp"), ToolKind.SEARCH),
    **dict.fromkeys(("google_web_search", "web_fetch", "web_search"), ToolKind.WEB),
    **dict.fromkeys(("invoke_agent", "agent", "task", "delegate_to_agent"), ToolKind.AGENT),
}
IDENTITY: Final[dict[str, tuple[str, ...]]] = {
    SHELL: ("command",),
    **dict.fromkeys(("read_file", "replace", "edit", "write_file"), ("file_path", "absolute_path")),
    **dict.fromkeys(("glob", "grep_search", "search_file_content"), ("pattern",)),
    "list_directory": ("dir_path", "path"),
    "google_web_search": ("query",),
    "web_search": ("query",),
}
PATH_KEYS: Final = frozenset({"file_path", "absolute_path", "dir_path", "path"})
MS: Final = 1_000_000
MAX_DURATION_MS: Final = 7 * 86_400_000
TAIL_CHARS: Final = 2_000

_EXIT = re.compile(r"^Exit Code: (-?\d{1,10})\s*$", re.MULTILINE)
_SIGNAL = re.compile(r"^Signal: (\w{1,16})\s*$", re.MULTILINE)
_STOPPED = re.compile(r"(?:<untrusted_context>\s*)?Command was (automatically )?cancelled")
_DENIED = re.compile(
    r"(?i)denied by policy|User denied execution|did not allow tool call|permission was declined|requires permission to use|was rejected by the user|"
    r"blocked (?:by|:)|not allowed by"
)
_CANCELLED = re.compile(r"(?i)\bcancelled\b|\baborted\b|User intentionally")
_ERRORS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("timeout", re.compile(r"(?i)\bexceeded the timeout\b|\btimed out\b")),
    ("invalid_input", re.compile(r"(?i)invalid_tool_params|\bparams\b.{0,40}\bmust\b|invalid (?:tool )?(?:input|parameters|arguments)")),
    ("not_found", re.compile(r"(?i)\b(?:does not exist|no such file|not found|ENOENT)\b")),
)


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended, as its result says."""

    outcome: SpanOutcome
    error_type: str = ""
    exit_code: int | None = None


def identity(name: str, given: Any, folder: str = "") -> Any:
    """Return what names a call in its input: the command, the file as a whole path, what is looked for; everything where nothing is known."""
    fields: Json = given if isinstance(given, dict) else {}
    for key in IDENTITY.get(name, ()):
        if value := long_text(fields, key):
            return whole_path(value, folder) if key in PATH_KEYS else value
    return given


def whole_path(path: str, folder: str) -> str:
    """Return a path from the root on, of one that may be below a folder."""
    return posixpath.normpath(posixpath.join(folder, path)) if folder.startswith("/") else path


def read_call(name: str, given: Any, policy: Policy, folder: str, *, kind: ToolKind, mcp_server: str = "", call_id: str = "") -> ToolUse:
    """Return what a call's request says."""
    fields: Json = given if isinstance(given, dict) else {}
    path = text(fields, "file_path", MAX_PATH) or text(fields, "absolute_path", MAX_PATH)
    return ToolUse(
        name=policy.label(name),
        call_id=call_id,
        type="extension" if name in EXTENSION_TOOLS else "function",
        kind=kind,
        mcp_server=mcp_server,
        input_hash=measure(identity(name, given, folder))[1],
        input_size=size_of(given),
        input_text=policy.input_json(given) if given is not None else "",
        file_extension=extension_of(path),
        file_path=policy.input_text(path),
        asks_person=name in QUESTION_TOOLS,
    )


def with_result(tool: ToolUse, result: Any, policy: Policy, end: CallEnd, payload: Json) -> ToolUse:
    """Return the call with what its end says."""
    milliseconds = integer(payload, "duration_ms", MAX_DURATION_MS)
    return replace(
        tool,
        output_size=size_of(result),
        output_text=policy.output_json(result) if result is not None else "",
        exit_code=end.exit_code,
        duration_ns=None if milliseconds is None else milliseconds * MS,
    )


def end_of(name: str, told: str, *, has_error: bool = False) -> CallEnd:
    """Return how a call ended, of the text that the model was given. `has_error`: the client itself says that it failed."""
    exit_code = _exit_code(told) if name == SHELL else None
    if exit_code:
        return CallEnd(SpanOutcome.FAILURE, f"exit_{exit_code}", exit_code)
    if name == SHELL and (found := _last(_SIGNAL, told)) and found not in ("none", "0"):
        return CallEnd(SpanOutcome.FAILURE, f"signal_{found.lower()}")
    if has_error:
        return failed(told)
    stopped = _STOPPED.match(told) if name == SHELL else None
    if stopped:
        return CallEnd(SpanOutcome.FAILURE, "timeout") if stopped[1] else CallEnd(SpanOutcome.INTERRUPTED, "interrupted")
    return CallEnd(SpanOutcome.SUCCESS, exit_code=0 if exit_code == 0 or name == SHELL else None)


def failed(error: str, *, is_interrupt: bool = False) -> CallEnd:
    """Return how a call ended that did not succeed, by the error's text."""
    head = error[:TAIL_CHARS]
    if is_interrupt:
        return CallEnd(SpanOutcome.INTERRUPTED, "interrupted")
    if _DENIED.search(head):
        return CallEnd(SpanOutcome.DENIED, "denied")
    if _CANCELLED.search(head[:200]):
        return CallEnd(SpanOutcome.INTERRUPTED, "interrupted")
    return CallEnd(SpanOutcome.FAILURE, next((name for name, expression in _ERRORS if expression.search(head)), "tool_error"))


def is_denied(error: str) -> bool:
    """Whether an error's text says that the call was refused before it ran."""
    return _DENIED.search(error[:TAIL_CHARS]) is not None


def text_of(content: Any) -> str:
    """Return the text of what a model was given: a text, or the texts of its parts."""
    if isinstance(content, str):
        return content
    parts: Iterable[Json] = content if isinstance(content, list) else ()
    return "\n".join(long_text(part, "text") for part in parts if isinstance(part, dict) and "text" in part)


def response_text(parts: Any) -> str:
    """Return what a call gave the model, of the parts of a session file or a hook."""
    found = parts if isinstance(parts, list) else [parts]
    responses = [member(member(part, "functionResponse"), "response") for part in found if isinstance(part, dict)]
    return "\n".join(long_text(response, "output") or long_text(response, "error") for response in responses)


def has_error_response(parts: Any) -> bool:
    """Whether a call's parts for the model hold an error."""
    found = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return any("error" in member(member(part, "functionResponse"), "response") for part in found)


def calls_in(parts: Json) -> list[Json]:
    """Return the calls that a message asks for."""
    return [member(part, "functionCall") for part in members(parts, "parts") if isinstance(part.get("functionCall"), dict)]


def _exit_code(told: str) -> int | None:
    found = _last(_EXIT, told)
    return int(found) if found else None


def _last(expression: re.Pattern[str], told: str) -> str:
    found = expression.findall(told[-TAIL_CHARS:])
    return str(found[-1]) if found else ""
