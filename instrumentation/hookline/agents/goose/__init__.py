"""Goose: hooks, tools, installation. Written from its documentation, not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.event_context import EventContext
from hookline.agents.goose.hooks import read_event
from hookline.agents.goose.identity import NAME, PROVIDER, TITLE
from hookline.agents.goose.tools import SHELL_TOOLS
from hookline.agents.payload import MAX_PATH, Json, text

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer


class Goose(AgentDefaults):
    """Goose, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def folder(self, payload: Json) -> str:
        """Return the session's folder, which events of tools name."""
        return text(payload, "working_dir", MAX_PATH)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the client's process."""
        return with_client_pid(event)

    @property
    def shell_tools(self) -> frozenset[str]:
        """developer__shell."""
        return SHELL_TOOLS

    def installer(self) -> Installer:
        """Return what installs its plugin."""
        from hookline.agents.goose.installer import GooseInstaller  # noqa: PLC0415

        return GooseInstaller()
