"""Codex CLI: hooks, tools, rollouts, installation and trust, its own telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.client_process import with_client_pid
from hookline.agents.codex import hooks
from hookline.agents.codex.identity import NAME, PROVIDER, TITLE
from hookline.agents.codex.rollout_facts import RolloutFacts
from hookline.agents.codex.tools import SHELL_TOOLS
from hookline.agents.event_context import EventContext
from hookline.agents.payload import Json

if TYPE_CHECKING:
    from hookline.agents.equipment import HookCheck, Installer, RunningCommand, Transcripts
    from hookline.system.process import ProcessKey


class Codex(AgentDefaults):
    """Codex CLI, behind the protocol."""

    def __init__(self) -> None:
        super().__init__(NAME, TITLE, PROVIDER)
        object.__setattr__(self, "_facts", RolloutFacts())

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload, or of what a rollout shows."""
        return hooks.read_event(payload, context)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with the client's process, and with what the rollout says of it: exit code, duration, a subagent's call."""
        facts: RolloutFacts = self._facts  # type: ignore[attr-defined]
        return facts.completed(with_client_pid(event))

    @property
    def shell_tools(self) -> frozenset[str]:
        """Bash."""
        return SHELL_TOOLS

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Return the commands that run under a client."""
        from hookline.agents.codex.shell_commands import commands_of  # noqa: PLC0415

        return commands_of(client, after_ns)

    def transcripts(self) -> Transcripts:
        """Return its rollouts."""
        from hookline.agents.codex.rollout_access import CodexRollouts  # noqa: PLC0415

        return CodexRollouts(self)

    def installer(self) -> Installer:
        """Return what installs into its hooks file."""
        from hookline.agents.codex.installer import CodexInstaller  # noqa: PLC0415

        return CodexInstaller()

    def hook_check(self, *, asks_client: bool) -> HookCheck | None:
        """Say whether the hooks are approved."""
        from hookline.agents.codex.installer import CodexInstaller  # noqa: PLC0415

        return CodexInstaller().check(asks_client=asks_client)
