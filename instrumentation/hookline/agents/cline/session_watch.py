"""What Cline writes of a session where no hook tells, and questions that nobody tells of.

Under its hub, a daemon, no process ends with a session. But `data/sessions/<id>/<id>.json`, the session's record, has

    ended_at          once the session has ended: a turn that is open then was stopped at that moment
    status idle       once a turn is over: one that is open then was stopped when that was written (Escape), unless the model has answered,
                      whose hook is waited for longer

It is told what still holds a moment later, when all that hooks have told is read: they know more. A session that rests, and has ended by its
record, ended then too.

Under the hub the questions and answers, and when the client is left, stand in the hub's own journal (hub_journal.py). Without it, as in the first
session after a start, that a person is asked stands nowhere. Its hook runs before the question, so a call that was asked for and neither runs nor
ends is waiting for an answer: a command that is seen to run was allowed; reading and editing take no time to speak of. After `ASKS_AFTER_S` it is
told so, as inferred. The call's end has its duration by Cline's own clock, and what was no wait by that is none in the end.
"""

from __future__ import annotations

import json
import os
import socket
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from hookline.agent_event import PROCESS, RELAY, AgentEvent
from hookline.agents.cline.hub_journal import DATABASE, HubJournal, HubSign
from hookline.agents.cline.identity import NAME
from hookline.agents.cline.session_files import MAX_FILE_BYTES, has_answered, main_file, record_file, sessions_root
from hookline.agents.cline.shell_commands import commands_of
from hookline.agents.cline.tools import KINDS, SHELL_TOOLS
from hookline.agents.equipment import SessionProcesses
from hookline.agents.payload import text
from hookline.contract.events import EventKind
from hookline.contract.tool_kinds import ToolKind
from hookline.fold.going_on import GoingOn, OpenCall
from hookline.spool import write_reported
from hookline.system.clock import NS_PER_S
from hookline.system.log import LOG
from hookline.system.process import ProcessKey

PATIENCE_S: Final = 0.6
ANSWERED_PATIENCE_S: Final = 3.0
ASKS_AFTER_S: Final = 1.0
ASKED_NS: Final = NS_PER_S // 4  # how long after its hook, at the latest, a call that nobody is asked about runs
QUICK: Final = frozenset({ToolKind.READ, ToolKind.EDIT})
MAX_SESSIONS: Final = 1_000

Tell = Callable[[Path, str, bytes, Mapping[str, str], int], object]
Commands = Callable[[ProcessKey, int], Sequence[object]]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session's record: its status, when the session ended (Unix ns), and when that was written."""

    status: str
    ended_ns: int | None
    written_ns: int


@dataclass(frozen=True, slots=True)
class _Resting:
    """A session that lives: when it was last heard of, its folder, when it was first heard of, when it was left, which record was read."""

    last_ns: int
    root: str
    first_ns: int = 0
    detached_ns: int = 0
    read_ns: int = 0


_NEW: Final = _Resting(0, "")
_ENDS: Final = frozenset({EventKind.SESSION_ENDED, EventKind.PROCESS_GONE})


