"""Kimi Code: a hook's payload as an `AgentEvent`.

What is its own:

- Calls have ids (`tool_call_id`), prompts have not; but `TurnStarted` (since 0.32) numbers the turns of a session. It tells of the prompt then, and
  `UserPromptSubmit` only of what is typed into a turn under way (`is_steer`): the word `turns=told` of the command says that. Of older
  clients only the session file knows the number (`completing.py`).
- A subagent runs in the parent's session; of its events only those about permissions name it (`agent_id`). Its turn is started by
  `system_trigger`, and its `Stop` comes before its `SubagentStop`.
- Hooks but those that may block are not waited for: the last of a `-p` run can be lost. What the session file shows completes them (`wire.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent
from hookline.agents.client_process import parent_pid
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import CompactionPart, EndPart, EventPart, NoticePart, OutcomePart, PromptPart, StartPart, ToolPart, said
from hookline.agents.kimi_code.identity import MAIN, NAME, PROVIDER, turn_id
from hookline.agents.kimi_code.tools import OUTCOMES, read_error, read_tool
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, member, members, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

TURNS_TOLD: Final = "turns"
SUBAGENT: Final = "subagent"
MAX_PARTS: Final = 1_000

Reader = Callable[[Json, Policy], EventPart | None]


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "hook_event_name")
    if not (session_id := text(source, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    if not name:
        raise Rejected("the payload has no hook_event_name")
    told_by = context.env.get("source", HOOK)
    agent_id = text(source, "agent_id")
    is_beside = told_by in SEEN_BESIDE_HOOKS
    kind, read = _reading(name, source, context.env)
    part = read(source, context.policy)
    if is_beside and isinstance(part, ToolPart):
        part = replace(part, tool=replace(part.tool, runs_unmarked=False))  # session files say whose a call is
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        ended_as(kind, part),
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=_turn(source, session_id, agent_id) if is_beside or context.env.get(TURNS_TOLD) else "",
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH),
        agent_id="" if agent_id == MAIN else agent_id,
        agent_type=text(source, "agent_name"),
        permission_mode=text(source, "permission_mode"),
        pid=parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=told_by if is_beside else HOOK,
        is_beside=is_beside,
        **said(part),
    )


def _turn(source: Json, session_id: str, agent_id: str) -> str:
    """Return the id of the turn that an event of the conversation itself numbers."""
    number = integer(source, "turn_id")
    is_main = agent_id in ("", MAIN) and text(source, "origin_name") != SUBAGENT
    return turn_id(session_id, number) if number is not None and is_main else ""


def _reading(name: str, source: Json, env: Mapping[str, str]) -> tuple[EventKind, Reader]:
    if name == "TurnStarted" and text(source, "origin_name") == SUBAGENT:
        return EventKind.OTHER, _nothing
    if name == "UserPromptSubmit" and env.get(TURNS_TOLD) and source.get("is_steer") is not True:
        return EventKind.OTHER, _nothing  # TurnStarted tells of it, with the turn's number
    if name == "PermissionResult" and text(source, "decision") != "rejected":
        return EventKind.TOOL_RUNNING, _tool
    return READERS.get(name, (EventKind.OTHER, _nothing))


def ended_as(kind: EventKind, part: EventPart | None) -> EventKind:
    """Return the kind of a call's end by its outcome: one that was refused or stopped did not fail."""
    if kind is not EventKind.TOOL_FAILED or not isinstance(part, ToolPart) or part.outcome is None:
        return kind
    return {SpanOutcome.DENIED: EventKind.PERMISSION_DENIED, SpanOutcome.INTERRUPTED: EventKind.TOOL_INTERRUPTED}.get(part.outcome, kind)


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _session_started(source: Json, policy: Policy) -> StartPart:
    return StartPart(text(source, "source"), text(source, "model"))


