"""What a reader of one kind of payload says of its event: partial `AgentEvent`s, each with the fields that belong together.

An adapter makes the part that every event has (`AgentEvent(...)` itself), its readers one of these, and `said` gives them to it.
A field has the name and the type that it has in `AgentEvent`; a part says all its fields.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from hookline.agent_event import BatchCall, ToolUse, UsageLimits
from hookline.contract.events import SpanOutcome


@dataclass(frozen=True, slots=True)
class StartPart:
    """A session's start."""

    start_source: str
    model: str


@dataclass(frozen=True, slots=True)
class EndPart:
    """A session's end."""

    end_reason: str


@dataclass(frozen=True, slots=True)
class PromptPart:
    """A prompt: where it comes from and its measures; `background_id` is what a task's notice is about."""

    prompt_source: str
    prompt_length: int
    prompt_hash: str
    prompt_text: str
    background_id: str = ""


@dataclass(frozen=True, slots=True)
class ToolPart:
    """A tool call, and how it ended where it did."""

    tool: ToolUse
    outcome: SpanOutcome | None = None
    error_type: str = ""
    error_text: str = ""


@dataclass(frozen=True, slots=True)
class BatchPart:
    """A batch of calls that is over."""

    batch: tuple[BatchCall, ...]


@dataclass(frozen=True, slots=True)
class OutcomePart:
    """The end of a turn or a subagent: how, with what error or answer, and what goes on in the background."""

    outcome: SpanOutcome
    error_type: str = ""
    error_text: str = ""
    answer_text: str = ""
    running_agents: tuple[str, ...] = ()
    running: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class NoticePart:
    """A notice to the person."""

    notification_type: str


@dataclass(frozen=True, slots=True)
class CompactionPart:
    """A compaction's beginning or end."""

    compaction_trigger: str


@dataclass(frozen=True, slots=True)
class ElicitationPart:
    """A server's question, or a person's answer to it."""

    mcp_server: str
    elicitation_id: str
    outcome: SpanOutcome | None


@dataclass(frozen=True, slots=True)
class BackgroundPart:
    """Something that ended in the background."""

    background_id: str
    background_type: str
    tool: ToolUse | None


@dataclass(frozen=True, slots=True)
class SuspendPart:
    """A sleep of the machine."""

    slept_ns: int


@dataclass(frozen=True, slots=True)
class StatusPart:
    """What a status line reports."""

    limits: UsageLimits
    model: str


EventPart = (
    StartPart
    | EndPart
    | PromptPart
    | ToolPart
    | BatchPart
    | OutcomePart
    | NoticePart
    | CompactionPart
    | ElicitationPart
    | BackgroundPart
    | SuspendPart
    | StatusPart
)


def said(part: EventPart | None) -> dict[str, Any]:
    """Return a part as the fields of an `AgentEvent`, to be given to it with those of the adapter's own."""
    if part is None:
        return {}
    kind: Any = part.__class__
    names, values_of = _fields(kind)
    return dict(zip(names, values_of(part), strict=True))


@functools.cache
def _fields(kind: Any) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    """Return a part's field names, and what reads them all at once."""
    names = tuple(field.name for field in fields(kind))
    read = attrgetter(*names)
    return names, read if len(names) > 1 else lambda part: (read(part),)
