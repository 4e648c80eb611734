"""What the relay itself leaves in the spool, of any agent's sessions: one reader for all.

    ToolRunning   a command that was seen to run: its call was granted
    TurnQuiet     a client that stopped drawing: its turn was stopped, as far as one can tell
    Suspended     a sleep of the machine

Their payloads have the relay's own form (`relay/watch/presence.py`). What an agent's own transcripts and files show is the agent's to read.
"""

from __future__ import annotations

from typing import Final

from hookline.agent_event import PROCESS, RELAY, AgentEvent, ToolUse
from hookline.agents.event_context import EventContext
from hookline.agents.event_parts import EventPart, SuspendPart, ToolPart, said
from hookline.agents.payload import MAX_PATH, Json, integer, text
from hookline.contract.events import EventKind
from hookline.errors import Rejected
from hookline.privacy.capture import Policy

SOURCES: Final = frozenset({PROCESS, RELAY})
MAX_SLEPT_MS: Final = 366 * 86_400_000
KINDS: Final = {"ToolRunning": EventKind.TOOL_RUNNING, "TurnQuiet": EventKind.TURN_QUIET, "Suspended": EventKind.SUSPENDED}


def is_relays(payload: Json, source: str) -> bool:
    """Whether the relay made a payload that has this source."""
    return source in SOURCES and text(payload, "hook_event_name") in KINDS


def folder(payload: Json) -> str:
    """Return the folder that it names."""
    return text(payload, "cwd", MAX_PATH)


def relay_event(agent: str, provider: str, payload: Json, context: EventContext) -> AgentEvent:
    """Return the event, as one of the agent's that is named."""
    name = text(payload, "hook_event_name")
    if not (session_id := text(payload, "session_id")):
        raise Rejected(f"the payload of {name} has no session_id")
    return AgentEvent(
        context.time_ns,
        context.uid,
        agent,
        KINDS[name],
        session_id,
        name,
        provider=provider,
        prompt_id=text(payload, "prompt_id"),
        cwd=context.folder,
        agent_id=text(payload, "agent_id"),
        agent_type=text(payload, "agent_type"),
        place=context.place,
        capture_level=context.policy.level,
        source=context.env["source"],
        is_beside=True,
        **said(_part(KINDS[name], payload, context.policy)),
    )


def _part(kind: EventKind, payload: Json, policy: Policy) -> EventPart | None:
    if kind is EventKind.TOOL_RUNNING:
        return ToolPart(ToolUse(policy.label(text(payload, "tool_name") or "unknown"), text(payload, "tool_use_id")))
    if kind is EventKind.SUSPENDED:
        return SuspendPart((integer(payload, "slept_ms", MAX_SLEPT_MS) or 0) * 1_000_000)
    return None
