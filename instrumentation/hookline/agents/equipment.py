"""What an agent may have beside hooks, as the rest of Hookline asks for it: protocols, and the records that pass through them.

Transcripts   files in which the agent keeps its conversations: history, tokens, and what no hook tells
Installer     its settings files
StatusLine    a line that it lets others draw, and gives figures for
ClientWatch   what the client says of its own state
HookProbe     events as it would send them, for `hookline doctor`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from hookline.agent_event import AgentEvent, Place
from hookline.privacy.capture import Policy
from hookline.records import FoldStep, LogRecord
from hookline.settings import Settings
from hookline.system.clock import NS_PER_S
from hookline.system.process import ProcessKey

if TYPE_CHECKING:
    from hookline.fold.going_on import GoingOn
    from hookline.install.change import Change, Scope

Owner = Callable[[str], str]


def nobody(uuid: str) -> str:
    """Know of no line whose it is."""
    del uuid
    return ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where reading goes on, and how many damaged lines were passed over before."""

    offset: int = 0
    damaged: int = 0


@dataclass(frozen=True, slots=True)
class Transcript:
    """One file of a conversation. `agent_id` is empty for the main one; type and parent call come from the file beside it."""

    path: Path
    size: int
    modified_s: float
    agent_id: str = ""
    agent_type: str = ""
    parent_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All transcripts of one session, the main one first (it may be missing)."""

    session_id: str
    transcripts: tuple[Transcript, ...]

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return sum(transcript.size for transcript in self.transcripts)

    @property
    def modified_s(self) -> float:
        """Unix seconds of the last change of any of them."""
        return max(transcript.modified_s for transcript in self.transcripts)


@dataclass(frozen=True, slots=True)
class DeliveredPrompt:
    """A turn that hooks delivered: its prompt's id, when it began (Unix ns), and the prompt's length."""

    id: str
    began_ns: int
    length: int = 0


def no_prompts(session_id: str) -> tuple[DeliveredPrompt, ...]:
    """Know of no turn that hooks delivered."""
    del session_id
    return ()


@dataclass(frozen=True, slots=True)
class ReaderEnvironment:
    """What a reader of history needs of the machine: places, capture policies, turns that hooks delivered, and whose prompts are known.

    `prompts_of` serves agents whose hooks know no id of a prompt: the turns that hooks delivered of a session, to be found by their beginnings.
    """

    locate: Callable[[str], Place]
    capture: Callable[[Place], Policy]
    is_delivered: Callable[[str, str], bool]
    owner: Owner = nobody
    prompts_of: Callable[[str], tuple[DeliveredPrompt, ...]] = no_prompts


class HistoryReader(Protocol):
    """Reads one conversation from its marks to the end of its files."""

    session_id: str
    lines: int

    def steps(self, now_ns: int, quiet_ns: int) -> Iterator[FoldStep]:
        """Yield the steps of what is new. What is still open is closed only when the conversation has been quiet for `quiet_ns`."""

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note that everything up to these events was accepted."""

    def prompts(self) -> list[str]:
        """Return the ids of the prompts' lines that were read since the last call."""

    def marks(self) -> dict[Path, Mark]:
        """Return how far each file is done."""


@dataclass(frozen=True, slots=True)
class TranscriptSign:
    """One thing that a line shows: when, under which name, and what makes it no news; empty: it is always news.

    `call:ID` of a call that a hook told of, `done:ID` of its end, `prompt:ID` of a prompt, `end:ID` of a turn's end.
    """

    time_ns: int
    name: str
    payload: dict[str, Any]
    unless: str = ""


class SignReader(Protocol):
    """Reads one transcript of a live session."""

    def read(self, line: Mapping[str, Any]) -> Iterator[TranscriptSign]:
        """Yield what one parsed line shows and no hook tells."""


class Transcripts(Protocol):
    """An agent's transcripts: files of JSON lines."""

    def root(self, env: Mapping[str, str]) -> Path:
        """Return the folder in which they lie."""

    def conversations(self, root: Path) -> Iterator[Conversation]:
        """Yield every conversation under the root, the oldest first."""

    def history(self, conversation: Conversation, marks: Mapping[Path, Mark], around: ReaderEnvironment) -> HistoryReader:
        """Return the reader of a conversation's history."""

    def is_main(self, path: str) -> bool:
        """Whether a path that an event names can be that of a main transcript."""

    def of_subagents(self, main: Path) -> Sequence[tuple[Path, str]]:
        """Return the transcripts of a session's subagents, with the agents' ids."""

    def usage(self, path: Path, offset: int, event: AgentEvent) -> Iterator[tuple[list[LogRecord], int]]:
        """Yield records of tokens behind an offset, each batch with the offset up to which it is complete; `event` is of the session."""

    def signs(self, session_id: str, main: Path, agent_id: str) -> SignReader:
        """Return the reader of what a live transcript shows."""

    def may_show(self, line: bytes) -> bool:
        """Whether it is worth parsing a line for its signs."""


