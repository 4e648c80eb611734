"""Kiro's command line: a hook's payload as an `AgentEvent`. Written from its documentation, not run.

Five events, and none names a call, a prompt or a session. Where a payload has no `session_id`, a session is a run of the client: its process
(`process-<pid>`, with the moment of its creation behind it where that can still be looked up, since pids come round again). Calls are paired by
tool and input, oldest first. Nothing tells a session's end: it ends with its process.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import EventPart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.kiro.identity import NAME, PROVIDER
from hookline.agents.kiro.tools import read_tool
from hookline.agents.payload import Json, long_text, member, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

PROCESS: Final = "process-"

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name, pid = text(source, "hook_event_name"), parent_pid(context.env)
    session_id = text(source, "session_id") or (f"{PROCESS}{pid}" if pid else "")
    if not name or not session_id:
        raise Rejected(f"the payload of {name} names no session, and the hook no process" if name else "the payload names no event")
    kind, read = READERS.get(name[:1].lower() + name[1:], (EventKind.OTHER, _nothing))
    part = read(source, context.policy)
    is_failure = kind is EventKind.TOOL_ENDED and isinstance(part, ToolPart) and part.outcome is SpanOutcome.FAILURE
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        EventKind.TOOL_FAILED if is_failure else kind,
        session_id,
        name,
        provider=PROVIDER,
        cwd=context.folder,
        pid=pid,
        place=context.place,
        capture_level=context.policy.level,
        **said(part),
    )


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _spawned(source: Json, policy: Policy) -> StartPart:
    return StartPart("startup", "")


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "prompt")
    return prompt_part(prompt, policy)


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _tool_ended(source: Json, policy: Policy) -> ToolPart:
    tool = read_tool(source, policy)
    if member(source, "tool_response").get("success") is False:
        return ToolPart(tool, SpanOutcome.FAILURE, "tool_error")
    return ToolPart(tool, SpanOutcome.SUCCESS)


def _stopped(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "assistant_response")))


READERS: Final[dict[str, tuple[EventKind, Reader]]] = {
    "agentSpawn": (EventKind.SESSION_STARTED, _spawned),
    "userPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "preToolUse": (EventKind.TOOL_STARTED, _tool),
    "postToolUse": (EventKind.TOOL_ENDED, _tool_ended),
    "stop": (EventKind.TURN_ENDED, _stopped),
}
