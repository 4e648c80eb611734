"""What the client says of itself: a small file that it rewrites at every change of its state, told where no hook tells.

Claude Code keeps `sessions/<pid>.json` in its own folder (`~/.claude`): `status` is idle, busy, waiting or shell (a command goes on in the
background), `waitingFor` says for what, `statusUpdatedAt` is the moment (Unix ms), written within a tenth of a second. It is not documented, and a
client that has no such file, or another one, only loses what is told here:

    idle, and a turn is open          a person stopped it, perhaps before its first word, of which no transcript keeps a mark    TurnInterrupted
    busy, and one call was asked for  a person granted it, also where no command can be seen to run                              ToolRunning
    waiting, and nobody asked         the client asks and tells no hook, as in auto mode                                         PermissionRequest

In auto mode the client's first question is a dialog of its own, before that for the permission: the two are one wait, from the dialog on. A person
opens dialogs too, while a call runs; so a dialog is a question only of a call in auto mode that has just been asked for and was not seen to run.

Each has the client's own moment as its time. What is told is what still holds `PATIENCE_S` after that moment, when all that hooks and transcript
have told is read: they know more, and come first. It is left in the spool under a name that says what it is.
"""

from __future__ import annotations

import json
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import PROCESS, AgentEvent
from hookline.agents.claude_code.commands import commands_of
from hookline.agents.claude_code.identity import NAME
from hookline.agents.claude_code.tools import SHELL_TOOLS
from hookline.agents.equipment import SessionProcesses
from hookline.fold.going_on import GoingOn, OpenCall
from hookline.spool import write_reported
from hookline.system.clock import NS_PER_S
from hookline.system.log import LOG
from hookline.system.process import ProcessKey

MS: Final = 1_000_000
PATIENCE_S: Final = 0.6
MAX_BYTES: Final = 64 * 1024
MAX_SESSIONS: Final = 1_000
MAX_TOLD: Final = 1_000
REST: Final = frozenset({"idle", "shell"})
QUESTIONS: Final = frozenset({"permission prompt", "input needed"})
DIALOG: Final = "dialog open"  # a person's as well
AUTO: Final = "auto"
DIALOG_WITHIN_S: Final = 15.0  # of the call's request: until then its check has failed
AGENT_TOOLS: Final = frozenset({"Agent", "Task"})

Tell = Callable[[Path, str, bytes, Mapping[str, str], int], object]
Commands = Callable[[ProcessKey, int], Sequence[object]]


@dataclass(frozen=True, slots=True)
class ClientState:
    """What a client says: of which session, what it does, and since when."""

    session_id: str
    status: str
    since_ns: int
    waiting_for: str = ""


@dataclass(frozen=True, slots=True)
class StateSign:
    """Something that the client's word shows: the event's name, what it says, its time, and a name for the file that keeps it."""

    event: str
    facts: Mapping[str, str]
    time_ns: int
    name: str


def parse(text: bytes) -> ClientState | None:
    """Read the client's file; None where it is not what is known here."""
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    session_id, status, since_ms = told.get("sessionId"), told.get("status"), told.get("statusUpdatedAt")
    if not (isinstance(session_id, str) and isinstance(status, str) and isinstance(since_ms, int)):
        return None
    return ClientState(session_id, status, since_ms * MS, str(told.get("waitingFor") or ""))


def shown_by(state: ClientState, session: GoingOn) -> StateSign | None:
    """Return what the client's word shows of a session that has a turn open; None where both agree."""
    asked = [call for call in session.calls if call.is_asked and not call.is_running]
    if state.status in REST and state.since_ns > session.last_ns:
        return StateSign("TurnInterrupted", {}, state.since_ns, f"stopped-{session.session_id}-{state.since_ns // MS}")
    if state.status == "busy" and len(asked) == 1 and state.since_ns > asked[0].since_ns:
        return StateSign("ToolRunning", _facts(asked[0]), state.since_ns, f"granted-{asked[0].call_id}")
    if state.status == "waiting" and not session.is_waiting and len(session.calls) == 1:
        (call,) = session.calls
        if _asks(state, call) and call.tool not in AGENT_TOOLS and not (call.is_asked or call.is_running) and state.since_ns > call.since_ns:
            return StateSign("PermissionRequest", _facts(call), state.since_ns, f"asked-{call.call_id}")
    return None


