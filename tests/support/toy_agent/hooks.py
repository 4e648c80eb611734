"""Toy's hooks: a payload as an `AgentEvent`."""

from collections.abc import Callable
from typing import Final

from hookline.agent_event import AgentEvent, ToolUse
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import EventPart, OutcomePart, PromptPart, ToolPart, said
from hookline.agents.payload import Json, integer, long_text, text
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

NAME: Final = "toy"
PROVIDER: Final = "acme"


def read_event(payload: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload."""
    if not (session_id := text(payload, "conversation")):
        raise Rejected("the payload names no conversation")
    name = text(payload, "what")
    kind, read = READERS.get(name, (EventKind.OTHER, None))
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(payload, "turn"),
        cwd=context.folder,
        place=context.place,
        capture_level=context.policy.level,
        **said(read(payload, context.policy) if read else None),
    )


def _asked(payload: Json, policy: Policy) -> PromptPart:
    prompt = long_text(payload, "text")
    return PromptPart("user", len(prompt), "", policy.input_text(prompt))


def _tool(payload: Json, policy: Policy) -> ToolUse:
    name, command = text(payload, "tool"), long_text(payload, "command")
    return ToolUse(policy.label(name), text(payload, "call"), input_text=policy.input_text(command), exit_code=integer(payload, "exit"))


def _began(payload: Json, policy: Policy) -> ToolPart:
    return ToolPart(_tool(payload, policy))


def _ended(payload: Json, policy: Policy) -> ToolPart:
    tool = _tool(payload, policy)
    return ToolPart(tool, SpanOutcome.FAILURE, f"exit_{tool.exit_code}") if tool.exit_code else ToolPart(tool, SpanOutcome.SUCCESS)


def _done(payload: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(payload, "text")))


READERS: Final[dict[str, tuple[EventKind, Callable[[Json, Policy], EventPart]]]] = {
    "asked": (EventKind.PROMPT_SUBMITTED, _asked),
    "tool-began": (EventKind.TOOL_STARTED, _began),
    "tool-ended": (EventKind.TOOL_ENDED, _ended),
    "done": (EventKind.TURN_ENDED, _done),
}
