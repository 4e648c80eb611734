"""Kiro's command line: hooks, tools, installation. Written from its documentation, not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.event_context import EventContext
from hookline.agents.kiro.hooks import PROCESS, read_event
from hookline.agents.kiro.identity import NAME, PROVIDER, TITLE
from hookline.agents.kiro.tools import SHELL_TOOLS
from hookline.agents.payload import Json
from hookline.system.evolve import evolve

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer


class Kiro(AgentDefaults):
    """Kiro, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the client's process, which also names a session that has no id."""
        from hookline.system.process import identify  # noqa: PLC0415

        event = with_client_pid(event)
        if not event.session_id.startswith(PROCESS) or event.pid is None:
            return event
        process = identify(event.pid, event.time_ns / 1e9)
        created = f"-{int(process.created_s)}" if process else ""
        return evolve(event, session_id=f"{PROCESS}{event.pid}{created}")

    @property
    def shell_tools(self) -> frozenset[str]:
        """The names that its shell has had."""
        return SHELL_TOOLS

    def installer(self) -> Installer:
        """Return what installs into its agents' files."""
        from hookline.agents.kiro.installer import KiroInstaller  # noqa: PLC0415

        return KiroInstaller()
