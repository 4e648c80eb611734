"""Amp: what its plugin hands on, as an `AgentEvent`. Written from the documentation of its plugin interface, which calls itself experimental; not
run.

A session is a thread. `tool.call` is a question to which a plugin has to answer whether the call may run, and an answer of ours might stand in
place of a person's: so we do not listen to it, and a call is known by its result alone. When it began nobody says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.amp.identity import NAME, PROVIDER
from hookline.agents.amp.tools import read_tool
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import EventPart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.payload import Json, long_text, member, text
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "event")
    if not (session_id := text(member(source, "thread"), "id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} names no thread")
    kind, read = READERS.get(name, (EventKind.OTHER, _nothing))
    part = read(source, context.policy)
    outcome = part.outcome if isinstance(part, ToolPart | OutcomePart) else None
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        ENDS.get((kind, outcome), kind) if outcome else kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(source, "id") if name in ("agent.start", "agent.end") else "",
        cwd=context.folder,
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        **said(part),
    )


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _started(source: Json, policy: Policy) -> StartPart:
    return StartPart("", "")


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "message")
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return PromptPart("user", len(prompt), digest, policy.input_text(prompt))


def _result(source: Json, policy: Policy) -> ToolPart:
    tool, status = read_tool(source, policy), text(source, "status")
    if status == "error":
        return ToolPart(tool, SpanOutcome.FAILURE, "tool_error", policy.output_text(long_text(source, "error")))
    if status == "cancelled":
        return ToolPart(tool, SpanOutcome.INTERRUPTED, "interrupted")
    return ToolPart(tool, SpanOutcome.SUCCESS)


def _ended(source: Json, policy: Policy) -> OutcomePart:
    status = text(source, "status")
    if status in ("cancelled", "interrupted"):
        return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")
    if status == "error":
        return OutcomePart(SpanOutcome.FAILURE, "error")
    return OutcomePart(SpanOutcome.SUCCESS)


ENDS: Final = {
    (EventKind.TOOL_ENDED, SpanOutcome.FAILURE): EventKind.TOOL_FAILED,
    (EventKind.TOOL_ENDED, SpanOutcome.INTERRUPTED): EventKind.TOOL_INTERRUPTED,
    (EventKind.TURN_ENDED, SpanOutcome.FAILURE): EventKind.TURN_FAILED,
    (EventKind.TURN_ENDED, SpanOutcome.INTERRUPTED): EventKind.TURN_INTERRUPTED,
}
READERS: Final[dict[str, tuple[EventKind, Reader]]] = {
    "session.start": (EventKind.SESSION_STARTED, _started),
    "agent.start": (EventKind.PROMPT_SUBMITTED, _prompt),
    "tool.result": (EventKind.TOOL_ENDED, _result),
    "agent.end": (EventKind.TURN_ENDED, _ended),
}
