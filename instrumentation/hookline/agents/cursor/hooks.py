"""Cursor: a hook's payload as an `AgentEvent`. Written from its documentation (hooks of version 1), not run.

A session is a conversation (`conversation_id`), a prompt a generation (`generation_id`). The events of a tool (`preToolUse`, `postToolUse`,
`postToolUseFailure`) tell of every call; those of shells, servers and files tell of the same calls once more and are kept as other events.

Cursor also runs hooks that stand in settings files of other agents, with those files' names for events: what gives it away is `cursor_version`, or a
conversation with a generation (`is_cursors`). Of these only who and when is kept, since its own hooks tell the rest where they are installed, and
one of two tellings would count twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.client_process import parent_pid
from hookline.agents.cursor.identity import NAME, PROVIDER
from hookline.agents.cursor.tools import read_tool
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import CompactionPart, EndPart, EventPart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.payload import MAX_PATH, Json, flag, long_text, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

Reader = Callable[[Json, Policy], EventPart | None]


def is_cursors(payload: Json) -> bool:
    """Whether a payload is Cursor's, whoever's settings its hook stands in."""
    return "cursor_version" in payload or ("conversation_id" in payload and "generation_id" in payload)


def folder(source: Json) -> str:
    """Return the folder of an event: its own, or the first of the workspace."""
    roots = source.get("workspace_roots")
    first = text({"root": roots[0]}, "root", MAX_PATH) if isinstance(roots, list) and roots else ""
    return text(source, "cwd", MAX_PATH) or first


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "hook_event_name")
    session_id = text(source, "conversation_id") or text(source, "session_id")
    if not session_id:
        raise Rejected(f"the payload of {NAME}'s {name or 'unnamed event'} has no conversation_id")
    is_own = context.env.get("agent") == NAME
    kind, read = READERS.get(name, (EventKind.OTHER, _nothing)) if is_own else (EventKind.OTHER, _nothing)
    part = read(source, context.policy)
    is_of_agent = kind in (EventKind.SUBAGENT_STARTED, EventKind.SUBAGENT_ENDED)
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        _kind(kind, part),
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(source, "generation_id"),
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        agent_id=text(source, "subagent_id") if is_of_agent else "",
        agent_type=text(source, "subagent_type") if is_of_agent else "",
        parent_call_id=text(source, "tool_call_id") if is_of_agent else "",
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        **({"model": text(source, "model")} | said(part)),
    )


def _kind(kind: EventKind, part: EventPart | None) -> EventKind:
    """Return the kind of an end by its outcome."""
    outcome = part.outcome if isinstance(part, ToolPart | OutcomePart) else None
    return ENDS.get((kind, outcome), kind) if outcome else kind


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _session_started(source: Json, policy: Policy) -> StartPart:
    return StartPart(text(source, "composer_mode"), text(source, "model"))


def _session_ended(source: Json, policy: Policy) -> EndPart:
    return EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "prompt")
    return prompt_part(prompt, policy)


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _tool_ended(source: Json, policy: Policy) -> ToolPart:
    tool = read_tool(source, policy)
    return ToolPart(tool, SpanOutcome.FAILURE, f"exit_{tool.exit_code}") if tool.exit_code else ToolPart(tool, SpanOutcome.SUCCESS)


def _tool_failed(source: Json, policy: Policy) -> ToolPart:
    error, failure = long_text(source, "error_message"), text(source, "failure_type")
    tool = replace(read_tool(source, policy), output_size=len(error.encode("utf-8", "surrogatepass")))
    if flag(source, "is_interrupt") is True:
        return ToolPart(tool, SpanOutcome.INTERRUPTED, "interrupted", policy.output_text(error))
    if failure == "permission_denied":
        return ToolPart(tool, SpanOutcome.DENIED, "denied", policy.output_text(error))
    return ToolPart(tool, SpanOutcome.FAILURE, "timeout" if failure == "timeout" else "tool_error", policy.output_text(error))


def _ended(source: Json, policy: Policy) -> OutcomePart:
    status = text(source, "status")
    if status == "aborted":
        return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")
    if status == "error":
        return OutcomePart(SpanOutcome.FAILURE, "error", policy.output_text(long_text(source, "error_message")))
    return OutcomePart(SpanOutcome.SUCCESS)


def _compaction(source: Json, policy: Policy) -> CompactionPart:
    return CompactionPart(text(source, "trigger"))


ENDS: Final = {
    (EventKind.TOOL_FAILED, SpanOutcome.DENIED): EventKind.PERMISSION_DENIED,
    (EventKind.TOOL_FAILED, SpanOutcome.INTERRUPTED): EventKind.TOOL_INTERRUPTED,
    (EventKind.TOOL_ENDED, SpanOutcome.FAILURE): EventKind.TOOL_FAILED,
    (EventKind.TURN_ENDED, SpanOutcome.FAILURE): EventKind.TURN_FAILED,
    (EventKind.TURN_ENDED, SpanOutcome.INTERRUPTED): EventKind.TURN_INTERRUPTED,
}
READERS: Final[dict[str, tuple[EventKind, Reader]]] = {
    "sessionStart": (EventKind.SESSION_STARTED, _session_started),
    "sessionEnd": (EventKind.SESSION_ENDED, _session_ended),
    "beforeSubmitPrompt": (EventKind.PROMPT_SUBMITTED, _prompt),
    "preToolUse": (EventKind.TOOL_STARTED, _tool),
    "postToolUse": (EventKind.TOOL_ENDED, _tool_ended),
    "postToolUseFailure": (EventKind.TOOL_FAILED, _tool_failed),
    "subagentStart": (EventKind.SUBAGENT_STARTED, _nothing),
    "subagentStop": (EventKind.SUBAGENT_ENDED, _ended),
    "stop": (EventKind.TURN_ENDED, _ended),
    "preCompact": (EventKind.COMPACTION_STARTED, _compaction),
}
