"""Claude Code: a hook's or status line's payload as an `AgentEvent`.

A pure function of its arguments. All 31 events are known; those that no span is made of, and any that a newer client
brings, become `other`. Unknown fields are ignored and wrong types cost only their field. Unusable, and so Rejected, is what has
no session or no name. Prompts, inputs and outputs pass the project's capture policy here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, STATUSLINE, AgentEvent, ToolUse, UsageLimits
from hookline.agents.claude_code.identity import NAME, PROVIDER, UNATTENDED
from hookline.agents.claude_code.tools import read_batch, read_error, read_tool, was_interrupted
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import (
    BackgroundPart,
    BatchPart,
    CompactionPart,
    ElicitationPart,
    EndPart,
    EventPart,
    NoticePart,
    OutcomePart,
    PromptPart,
    StartPart,
    StatusPart,
    ToolPart,
    said,
)
from hookline.agents.payload import MAX_PATH, Json, flag, integer, long_text, member, members, number, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

TASK_NOTIFICATION: Final = "<task-notification>"
TASK_ID: Final = re.compile(r"<task-id>([A-Za-z0-9_.:-]{1,128})</task-id>")
TYPED_AHEAD: Final = frozenset({"queued", "absorbed"})
MAX_RUNNING_AGENTS: Final = 100

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    env = context.env
    is_status = env.get("kind") == STATUSLINE
    name = "StatusLine" if is_status else text(source, "hook_event_name")
    if not (session_id := text(source, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    if not name:
        raise Rejected("the payload has no hook_event_name")
    source_name = env.get("source", HOOK)
    is_beside = source_name in SEEN_BESIDE_HOOKS
    of_relay = BESIDE.get(name) if is_beside else None
    kind, read = (EventKind.STATUS, _status) if is_status else of_relay or READERS.get(name, (EventKind.OTHER, _nothing))
    entrypoint = env.get("entrypoint", "") or text(source, "entrypoint")
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(source, "prompt_id"),
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        agent_id=text(source, "agent_id"),
        agent_type=text(source, "agent_type"),
        permission_mode=text(source, "permission_mode"),
        effort=text(member(source, "effort"), "level"),
        pid=_pid(env),
        place=context.place,
        capture_level=context.policy.level,
        account=env.get("account", ""),
        entrypoint=entrypoint,
        is_attended=not entrypoint.startswith(UNATTENDED) if entrypoint else None,
        source=STATUSLINE if is_status else source_name if is_beside else HOOK,
        is_beside=is_beside,
        **said(read(source, context.policy)),
    )


def folder(source: Json) -> str:
    """Return the folder in which the session now is: after a change the new one."""
    return text(source, "new_cwd", MAX_PATH) or text(source, "cwd", MAX_PATH) or text(member(source, "workspace"), "current_dir", MAX_PATH)


def _pid(env: Mapping[str, str]) -> int | None:
    given = env.get("claude_pid", "")
    return int(given) if given.isascii() and given.isdigit() and 0 < len(given) < 11 and int(given) > 1 else None


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _session_started(source: Json, policy: Policy) -> StartPart:
    return StartPart(text(source, "source"), _model(source))


def _session_ended(source: Json, policy: Policy) -> EndPart:
    return EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "prompt")
    is_notice = prompt.startswith(TASK_NOTIFICATION)
    task = TASK_ID.search(prompt[:MAX_PATH]) if is_notice else None
    told = text(source, "prompt_source")
    prompt_source = "task_notification" if is_notice else told if told in TYPED_AHEAD else "user"
    return prompt_part(prompt, policy, prompt_source, task[1] if task else "")


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _tool_ended(source: Json, policy: Policy) -> ToolPart:
    tool = read_tool(source, policy, has_response=True)
    return ToolPart(tool, SpanOutcome.INTERRUPTED, "interrupted") if was_interrupted(source) else ToolPart(tool, SpanOutcome.SUCCESS)


def _tool_failed(source: Json, policy: Policy) -> ToolPart:
    error = long_text(source, "error")
    error_type, exit_code = read_error(error, flag(source, "is_interrupt") is True)
    outcome = {"interrupted": SpanOutcome.INTERRUPTED, "denied": SpanOutcome.DENIED}.get(error_type, SpanOutcome.FAILURE)
    tool = replace(read_tool(source, policy), output_size=len(error.encode("utf-8", "surrogatepass")), exit_code=exit_code)
    return ToolPart(tool, outcome, error_type, policy.output_text(error))


def _permission_denied(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.DENIED, "denied", policy.output_text(long_text(source, "reason")))


def _batch(source: Json, policy: Policy) -> BatchPart:
    return BatchPart(read_batch(source))


def _notification(source: Json, policy: Policy) -> NoticePart:
    return NoticePart(text(source, "notification_type"))


def _subagent_ended(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "last_assistant_message")))


def _turn_ended(source: Json, policy: Policy) -> OutcomePart:
    tasks = members(source, "background_tasks", MAX_RUNNING_AGENTS)
    agents = tuple(text(task, "id") for task in tasks if text(task, "type") == "subagent")
    running = tuple(text(task, "id") for task in tasks if text(task, "id")) if isinstance(source.get("background_tasks"), list) else None
    answer = policy.output_text(long_text(source, "last_assistant_message"))
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=answer, running_agents=agents, running=running)


def _turn_failed(source: Json, policy: Policy) -> OutcomePart:
    details = long_text(source, "error_details") or long_text(source, "last_assistant_message")
    return OutcomePart(SpanOutcome.FAILURE, policy.label(text(source, "error"), 64) or "unknown", policy.output_text(details))


def _interrupted(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _tool_interrupted(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.INTERRUPTED, "interrupted")


def _background(source: Json, policy: Policy) -> BackgroundPart:
    call_id = text(source, "tool_use_id")
    tool = ToolUse(text(source, "tool_name"), call_id) if call_id else None
    return BackgroundPart(text(source, "background_id"), text(source, "background_type"), tool)


def _compaction(source: Json, policy: Policy) -> CompactionPart:
    return CompactionPart(text(source, "trigger"))


def _elicitation(source: Json, policy: Policy) -> ElicitationPart:
    answers = {"accept": SpanOutcome.SUCCESS, "decline": SpanOutcome.DENIED, "cancel": SpanOutcome.CANCELLED}
    return ElicitationPart(text(source, "mcp_server_name"), text(source, "elicitation_id"), answers.get(text(source, "action")))


def _status(source: Json, policy: Policy) -> StatusPart:
    five_hour = member(member(source, "rate_limits"), "five_hour")
    seven_day = member(member(source, "rate_limits"), "seven_day")
    context = member(source, "context_window")
    limits = UsageLimits(
        five_hour_percent=number(five_hour, "used_percentage"),
        five_hour_resets_at=integer(five_hour, "resets_at"),
        seven_day_percent=number(seven_day, "used_percentage"),
        seven_day_resets_at=integer(seven_day, "resets_at"),
        context_percent=number(context, "used_percentage"),
        context_size=integer(context, "context_window_size"),
        cost_usd=number(member(source, "cost"), "total_cost_usd"),
    )
    return StatusPart(limits, text(member(source, "model"), "id"))


def _model(source: Json) -> str:
    """Return the model's id: a text, or an object with an id."""
    return text(source, "model") or text(member(source, "model"), "id")


