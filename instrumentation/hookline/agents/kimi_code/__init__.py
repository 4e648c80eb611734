"""Kimi Code: hooks, tools, session files, installation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.event_context import EventContext
from hookline.agents.kimi_code.hooks import read_event
from hookline.agents.kimi_code.identity import NAME, PROVIDER, TITLE
from hookline.agents.kimi_code.session_files import main_wire, sessions_root
from hookline.agents.kimi_code.tools import SHELL_TOOLS
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer, Transcripts


class KimiCode(AgentDefaults):
    """Kimi Code, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with its session's file and the client's process; an end of a turn that is a subagent's as another event."""
        from hookline.agents.kimi_code.completing import completed  # noqa: PLC0415

        return completed(event, main_wire(sessions_root(os.environ), event.session_id))

    @property
    def shell_tools(self) -> frozenset[str]:
        """Bash."""
        return SHELL_TOOLS

    def transcripts(self) -> Transcripts:
        """Return its session files."""
        from hookline.agents.kimi_code.transcripts import KimiTranscripts  # noqa: PLC0415

        return KimiTranscripts(self)

    def installer(self) -> Installer:
        """Return what installs into its settings."""
        from hookline.agents.kimi_code.installer import KimiInstaller  # noqa: PLC0415

        return KimiInstaller()
