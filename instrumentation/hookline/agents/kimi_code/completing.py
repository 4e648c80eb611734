"""What Kimi Code's session files add to an event: the file itself, the client's process, whose a call is and whose the end of a turn."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.agents.client_process import with_client_pid
from hookline.agents.kimi_code.call_owners import CallOwners
from hookline.agents.kimi_code.identity import turn_id
from hookline.agents.kimi_code.session_files import WireState, state_at
from hookline.contract.events import EventKind
from hookline.system.evolve import evolve

ENDS: Final = frozenset({EventKind.TURN_ENDED, EventKind.TURN_FAILED, EventKind.TURN_INTERRUPTED})
_owners: Final = CallOwners()


def completed(event: AgentEvent, wire: Path | None) -> AgentEvent:
    """Return the event with what the conversation's file says."""
    event = with_client_pid(event)
    if wire is None:
        return event
    if event.tool or event.agent_id:
        event = _owners.placed(event, wire)
    if event.is_beside:
        return event
    event = event if event.transcript_path else evolve(event, transcript_path=str(wire))
    if event.kind is EventKind.PROMPT_SUBMITTED:
        return event if event.prompt_id or event.is_absorbed else evolve(event, prompt_id=_next_turn(event, wire))
    return _ended(event, wire) if event.kind in ENDS else event


def _ended(event: AgentEvent, wire: Path) -> AgentEvent:
    """Return the end of a turn as its turn's, or as nobody's where it is a subagent's."""
    state = state_at(wire, event.time_ns)
    if state is None or state.turn is None:
        return event
    if not _is_its_own(event, state):
        return evolve(event, kind=EventKind.OTHER, prompt_id="")  # a subagent's: it runs in the same session
    return evolve(event, prompt_id=turn_id(event.session_id, state.turn))


def _next_turn(event: AgentEvent, wire: Path) -> str:
    """Return the id of the turn that a prompt is about to begin: the client writes it down once the hooks are through."""
    state = state_at(wire, event.time_ns, slack_ns=0)
    return turn_id(event.session_id, 0 if state is None or state.turn is None else state.turn + 1)


def _is_its_own(event: AgentEvent, state: WireState) -> bool:
    """Whether an end is the conversation's own turn's, by how far that was."""
    if event.kind is EventKind.TURN_ENDED:
        return state.has_answered
    if event.kind is EventKind.TURN_FAILED:
        return state.ended == "failed"
    return state.ended == "cancelled" and event.prompt_id in ("", turn_id(event.session_id, state.turn or 0))
