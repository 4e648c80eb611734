"""Toy: an agent that nobody has, as small as one can be."""

from hookline.agent_event import AgentEvent
from hookline.agents.agent import AgentDefaults
from hookline.agents.event_context import EventContext
from hookline.agents.payload import MAX_PATH, Json, text
from support.toy_agent.hooks import NAME, PROVIDER, read_event


class Toy(AgentDefaults):
    """Toy, behind the protocol: hooks and nothing else."""

    def __init__(self) -> None:
        super().__init__(NAME, "Toy", PROVIDER)

    def folder(self, payload: Json) -> str:
        """Return the folder in which Toy works."""
        return text(payload, "dir", MAX_PATH)

    def event(self, payload: Json, context: EventContext) -> AgentEvent:
        """Return the event of a hook's payload."""
        return read_event(payload, context)