READERS: Final[Mapping[str, tuple[EventKind, Reader]]] = {
    "SessionStart": (EventKind.SESSION_STARTED, _session_started),
    "SessionEnd": (EventKind.SESSION_ENDED, _session_ended),
    "UserPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "PreToolUse": (EventKind.TOOL_STARTED, _tool),
    "PermissionRequest": (EventKind.PERMISSION_REQUESTED, _tool),
    "PermissionDenied": (EventKind.PERMISSION_DENIED, _permission_denied),
    "PostToolUse": (EventKind.TOOL_ENDED, _tool_ended),
    "PostToolUseFailure": (EventKind.TOOL_FAILED, _tool_failed),
    "PostToolBatch": (EventKind.TOOL_BATCH_ENDED, _batch),
    "Notification": (EventKind.NOTIFICATION, _notification),
    "SubagentStart": (EventKind.SUBAGENT_STARTED, _nothing),
    "SubagentStop": (EventKind.SUBAGENT_ENDED, _subagent_ended),
    "Stop": (EventKind.TURN_ENDED, _turn_ended),
    "StopFailure": (EventKind.TURN_FAILED, _turn_failed),
    "PreCompact": (EventKind.COMPACTION_STARTED, _compaction),
    "PostCompact": (EventKind.COMPACTION_ENDED, _compaction),
    "CwdChanged": (EventKind.CWD_CHANGED, _nothing),
    "Elicitation": (EventKind.ELICITATION_REQUESTED, _elicitation),
    "ElicitationResult": (EventKind.ELICITATION_ANSWERED, _elicitation),
    # Told as they are, no span is made of them.
    "Setup": (EventKind.OTHER, _nothing),
    "InstructionsLoaded": (EventKind.OTHER, _nothing),
    "UserPromptExpansion": (EventKind.OTHER, _nothing),
    "MessageDisplay": (EventKind.OTHER, _nothing),
    "TaskCreated": (EventKind.OTHER, _nothing),
    "TaskCompleted": (EventKind.OTHER, _nothing),
    "TeammateIdle": (EventKind.OTHER, _nothing),
    "ConfigChange": (EventKind.OTHER, _nothing),
    "DirectoryAdded": (EventKind.OTHER, _nothing),
    "FileChanged": (EventKind.OTHER, _nothing),
    "WorktreeCreate": (EventKind.OTHER, _nothing),
    "WorktreeRemove": (EventKind.OTHER, _nothing),
}

# What transcripts and the client's files show beside the hooks (`seen.py`, `client_states.py`).
BESIDE: Final[Mapping[str, tuple[EventKind, Reader]]] = {
    "TurnInterrupted": (EventKind.TURN_INTERRUPTED, _interrupted),
    "ToolInterrupted": (EventKind.TOOL_INTERRUPTED, _tool_interrupted),
    "BackgroundEnded": (EventKind.BACKGROUND_ENDED, _background),
}