class ClineSessionWatch:
    """Looks at the sessions that have a turn open. Used by the loop."""

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
        self._mains: OrderedDict[str, Path] = OrderedDict()
        self._resting: dict[str, _Resting] = {}
        self._journal: HubJournal | None = None
        self._told: OrderedDict[str, None] = OrderedDict()
        self._host = socket.gethostname()

    def notice(self, event: AgentEvent) -> None:
        """Take note of where a session's files are, and whether it lives."""
        session_id = event.session_id
        if event.agent != NAME or "/" in session_id:
            return
        if event.kind in _ENDS:
            self._resting.pop(session_id, None)
        elif not event.is_beside or session_id in self._resting:
            known = self._resting.get(session_id, _NEW)
            is_prompt = event.kind is EventKind.PROMPT_SUBMITTED and event.time_ns > known.detached_ns  # somebody is there again
            self._resting[session_id] = _Resting(
                max(event.time_ns, known.last_ns),
                event.place.root,
                known.first_ns or event.time_ns,
                detached_ns=0 if is_prompt else known.detached_ns,
            )
        if self._journal is None:
            self._journal = HubJournal(sessions_root(os.environ).parent / "db" / DATABASE)
        if session_id not in self._mains:
            named = Path(event.transcript_path) if event.transcript_path else None
            self._mains[session_id] = named or main_file(sessions_root(os.environ), session_id)
            if len(self._mains) > MAX_SESSIONS:
                self._resting.pop(self._mains.popitem(last=False)[0], None)

    def acknowledge(self, released: tuple[str, ...]) -> None:
        """Nothing here waits for what was accepted."""

    @property
    def has_turns(self) -> bool:
        """Whether a turn of Cline's is open."""
        return any(one.session_id in self._mains for one in self._going_on())

    @property
    def has_rests(self) -> bool:
        """Whether a session of Cline's lives."""
        return bool(self._resting)

    def speaks_for(self, session_id: str) -> bool:
        """Never: from a record's silence nothing follows."""
        del session_id
        return False

    def look(self, now_ns: int) -> None:
        """Leave an event for every open turn that was stopped, and for every question. Call it when the spool is read to its end."""
        for sign in self._journal.read(now_ns) if self._journal else ():
            self._take(sign)
        going_on = self._going_on()
        for session in going_on:
            if (main := self._mains.get(session.session_id)) is None:
                continue
            record = read_record(record_file(main))
            stopped_ns = stopped_at(record, session.last_ns, now_ns, lambda main=main: has_answered(main)) if record else None  # type: ignore[misc]
            if stopped_ns is not None:
                payload = {"hookName": "agent_abort", "prompt_id": session.prompt_id}
                self._leave(session, f"ended-{session.session_id}-{stopped_ns // 1_000_000}", payload, PROCESS, stopped_ns)
            else:
                self._look_for_questions(session, now_ns)

        self._look_for_ends({session.session_id for session in going_on}, now_ns)

    def _look_for_ends(self, going_on: set[str], now_ns: int) -> None:
        """Leave an event for every session that rested when it ended."""
        for session_id, resting in list(self._resting.items()):
            if resting.detached_ns and session_id not in going_on:
                self._end(session_id, resting, max(resting.detached_ns, resting.last_ns), "detached")
                continue
            record = None if session_id in going_on else self._changed_record(session_id)
            if record and record.ended_ns and record.ended_ns > resting.last_ns:
                self._end(session_id, resting, record.ended_ns, record.status)

    def _end(self, session_id: str, resting: _Resting, time_ns: int, reason: str) -> None:
        name = f"over-{session_id}-{time_ns // 1_000_000}"
        self._leave(_session(session_id, resting.root), name, {"hookName": "session_over", "reason": reason}, PROCESS, time_ns)

    def _take(self, sign: HubSign) -> None:
        """Leave an event for what the hub wrote of a session that is known here."""
        resting = self._resting.get(sign.session_id)
        if resting is None or (sign.what != "detached" and sign.time_ns < resting.first_ns):
            return
        session = _session(sign.session_id, resting.root)
        if sign.what == "asked":
            payload: dict[str, Any] = {"hookName": "tool_asked", "tool_call": {"id": sign.call_id, "name": sign.tool}}
            self._leave(session, f"asked-{sign.call_id}", payload, PROCESS, sign.time_ns)
        elif sign.what == "granted":
            payload = {"hook_event_name": "ToolRunning", "session_id": sign.session_id, "tool_use_id": sign.call_id, "tool_name": sign.tool}
            self._leave(session, f"granted-{sign.call_id}", payload | {"cwd": resting.root}, PROCESS, sign.time_ns)
        else:
            self._resting[sign.session_id] = replace(resting, detached_ns=sign.time_ns)

    def _changed_record(self, session_id: str) -> SessionRecord | None:
        """Return the record of a session, where it was written anew."""
        path, resting = record_file(self._mains[session_id]), self._resting[session_id]
        try:
            written_ns = path.stat().st_mtime_ns
        except OSError:
            return None
        if written_ns == resting.read_ns:
            return None
        self._resting[session_id] = replace(resting, read_ns=written_ns)
        return read_record(path)

    def _look_for_questions(self, session: GoingOn, now_ns: int) -> None:
        for call in asking(session, now_ns):
            name = f"asked-{call.call_id}"
            if name not in self._told and not self._runs(session, call):
                payload = {"hookName": "tool_asked", "prompt_id": session.prompt_id, "tool_call": {"id": call.call_id, "name": call.tool}}
                self._leave(session, name, payload, RELAY, call.since_ns + ASKED_NS)

    def _runs(self, session: GoingOn, call: OpenCall) -> bool:
        """Whether the command of a call is seen to run; so is that of one whose client is not known. One that was seen is not looked for again."""
        if call.tool not in SHELL_TOOLS:
            return False
        key = self._sessions.key_of(session.session_id)
        if key is None:
            return True
        if not self._commands(key, call.since_ns):
            return False
        self._remember(f"asked-{call.call_id}")
        return True

    def _leave(self, session: GoingOn, name: str, payload: dict[str, Any], source: str, time_ns: int) -> None:
        if name in self._told:
            return
        self._remember(name)
        payload |= {"sessionContext": {"rootSessionId": session.session_id}, "workspaceRoots": [session.root]}
        try:
            self._tell(self._spool, name, json.dumps(payload).encode(), {"agent": NAME, "source": source, "host": self._host}, time_ns)
        except OSError:
            LOG.exception("what was seen of a session of Cline's could not be written")

    def _remember(self, name: str) -> None:
        self._told[name] = None
        if len(self._told) > MAX_SESSIONS:
            self._told.popitem(last=False)


