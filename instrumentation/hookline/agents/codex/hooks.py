"""Codex: a hook's payload, or what a rollout shows in the same form, as an `AgentEvent`.

A pure function of its arguments. What to know of the payloads:

- `turn_id` names the prompt, from UserPromptSubmit on. In a subagent it is the subagent's own turn: that is left out, and the fold takes
  the turn of the subagent's caller. Its `transcript_path` is its own as well and left out, since `transcript_path` means the session's.
- SessionStart comes with the first prompt; with source `compact` in the middle of a turn: that starts nothing.
- A failing command has a PostToolUse like any other; the rollout says its exit code (`codex/__init__.py` completes the event).
- Interrupt says that a person stopped the turn; Stop does not follow then. A turn that the API fails has neither.
- PostModelRequest tells of each attempt at a request: one that failed and is followed by nothing failed its turn. The rollout says so as well, and
  at once; a session that writes none has this alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hookline.agent_event import HOOK, SEEN_BESIDE_HOOKS, AgentEvent, UsageLimits
from hookline.agents.client_process import parent_pid
from hookline.agents.codex.api_errors import kind_of_error
from hookline.agents.codex.identity import NAME, PROVIDER, UNATTENDED
from hookline.agents.codex.tools import end_kind, outcome_of, read_tool
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import CompactionPart, EndPart, EventPart, OutcomePart, PromptPart, StartPart, StatusPart, ToolPart, said
from hookline.agents.payload import MAX_PATH, Json, integer, long_text, number, text
from hookline.agents.prompt_measures import prompt_part
from hookline.contract.events import EventKind, SpanOutcome
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

Reader = Callable[[Json, Policy], EventPart | None]
ROOT_ONLY: Final = frozenset({EventKind.PROMPT_SUBMITTED, EventKind.TURN_ENDED, EventKind.TURN_FAILED, EventKind.TURN_INTERRUPTED})


def read_event(source: Json, context: EventContext) -> AgentEvent:
    """Return the event of a payload. Raises Rejected with what is wrong when the payload cannot be used."""
    name = text(source, "hook_event_name")
    if not (session_id := text(source, "session_id")):
        raise Rejected(f"the payload of {name or 'an unnamed event'} has no session_id")
    if not name:
        raise Rejected("the payload has no hook_event_name")
    source_name = context.env.get("source", HOOK)
    is_beside = source_name in SEEN_BESIDE_HOOKS
    of_rollout = OF_ROLLOUTS.get(name) if is_beside else None
    kind, read = of_rollout or READERS.get(name, (EventKind.OTHER, _nothing))
    agent_id = text(source, "agent_id")
    if _starts_nothing(name, source) or (agent_id and kind in ROOT_ONLY):
        kind, read = EventKind.OTHER, _nothing
    entrypoint = text(source, "entrypoint")
    told = {"model": text(source, "model"), **said(read(source, context.policy))}
    if kind is EventKind.TOOL_ENDED:
        kind = end_kind(told["outcome"])
    return AgentEvent(
        context.time_ns,
        context.uid,
        NAME,
        kind,
        session_id,
        name,
        provider=PROVIDER,
        prompt_id=_prompt_of(kind, agent_id, source),
        cwd=context.folder,
        transcript_path=text(source, "transcript_path", MAX_PATH) if not agent_id or name == "SubagentStop" else "",
        agent_id=agent_id,
        agent_type=text(source, "agent_type"),
        permission_mode=text(source, "permission_mode"),
        effort=text(source, "effort"),
        pid=None if is_beside else parent_pid(context.env),
        place=context.place,
        capture_level=context.policy.level,
        source=source_name if is_beside else HOOK,
        is_beside=is_beside,
        account=NAME if kind is EventKind.STATUS else "",  # no rollout names one: its windows are told apart from those of other agents
        entrypoint=entrypoint,
        is_attended=entrypoint not in UNATTENDED if entrypoint else None,
        parent_call_id=text(source, "parent_call_id"),
        **told,
    )


def _starts_nothing(name: str, source: Json) -> bool:
    """A session that goes on after its context was compacted in the middle of a turn."""
    return name == "SessionStart" and text(source, "source") == "compact"


def _prompt_of(kind: EventKind, agent_id: str, source: Json) -> str:
    """Return the prompt that an event names. A compaction that a person asked for has a turn of its own, with nothing else in it."""
    is_asked_for = kind in (EventKind.COMPACTION_STARTED, EventKind.COMPACTION_ENDED) and text(source, "trigger") == "manual"
    return "" if agent_id or is_asked_for else text(source, "turn_id")


def _nothing(source: Json, policy: Policy) -> None:
    return None


def _session_started(source: Json, policy: Policy) -> StartPart:
    return StartPart(text(source, "source"), text(source, "model"))


def _session_ended(source: Json, policy: Policy) -> EndPart:
    return EndPart(text(source, "reason"))


def _prompt(source: Json, policy: Policy) -> PromptPart:
    prompt = long_text(source, "prompt")
    return prompt_part(prompt, policy)


def _tool(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy))


def _tool_ended(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy, has_response=True), *outcome_of(source))


def _tool_denied(source: Json, policy: Policy) -> ToolPart:
    return ToolPart(read_tool(source, policy), SpanOutcome.DENIED, "denied")


def _subagent_ended(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.SUCCESS, answer_text=policy.output_text(long_text(source, "last_assistant_message")))


def _turn_failed(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.FAILURE, policy.label(text(source, "error_type"), 64) or "unknown", policy.output_text(long_text(source, "error")))


def _request(source: Json, policy: Policy) -> OutcomePart:
    if text(source, "status") != "failed":
        return OutcomePart(SpanOutcome.SUCCESS)
    error = long_text(source, "error")
    return OutcomePart(SpanOutcome.FAILURE, policy.label(kind_of_error(error), 64) or "unknown", policy.output_text(error))


def _interrupted(source: Json, policy: Policy) -> OutcomePart:
    return OutcomePart(SpanOutcome.INTERRUPTED, "interrupted")


def _compaction(source: Json, policy: Policy) -> CompactionPart:
    return CompactionPart(text(source, "trigger"))


def _limits(source: Json, policy: Policy) -> StatusPart:
    limits = UsageLimits(
        five_hour_percent=number(source, "five_hour_percent"),
        five_hour_resets_at=integer(source, "five_hour_resets_at"),
        seven_day_percent=number(source, "seven_day_percent"),
        seven_day_resets_at=integer(source, "seven_day_resets_at"),
        context_percent=number(source, "context_percent"),
        context_size=integer(source, "context_size"),
    )
    return StatusPart(limits, text(source, "model"))


READERS: Final[Mapping[str, tuple[EventKind, Reader]]] = {
    "SessionStart": (EventKind.SESSION_STARTED, _session_started),
    "SessionEnd": (EventKind.SESSION_ENDED, _session_ended),
    "UserPromptSubmit": (EventKind.PROMPT_SUBMITTED, _prompt),
    "PreToolUse": (EventKind.TOOL_STARTED, _tool),
    "PermissionRequest": (EventKind.PERMISSION_REQUESTED, _tool),
    "PostToolUse": (EventKind.TOOL_ENDED, _tool_ended),
    "SubagentStart": (EventKind.SUBAGENT_STARTED, _nothing),
    "SubagentStop": (EventKind.SUBAGENT_ENDED, _subagent_ended),
    "Stop": (EventKind.TURN_ENDED, _subagent_ended),
    "Interrupt": (EventKind.TURN_INTERRUPTED, _interrupted),
    "PreCompact": (EventKind.COMPACTION_STARTED, _compaction),
    "PostCompact": (EventKind.COMPACTION_ENDED, _compaction),
    "PostModelRequest": (EventKind.REQUEST_ENDED, _request),
    "PreModelRequest": (EventKind.OTHER, _nothing),  # told as it is, no span is made of it
}

# What rollouts show and no hook tells (`rollout_signs.py`, `rollout_reader.py`).
OF_ROLLOUTS: Final[Mapping[str, tuple[EventKind, Reader]]] = {
    "TurnFailed": (EventKind.TURN_FAILED, _turn_failed),
    "ToolDenied": (EventKind.PERMISSION_DENIED, _tool_denied),
    "RateLimits": (EventKind.STATUS, _limits),
}
