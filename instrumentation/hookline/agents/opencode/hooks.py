"""OpenCode: what its plugin tells (`plugin.js`), or what its database holds, as an `AgentEvent`.

Both have one form: a root session's id, the id of the subagent where it is one's (a child session), the id of the prompt's message, and the
names that OpenCode itself gives its events. A pure function of its arguments.

A call begins when its part is `running`, also where it then waits for a permission; a permission that is granted is when it runs. What is refused
has its end a moment later, as an error of the call. A turn's failure is `session.error`, and no end of its own is told after that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from hookline.agent_event import HOOK, AgentEvent, ToolUse
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import CompactionPart, EndPart, EventPart, OutcomePart, PromptPart, ToolPart, said
from hookline.agents.opencode.identity import NAME, UNATTENDED
from hookline.agents.opencode.tools import KINDS, read_end, read_tool
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.tool_kinds import kind_of
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

ABORTED: Final = "MessageAbortedError"
GRANTS: Final = frozenset({"once", "always"})

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(payload: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(payload, "hook_event_name")
    if not (session_id := text(payload, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    if not name:
        raise Rejected("the payload has no hook_event_name")
    agent_id = text(payload, "agent_id")
    kind, read = _reader(name, payload, is_subagents=bool(agent_id))
    entrypoint = context.env.get("entrypoint", "")
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=text(payload, "provider"),
        prompt_id="" if agent_id else text(payload, "prompt_id"),
        cwd=context.folder,
        transcript_path=text(payload, "transcript_path", MAX_PATH),
        agent_id=agent_id,
        agent_type=text(payload, "agent_type"),
        parent_call_id=text(payload, "parent_call_id"),
        permission_mode=text(payload, "agent"),
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        entrypoint=entrypoint,
        is_attended=entrypoint not in UNATTENDED if entrypoint else None,
        source=context.env.get("source", HOOK),
        model=text(payload, "model"),
        start_source=text(payload, "source") if kind is EventKind.SESSION_STARTED else "",
        **said(read(payload, context.policy) if read else None),
    )


def _reader(name: str, payload: Json, *, is_subagents: bool) -> tuple[EventKind, Reader | None]:
    if name == "message.part.updated":
        return CALLS.get(text(payload, "status"), (EventKind.OTHER, None))
    if name == "permission.replied":
        return (EventKind.TOOL_RUNNING, _granted) if text(payload, "reply") in GRANTS else (EventKind.OTHER, None)
    if name == "session.error" and not is_subagents and text(payload, "error_name") == ABORTED:
        return EventKind.TURN_INTERRUPTED, _interrupted
    return (SUBAGENTS if is_subagents else READERS).get(name, (EventKind.OTHER, None))


def _submitted(payload: Json, policy: Policy) -> PromptPart:
    prompt = long_text(payload, "prompt")
    part = prompt_part(prompt, policy, text(payload, "prompt_source") or "user")
    length = integer(payload, "prompt_length")  # of a text that the plugin cut
    return part if length is None else replace(part, prompt_length=length)


def _called(payload: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(payload, policy))


def _asked(payload: Json, policy: Policy) -> ToolPart:
    name = text(payload, "tool_name") or "unknown"
    return ToolPart(ToolUse(policy.label(name), text(payload, "call_id"), kind=kind_of(name, KINDS)))


def _granted(payload: Json, policy: Policy) -> ToolPart:
    return _asked(payload, policy)


def _ended(payload: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(payload, "answer")))


def _failed(payload: Json, policy: Policy) -> OutcomePart:
    status = integer(payload, "status_code")
    error_type = policy.label(text(payload, "error_name"), 64) or "unknown"
    return OutcomePart(SpanOutcome.FAILURE, f"{error_type}_{status}" if status else error_type, policy.output_text(long_text(payload, "error")))


def _interrupted(payload: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _subagent_failed(payload: Json, policy: Policy) -> OutcomePart:
    return _interrupted(payload, policy) if text(payload, "error_name") == ABORTED else _failed(payload, policy)


def _compaction(payload: Json, policy: Policy) -> CompactionPart:
    return CompactionPart("")


def _disposed(payload: Json, policy: Policy) -> EndPart:
    return EndPart("dispose")


CALLS: Final[Mapping[str, tuple[EventKind, Reader | None]]] = {
    "running": (EventKind.TOOL_STARTED, _called),
    "completed": (EventKind.TOOL_ENDED, read_end),
    "error": (EventKind.TOOL_FAILED, read_end),
}
READERS: Final[Mapping[str, tuple[EventKind, Reader | None]]] = {
    "session.created": (EventKind.SESSION_STARTED, None),
    "chat.message": (EventKind.PROMPT_SUBMITTED, _submitted),
    "permission.asked": (EventKind.PERMISSION_REQUESTED, _asked),
    "session.idle": (EventKind.TURN_ENDED, _ended),
    "session.error": (EventKind.TURN_FAILED, _failed),
    "session.compacting": (EventKind.COMPACTION_STARTED, _compaction),
    "session.compacted": (EventKind.COMPACTION_ENDED, _compaction),
    "dispose": (EventKind.SESSION_ENDED, _disposed),
}
SUBAGENTS: Final[Mapping[str, tuple[EventKind, Reader | None]]] = {
    "session.created": (EventKind.SUBAGENT_STARTED, None),
    "permission.asked": (EventKind.PERMISSION_REQUESTED, _asked),
    "session.idle": (EventKind.SUBAGENT_ENDED, _ended),
    "session.error": (EventKind.SUBAGENT_ENDED, _subagent_failed),
    "session.compacting": (EventKind.COMPACTION_STARTED, _compaction),
    "session.compacted": (EventKind.COMPACTION_ENDED, _compaction),
}
