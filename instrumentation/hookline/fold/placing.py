"""Which call an event is of, and whose: for agents that do not say it. Pure.

`placed(session, event)` returns the event as the agent would have told it, from what the session knows; what nobody can know stays open.

    no call id          a request gets an id made of its own uid. An end, a run or a No is of the oldest open call of the same conversation, tool
                        and input; where none is open, of the newest that only a rule closed. Whatever the event leaves out matches anything
    no agent id         while one call that runs a subagent without a mark (`ToolUse.runs_unmarked`) is open, what begins is that subagent's; while
                        several are, nobody knows, and it stays the main conversation's. What ends is of whoever began it. A later event of a call
                        that says whose it is counts (`owned`); where none does, its span says that time alone placed it. A start or end of one of
                        several subagents of a type is nobody's, and changes nothing: their calls say both
    a parent's call     where a file beside the hooks names the call that runs a subagent (`parent_call_id`), it is that call's, by whatever id
    a subagent's turn   prompts and ends of turns that a subagent has of its own are nobody's turn: they are told and change nothing

An id that is made follows from the events that are held as long as the call is, so a crash changes none.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hookline.agent_event import AgentEvent, ToolUse
from hookline.contract.events import EventKind
from hookline.fold.model import Call, OpenSession
from hookline.system.evolve import evolve

MADE: Final = "event-"  # how a made call's id begins
UNMARKED: Final = "of-"  # how the id of a subagent begins that has none of its own: its call's follows
_ENDS: Final = frozenset({EventKind.TOOL_ENDED, EventKind.TOOL_FAILED, EventKind.TOOL_INTERRUPTED, EventKind.PERMISSION_DENIED})
_OF_CALLS: Final = frozenset({*_ENDS, EventKind.TOOL_STARTED, EventKind.TOOL_RUNNING, EventKind.PERMISSION_REQUESTED})
_OF_TURNS: Final = frozenset({EventKind.PROMPT_SUBMITTED, EventKind.TURN_ENDED, EventKind.TURN_FAILED})
_OF_SUBAGENTS: Final = frozenset({EventKind.SUBAGENT_STARTED, EventKind.SUBAGENT_ENDED})


def placed(session: OpenSession, event: AgentEvent) -> AgentEvent:
    """Return an event with the call and the subagent that it is of, as far as the session can tell."""
    event = _of_parent(session, event)
    if event.kind in _OF_TURNS:
        is_subagents = event.agent_id or (event.kind is not EventKind.PROMPT_SUBMITTED and unmarked(session))
        return evolve(event, kind=EventKind.OTHER) if is_subagents else event
    if event.kind in _OF_SUBAGENTS:
        return event if event.agent_id else _of_subagent(session, event)
    return _of_call(session, event, event.tool) if event.tool and event.kind in _OF_CALLS else event


def made_id(event: AgentEvent) -> str:
    """Return the id of a call that an event begins and does not name."""
    return f"{MADE}{event.uid}"


def unmarked_id(call: Call) -> str:
    """Return the id of the subagent that a call runs without a mark."""
    return f"{UNMARKED}{call.id}"


def unmarked(session: OpenSession) -> list[Call]:
    """Return the calls, oldest first, whose subagents are at work and mark nothing that they do."""
    found = [call for call in session.calls.values() if runs_unmarked(call) and (agent := session.agents.get(unmarked_id(call))) and agent.is_open]
    return sorted(found, key=_age)


def owned(call: Call, event: AgentEvent) -> Call:
    """Return a call as whose an event of it says that it is: a subagent's without a mark, or the conversation's after all."""
    is_taken_back = event.is_conversations and call.first.agent_id.startswith(UNMARKED)
    is_named = bool(event.parent_call_id) and event.agent_id.startswith(UNMARKED)
    if not is_taken_back and (not is_named or call.first.parent_call_id == event.parent_call_id):
        return call
    first = evolve(call.first, agent_id=event.agent_id, parent_call_id=event.parent_call_id)
    return evolve(call, first=first, requested=first if call.requested is call.first else call.requested)


def is_placed_by_time(call: Call) -> bool:
    """Whether nothing but its time says that a call is a subagent's."""
    return call.first.agent_id.startswith(UNMARKED) and not call.first.parent_call_id


def runs_unmarked(call: Call) -> bool:
    """Whether a call runs a subagent that marks nothing that it does."""
    return call.first.tool is not None and call.first.tool.runs_unmarked


def is_about(said: ToolUse | None, tool: ToolUse | None) -> bool:
    """Whether what one event says of a call can be of another's call: the same tool and input, as far as it says them."""
    if said is None or tool is None:
        return said is None
    return said.name in ("", tool.name) and said.input_hash in ("", tool.input_hash)


