"""Cursor: hooks, tools, installation. Written from its documentation, not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.cursor import hooks
from hookline.agents.cursor.identity import NAME, PROVIDER, TITLE
from hookline.agents.cursor.tools import SHELL_TOOLS
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer


class Cursor(AgentDefaults):
    """Cursor, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def is_its(self, payload: Json) -> bool:
        """Whether Cursor ran a hook that stands in another agent's settings."""
        return hooks.is_cursors(payload)

    def folder(self, payload: Json) -> str:
        """Return the folder of a payload."""
        return hooks.folder(payload)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return hooks.read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the client's process."""
        return with_client_pid(event)

    @property
    def shell_tools(self) -> frozenset[str]:
        """Shell."""
        return SHELL_TOOLS

    def installer(self) -> Installer:
        """Return what installs into its hooks file."""
        from hookline.agents.cursor.installer import CursorInstaller  # noqa: PLC0415

        return CursorInstaller()
