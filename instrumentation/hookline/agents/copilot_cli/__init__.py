"""GitHub Copilot CLI: hooks, tools, session files, installation."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.copilot_cli.hooks import read_event
from hookline.agents.copilot_cli.identity import NAME, PROVIDER, TITLE
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.copilot_cli.nested import SubagentSessions
    from hookline.agents.equipment import Installer, Transcripts


class CopilotCli(AgentDefaults):
    """GitHub Copilot CLI, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload, or of what the session file shows."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event in its root session, with where that session's file lies, its client's process and how that was started."""
        from hookline.agents.client_process import with_client_pid  # noqa: PLC0415
        from hookline.agents.copilot_cli.entrypoint import with_entrypoint  # noqa: PLC0415
        from hookline.agents.copilot_cli.transcripts import state_folder, with_session_file  # noqa: PLC0415

        placed = _subagents().placed(with_entrypoint(with_client_pid(event)), state_folder(os.environ))
        return with_session_file(placed, os.environ)

    def transcripts(self) -> Transcripts:
        """Return its session files."""
        from hookline.agents.copilot_cli.transcripts import CopilotTranscripts  # noqa: PLC0415

        return CopilotTranscripts(self)

    def installer(self) -> Installer:
        """Return what installs a file among its hooks."""
        from hookline.agents.copilot_cli.installer import CopilotInstaller  # noqa: PLC0415

        return CopilotInstaller()


@functools.cache
def _subagents() -> SubagentSessions:
    """Return what the process knows of subagents."""
    from hookline.agents.copilot_cli.nested import SubagentSessions  # noqa: PLC0415

    return SubagentSessions()
