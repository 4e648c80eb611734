"""The fold: `fold(state, event) -> (state, step)`.

Pure in effect: no clock, no randomness, no I/O; the same events from the same state give the same steps. A session and its units are never
changed, only replaced (`session.advance` can be called twice with the same session). The state around them is handed over: after
`fold(state, event)` only the state that was returned may be used, so that an event costs the work on its own session and no copy of all others.

What makes a crash harmless: after every step the state of a session is what folding its unreleased events from nothing would give.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from hookline.agent_event import AgentEvent
from hookline.contract.events import EventKind
from hookline.fold.log_record import log_records
from hookline.fold.model import OpenSession
from hookline.fold.placing import placed
from hookline.fold.session import advance, prompt_of
from hookline.fold.transition import FoldRules
from hookline.records import FoldStep, SpanRecord

MAX_SEEN = 8_192
MAX_OVER = 1_024
ENDS = frozenset({EventKind.SESSION_ENDED, EventKind.PROCESS_GONE})
SWITCH_REASONS = frozenset({"clear", "resume", "fork"})
CONTINUING_SOURCES = frozenset({"clear", "resume", "fork"})

SessionKey = tuple[str, str]
Key = TypeVar("Key")


@dataclass(slots=True)
class FoldState:
    """All sessions of which anything is remembered, the uids last seen, sessions that gave way to one yet to start, and those that ended last."""

    sessions: dict[SessionKey, OpenSession] = field(default_factory=dict)
    seen: dict[str, None] = field(default_factory=dict)
    gave_way: dict[int, AgentEvent] = field(default_factory=dict)
    over: dict[SessionKey, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs a session, to be watched for its end."""

    agent: str
    session_id: str
    pid: int
    created: str


def fold(state: FoldState, event: AgentEvent, rules: FoldRules = FoldRules(), *, has_logs: bool = True) -> tuple[FoldState, FoldStep]:  # noqa: B008 - frozen
    """Take one event in; return the state after it and what is to be sent and may be removed. History sends no logs: `has_logs` is False."""
    if event.kind is EventKind.TICK:
        return state, _tick(state, event, rules)
    if event.uid in state.seen:
        return state, FoldStep(released=() if _is_held(state, event) else (event.uid,))
    _remember(state.seen, event.uid, MAX_SEEN)
    key = (event.agent, event.session_id)
    known = state.sessions.get(key)
    if known is None and key in state.over and event.kind is EventKind.PERMISSION_REQUESTED:
        return state, FoldStep(released=(event.uid,))  # many a client waits for no hook of a question: it comes when all is over
    before = known or OpenSession(event.agent, event.session_id)
    event = placed(before, event)
    prompt_id = prompt_of(before, event)
    after, spans = advance(before, event, rules)
    previous_id, let_go = _follow(state, event)
    released = _store(state, key, before, after, event.uid)
    if event.kind in ENDS:
        _remember(state.over, key, MAX_OVER)
    elif key in state.sessions:
        state.over.pop(key, None)
    if not has_logs:
        return state, FoldStep(tuple(spans), (), (*released, *let_go))
    return state, FoldStep(tuple(spans), log_records(before, after, event, prompt_id, previous_id), (*released, *let_go))


def processes(state: FoldState) -> tuple[Process, ...]:
    """Return the processes of all remembered sessions that have not ended."""
    return tuple(
        Process(session.agent, session.id, session.pid, session.process_created)
        for session in state.sessions.values()
        if session.pid and not session.ended
    )


def _tick(state: FoldState, event: AgentEvent, rules: FoldRules) -> FoldStep:
    spans: list[SpanRecord] = []
    released: list[str] = []
    for key, before in list(state.sessions.items()):
        after, finished = advance(before, event, rules)
        spans += finished
        released += _store(state, key, before, after, "")
    for pid, ended in list(state.gave_way.items()):
        if event.time_ns - ended.time_ns > rules.switch_ns:
            del state.gave_way[pid]
            released += _let_go(state, ended)
    return FoldStep(tuple(spans), (), tuple(released))


def _store(state: FoldState, key: SessionKey, before: OpenSession, after: OpenSession, uid: str) -> tuple[str, ...]:
    """Keep the session as it now is, or forget it; return the uids that it needs no longer, starts before ends."""
    held = dict.fromkeys(after.needed())
    after.held = tuple(held)
    if held:
        state.sessions[key] = after
    else:
        state.sessions.pop(key, None)
    let_go = [known for known in before.held if known not in held]
    if uid and uid not in held and uid not in let_go:
        let_go.append(uid)
    if not let_go or not state.gave_way:
        return tuple(let_go)
    waiting = {ended.uid for ended in state.gave_way.values()}
    return tuple(known for known in let_go if known not in waiting)


def _follow(state: FoldState, event: AgentEvent) -> tuple[str, tuple[str, ...]]:
    """Link sessions that follow each other in one process; return (the session that this one continues, uids needed no longer)."""
    if event.pid is None:
        return "", ()
    if event.kind is EventKind.SESSION_ENDED and event.end_reason in SWITCH_REASONS:
        replaced = state.gave_way.get(event.pid)
        state.gave_way[event.pid] = event
        return "", _let_go(state, replaced)
    if event.kind is EventKind.PROCESS_GONE:
        return "", _let_go(state, state.gave_way.pop(event.pid, None))
    if event.kind is not EventKind.SESSION_STARTED:
        return "", ()
    ended = state.gave_way.pop(event.pid, None)
    previous_id = ended.session_id if ended else _other_session(state, event)
    is_other = previous_id != event.session_id and event.start_source in CONTINUING_SOURCES
    return previous_id if is_other else "", _let_go(state, ended)


def _let_go(state: FoldState, ended: AgentEvent | None) -> tuple[str, ...]:
    """Return the uid of a session's end that no session waits for any longer, unless its own session still needs it."""
    return () if ended is None or _is_held(state, ended) else (ended.uid,)


def _other_session(state: FoldState, event: AgentEvent) -> str:
    """Return the session that the process of a starting session has run until now."""
    others = [
        session.started
        for session in state.sessions.values()
        if session.started and session.agent == event.agent and session.pid == event.pid and session.id != event.session_id
    ]
    latest = max(others, key=lambda started: started.time_ns, default=None)
    return latest.session_id if latest else ""


def _is_held(state: FoldState, event: AgentEvent) -> bool:
    session = state.sessions.get((event.agent, event.session_id))
    waits = any(ended.uid == event.uid for ended in state.gave_way.values())
    return waits or (session is not None and event.uid in session.held)


def _remember(known: dict[Key, None], key: Key, most: int) -> None:
    known[key] = None
    if len(known) > most:
        del known[next(iter(known))]