def _asks(state: ClientState, call: OpenCall) -> bool:
    """Whether what the client waits for can be its question about a call."""
    if state.waiting_for == DIALOG:
        return call.mode == AUTO and state.since_ns - call.since_ns <= DIALOG_WITHIN_S * NS_PER_S
    return state.waiting_for in QUESTIONS


def _facts(call: OpenCall) -> dict[str, str]:
    return {"tool_use_id": call.call_id, "tool_name": call.tool}


class ClientStates:
    """Looks at the clients' files. Used by the loop; `notice` learns where the files are."""

    def __init__(
        self,
        spool: Path,
        sessions: SessionProcesses,
        going_on: Callable[[], tuple[GoingOn, ...]],
        tell: Tell = write_reported,
        commands: Commands = commands_of,
    ) -> None:
        self._spool = spool
        self._sessions = sessions
        self._going_on = going_on
        self._tell = tell
        self._commands = commands
        self._folders: OrderedDict[str, Path] = OrderedDict()
        self._told: OrderedDict[str, None] = OrderedDict()
        self._speaking: frozenset[str] = frozenset()
        self._silent: frozenset[str] = frozenset()
        self._host = socket.gethostname()

    def notice(self, event: AgentEvent) -> None:
        """Take note of where a session's client keeps its files."""
        if event.agent != NAME or not event.transcript_path or event.session_id in self._folders:
            return
        if (folder := folder_of(event.transcript_path)) is not None:
            self._folders[event.session_id] = folder
            if len(self._folders) > MAX_SESSIONS:
                self._folders.popitem(last=False)

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Nothing here waits for what was accepted."""

    @property
    def has_turns(self) -> bool:
        """Whether a turn is open whose client may say something."""
        return any(one.session_id in self._folders and one.session_id not in self._silent for one in self._going_on())

    @property
    def has_rests(self) -> bool:
        """Whether a turn is open whose client said nothing at the last look: one of a version that keeps no such file."""
        return any(one.session_id in self._silent for one in self._going_on())

    def speaks_for(self, session_id: str) -> bool:
        """Whether a session's client said something at the last look: what may be inferred from its silence is not asked for then."""
        return session_id in self._speaking

    def look(self, now_ns: int) -> None:
        """Leave an event for whatever the clients' words show. Call it when the spool is read to its end."""
        states = [(session, self._read(session.session_id)) for session in self._going_on()]
        self._speaking = frozenset(session.session_id for session, state in states if state)
        self._silent = frozenset(session.session_id for session, state in states if not state)
        for session, state in states:
            found = shown_by(state, session) if state else None
            if found and now_ns - found.time_ns >= PATIENCE_S * NS_PER_S and found.name not in self._told and not self._is_persons(state, session):
                self._leave(session, found)

    def _is_persons(self, state: ClientState | None, session: GoingOn) -> bool:
        """Whether a person has opened the dialog that stands there: the command of the session's only call runs."""
        if state is None or state.waiting_for != DIALOG:
            return False
        key = self._sessions.key_of(session.session_id)
        return key is not None and any(call.tool in SHELL_TOOLS and self._commands(key, call.since_ns) for call in session.calls)

    def _read(self, session_id: str) -> ClientState | None:
        folder, pid = self._folders.get(session_id), self._sessions.pid_of(session_id)
        if folder is None or pid is None:
            return None
        try:
            with (folder / f"{pid}.json").open("rb") as file:
                state = parse(file.read(MAX_BYTES))
        except OSError:
            return None
        return state if state and state.session_id == session_id else None

    def _leave(self, session: GoingOn, found: StateSign) -> None:
        self._told[found.name] = None
        if len(self._told) > MAX_TOLD:
            self._told.popitem(last=False)
        payload: dict[str, Any] = {"hook_event_name": found.event, "session_id": session.session_id, "prompt_id": session.prompt_id}
        payload |= {"cwd": session.root, **found.facts}
        try:
            self._tell(self._spool, found.name, json.dumps(payload).encode(), {"agent": NAME, "source": PROCESS, "host": self._host}, found.time_ns)
        except OSError:
            LOG.exception("what a client said of itself could not be written")


def folder_of(transcript_path: str) -> Path | None:
    """Return where the client that writes this transcript keeps the files of its processes."""
    parents = Path(transcript_path).parents
    return parents[2] / "sessions" if len(parents) > 2 and parents[1].name == "projects" else None