def _session_ended(source: Json, policy: Policy) -> EndPart:
    return EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = said_by(source.get("prompt"))
    is_users = text(source, "origin_kind") in ("", "user")
    kind = "absorbed" if source.get("is_steer") is True else "user" if is_users else "task_notification"
    return prompt_part(prompt, policy, kind)


def said_by(prompt: Any) -> str:
    """Return the text of a prompt: a text, or a list of parts."""
    if isinstance(prompt, str):
        return prompt
    return "\n".join(long_text(part, "text") for part in members({"parts": prompt}, "parts", MAX_PARTS) if text(part, "type") == "text")


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _tool_ended(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(_timed(read_tool(source, policy, source.get("tool_output")), source), SpanOutcome.SUCCESS)


def _tool_failed(source: Json, policy: Policy) -> ToolPart:
    error = long_text(member(source, "error"), "message") or long_text(source, "error")
    error_type, exit_code = read_error(error)
    tool = replace(_timed(read_tool(source, policy), source), output_size=len(error.encode("utf-8", "surrogatepass")), exit_code=exit_code)
    return ToolPart(tool, OUTCOMES.get(error_type, SpanOutcome.FAILURE), error_type, policy.output_text(error))


def _tool_interrupted(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.INTERRUPTED, "interrupted")


def _timed(tool: Any, source: Json) -> Any:
    """Return a call with its own clock's duration, which only the session file has."""
    duration_ms = integer(source, "duration_ms")
    return tool if duration_ms is None else replace(tool, duration_ns=duration_ms * 1_000_000)


def _denied(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.DENIED, "denied", policy.output_text(long_text(source, "feedback")))


def _notification(source: Json, policy: Policy) -> NoticePart:
    return NoticePart(text(source, "notification_type"))


def _subagent_ended(source: Json, policy: Policy) -> OutcomePart:
    outcome = SpanOutcome.FAILURE if source.get("is_failure") is True else SpanOutcome.SUCCESS
    return OutcomePart(outcome, answer_text=policy.output_text(long_text(source, "response")))


def _turn_ended(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "response")))


def _turn_failed(source: Json, policy: Policy) -> OutcomePart:
    kind = policy.label(text(source, "error_type"), 64) or "unknown"
    return OutcomePart(SpanOutcome.FAILURE, kind, policy.output_text(long_text(source, "error_message")))


def _interrupted(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _compaction(source: Json, policy: Policy) -> CompactionPart:
    return CompactionPart(text(source, "trigger"))


READERS: Final[Mapping[str, tuple[EventKind, Reader]]] = {
    "SessionStart": (EventKind.SESSION_STARTED, _session_started),
    "SessionEnd": (EventKind.SESSION_ENDED, _session_ended),
    "UserPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "TurnStarted": (EventKind.PROMPT_SUBMITTED, _prompt),
    "PreToolUse": (EventKind.TOOL_STARTED, _tool),
    "PermissionRequest": (EventKind.PERMISSION_REQUESTED, _tool),
    "PermissionResult": (EventKind.PERMISSION_DENIED, _denied),
    "PostToolUse": (EventKind.TOOL_ENDED, _tool_ended),
    "PostToolUseFailure": (EventKind.TOOL_FAILED, _tool_failed),
    "ToolInterrupted": (EventKind.TOOL_INTERRUPTED, _tool_interrupted),
    "Notification": (EventKind.NOTIFICATION, _notification),
    "SubagentStart": (EventKind.SUBAGENT_STARTED, _nothing),
    "SubagentStop": (EventKind.SUBAGENT_ENDED, _subagent_ended),
    "Stop": (EventKind.TURN_ENDED, _turn_ended),
    "StopFailure": (EventKind.TURN_FAILED, _turn_failed),
    "Interrupt": (EventKind.TURN_INTERRUPTED, _interrupted),
    "PreCompact": (EventKind.COMPACTION_STARTED, _compaction),
    "PostCompact": (EventKind.COMPACTION_ENDED, _compaction),
}
