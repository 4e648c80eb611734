"""Droid's session files (`~/.factory/sessions/<folder>/<session>.jsonl`), line by line.

Read from 0.215.0. Lines are messages: a prompt is a user's message with a text that people see, a call a `tool_use` of an assistant's, its end a
`tool_result` of the next user's message, which is written when all calls of a message are over. Runs of hooks are messages too, with `hookEventName`,
`hookToolCallId`, and when the hook began and ended: the only moments of each of several calls. `agent_turn_outcome` ends a turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hookline.agents.payload import Json, integer, long_text, member, members, text
from hookline.system.clock import parse_iso

NS_PER_MS: Final = 1_000_000
REMINDER: Final = "<system-reminder>"
CONTEXT: Final = "context-"  # of the ids of messages that the client puts before a prompt
CANCELLED: Final = ("Tool execution cancelled by user", "Error: Tool execution cancelled by user")  # before and while it runs


@dataclass(frozen=True, slots=True)
class AskedCall:
    """One call of an assistant's message."""

    call_id: str
    name: str
    given: Any


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """What a call gave back."""

    call_id: str
    content: Any
    is_error: bool


@dataclass(frozen=True, slots=True)
class HookRun:
    """One run of a hook: for which event, of which call, and from when to when (Unix ns)."""

    event: str
    call_id: str
    began_ns: int
    ended_ns: int


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A message, as far as it says something. `prompt` is None for what nobody typed; `shown` is what only people see, as an error."""

    id: str
    time_ns: int
    model: str = ""
    prompt: str | None = None
    asked: tuple[AskedCall, ...] = ()
    answered: tuple[AnsweredCall, ...] = ()
    shown: str = ""
    is_assistant: bool = False
    hook: HookRun | None = None

    @property
    def is_cancel(self) -> bool:
        """Whether a person stopped the calls that it answers."""
        return any(isinstance(one.content, str) and one.content.startswith(CANCELLED) for one in self.answered)


def read_line(line: Json) -> SessionLine | None:
    """Return the message of a line; None for any other line."""
    stamp = line.get("timestamp")
    time_ns = parse_iso(stamp) if text(line, "type") == "message" and isinstance(stamp, str) else None
    if time_ns is None:
        return None
    message, own_id = member(line, "message"), text(line, "id")
    if event := text(message, "hookEventName"):
        return SessionLine(own_id, time_ns, hook=_hook(event, message))
    content = members(message, "content")
    if text(message, "role") == "assistant":
        asked = tuple(AskedCall(text(block, "id"), text(block, "name"), block.get("input")) for block in content if text(block, "type") == "tool_use")
        return SessionLine(own_id, time_ns, text(message, "modelId"), asked=asked, is_assistant=True)
    answered = tuple(_answers(content))
    said = "\n".join(said for block in content if (said := long_text(block, "text")) and not said.startswith(REMINDER))
    if text(message, "visibility") == "user_only":
        return SessionLine(own_id, time_ns, answered=answered, shown=said)
    is_prompt = bool(said) and not answered and not own_id.startswith(CONTEXT)
    return SessionLine(own_id, time_ns, prompt=said if is_prompt else None, answered=answered)


def _hook(event: str, message: Mapping[str, Any]) -> HookRun:
    began, ended = (integer(message, key) or 0 for key in ("hookStartTime", "hookEndTime"))
    return HookRun(event, text(message, "hookToolCallId"), began * NS_PER_MS, ended * NS_PER_MS)


def _answers(content: list[Json]) -> Iterator[AnsweredCall]:
    for block in content:
        if text(block, "type") == "tool_result":
            yield AnsweredCall(text(block, "tool_use_id"), block.get("content"), block.get("is_error") is True)