class Installer(Protocol):
    """An agent's settings files, and the scripts that the commands in them run."""

    def install(self, settings: Settings, scope: Scope, *, native_telemetry: bool, status_line: bool, dry_run: bool) -> Change:
        """Put in what is wanted; running it again changes nothing."""

    def uninstall(self, settings: Settings, scope: Scope, *, dry_run: bool) -> Change:
        """Take out exactly what install put in."""

    def installed(self) -> tuple[list[Path], list[Path]]:
        """Return the settings files that have the hooks, and those that cannot be read."""

    def is_current(self, settings: Settings) -> bool:
        """Whether the installed scripts are those of this version."""

    def is_present(self, env: Mapping[str, str]) -> str:
        """Say by what the agent is found on this machine, its program or its folder; empty where it is not."""


@dataclass(frozen=True, slots=True)
class HookCheck:
    """Whether an agent runs the hooks that are installed, and what a person can do where it does not."""

    ok: bool
    detail: str
    remedy: str = ""


class StatusLine(Protocol):
    """A status line of the agent's that Hookline wraps, or draws."""

    today_name: str  # of the file in the data folder that holds today's figures for it

    def run(self, settings: Settings | None, command: Sequence[str]) -> int:
        """Keep what the agent gives on standard input, show the command's line or our own, return the exit code."""

    def preview(self, settings: Settings | None) -> str:
        """Return the own line with the figures of an example."""


class SessionProcesses(Protocol):
    """The processes of live sessions."""

    def key_of(self, session_id: str) -> ProcessKey | None:
        """Return a session's process."""

    def pid_of(self, session_id: str) -> int | None:
        """Return its pid."""


class ClientWatch(Protocol):
    """Looks at what clients say of themselves, and leaves in the spool what no hook tells."""

    @property
    def has_turns(self) -> bool:
        """Whether a turn is open whose client may say something."""

    @property
    def has_rests(self) -> bool:
        """Whether a session lives that may have ended without a hook or a process that tells."""

    def notice(self, event: AgentEvent) -> None:
        """Take note of an event that was folded."""

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note of accepted steps."""

    def look(self, now_ns: int) -> None:
        """Leave an event for whatever is shown."""

    def speaks_for(self, session_id: str) -> bool:
        """Whether a session's client said something at the last look."""


MakeClientWatch = Callable[[Path, SessionProcesses, "Callable[[], tuple[GoingOn, ...]]"], ClientWatch]


class ClientWatches:
    """The watches of all agents as one."""

    def __init__(self, watches: Iterable[ClientWatch]) -> None:
        self._watches = tuple(watches)

    @property
    def has_turns(self) -> bool:
        """Whether a turn is open whose client may say something."""
        return any(watch.has_turns for watch in self._watches)

    @property
    def has_rests(self) -> bool:
        """Whether a session lives that may have ended without a hook or a process that tells."""
        return any(watch.has_rests for watch in self._watches)

    def notice(self, event: AgentEvent) -> None:
        """Take note of an event that was folded."""
        for watch in self._watches:
            watch.notice(event)

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Take note of accepted steps."""
        for watch in self._watches:
            watch.acknowledge(released)

    def look(self, now_ns: int) -> None:
        """Leave an event for whatever is shown."""
        for watch in self._watches:
            watch.look(now_ns)

    def speaks_for(self, session_id: str) -> bool:
        """Whether a session's client said something at the last look."""
        return any(watch.speaks_for(session_id) for watch in self._watches)


@dataclass(frozen=True, slots=True)
class RunningCommand:
    """A command of a client's that runs: its process and when it began (Unix ns)."""

    key: ProcessKey

    @property
    def began_ns(self) -> int:
        """When its process was created."""
        return int(self.key.created_s * NS_PER_S)


class HookProbe(Protocol):
    """A short session of the agent's, made up."""

    def payloads(self, session_id: str, folder: Path) -> list[dict[str, object]]:
        """Return its events in their order."""

    def environment(self, pid: int) -> dict[str, str]:
        """Return what the agent's process gives its hooks."""
