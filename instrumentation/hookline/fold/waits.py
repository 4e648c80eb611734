"""Who waits for a person, read from the state: nothing is changed, nothing is held for it.

A wait begins with what asked (a permission, a question, a turn's end) and is over as soon as the state knows that it was answered. A turn that a
person stopped waits for nobody: that person is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hookline.agent_event import AgentEvent, Place
from hookline.contract.events import SpanOutcome
from hookline.fold.model import Call, OpenSession, Question, Turn
from hookline.fold.state import FoldState
from hookline.fold.turn import is_thinking

PERMISSION = "permission"
ANSWER = "answer"
PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class OpenWait:
    """One wait. `id` names it as `hookline.wait.id` does; `agent_id` is the subagent's that waits, empty for the main conversation."""

    id: str
    session_id: str
    agent: str
    reason: str
    since_ns: int
    tool: str = ""
    call_id: str = ""
    agent_id: str = ""
    agent_type: str = ""
    place: Place = Place()

    @property
    def is_subagents(self) -> bool:
        """Whether a subagent waits, not the main conversation."""
        return bool(self.agent_id)


def waits(state: FoldState) -> tuple[OpenWait, ...]:
    """Return who waits for a person, and for what, the longest wait first."""
    found = [wait for session in state.sessions.values() if not session.ended for wait in _of(session)]
    return tuple(sorted(found, key=lambda wait: (wait.since_ns, wait.id)))


@dataclass(frozen=True, slots=True)
class Thinking:
    """A turn that has nothing under way that could be heard of, and when it was last heard of."""

    session_id: str
    prompt_id: str
    since_ns: int
    entrypoint: str


def thinking(state: FoldState) -> tuple[Thinking, ...]:
    """Return the turns that think: of each session at most the latest."""
    found = ((session, _latest_open(session)) for session in state.sessions.values() if not session.ended)
    return tuple(
        Thinking(session.id, turn.prompt_id, turn.last.time_ns, turn.first.entrypoint)
        for session, turn in found
        if turn and is_thinking(session, turn)
    )


def _latest_open(session: OpenSession) -> Turn | None:
    return max((turn for turn in session.turns.values() if turn.is_open), key=lambda turn: turn.first.time_ns, default=None)


def _of(session: OpenSession) -> Iterator[OpenWait]:
    asked = [*_asked_by_calls(session), *_asked_outside(session)]
    yield from asked
    if session.notice and not asked:
        yield _wait(session, session.notice, ANSWER, session.notice.uid, session.notice.time_ns)
    elif not asked and (turn := _waiting_turn(session)) and turn.ended:
        yield _wait(session, turn.ended, PROMPT, f"prompt-{turn.prompt_id}", turn.ended.time_ns)


def _asked_by_calls(session: OpenSession) -> Iterator[OpenWait]:
    for call in session.calls.values():
        if call.is_open and call.running is None and (asked := _question_of(call)):
            tool = call.first.tool
            reason = ANSWER if tool and tool.asks_person else PERMISSION
            yield _wait(session, asked, reason, asked.uid, asked.time_ns, tool.name if tool else "", call.id)


def _question_of(call: Call) -> AgentEvent | None:
    """Return what a call's person was last asked by; None where nobody is waited for."""
    if call.asked:
        return call.asked[-1]
    return call.requested if call.requested and call.requested.tool and call.requested.tool.asks_person else None


def _asked_outside(session: OpenSession) -> Iterator[OpenWait]:
    for known in session.permissions.values():
        tool = known.asked.tool
        reason = ANSWER if tool and tool.asks_person else PERMISSION
        yield _pending(session, known, reason, tool.name if tool else "")
    for known in session.elicitations.values():
        yield _pending(session, known, ANSWER, known.asked.mcp_server)


def _pending(session: OpenSession, known: Question, reason: str, tool: str) -> OpenWait:
    return _wait(session, known.asked, reason, known.asked.uid, known.asked.time_ns, tool)


def _waiting_turn(session: OpenSession) -> Turn | None:
    """Return the turn after whose end the session waits for a prompt; None while anything is under way or a person stopped it."""
    if any(turn.is_open for turn in session.turns.values()):
        return None
    latest = max(session.turns.values(), key=lambda turn: turn.first.time_ns, default=None)
    return None if latest and latest.ended and latest.ended.outcome is SpanOutcome.INTERRUPTED else latest


def _wait(session: OpenSession, event: AgentEvent, reason: str, own_id: str, since_ns: int, tool: str = "", call_id: str = "") -> OpenWait:
    return OpenWait(own_id, session.id, session.agent, reason, since_ns, tool, call_id, event.agent_id, event.agent_type, event.place)
