"""Goose: a hook's payload as an `AgentEvent`. Written from its documentation, not run.

Every payload names the session, tools' events name the call where the version does that; otherwise calls are paired by tool and input, oldest first.
No event names a prompt or its end by an interrupt, nor tells that a person is asked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import EndPart, EventPart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.goose.identity import NAME, PROVIDER
from hookline.agents.goose.tools import read_tool
from hookline.agents.payload import Json, long_text, text
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "event")
    if not (session_id := text(source, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    kind, read = READERS.get(name, (EventKind.OTHER, _nothing))
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        cwd=context.folder,
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        **said(read(source, context.policy)),
    )


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _started(source: Json, policy: Policy) -> StartPart:
    return StartPart("", "")


def _over(source: Json, policy: Policy) -> EndPart:
    return EndPart("")


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "message")
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return PromptPart("user", len(prompt), digest, policy.input_text(prompt))


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _ended(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.SUCCESS)


def _failed(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.FAILURE, "tool_error")


def _stopped(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "last_assistant_message")))


READERS: Final[dict[str, tuple[EventKind, Reader]]] = {
    "SessionStart": (EventKind.SESSION_STARTED, _started),
    "SessionEnd": (EventKind.SESSION_ENDED, _over),
    "UserPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "PreToolUse": (EventKind.TOOL_STARTED, _tool),
    "PostToolUse": (EventKind.TOOL_ENDED, _ended),
    "PostToolUseFailure": (EventKind.TOOL_FAILED, _failed),
    "Stop": (EventKind.TURN_ENDED, _stopped),
}
