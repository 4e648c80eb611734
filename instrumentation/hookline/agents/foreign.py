"""Agents that are known by their payloads alone: they run hooks that stand in another agent's settings files.

What gives them away (of an agent with a folder: `Agent.is_its`):

    Copilot     camel case (`sessionId`, `toolName`), or `tool_result`, or a `timestamp` beside `hook_event_name`
                without a `transcript_path`, or a transcript `events.jsonl`
    Codex       `turn_id` with a transcript below `.codex/`
    Gemini CLI  `timestamp` and an event named Before… or After…

Their events are kept as `other` under the agent's own name: counted and visible, and never part of another agent's session.
"""

from __future__ import annotations

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.event_context import EventContext
from hookline.agents.payload import MAX_PATH, Json, text
from hookline.contract.events import EventKind
from hookline.errors import Rejected


class ForeignAgent(AgentDefaults):
    """An agent without a folder of its own here."""

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return an event that says who and when, and no more."""
        if not (session_id := session_of(payload)):
            raise Rejected(f"the payload of {self.name} names no session")
        name = text(payload, "hook_event_name")
        return AgentEvent(context.time_ns, context.uid, self.name, EventKind.OTHER, session_id, name, place=context.place)


def betrayed(payload: Json) -> str:
    """Return the name of the foreign agent that made a payload; empty where nothing gives one away."""
    if any(key in payload for key in ("sessionId", "toolName", "tool_result")) or text(payload, "transcript_path", MAX_PATH).endswith(
        "/events.jsonl"
    ):
        return "copilot-cli"
    if "turn_id" in payload and "/.codex/" in text(payload, "transcript_path", MAX_PATH):
        return "codex"
    if "timestamp" in payload:
        if text(payload, "hook_event_name").startswith(("Before", "After")):
            return "gemini-cli"
        if not text(payload, "transcript_path", MAX_PATH):
            return "copilot-cli"
    return ""


def session_of(payload: Json) -> str:
    """Return the session's id under any of the names that agents give it."""
    return next((value for key in ("session_id", "sessionId", "conversation_id") if (value := text(payload, key))), "")
