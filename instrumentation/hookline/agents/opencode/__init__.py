"""OpenCode: a plugin as hooks, tools, history from its database, installation."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.event_context import EventContext
from hookline.agents.opencode.hooks import read_event
from hookline.agents.opencode.identity import NAME, TITLE
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer, Transcripts


class OpenCode(AgentDefaults):
    """OpenCode, behind the protocol. Whose models it uses, each prompt says."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of what the plugin told."""
        return read_event(payload, context)

    def transcripts(self) -> Transcripts:
        """Return its database."""
        return _transcripts()

    def installer(self) -> Installer:
        """Return what installs the plugin."""
        from hookline.agents.opencode.installer import OpenCodeInstaller  # noqa: PLC0415

        return OpenCodeInstaller()


@functools.cache
def _transcripts() -> Transcripts:
    """Return the one reader of the process: it remembers what it told."""
    from hookline.agents.opencode.transcripts import OpenCodeTranscripts  # noqa: PLC0415

    return OpenCodeTranscripts(OpenCode())
