"""Cline: hooks, tools, session files, installation."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.cline import hooks
from hookline.agents.cline.identity import NAME, PROVIDER, TITLE
from hookline.agents.cline.tools import SHELL_TOOLS
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json
from hookline.system.evolve import evolve

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer, MakeClientWatch, RunningCommand, Transcripts
    from hookline.system.process import ProcessKey


class Cline(AgentDefaults):
    """Cline's command line, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def folder(self, payload: Json) -> str:
        """Return the workspace's folder."""
        return hooks.folder(payload)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return hooks.read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with its session's file, where there is one, and the client's process."""
        from hookline.agents.cline.session_files import main_file, sessions_root  # noqa: PLC0415

        path = main_file(sessions_root(os.environ), event.session_id)
        is_named = bool(event.transcript_path) or "/" in event.session_id or not path.is_file()
        return with_client_pid(event if is_named else evolve(event, transcript_path=str(path)))

    @property
    def shell_tools(self) -> frozenset[str]:
        """run_commands."""
        return SHELL_TOOLS

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Return the commands that run under a client, or under its hub."""
        from hookline.agents.cline.shell_commands import commands_of  # noqa: PLC0415

        return commands_of(client, after_ns)

    def transcripts(self) -> Transcripts:
        """Return its session files."""
        from hookline.agents.cline.transcripts import ClineTranscripts  # noqa: PLC0415

        return ClineTranscripts(self)

    def installer(self) -> Installer:
        """Return what installs its files."""
        from hookline.agents.cline.installer import ClineInstaller  # noqa: PLC0415

        return ClineInstaller()

    def client_watch(self) -> MakeClientWatch:
        """Return what looks at what Cline writes of its sessions, and for questions that nobody tells of."""
        from hookline.agents.cline.session_watch import ClineSessionWatch  # noqa: PLC0415

        return ClineSessionWatch
