"""What an agent is to Hookline: one folder below `agents/`, behind one protocol.

    identity      name (of events, and of its service), title (for people), provider, scopes of its own telemetry
    hooks         `folder` and `event`: a payload as an `AgentEvent`; pure. `completed` adds what files beside it say
    equipment     what only some agents have: None, or empty, where there is none

`AgentDefaults` has none of the equipment: an agent's class adds what there is. What costs something to load is loaded by
the method that needs it, so that the registry costs a command line nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hookline.agent_event import AgentEvent, Place
from hookline.agents import relay_events
from hookline.agents.children_time import children_time
from hookline.agents.event_context import EventContext
from hookline.agents.payload import MAX_PATH, Json, text
from hookline.agents.scrubbed import scrubbed
from hookline.errors import Rejected
from hookline.privacy.capture import Policy
from hookline.system.evolve import evolve

if TYPE_CHECKING:
    from hookline.agents.equipment import HookCheck, HookProbe, Installer, MakeClientWatch, RunningCommand, StatusLine, Transcripts
    from hookline.system.process import ProcessKey


class Agent(Protocol):
    """One coding agent."""

    @property
    def name(self) -> str:
        """Its name in events, on the command line and as `service.name`."""

    @property
    def title(self) -> str:
        """Its name for people."""

    @property
    def provider(self) -> str:
        """Whose models it uses, as `gen_ai.provider.name` has it."""

    @property
    def runs_for_others(self) -> bool:
        """Whether other agents run the hooks in its settings files, so that its name in the first line says nothing."""

    def is_its(self, payload: Json) -> bool:
        """Whether a payload gives the agent away although the hook stands in another agent's settings."""

    def folder(self, payload: Json) -> str:
        """Return the folder that an event is of."""

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a payload; raises Rejected with what is wrong when it cannot be used. Pure."""

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with what the agent's files beside it say; may read a small file."""

    @property
    def shell_tools(self) -> frozenset[str]:
        """Tools whose run can be seen as a process (`commands`)."""

    @property
    def draws_while_thinking(self) -> bool:
        """Whether its client writes to the terminal all the time that it waits for the model."""

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Return the commands that run under a client and began after a time (Unix ns), the oldest first."""

    def transcripts(self) -> Transcripts | None:
        """Return its transcripts."""

    def installer(self) -> Installer | None:
        """Return what installs into its settings."""

    def hook_check(self, *, asks_client: bool) -> HookCheck | None:
        """Say whether it runs the installed hooks, where that takes more than installing; `asks_client`: its client may be started for it."""

    def status_line(self) -> StatusLine | None:
        """Return its status line."""

    def client_watch(self) -> MakeClientWatch | None:
        """Return what makes the watch over what its clients say of themselves."""

    def probe(self) -> HookProbe | None:
        """Return a made-up session."""


@dataclass(frozen=True)
class AgentDefaults:
    """An agent without any equipment."""

    name: str
    title: str = ""
    provider: str = ""
    runs_for_others: bool = False

    def is_its(self, payload: Json) -> bool:
        """It runs its own hooks alone."""
        del payload
        return False

    def folder(self, payload: Json) -> str:
        """Return the working folder."""
        return text(payload, "cwd", MAX_PATH)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event as it is."""
        return event

    @property
    def shell_tools(self) -> frozenset[str]:
        """None."""
        return frozenset()

    @property
    def draws_while_thinking(self) -> bool:
        """Nobody knows."""
        return False

    def commands(self, client: ProcessKey, after_ns: int) -> list[RunningCommand]:
        """Nobody knows."""
        return []

    def transcripts(self) -> Transcripts | None:
        """None."""
        return None

    def installer(self) -> Installer | None:
        """None."""
        return None

    def hook_check(self, *, asks_client: bool) -> HookCheck | None:
        """Whoever has hooks installed runs them."""
        return None

    def status_line(self) -> StatusLine | None:
        """None."""
        return None

    def client_watch(self) -> MakeClientWatch | None:
        """None."""
        return None

    def probe(self) -> HookProbe | None:
        """None."""
        return None


def adapted(
    agent: Agent,
    payload: Json,
    env: Mapping[str, str],
    time_ns: int,
    uid: str,
    locate: Callable[[str], Place],
    capture: Callable[[Place], Policy],
) -> AgentEvent:
    """Return an agent's event of a payload, or the relay's own of its session, free of secrets in whatever field an adapter put them.

    `locate` finds the place of a folder, `capture` the policy of a place. Raises Rejected when the payload cannot be used.
    """
    is_relays = relay_events.is_relays(payload, env.get("source", ""))
    folder = relay_events.folder(payload) if is_relays else agent.folder(payload)
    place = locate(folder)
    try:
        policy = capture(place)
        context = EventContext(time_ns, uid, env, folder, place, policy)
        event = relay_events.relay_event(agent.name, agent.provider, payload, context) if is_relays else agent.event(payload, context)
        children = children_time(env)
        return scrubbed(evolve(event, children=children) if children else event, policy.redactor)
    except RecursionError as why:
        raise Rejected("the payload is nested too deeply") from why
