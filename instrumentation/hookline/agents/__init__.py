"""Agents: each is a folder here, behind one `Agent` protocol, and one line of `ROWS`.

agent           the protocol, and the way from a payload to an event
event_parts     what a reader says of an event (`hookline.agent_event`)
scrubbed        every string of an event redacted, whatever field it is in
relay_events    what the relay itself leaves in the spool, of any agent's sessions
foreign         agents without a folder, known by what their payloads give away
payload         typed reading of JSON that may hold anything
measures        bytes and hashes of what a call was given and gave back

Another agent is another folder and another line of `ROWS`: docs/adding-an-agent.md walks through it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Final

from hookline.agent_event import NOWHERE, AgentEvent, Place, process_gone, tick
from hookline.agents.agent import Agent, AgentDefaults, adapted
from hookline.agents.event_context import EventContext
from hookline.agents.foreign import ForeignAgent, betrayed
from hookline.agents.payload import Json
from hookline.privacy.capture import METADATA_ONLY, Policy

ROWS: Final = (  # a line an agent: its folder and its class; the first is whose hook.sh says so, and whom hints to a person name
    "claude_code.ClaudeCode",
    "amp.Amp",
    "cline.Cline",
    "codex.Codex",
    "copilot_cli.CopilotCli",
    "cursor.Cursor",
    "droid.Droid",
    "kimi_code.KimiCode",
    "kiro.Kiro",
    "opencode.OpenCode",
    "gemini_cli.GeminiCli",
    "goose.Goose",
    "qwen_code.QwenCode",
)


def _made(row: str) -> Agent:
    folder, _, name = row.partition(".")
    agent: Agent = getattr(import_module(f"{__name__}.{folder}"), name)()
    return agent


AGENTS: Final[dict[str, Agent]] = {agent.name: agent for agent in map(_made, ROWS)}
DEFAULT: Final[Agent] = next(iter(AGENTS.values()))

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
    given_away = next((agent for agent in AGENTS.values() if agent.is_its(payload)), None)
    return given_away or (agent_named(name) if (name := betrayed(payload)) else said)


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
