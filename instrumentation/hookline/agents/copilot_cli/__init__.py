"""GitHub Copilot CLI: hooks, tools, installation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.copilot_cli.hooks import read_event
from hookline.agents.copilot_cli.identity import NAME, PROVIDER, TITLE
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer


class CopilotCli(AgentDefaults):
    """GitHub Copilot CLI, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload, or of what the session file shows."""
        return read_event(payload, context)

    def installer(self) -> Installer:
        """Return what installs a file among its hooks."""
        from hookline.agents.copilot_cli.installer import CopilotInstaller  # noqa: PLC0415

        return CopilotInstaller()
