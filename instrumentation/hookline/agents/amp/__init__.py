"""Amp: a plugin's events, tools, installation. Written from its documentation, not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.amp.hooks import read_event
from hookline.agents.amp.identity import NAME, PROVIDER, TITLE
from hookline.agents.amp.tools import SHELL_TOOLS
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import Installer


class Amp(AgentDefaults):
    """Amp, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of what the plugin handed on."""
        return read_event(payload, context)

    @property
    def shell_tools(self) -> frozenset[str]:
        """The names that its shell has had."""
        return SHELL_TOOLS

    def installer(self) -> Installer:
        """Return what installs its plugin."""
        from hookline.agents.amp.installer import AmpInstaller  # noqa: PLC0415

        return AmpInstaller()
