"""Claude Code: hooks, tools, transcripts, status line, installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.claude_code import hooks
from hookline.agents.claude_code.identity import NAME, PROVIDER, TITLE
from hookline.agents.claude_code.subagent_files import enrich
from hookline.agents.claude_code.tools import SHELL_TOOLS
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import HookProbe, Installer, MakeClientWatch, RunningCommand, StatusLine, Transcripts
    from hookline.system.process import ProcessKey


class ClaudeCode(AgentDefaults):
    """Claude Code, behind the protocol. Cursor and Copilot read its settings files and run the hooks in them.

    What is imported by a method costs time or memory that most commands have no need of.
    """

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

    @property
    def shell_tools(self) -> frozenset[str]:
        """Bash and PowerShell."""
        return SHELL_TOOLS

    @property
    def draws_while_thinking(self) -> bool:
        """Its running time and a moving sign."""
        return True

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Return the shell commands that run under a client."""
        from hookline.agents.claude_code.commands import commands_of  # noqa: PLC0415

        return commands_of(client, after_ns)

    def transcripts(self) -> Transcripts:
        """Return its transcripts."""
        from hookline.agents.claude_code.transcript_access import ClaudeTranscripts  # noqa: PLC0415

        return ClaudeTranscripts()

    def installer(self) -> Installer:
        """Return what installs into its settings."""
        from hookline.agents.claude_code.installer import ClaudeInstaller  # noqa: PLC0415

        return ClaudeInstaller()

    def status_line(self) -> StatusLine:
        """Return its status line."""
        from hookline.agents.claude_code.status_line_command import ClaudeStatusLine  # noqa: PLC0415

        return ClaudeStatusLine()

    def client_watch(self) -> MakeClientWatch:
        """Return what looks at the clients' `sessions/<pid>.json`."""
        from hookline.agents.claude_code.client_states import ClientStates  # noqa: PLC0415

        return ClientStates

    def probe(self) -> HookProbe:
        """Return a made-up session."""
        from hookline.agents.claude_code.probe import ClaudeProbe  # noqa: PLC0415

        return ClaudeProbe()
