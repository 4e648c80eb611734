"""Qwen Code: hooks, tools, session files, installation, commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json
from hookline.agents.qwen_code.hooks import read_event
from hookline.agents.qwen_code.identity import NAME, PROVIDER, TITLE

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer, Transcripts


class QwenCode(AgentDefaults):
    """Qwen Code, behind the protocol. It tells of a call once it is allowed, so nobody has to look for its commands."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the client's process."""
        return with_client_pid(event)

    def transcripts(self) -> Transcripts:
        """Return its session files."""
        from hookline.agents.qwen_code.transcript_access import QwenTranscripts  # noqa: PLC0415

        return QwenTranscripts()

    def installer(self) -> Installer:
        """Return what installs into its settings."""
        from hookline.agents.qwen_code.installer import QwenInstaller  # noqa: PLC0415

        return QwenInstaller()
