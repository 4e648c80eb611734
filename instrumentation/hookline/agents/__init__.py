"""Agents: each is a folder here, behind one `Agent` protocol, and one row of `AGENTS`.

agent           the protocol, and the way from a payload to an event
event_parts     what a reader says of an event (`hookline.agent_event`)
scrubbed        every string of an event redacted, whatever field it is in
relay_events    what the relay itself leaves in the spool, of any agent's sessions
foreign         agents without a folder, known by what their payloads give away
payload         typed reading of JSON that may hold anything
measures        bytes and hashes of what a call was given and gave back
claude_code/    hooks, tools, transcripts, status line and installation of one agent
opencode/       another, with a plugin instead of hooks
copilot_cli/    another, with payloads that name neither calls nor prompts

Another agent is another folder and another row: docs/adding-an-agent.md walks through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hookline.agent_event import NOWHERE, AgentEvent, Place, process_gone, tick
from hookline.agents.agent import Agent, AgentDefaults, adapted
from hookline.agents.claude_code import ClaudeCode
from hookline.agents.copilot_cli import CopilotCli
from hookline.agents.event_context import EventContext
from hookline.agents.foreign import ForeignAgent, betrayed
from hookline.agents.opencode import OpenCode
from hookline.agents.payload import Json
from hookline.privacy.capture import METADATA_ONLY, Policy

DEFAULT: Final[Agent] = ClaudeCode()  # whose hook.sh says so, and whom hints to a person name
AGENTS: Final[dict[str, Agent]] = {
    agent.name: agent
    for agent in (
        DEFAULT,
        CopilotCli(),
        OpenCode(),
    )
}

__all__ = [
    "AGENTS",
    "DEFAULT",
    "Agent",
    "AgentDefaults",
    "AgentEvent",
    "EventContext",
    "adapted",
    "agent_named",
    "event_of",
    "identify",
    "install_hint",
    "process_gone",
    "tick",
]


def agent_named(name: str) -> Agent:
    """Return the agent of a name; one without a folder here is foreign."""
    return AGENTS.get(name) or ForeignAgent(name, provider=name, runs_for_others=True)


def identify(payload: Json, hint: str = "") -> Agent:
    """Return the agent that made a payload; `hint` is what the spool file's first line says.

    Hooks in files that only their own agent reads are believed; of the others the payload is asked first.
    """
    said = agent_named(hint) if hint else DEFAULT
    if not said.runs_for_others:
        return said
    return agent_named(name) if (name := betrayed(payload)) else said


def install_hint(name: str = DEFAULT.name) -> str:
    """Return the command that installs the hooks, for a hint to a person."""
    return f"hookline install {name}"


def event_of(
    payload: Json,
    env: Mapping[str, str],
    time_ns: int,
    uid: str,
    locate: Callable[[str], Place] = lambda folder: NOWHERE,
    capture: Callable[[Place], Policy] = METADATA_ONLY,
) -> AgentEvent:
    """Return the event of one spool file's payload; see `adapted`. `env` is the file's first line."""
    return adapted(identify(payload, env.get("agent", "")), payload, env, time_ns, uid, locate, capture)