def _of_parent(session: OpenSession, event: AgentEvent) -> AgentEvent:
    """Return an event of a subagent that is known by its call alone as of that."""
    agent_id = f"{UNMARKED}{event.parent_call_id}"
    return evolve(event, agent_id=agent_id) if event.parent_call_id and agent_id in session.agents else event


def _of_call(session: OpenSession, event: AgentEvent, tool: ToolUse) -> AgentEvent:
    if event.kind is EventKind.TOOL_STARTED:
        call_id = tool.call_id or _late_start(session, event, tool) or made_id(event)
        return _as(event, tool, call_id, event.agent_id or _only_unmarked(session, event))
    is_question = event.kind is EventKind.PERMISSION_REQUESTED
    if known := session.calls.get(tool.call_id) if tool.call_id else _matching(session, event, tool):
        return _as(event, tool, tool.call_id if is_question else known.id, _whose(event, known))
    is_new = event.kind in _ENDS and not event.is_beside
    agent_id = event.agent_id or (_only_unmarked(session, event) if is_new or is_question else "")
    return _as(event, tool, tool.call_id or (made_id(event) if is_new else ""), agent_id)


def _whose(event: AgentEvent, call: Call) -> str:
    """Return the subagent of an event of a call: where it names none, that of the call if nobody but the fold can know."""
    is_named = bool(event.tool and event.tool.call_id) and not call.first.agent_id.startswith(UNMARKED)
    return event.agent_id or ("" if is_named or event.is_conversations else call.first.agent_id)


def _as(event: AgentEvent, tool: ToolUse, call_id: str, agent_id: str) -> AgentEvent:
    if call_id != tool.call_id:
        event = evolve(event, tool=evolve(tool, call_id=call_id))
    return evolve(event, agent_id=agent_id) if agent_id != event.agent_id else event


def _matching(session: OpenSession, event: AgentEvent, tool: ToolUse) -> Call | None:
    """Return the call that an event without an id is of: the oldest that is open, else the newest that only a rule closed."""
    same = [call for call in session.calls.values() if call.requested and call.ended is None and is_about(tool, call.first.tool)]
    own = [call for call in same if call.first.agent_id == event.agent_id] or [call for call in same if _may_be(call, event)]
    if still_open := [call for call in own if call.is_open]:
        return min(still_open, key=_age)
    return None if event.kind is EventKind.PERMISSION_REQUESTED else max(own, key=_age, default=None)


def _may_be(call: Call, event: AgentEvent) -> bool:
    """Whether a call of another conversation can be meant: that of a subagent without a mark, or whatever a transcript shows."""
    return event.is_beside or (not event.agent_id and call.first.agent_id.startswith(UNMARKED))


def _late_start(session: OpenSession, event: AgentEvent, tool: ToolUse) -> str:
    """Return the id of a call whose end was sent before its request was read."""
    ended = (call for call in session.calls.values() if call.ended and not call.requested and call.sent and call.id == made_id(call.ended))
    late = [call for call in ended if is_about(tool, call.first.tool) and event.time_ns <= call.first.time_ns]
    return min(late, key=_age).id if late else ""


def _only_unmarked(session: OpenSession, event: AgentEvent) -> str:
    """Return the subagent that everything unmarked is of; empty while there is none, or more than one. None of these starts others of its kind."""
    if event.is_conversations or (event.tool and event.tool.runs_unmarked):
        return ""
    at_work = unmarked(session)
    return unmarked_id(at_work[0]) if len(at_work) == 1 else ""


def _of_subagent(session: OpenSession, event: AgentEvent) -> AgentEvent:
    """Return the start or end of a subagent without an id as that of the call that runs one of its type, if there is only one; else as nobody's."""
    fitting = [call for call in unmarked(session) if _wanted(call) in ("", event.agent_type) or not event.agent_type]
    if event.kind is EventKind.SUBAGENT_STARTED:
        fitting = [call for call in fitting if session.agents[unmarked_id(call)].started is None]
    return evolve(event, agent_id=unmarked_id(fitting[0]), parent_call_id=fitting[0].id) if len(fitting) == 1 else evolve(event, kind=EventKind.OTHER)


def _wanted(call: Call) -> str:
    return call.first.tool.wanted_agent_type if call.first.tool else ""


def _age(call: Call) -> tuple[int, str]:
    return call.first.time_ns, call.id


def orphan_of(calls: Iterable[Call], event: AgentEvent) -> Call | None:
    """Return the call whose end was read, and not yet sent, before this request of it, where neither names it."""
    waiting = [call for call in calls if call.ended and not call.requested and not call.sent and call.id == made_id(call.ended)]
    late = [call for call in waiting if is_about(event.tool, call.first.tool) and event.time_ns <= call.first.time_ns]
    return min(late, key=_age) if late else None
