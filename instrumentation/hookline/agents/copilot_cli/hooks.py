"""Copilot CLI: a hook's payload as an `AgentEvent`, and what its session file shows beside the hooks (`session_file.py`) in the same form.

Its hooks are registered under names in Pascal case, which gives payloads in the form that most agents have, but not clean ones:

- SubagentStart names no event at all, so the command says it (`event=`); it and a notification have keys in camel case.
- No payload names a prompt. Its id is made of the session and of the moment that UserPromptSubmit names: the session file has that moment too
  (`hook.start`), so history knows which turns the hooks told.
- No payload names a call. The fold pairs an end with the oldest open call of the same tool and input.
- **A subagent's events have a session of their own**, which is its agent id; the session is then the parent's. It submits a prompt and stops
  like a person's turn: neither is one. A subagent of a subagent names only the one above it: whose session that is, its start has said (`nested.py`).
- A person is asked only where a Notification `permission_prompt` says so. PermissionRequest comes for every call and is not registered.
- **The client prompts itself** when a command in the background has ended: with a text that says so, `<system_notification>`.
- ErrorOccurred of a call of the model ends the turn: no Stop comes.

An event's time is the one that its payload names: the client's clock, by which its session file tells the rest.

A pure function of its arguments. What only an unfinished session shows (a turn that was stopped, a refusal) stands in the session file.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent, ToolUse
from hookline.agents.client_process import parent_pid
from hookline.agents.copilot_cli.identity import NAME, PROVIDER
from hookline.agents.copilot_cli.tools import COMMAND_PREFIX, KINDS, read_end, read_failure, read_tool
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import (
    BackgroundPart,
    CompactionPart,
    EndPart,
    EventPart,
    NoticePart,
    OutcomePart,
    PromptPart,
    StartPart,
    ToolPart,
    said,
)
from hookline.agents.measures import measure
from hookline.agents.payload import MAX_PATH, Json, long_text, member, text
from hookline.agents.prompt_measures import prompt_part
from hookline.agents.told_time import happened_ns, told_ns
from hookline.contract.events import EventKind, SpanOutcome
from hookline.contract.tool_kinds import kind_of
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

ASKING: Final = "permission_prompt"
SHELL_ENDED: Final = frozenset({"shell_completed", "shell_detached_completed"})
SYSTEM_NOTICE: Final = "<system_notification>"
FAILING: Final = frozenset({"", "model_call", "system"})  # contexts of an error that the turn does not survive; a tool's own is the call's
_PROMPTS: Final = uuid.UUID("6f1c52a4-6a2b-5ad2-9c77-0c9d5a6b8f10")  # under which the ids of prompts are made
_FILE: Final = re.compile(r"/session-state/([A-Za-z0-9_.-]{1,128})/events\.jsonl\Z")
_SHELL: Final = re.compile(r"\(shellId: ([A-Za-z0-9_.:-]{1,64})\)")
_STATUS: Final = re.compile(r"\b([45]\d\d)\b")

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(payload: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(payload, "hook_event_name") or context.env.get("event", "")
    agent_id = text(payload, "agent_id")
    session_id = session_of(payload, agent_id)
    if not session_id:
        raise Rejected(f"the payload of {name or 'an unnamed event'} names no session")
    is_anothers = context.env.get("agent", NAME) != NAME  # a hook in another agent's settings, which this one runs as well: our own tells it
    if not name and not is_anothers:
        raise Rejected("the payload names no event, and neither does the command")
    source = context.env.get("source", HOOK)
    is_beside = source in SEEN_BESIDE_HOOKS
    kind, read = _reader(name, payload, is_subagents=bool(agent_id), is_beside=is_beside)
    if is_anothers:
        kind, read = EventKind.OTHER, None
    return AgentEvent(
        happened_ns(payload, context.time_ns),
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=text(payload, "prompt_id") or _prompt_id(name, payload, session_id, agent_id),
        cwd=context.folder,
        transcript_path=text(payload, "transcript_path", MAX_PATH) or text(payload, "transcriptPath", MAX_PATH),
        agent_id=agent_id,
        agent_type=text(payload, "agent_type") or text(payload, "agentName"),
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=source,
        is_beside=is_beside,
        **said(read(payload, context.policy) if read else None),
    )


def session_of(payload: Json, agent_id: str) -> str:
    """Return the session: of a subagent its parent's. Where a payload names the session file, that has the session's name."""
    path = text(payload, "transcript_path", MAX_PATH) or text(payload, "transcriptPath", MAX_PATH)
    if agent_id and (found := _FILE.search(path)):
        return found[1]
    own = text(payload, "session_id") or text(payload, "sessionId")
    return (text(payload, "parent_agent_id") or own) if agent_id and own == agent_id else own


def prompt_id_of(session_id: str, time_ms: int) -> str:
    """Return the id of the prompt that was submitted at a moment, as hooks and the session file tell it."""
    return str(uuid.uuid5(_PROMPTS, f"{session_id}/{time_ms}"))


def _prompt_id(name: str, payload: Json, session_id: str, agent_id: str) -> str:
    at_ns = told_ns(payload) if name == "UserPromptSubmit" and not agent_id else None
    return prompt_id_of(session_id, at_ns // 1_000_000) if at_ns else ""


def _reader(name: str, payload: Json, *, is_subagents: bool, is_beside: bool) -> tuple[EventKind, Reader | None]:
    if is_subagents and name in ("UserPromptSubmit", "Stop", "SessionStart", "SessionEnd", "ErrorOccurred"):
        return EventKind.OTHER, None
    if name == "Notification" and text(payload, "notification_type") == ASKING:
        return EventKind.PERMISSION_REQUESTED, _asked
    if name == "Notification" and text(payload, "notification_type") in SHELL_ENDED:
        return EventKind.BACKGROUND_ENDED, _background
    if name == "ErrorOccurred" and text(payload, "error_context") not in FAILING:
        return EventKind.OTHER, None
    return (BESIDE.get(name) if is_beside else None) or READERS.get(name, (EventKind.OTHER, None))


def _session_started(payload: Json, policy: Policy) -> StartPart:
    return StartPart(text(payload, "source"), text(payload, "model"))


def _session_ended(payload: Json, policy: Policy) -> EndPart:
    return EndPart(text(payload, "reason"))


def _prompt(payload: Json, policy: Policy) -> PromptPart:
    prompt = long_text(payload, "prompt")
    is_notice = prompt.startswith(SYSTEM_NOTICE)
    told = text(payload, "prompt_source")
    source = "task_notification" if is_notice else told if told == "absorbed" else "user"
    return prompt_part(prompt, policy, source, _background_id(prompt) if is_notice else "")


def _background_id(said: str) -> str:
    found = _SHELL.search(said[:1_000])
    return found[1] if found else ""


def _background(payload: Json, policy: Policy) -> BackgroundPart:
    return BackgroundPart(_background_id(long_text(payload, "message")), "shell", None)


def _tool(payload: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(payload, policy))


def _asked(payload: Json, policy: Policy) -> ToolPart | None:
    """A person is asked by a text: the one for a command holds it, others say nothing of the call."""
    message = long_text(payload, "message")
    if not message.startswith(COMMAND_PREFIX):
        return None
    return ToolPart(ToolUse("bash", kind=kind_of("bash", KINDS), input_hash=measure(message.removeprefix(COMMAND_PREFIX))[1]))


def _notice(payload: Json, policy: Policy) -> NoticePart:
    return NoticePart(text(payload, "notification_type"))


def _ended(payload: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(payload, "last_assistant_message")))


def _failed(payload: Json, policy: Policy) -> OutcomePart:
    error = member(payload, "error")
    message = long_text(error, "message") or long_text(payload, "error")
    status = _STATUS.search(text(error, "status") or message[:200])
    error_type = policy.label(text(payload, "error_context") or text(error, "name"), 64) or "unknown"
    return OutcomePart(SpanOutcome.FAILURE, f"{error_type}_{status[1]}" if status else error_type, policy.output_text(message))


def _subagent_ended(payload: Json, policy: Policy) -> OutcomePart:
    reason = text(payload, "stop_reason")
    if reason in ("error", "failed"):
        return OutcomePart(SpanOutcome.FAILURE, "subagent_failed")
    if reason in ("cancelled", "aborted", "abort"):
        return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")
    return _ended(payload, policy)


def _interrupted(payload: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _tool_interrupted(payload: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(payload, policy), SpanOutcome.INTERRUPTED, "interrupted")


def _denied(payload: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(payload, policy), SpanOutcome.DENIED, "denied")


def _compaction(payload: Json, policy: Policy) -> CompactionPart:
    return CompactionPart(text(payload, "trigger"))


READERS: Final[Mapping[str, tuple[EventKind, Reader | None]]] = {
    "SessionStart": (EventKind.SESSION_STARTED, _session_started),
    "SessionEnd": (EventKind.SESSION_ENDED, _session_ended),
    "UserPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "PreToolUse": (EventKind.TOOL_STARTED, _tool),
    "PostToolUse": (EventKind.TOOL_ENDED, read_end),
    "PostToolUseFailure": (EventKind.TOOL_FAILED, read_failure),
    "Notification": (EventKind.NOTIFICATION, _notice),
    "SubagentStart": (EventKind.SUBAGENT_STARTED, None),
    "SubagentStop": (EventKind.SUBAGENT_ENDED, _subagent_ended),
    "PreCompact": (EventKind.COMPACTION_STARTED, _compaction),
    "Stop": (EventKind.TURN_ENDED, _ended),
    "ErrorOccurred": (EventKind.TURN_FAILED, _failed),
}

# What the session file shows beside the hooks, or what they would have told.
BESIDE: Final[Mapping[str, tuple[EventKind, Reader | None]]] = {
    "TurnInterrupted": (EventKind.TURN_INTERRUPTED, _interrupted),
    "ToolInterrupted": (EventKind.TOOL_INTERRUPTED, _tool_interrupted),
    "ToolRunning": (EventKind.TOOL_RUNNING, _tool),
    "PermissionDenied": (EventKind.PERMISSION_DENIED, _denied),
    "PostCompact": (EventKind.COMPACTION_ENDED, _compaction),
}
