"""Droid: hooks, tools, session files, installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.droid.hooks import read_event
from hookline.agents.droid.identity import NAME, PROVIDER, TITLE
from hookline.agents.droid.tools import SHELL_TOOLS
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer, RunningCommand, Transcripts
    from hookline.system.process import ProcessKey


COMMAND_MARK: Final = "owner_is_alive() {"  # of `bash -c "…"` as the client runs a command, so that it ends should the client die


class Droid(AgentDefaults):
    """Factory's Droid, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with prompt, call and outcome as the session's file has them, and the client's process."""
        from hookline.agents.droid.completing import completed  # noqa: PLC0415

        return completed(event)

    @property
    def shell_tools(self) -> frozenset[str]:
        """Execute."""
        return SHELL_TOOLS

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Return the commands that run under a client."""
        from hookline.agents.child_commands import marked_children  # noqa: PLC0415

        return marked_children(COMMAND_MARK, client, after_ns)

    def transcripts(self) -> Transcripts:
        """Return its session files."""
        from hookline.agents.droid.transcripts import DroidTranscripts  # noqa: PLC0415

        return DroidTranscripts(self)

    def installer(self) -> Installer:
        """Return what installs into its settings."""
        from hookline.agents.droid.installer import DroidInstaller  # noqa: PLC0415

        return DroidInstaller()
