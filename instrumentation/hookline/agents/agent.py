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
from typing import Protocol

from hookline.agents.event import AgentEvent
from hookline.agents.payload import MAX_PATH, Json, text
from hookline.errors import Rejected
from hookline.privacy.capture import Policy
from hookline.privacy.scrubbed import scrubbed
from hookline.workspace.project import Place


@dataclass(frozen=True, slots=True)
class EventContext:
    """What an adapter is told beside the payload.

    `env` are the words of the spool file's first line, `folder` is what `Agent.folder` names, `place` and `policy` are that folder's.
    """

    time_ns: int
    uid: str
    env: Mapping[str, str]
    folder: str
    place: Place
    policy: Policy


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

    def folder(self, payload: Json) -> str:
        """Return the folder that an event is of."""

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a payload; raises Rejected with what is wrong when it cannot be used. Pure."""

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event with what the agent's files beside it say; may read a small file."""


@dataclass(frozen=True)
class AgentDefaults:
    """An agent without any equipment."""

    name: str
    title: str = ""
    provider: str = ""
    runs_for_others: bool = False

    def folder(self, payload: Json) -> str:
        """Return the working folder."""
        return text(payload, "cwd", MAX_PATH)

    def completed(self, event: AgentEvent) -> AgentEvent:
        """Return the event as it is."""
        return event


def adapted(
    agent: Agent,
    payload: Json,
    env: Mapping[str, str],
    time_ns: int,
    uid: str,
    locate: Callable[[str], Place],
    capture: Callable[[Place], Policy],
) -> AgentEvent:
    """Return an agent's event of a payload, free of secrets in whatever field an adapter put them.

    `locate` finds the place of a folder, `capture` the policy of a place. Raises Rejected when the payload cannot be used.
    """
    folder = agent.folder(payload)
    place = locate(folder)
    try:
        policy = capture(place)
        return scrubbed(agent.event(payload, EventContext(time_ns, uid, env, folder, place, policy)), policy.redactor)
    except RecursionError as why:
        raise Rejected("the payload is nested too deeply") from why
