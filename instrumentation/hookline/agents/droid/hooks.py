"""Droid: a hook's payload as an `AgentEvent`.

What is its own, and what its session file makes up for (`completing.py`):

- No event names a call or, but for `UserPromptSubmit`, a prompt.
- `droid exec` has no event of the prompt: its turn begins with the first call, until the session file shows the prompt.
- A call that failed, was refused or stopped has no PostToolUse.
- `Stop` comes also after an API error and after Escape.
- That a person is asked is a Notification, which names no call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent, ToolUse
from hookline.agents.client_process import parent_pid
from hookline.agents.droid.identity import NAME, PROVIDER
from hookline.agents.droid.tools import OUTCOMES, read_error, read_tool
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import CompactionPart, EndPart, EventPart, NoticePart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.payload import MAX_PATH, Json, long_text, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

PERMISSION: Final = "permission_prompt"
_STATUS: Final = re.compile(r"\b([45]\d\d)\b")

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "hook_event_name")
    if not (session_id := text(source, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    if not name:
        raise Rejected("the payload has no hook_event_name")
    told_by = context.env.get("source", HOOK)
    is_beside = told_by in SEEN_BESIDE_HOOKS
    kind, read = READERS.get(name, (EventKind.OTHER, _nothing))
    if name == "Notification" and text(source, "notification_type") == PERMISSION:
        kind, read = EventKind.PERMISSION_REQUESTED, _asked
    part = read(source, context.policy)
    is_prompt = name == "UserPromptSubmit"
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        ended_as(kind, part),
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(source, "prompt_id") or (text(source, "message_id") if is_prompt else ""),
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        permission_mode=text(source, "permission_mode"),
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=told_by if is_beside else HOOK,
        is_beside=is_beside,
        **said(part),
    )


def failure_of(message: str) -> str:
    """Return the error type of what Droid shows when a request to the model failed."""
    found = _STATUS.search(message[:200])
    return f"http_{found[1]}" if found else "api_error"


def ended_as(kind: EventKind, part: EventPart | None) -> EventKind:
    """Return the kind of a call's end by its outcome: one that was refused or stopped did not fail."""
    if kind is not EventKind.TOOL_FAILED or not isinstance(part, ToolPart) or part.outcome is None:
        return kind
    return {SpanOutcome.DENIED: EventKind.PERMISSION_DENIED, SpanOutcome.INTERRUPTED: EventKind.TOOL_INTERRUPTED}.get(part.outcome, kind)


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _session_started(source: Json, policy: Policy) -> StartPart:
    return StartPart(text(source, "source"), text(source, "model"))


def _session_ended(source: Json, policy: Policy) -> EndPart:
    return EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "prompt")
    return prompt_part(prompt, policy)


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _asked(source: Json, policy: Policy) -> ToolPart:
    """A person is asked, of a call that the notification does not name."""
    return ToolPart(ToolUse("", text(source, "tool_use_id")))


def _tool_ended(source: Json, policy: Policy) -> ToolPart:
    tool = read_tool(source, policy)
    if tool.exit_code:
        return ToolPart(tool, SpanOutcome.FAILURE, f"exit_{tool.exit_code}", policy.output_text(long_text(source, "tool_response")))
    return ToolPart(tool, SpanOutcome.SUCCESS)


def _tool_failed(source: Json, policy: Policy) -> ToolPart:
    error = long_text(source, "error")
    error_type, exit_code = read_error(error)
    tool = replace(read_tool(source, policy), output_size=len(error.encode("utf-8", "surrogatepass")), exit_code=exit_code)
    return ToolPart(tool, OUTCOMES.get(error_type, SpanOutcome.FAILURE), error_type, policy.output_text(error))


def _notification(source: Json, policy: Policy) -> NoticePart:
    return NoticePart(text(source, "notification_type"))


def _subagent_ended(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS)


def _turn_ended(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS)


def _turn_failed(source: Json, policy: Policy) -> OutcomePart:
    error = long_text(source, "error")
    return OutcomePart(SpanOutcome.FAILURE, failure_of(error), policy.output_text(error))


def _interrupted(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _compaction(source: Json, policy: Policy) -> CompactionPart:
    return CompactionPart(text(source, "trigger"))


READERS: Final[Mapping[str, tuple[EventKind, Reader]]] = {
    "SessionStart": (EventKind.SESSION_STARTED, _session_started),
    "SessionEnd": (EventKind.SESSION_ENDED, _session_ended),
    "UserPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "PreToolUse": (EventKind.TOOL_STARTED, _tool),
    "PostToolUse": (EventKind.TOOL_ENDED, _tool_ended),
    "PostToolUseFailure": (EventKind.TOOL_FAILED, _tool_failed),  # what the session file shows
    "Notification": (EventKind.NOTIFICATION, _notification),
    "SubagentStop": (EventKind.OTHER, _nothing),  # of the call `Task`, whose own end says more
    "Stop": (EventKind.TURN_ENDED, _turn_ended),
    "StopFailure": (EventKind.TURN_FAILED, _turn_failed),  # what the session file shows, as the next two
    "TurnInterrupted": (EventKind.TURN_INTERRUPTED, _interrupted),
    "PreCompact": (EventKind.COMPACTION_STARTED, _compaction),
}
