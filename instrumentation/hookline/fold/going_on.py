"""What goes on as far as the state knows, to be held against what the client itself says: nothing is changed, nothing is held for it."""

from __future__ import annotations

from dataclasses import dataclass

from hookline.fold.model import OpenSession, Turn
from hookline.fold.state import FoldState
from hookline.fold.waits import PROMPT, waits


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call of the main conversation that was asked for and has no end. `since_ns` is the last question about it, else its request."""

    call_id: str
    tool: str
    since_ns: int
    is_asked: bool
    is_running: bool
    mode: str = ""  # the client's permission mode when it was asked for


@dataclass(frozen=True, slots=True)
class GoingOn:
    """What one session has open in its main conversation: the latest turn, and the calls."""

    session_id: str
    prompt_id: str
    last_ns: int
    root: str
    is_waiting: bool  # for a person, be it a subagent's question; a notice that does not say what is asked is none
    calls: tuple[OpenCall, ...]


def going_on(state: FoldState) -> tuple[GoingOn, ...]:
    """Return every session that has a turn whose end nobody has seen."""
    asking = {wait.session_id for wait in waits(state) if wait.reason != PROMPT and (wait.call_id or wait.tool)}
    found = (_of(session, session.id in asking) for session in state.sessions.values() if not session.ended)
    return tuple(one for one in found if one is not None)


def _of(session: OpenSession, is_waiting: bool) -> GoingOn | None:
    turn = max((turn for turn in session.turns.values() if _goes_on(turn)), key=lambda turn: turn.first.time_ns, default=None)
    if turn is None:
        return None
    calls = tuple(
        OpenCall(
            call.id,
            call.first.tool.name if call.first.tool else "",
            call.asked[-1].time_ns if call.asked else call.first.time_ns,
            bool(call.asked) or bool(call.first.tool and call.first.tool.asks_person),
            call.running is not None,
            call.first.permission_mode,
        )
        for call in session.calls.values()
        if call.is_open and not call.first.agent_id
    )
    return GoingOn(session.id, turn.prompt_id, turn.last.time_ns, turn.first.place.root, is_waiting, calls)


def _goes_on(turn: Turn) -> bool:
    """Whether nobody has seen the turn's end: it is open, or only its client's silence has closed it."""
    return turn.ended is None and (turn.closing is None or turn.closing.by == "quiet")