def _session(session_id: str, root: str) -> GoingOn:
    """Return a session of which nothing is said to go on."""
    return GoingOn(session_id, "", 0, root, is_waiting=False, calls=())


def read_record(path: Path) -> SessionRecord | None:
    """Return what a session's record says; None where it says nothing that is known here."""
    try:
        with path.open("rb") as file:
            written_ns = os.fstat(file.fileno()).st_mtime_ns
            found = json.loads(file.read(MAX_FILE_BYTES))
        if not isinstance(found, dict):
            return None
        ended = text(found, "ended_at")
        ended_ns = int(datetime.fromisoformat(ended).timestamp() * 1_000) * 1_000_000 if ended else None
    except (OSError, ValueError):
        return None
    return SessionRecord(text(found, "status"), ended_ns, written_ns)


def stopped_at(record: SessionRecord, last_ns: int, now_ns: int, has_answered: Callable[[], bool]) -> int | None:
    """Return when a turn was stopped that hooks last spoke of at a time; None where it goes on, or hooks may still tell of its end."""
    at_ns = record.ended_ns if record.ended_ns is not None else record.written_ns if record.status == "idle" else None
    if at_ns is None or at_ns <= last_ns or now_ns - at_ns < PATIENCE_S * NS_PER_S:
        return None
    is_early = record.ended_ns is None and now_ns - at_ns < ANSWERED_PATIENCE_S * NS_PER_S
    return None if is_early and has_answered() else at_ns


def asking(session: GoingOn, now_ns: int) -> Iterator[OpenCall]:
    """Yield the calls of which a person may be asked, by how long nothing was heard of them."""
    for call in session.calls:
        may_ask = call.tool in SHELL_TOOLS or KINDS.get(call.tool) in QUICK
        if may_ask and not (call.is_asked or call.is_running) and now_ns - call.since_ns >= ASKS_AFTER_S * NS_PER_S:
            yield call
