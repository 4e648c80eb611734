"""The sessions that live: whose process is watched and sampled.

A session lives from its first event to its end event, to the end of its process, or to a silence of
`relay.turn_timeout_s` where no process is known. A process that ended while its last event was on the way would be
reported too early, so an end is confirmed by a second look. `process_gone` carries the last moment at which the process
is known to have lived: its last event, or the last look that found it. So a relay that comes back in the morning
does not count the night.

A process that cannot be found is not always dead: hooks may run in a container that shares the data folder. It is taken
for dead where its event waited long (`LATE_S`), that is, where the relay was away; a fresh event proves that it lived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from hookline.agent_event import AgentEvent, process_gone
from hookline.contract import semconv
from hookline.contract.events import EventKind
from hookline.records import Attributes
from hookline.system.clock import NS_PER_S
from hookline.system.process import ProcessKey, parse_created

MAX_SESSIONS = 1_000
LATE_S = 60.0
_ENDED_KINDS = frozenset({EventKind.SESSION_ENDED, EventKind.PROCESS_GONE})
_LATE_KINDS = frozenset({EventKind.STATUS, EventKind.NOTIFICATION})  # may come after a session's end, and begin none


_KEPT = {
    "session_id": str,
    "agent": str,
    "pid": int | None,
    "created": str,
    "alive_ns": int,
    "event_ns": int,
    "project": str,
    "project_id": str,
    "is_missing": bool,
}  # what the state file keeps of a session, and as what


@dataclass(frozen=True, slots=True)
class WatchedSession:
    """One session: its process as the events name it, and when it was last known to live (Unix ns)."""

    session_id: str
    agent: str
    pid: int | None = None
    created: str = ""
    alive_ns: int = 0
    event_ns: int = 0
    project: str = ""
    project_id: str = ""
    is_missing: bool = False  # there was no such process when its event, a late one, was read
    is_doubtful: bool = False  # the last look did not find it

    @property
    def key(self) -> ProcessKey | None:
        """Its process, None where it is not known for good."""
        created_s = parse_created(self.created)
        return ProcessKey(self.pid, created_s) if self.pid and created_s is not None else None

    @property
    def attributes(self) -> Attributes:
        """What its metrics carry."""
        named = {semconv.PROJECT_NAME: self.project, semconv.PROJECT_ID: self.project_id}
        known: dict[str, str | int] = {semconv.SESSION_ID: self.session_id, semconv.AGENT_NAME: self.agent}
        known |= {name: value for name, value in named.items() if value}
        return known | {semconv.PROCESS_PID: self.pid} if self.pid else known


@dataclass(slots=True)
class WatchedSessions:
    """All of them, by id. Bounded: past the limit the one silent for longest leaves."""

    timeout_s: float
    _known: dict[str, WatchedSession] = field(default_factory=dict)

    def __iter__(self) -> Iterator[WatchedSession]:
        return iter(list(self._known.values()))

    def __len__(self) -> int:
        return len(self._known)

    def see(self, event: AgentEvent, now_ns: int) -> None:
        """Take in one event, read at `now_ns`."""
        begins_none = event.is_beside or event.kind in _LATE_KINDS
        if not event.session_id or (begins_none and event.session_id not in self._known):
            return
        if event.kind in _ENDED_KINDS:
            self._known.pop(event.session_id, None)
            return
        known = self._known.get(event.session_id) or WatchedSession(event.session_id, event.agent)
        self._known[event.session_id] = _with_event(known, event, now_ns)
        if len(self._known) > MAX_SESSIONS:
            del self._known[min(self._known.values(), key=lambda session: session.event_ns).session_id]

    def check(self, now_ns: int, is_alive: Callable[[ProcessKey], bool]) -> list[AgentEvent]:
        """Look after every process; return the ends that are certain now. The caller folds them and shows them to `see`."""
        ended: list[AgentEvent] = []
        for session in self:
            checked = _look(session, now_ns, is_alive, self.timeout_s)
            if checked is None:
                del self._known[session.session_id]
                if session.pid and (session.key or session.is_missing):
                    last_ns = max(session.alive_ns, session.event_ns)
                    ended.append(process_gone(session.session_id, session.agent, session.pid, session.created, last_ns))
            else:
                self._known[session.session_id] = checked
        return ended

    def gone(self, key: ProcessKey, at_ns: int) -> list[AgentEvent]:
        """Return the ends of the sessions of a process that was seen to end. The caller folds them and shows them to `see`."""
        ended = [session for session in self if session.key == key]
        for session in ended:
            del self._known[session.session_id]
        last = ((session, max(at_ns, session.event_ns)) for session in ended)
        return [process_gone(session.session_id, session.agent, key.pid, session.created, time_ns, is_seen=True) for session, time_ns in last]

    def key_of(self, session_id: str) -> ProcessKey | None:
        """Return the process of a session with when it began; None where none is known for good."""
        session = self._known.get(session_id)
        return session.key if session else None

    def pid_of(self, session_id: str) -> int | None:
        """Return the process of a session; None where none is known for good. Called by other threads too."""
        session = self._known.get(session_id)
        return session.pid if session and session.key else None

    def has_doubtful(self) -> bool:
        """Whether an end waits for its second look."""
        return any(session.is_doubtful for session in self._known.values())

    def is_busy(self, now_ns: int, within_s: float) -> bool:
        """Whether any session had an event lately."""
        return any(now_ns - session.event_ns < within_s * NS_PER_S for session in self._known.values())

    def dump(self) -> list[dict[str, Any]]:
        """Return what the state file keeps, for the relay's next life."""
        return [{name: getattr(session, name) for name in _KEPT} for session in self]

    def restore(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take up what an earlier life of the relay knew; what is no session is passed over."""
        for row in rows:
            if (session := _from_row(row)) is not None:
                self._known.setdefault(session.session_id, session)


def _from_row(row: Mapping[str, Any]) -> WatchedSession | None:
    values = {name: row[name] for name in _KEPT if name in row}
    has_types = all(isinstance(value, _KEPT[name]) for name, value in values.items())
    return WatchedSession(**values) if has_types and values.get("session_id") and "agent" in values else None


def _with_event(session: WatchedSession, event: AgentEvent, now_ns: int) -> WatchedSession:
    is_late = now_ns - event.time_ns > LATE_S * NS_PER_S
    return replace(
        session,
        pid=event.pid or session.pid,
        created=event.process_created or session.created,
        event_ns=max(session.event_ns, event.time_ns),
        project=event.place.project or session.project,
        project_id=event.place.project_id or session.project_id,
        is_missing=is_late and event.pid is not None and not event.process_created,
        is_doubtful=False,
    )


def _look(session: WatchedSession, now_ns: int, is_alive: Callable[[ProcessKey], bool], timeout_s: float) -> WatchedSession | None:
    """Return the session after one look at its process; None when it has ended."""
    key = session.key
    if key is None:
        is_silent = now_ns - session.event_ns > timeout_s * NS_PER_S
        return None if is_silent or session.is_missing else session
    if is_alive(key):
        return replace(session, alive_ns=now_ns, is_doubtful=False)
    return None if session.is_doubtful else replace(session, is_doubtful=True)
