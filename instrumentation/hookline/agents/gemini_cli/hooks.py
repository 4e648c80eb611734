"""Gemini CLI: a hook's payload as an `AgentEvent`.

What the client does not say stays empty: it names neither prompts nor calls, so the fold makes their ids and finds a call's end by tool and input.

    Notification ToolPermission   names the command, file or MCP tool that a person is asked about, and its tool only where the title says it
    PreCompress auto              fires before every request to the model, whether anything is compressed or not: no event of ours
    a refused call, Escape        nothing until the next prompt; the session file says it at once (`signs.py`)
    BeforeAgent                   also comes when the client itself nudges a model that gave no answer: the turn goes on

Beside the client's own events stand those that its session file shows; they have names of their own (`BESIDE`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent, ToolUse
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import CompactionPart, EndPart, EventPart, NoticePart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.gemini_cli.identity import NAME, NUDGE, PROVIDER
from hookline.agents.gemini_cli.tools import mcp_call, read_tool, read_tool_end
from hookline.agents.gemini_family import SHELL, whole_path
from hookline.agents.measures import measure
from hookline.agents.payload import MAX_PATH, Json, long_text, member, text
from hookline.agents.prompt_measures import prompt_part
from hookline.agents.told_time import happened_ns
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.tool_kinds import ToolKind
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

_TITLES: Final = ((re.compile(r"Confirm Edit: "), "replace"), (re.compile(r"Confirm Write: "), "write_file"))

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
    return AgentEvent(
        context.time_ns if is_beside else happened_ns(source, context.time_ns),
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(source, "prompt_id"),  # only from session files
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        agent_id=text(source, "agent_id"),
        agent_type=text(source, "agent_type"),
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=source_name if is_beside else HOOK,
        is_beside=is_beside,
        **said(part),
    )


def _other(source: Json, policy: Policy, folder: str) -> tuple[EventKind, None]:
    return EventKind.OTHER, None


def _session_started(source: Json, policy: Policy, folder: str) -> tuple[EventKind, StartPart]:
    return EventKind.SESSION_STARTED, StartPart(text(source, "source"), "")


def _session_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, EndPart]:
    return EventKind.SESSION_ENDED, EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy, folder: str) -> tuple[EventKind, PromptPart | None]:
    prompt = long_text(source, "prompt")
    if prompt.startswith(NUDGE):
        return EventKind.OTHER, None
    return EventKind.PROMPT_SUBMITTED, prompt_part(prompt, policy)


def _tool(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    return EventKind.TOOL_STARTED, ToolPart(read_tool(source, policy, folder))


def _tool_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    tool, end, told = read_tool_end(source, policy, folder)
    kinds = {SpanOutcome.FAILURE: EventKind.TOOL_FAILED, SpanOutcome.DENIED: EventKind.PERMISSION_DENIED}
    error_text = policy.output_text(told) if end.error_type else ""
    return kinds.get(end.outcome, EventKind.TOOL_ENDED), ToolPart(tool, end.outcome, end.error_type, error_text)


def _tool_denied(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    error = policy.output_text(long_text(source, "reason"))
    return EventKind.PERMISSION_DENIED, ToolPart(read_tool(source, policy, folder), SpanOutcome.DENIED, "denied", error)


def _tool_interrupted(source: Json, policy: Policy, folder: str) -> tuple[EventKind, ToolPart]:
    return EventKind.TOOL_INTERRUPTED, ToolPart(read_tool(source, policy, folder), SpanOutcome.INTERRUPTED, "interrupted")


def _turn_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    return EventKind.TURN_ENDED, OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "prompt_response")))


def _turn_interrupted(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    return EventKind.TURN_INTERRUPTED, OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _turn_failed(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    error_type = policy.label(text(source, "error_type"), 64) or "api_error"
    return EventKind.TURN_FAILED, OutcomePart(SpanOutcome.FAILURE, error_type, policy.output_text(long_text(source, "error")))


def _notification(source: Json, policy: Policy, folder: str) -> tuple[EventKind, EventPart]:
    kind = text(source, "notification_type")
    if kind == "ToolPermission":
        return EventKind.PERMISSION_REQUESTED, ToolPart(_asked(member(source, "details"), policy, folder))
    return EventKind.NOTIFICATION, NoticePart(kind)


def _asked(details: Json, policy: Policy, folder: str) -> ToolUse:
    """Return what a person is asked about, as far as the notice says; its hash is that of the call (`gemini_family.identity`)."""
    what = text(details, "type")
    if what == "exec":
        return ToolUse(SHELL, kind=ToolKind.SHELL, input_hash=measure(long_text(details, "command"))[1])
    if what == "edit":
        path = whole_path(text(details, "filePath", MAX_PATH), folder)
        name = next((name for title, name in _TITLES if title.match(text(details, "title"))), "")
        return ToolUse(name, kind=ToolKind.EDIT, input_hash=measure(path)[1], file_path=policy.input_text(path))
    if what == "mcp":
        return mcp_call(text(details, "serverName"), text(details, "toolName"), policy)
    return ToolUse({"ask_user": "ask_user", "exit_plan_mode": "exit_plan_mode"}.get(what, ""), asks_person=what in ("ask_user", "exit_plan_mode"))


def _compression(source: Json, policy: Policy, folder: str) -> tuple[EventKind, CompactionPart | None]:
    if text(source, "trigger") != "manual":
        return EventKind.OTHER, None
    return EventKind.COMPACTION_STARTED, CompactionPart("manual")


def _compressed(source: Json, policy: Policy, folder: str) -> tuple[EventKind, CompactionPart]:
    return EventKind.COMPACTION_ENDED, CompactionPart("manual")


def _subagent_started(source: Json, policy: Policy, folder: str) -> tuple[EventKind, None]:
    return EventKind.SUBAGENT_STARTED, None


def _subagent_ended(source: Json, policy: Policy, folder: str) -> tuple[EventKind, OutcomePart]:
    return EventKind.SUBAGENT_ENDED, OutcomePart(SpanOutcome.SUCCESS)


READERS: Final[Mapping[str, Reader]] = {
    "SessionStart": _session_started,
    "SessionEnd": _session_ended,
    "BeforeAgent": _prompt,
    "BeforeTool": _tool,
    "AfterTool": _tool_ended,
    "AfterAgent": _turn_ended,
    "Notification": _notification,
    "PreCompress": _compression,
}

# What the session file shows (`signs.py`, `transcripts.py`), under names that no hook has.
BESIDE: Final[Mapping[str, Reader]] = {
    "ToolDenied": _tool_denied,
    "ToolInterrupted": _tool_interrupted,
    "TurnInterrupted": _turn_interrupted,
    "TurnFailed": _turn_failed,
    "Compressed": _compressed,
    "SubagentStart": _subagent_started,
    "SubagentStop": _subagent_ended,
}
