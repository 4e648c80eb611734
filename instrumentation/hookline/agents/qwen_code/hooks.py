"""Qwen Code: a hook's payload as an `AgentEvent`.

The client took another agent's events over, names and all, and differs in what they mean:

    UserPromptSubmit    fires again with an empty prompt after every batch of calls: no prompt
    PermissionRequest   comes before PreToolUse, without an id; PreToolUse only comes once the call is allowed
    PostToolBatch       once a call, mostly; of a refused call it is the only word (`tools.was_refused`)
    prompt_id           `<session>########<n>`; numbers are left out, a command of the client's own takes one, and some events name none
    SubagentStop        says of itself that it still runs
    a stopped turn      has no Stop; in a terminal the notice that the client waits follows

Beside the client's own events stand those that its session file shows; they have names of their own (`BESIDE`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import BatchPart, CompactionPart, EndPart, EventPart, NoticePart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.payload import MAX_PATH, Json, long_text, members, text
from hookline.agents.prompt_measures import prompt_part
from hookline.agents.qwen_code.identity import NAME, PROVIDER
from hookline.agents.qwen_code.tools import read_batch, read_tool, read_tool_end, read_tool_failure
from hookline.agents.told_time import happened_ns
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

MAX_TASKS: Final = 100
Reader = Callable[[Json, Policy, str], tuple[EventKind, EventPart | None]]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "hook_event_name")
    if not (session_id := text(source, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    if not name:
        raise Rejected("the payload has no hook_event_name")
    source_name = context.env.get("source", HOOK)
    is_beside = source_name in SEEN_BESIDE_HOOKS
    read = (BESIDE.get(name) if is_beside else None) or READERS.get(name, _other)
    kind, part = read(source, context.policy, context.folder)
    agent_id, agent_type = text(source, "agent_id"), text(source, "agent_type")
    return AgentEvent(
        context.time_ns if is_beside else happened_ns(source, context.time_ns),
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=_prompt_id(source, session_id, kind),
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        agent_id=agent_id,
        agent_type=agent_type,
        parent_call_id=parent_call(agent_id, agent_type),
        permission_mode=text(source, "permission_mode"),
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=source_name if is_beside else HOOK,
        is_beside=is_beside,
        **said(part),
    )


def parent_call(agent_id: str, agent_type: str) -> str:
    """Return the call that started a subagent: its id says so."""
    return agent_id.removeprefix(f"{agent_type}-") if agent_type and agent_id.startswith(f"{agent_type}-") else ""


def _prompt_id(source: Json, session_id: str, kind: EventKind) -> str:
    """Return the prompt's id, where it is this session's and a person's: compressing takes a number of its own."""
    found = text(source, "prompt_id")
    is_own = found.startswith(f"{session_id}########") and kind not in (EventKind.COMPACTION_STARTED, EventKind.COMPACTION_ENDED)
    return found if is_own else ""


def _other(source: Json, policy: Policy, folder: str) -> tuple[EventKind, None]:
    return EventKind.OTHER, None


def _session_started(source: Json, policy: Policy, folder: str) -> tuple[EventKind, StartPart]:
    return EventKind.SESSION_STARTED, StartPart(text(source, "source"), text(source, "model"))


def _session_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, EndPart]:
    return EventKind.SESSION_ENDED, EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy, folder: str) -> tuple[EventKind, PromptPart | None]:
    prompt = long_text(source, "prompt")
    if not prompt:
        return EventKind.OTHER, None
    return EventKind.PROMPT_SUBMITTED, prompt_part(prompt, policy)


def _tool(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    return EventKind.TOOL_STARTED, ToolPart(read_tool(source, policy, folder))


def _permission(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    return EventKind.PERMISSION_REQUESTED, ToolPart(replace(read_tool(source, policy, folder), asks_ahead=True))


def _permission_denied(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    error = policy.output_text(long_text(source, "reason"))
    return EventKind.PERMISSION_DENIED, ToolPart(read_tool(source, policy, folder), SpanOutcome.DENIED, "denied", error)


def _tool_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    tool, end = read_tool_end(source, policy, folder)
    kind = EventKind.TOOL_FAILED if end.outcome is SpanOutcome.FAILURE else EventKind.TOOL_ENDED
    return kind, ToolPart(tool, end.outcome, end.error_type)


def _tool_failed(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    tool, end, error = read_tool_failure(source, policy, folder)
    return EventKind.TOOL_FAILED, ToolPart(tool, end.outcome, end.error_type, policy.output_text(error))


def _tool_interrupted(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    return EventKind.TOOL_INTERRUPTED, ToolPart(read_tool(source, policy, folder), SpanOutcome.INTERRUPTED, "interrupted")


def _batch(source: Json, policy: Policy, folder: str) -> tuple[EventKind, BatchPart]:
    return EventKind.TOOL_BATCH_ENDED, BatchPart(read_batch(source, folder))


def _notification(source: Json, policy: Policy, folder: str) -> tuple[EventKind, NoticePart]:
    return EventKind.NOTIFICATION, NoticePart(text(source, "notification_type"))


def _subagent_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    return EventKind.SUBAGENT_ENDED, OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "last_assistant_message")))


def _turn_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    tasks = members(source, "background_tasks", MAX_TASKS)
    running = tuple(text(task, "id") for task in tasks if text(task, "status") == "running")
    agents = tuple(text(task, "id") for task in tasks if text(task, "agent_type") and text(task, "status") == "running")
    answer = policy.output_text(long_text(source, "last_assistant_message"))
    known = running if isinstance(source.get("background_tasks"), list) else None
    return EventKind.TURN_ENDED, OutcomePart(SpanOutcome.SUCCESS, answer_text=answer, running_agents=agents, running=known)


def _turn_failed(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    details = long_text(source, "error_details") or long_text(source, "last_assistant_message")
    return EventKind.TURN_FAILED, OutcomePart(SpanOutcome.FAILURE, policy.label(text(source, "error"), 64) or "unknown", policy.output_text(details))


def _turn_interrupted(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    return EventKind.TURN_INTERRUPTED, OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _compaction_started(source: Json, policy: Policy, folder: str) -> tuple[EventKind, CompactionPart]:
    return EventKind.COMPACTION_STARTED, CompactionPart(text(source, "trigger"))


def _compaction_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, CompactionPart]:
    return EventKind.COMPACTION_ENDED, CompactionPart(text(source, "trigger"))


def _subagent_started(source: Json, policy: Policy, folder: str) -> tuple[EventKind, None]:
    return EventKind.SUBAGENT_STARTED, None


READERS: Final[Mapping[str, Reader]] = {
    "SessionStart": _session_started,
    "SessionEnd": _session_ended,
    "UserPromptSubmit": _prompt,
    "PreToolUse": _tool,
    "PermissionRequest": _permission,
    "PermissionDenied": _permission_denied,
    "PostToolUse": _tool_ended,
    "PostToolUseFailure": _tool_failed,
    "PostToolBatch": _batch,
    "Notification": _notification,
    "SubagentStart": _subagent_started,
    "SubagentStop": _subagent_ended,
    "Stop": _turn_ended,
    "StopFailure": _turn_failed,
    "PreCompact": _compaction_started,
    "PostCompact": _compaction_ended,
}

# What the session file shows (`signs.py`, `transcripts.py`), under names that no hook has.
BESIDE: Final[Mapping[str, Reader]] = {
    "TurnInterrupted": _turn_interrupted,
    "ToolInterrupted": _tool_interrupted,
}
