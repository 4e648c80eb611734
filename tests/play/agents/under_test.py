"""An agent as the play needs it, where it plays, and what its session file says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from support.scripted_model.dialect import Step

TERMINAL: Final = ("keys", "resume", "killed", "closed")
SCENARIOS: Final = ("tools", "denied", "api_error", "subagent", "interrupt", "resume")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent plays: its home, the project, its program, and the scripted model (`model_url` ends in the script's name)."""

    home: Path
    shop: Path
    program: Path
    model_url: str


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call as the client's session file has it; times in Unix seconds, None where the file says none."""

    name: str
    begun_s: float | None
    ended_s: float | None


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """A session as the client's session file has it. `input` includes what was cached."""

    session_id: str
    begun_s: float | None = None
    ended_s: float | None = None
    calls: tuple[RecordedCall, ...] = ()
    input: int = 0
    output: int = 0
    cached: int = 0
    waits_s: tuple[float | None, ...] = ()  # how long each question waited for its answer, None where the file does not say so


@dataclass(frozen=True, slots=True)
class TerminalUse:
    """How a person uses the client's terminal: patterns of what is shown, and keys."""

    command: Callable[[Place], Sequence[str]]
    ready: str  # the input line waits
    asks: str  # a permission is asked for
    allow: str = "y"
    refuse: str = "Escape"
    working: str = ""  # shown while a turn runs
    leave: str = "/exit"  # a text, then Enter
    first: tuple[tuple[str, str], ...] = ()  # (pattern, key): questions before the first prompt
    shows_runs: bool = False  # a command that was granted is seen to run before its end
    refused_turn: str = "interrupted"  # how the turn of a refused permission ends
    refused_call: str = "interrupted"
    goes_on_refused: bool = True  # the model answers after a refusal that does not stop the turn
    asks_always: bool = False  # it asks for every command, also for the one that is stopped
    again: Callable[[Place, str], Sequence[str]] | None = None  # goes on with a session
    daemon: str = ""  # a word of the command line of a process that the client leaves running, and which is killed with it
    left_out: Mapping[str, str] = field(default_factory=dict)  # scene → why
    stop_again: str = ""  # shown after a first Escape that stops nothing yet: it is pressed again


@dataclass(frozen=True)
class AgentUnderTest:
    """One agent. `name` is Hookline's; a step of a scenario becomes one or more in the agent's own names of tools (`own_steps`)."""

    name: str
    package: str
    version: str
    program: str
    environment: Callable[[Place], Mapping[str, str]]
    headless: Callable[[Place, str, str], Sequence[str]]  # the place, the prompt, the session to go on with or empty
    own_steps: Callable[[Step], list[Step]]
    recorded: Callable[[Path], list[RecordedSession]]  # of a home, the oldest first
    prepare: Callable[[Place], None] = lambda place: None  # settings, and whatever approves the hooks that were installed
    kinds: Mapping[str, str] = field(default_factory=dict)  # where a tool of a scenario is another kind with this agent
    outcomes: Mapping[str, str] = field(default_factory=dict)  # what this agent cannot tell: `scenario.call` or `scenario.turn` → outcome
    scenarios: tuple[str, ...] = SCENARIOS
    left_out: Mapping[str, str] = field(default_factory=dict)  # scenario → why
    node: int = 18
    terminal: TerminalUse | None = None
    has_tokens: bool = True
    has_history: bool = False  # `hookline backfill` over the same sessions must change nothing
    ignored_tools: frozenset[str] = frozenset()  # calls that only wait for others
    extras: Mapping[str, Any] = field(default_factory=dict)
