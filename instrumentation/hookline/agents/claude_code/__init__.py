"""Claude Code: hooks, tools, transcripts, status line, installation."""

from __future__ import annotations

from hookline.agents.agent import AgentDefaults, EventContext
from hookline.agents.claude_code import hooks
from hookline.agents.claude_code.identity import NAME, PROVIDER, TITLE
from hookline.agents.claude_code.subagent_files import enrich
from hookline.agents.event import AgentEvent
from hookline.agents.payload import Json


class ClaudeCode(AgentDefaults):
    """Claude Code, behind the protocol. Cursor and Copilot read its settings files and run the hooks in them."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER, runs_for_others=True)

    def folder(self, payload: Json) -> str:
        """Return the folder in which the session now is: after a change the new one."""
        return hooks.folder(payload)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's or a status line's payload."""
        return hooks.read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the call that started its subagent, where the file beside the transcript says so."""
        return enrich(event)
