"""Gemini CLI: hooks, tools, session files, installation, commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.event_context import EventContext
from hookline.agents.gemini_cli.hooks import read_event
from hookline.agents.gemini_cli.identity import NAME, PROVIDER, TITLE
from hookline.agents.gemini_cli.turn_ends import with_outcome
from hookline.agents.gemini_family import SHELL
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer, RunningCommand, Transcripts
    from hookline.system.process import ProcessKey

COMMAND_MARK = "__code=$?"  # the client runs a command as `bash -c "…(…) __code=$? … exit $__code"`


class GeminiCli(AgentDefaults):
    """Gemini CLI, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the client's process, and a turn's end as the session file says that it was."""
        return with_outcome(with_client_pid(event))

    @property
    def shell_tools(self) -> frozenset[str]:
        """The one that runs commands."""
        return frozenset({SHELL})

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Return the shell commands that run under a client."""
        from hookline.agents.child_commands import marked_children  # noqa: PLC0415

        return marked_children(COMMAND_MARK, client, after_ns)

    def transcripts(self) -> Transcripts:
        """Return its session files."""
        from hookline.agents.gemini_cli.transcript_access import GeminiTranscripts  # noqa: PLC0415

        return GeminiTranscripts()

    def installer(self) -> Installer:
        """Return what installs into its settings."""
        from hookline.agents.gemini_cli.installer import GeminiInstaller  # noqa: PLC0415

        return GeminiInstaller()
