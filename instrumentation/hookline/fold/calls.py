"""Tool calls: from request to end, whatever comes first, and whatever does not come.

A call that has its request and its end is sent and forgotten. An end without its request waits a moment for it, is then sent as it is
and remembered a while. A call that a rule closed is remembered a while as well, and sent again when its own end comes.
"""

from __future__ import annotations

from hookline.agents.event import PROCESS, AgentEvent, BatchCall, ToolUse
from hookline.contract.events import SpanOutcome
from hookline.fold import agents, pending, turns
from hookline.fold.closing import send_call
from hookline.fold.model import Call, Question, RuleClosing
from hookline.fold.signs import store_call, touch
from hookline.fold.transition import Transition
from hookline.system.evolve import evolve

DENIED = "denied"
SAME_QUESTION_NS = 2_000_000_000


def start(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A call is asked for."""
    call_id = _call_id(event)
    known = work.session.calls.get(call_id)
    if (known and known.requested) or not _is_placed(work, event, prompt_id):
        return
    turns.open_for(work, event, prompt_id, (event.uid,))
    agents.open_for(work, event, prompt_id, (event.uid,))
    call = evolve(known, requested=event, first=event) if known else Call(call_id, prompt_id, first=event, requested=event)
    _finish(work, _with_waiting_permission(work, call))


def end(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A call ended, failed, was denied or stopped by a person.

    What was seen beside the hooks completes a call that they told of, and makes none.
    """
    call_id = _call_id(event)
    known = work.session.calls.get(call_id)
    if (known and known.ended) or (known is None and event.is_beside):
        return
    if known:
        call = evolve(known, ended=event)
    else:
        turns.open_for(work, event, prompt_id, (event.uid,))
        agents.open_for(work, event, prompt_id, (event.uid,))
        call = _with_waiting_permission(work, Call(call_id, prompt_id, first=event, ended=event))
    store_call(work, call)
    touch(work, event, call.prompt_id, call.uids, opens=not event.is_beside)
    if call.requested:
        _finish(work, call)
    else:
        agents.take_call(work, call)


def ask(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A permission is asked for: of the open call with the same input, else of one that is yet to be seen.

    What was seen beside the hooks names its call; it says nothing of one that is over.
    """
    call = _asked_call(work, event)
    if call is None and event.is_beside:
        return
    turns.open_for(work, event, prompt_id, (event.uid,))
    agents.open_for(work, event, prompt_id, (event.uid,))
    if call:
        asked = evolve(call, asked=_asked_once(call.asked, event))
        store_call(work, asked)
        touch(work, event, call.prompt_id, tuple(dict.fromkeys((*asked.uids, event.uid))), opens=True)
        return
    work.session.permissions[event.uid] = Question(prompt_id, event)
    touch(work, event, prompt_id, (event.uid,), opens=True)


def run(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A call that had asked for a permission was seen to run: its wait is over."""
    known = work.session.calls.get(_call_id(event))
    if known and known.is_open and known.asked and known.running is None:
        call = evolve(known, running=event)
        store_call(work, call)
        touch(work, event, call.prompt_id, call.uids, opens=False)


def end_batch(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """All calls of a batch are resolved: those without an end of their own were denied or never ran."""
    for named in event.batch:
        call = work.session.calls.get(named.call_id)
        if call is None:
            pending.deny(work, event, named)
        elif call.is_open:
            send_call(work, evolve(call, closing=_batch_closing(event, call, named)))
        elif not call.sent:
            send_call(work, call)
    touch(work, event, prompt_id, (event.uid,), opens=False)


def _finish(work: Transition, call: Call) -> None:
    """Send and forget a call that is whole; keep any other."""
    if not call.is_done:
        store_call(work, call)
        return
    sent = send_call(work, call)
    del work.session.calls[call.id]
    agents.take_call(work, sent)


def _batch_closing(event: AgentEvent, call: Call, named: BatchCall) -> RuleClosing:
    is_denied = bool(call.asked) or named.is_denied is True
    outcome = SpanOutcome.DENIED if is_denied else SpanOutcome.UNKNOWN
    return RuleClosing("batch", event.time_ns, event.time_ns, outcome, (event.uid,), DENIED if is_denied else "")


def _is_placed(work: Transition, event: AgentEvent, prompt_id: str) -> bool:
    """Whether what a request belongs to is known, where it was seen beside the hooks."""
    session = work.session
    return not event.is_beside or (event.agent_id in session.agents if event.agent_id else prompt_id in session.turns)


def _call_id(event: AgentEvent) -> str:
    return (event.tool.call_id if event.tool else "") or f"event-{event.uid}"


def _asked_call(work: Transition, event: AgentEvent) -> Call | None:
    """Return the open call that a permission is asked for: as it is named, same input, not yet asked first, then by name if only one is open."""
    tool = event.tool or ToolUse("unknown")
    if tool.call_id:
        named = work.session.calls.get(tool.call_id)
        return named if named and named.is_open else None
    open_calls = [
        call
        for call in work.session.calls.values()
        if call.is_open and call.first.agent_id == event.agent_id and call.first.tool and call.first.tool.name == tool.name
    ]
    same_input = [call for call in open_calls if call.first.tool and call.first.tool.input_hash == tool.input_hash]
    unasked = [call for call in open_calls if not call.asked]
    candidates = sorted(same_input, key=lambda call: (len(call.asked), call.first.time_ns, call.id))
    if candidates:
        return candidates[0]
    return unasked[0] if len(unasked) == 1 else None


def _asked_once(known: tuple[AgentEvent, ...], event: AgentEvent) -> tuple[AgentEvent, ...]:
    """Return a call's questions with one more. What a hook tells and the client's own state shows is one question: the hook's."""
    is_shown = event.source == PROCESS
    other = [asked for asked in known if (asked.source == PROCESS) != is_shown]
    same = [asked for asked in other if abs(asked.time_ns - event.time_ns) <= SAME_QUESTION_NS]
    if is_shown and same:
        return known
    return (*(asked for asked in known if asked not in same), event)


def _with_waiting_permission(work: Transition, call: Call) -> Call:
    """Return the call with the permission that was asked before the call was seen."""
    tool = call.first.tool
    for uid, waiting in work.session.permissions.items():
        asked = waiting.asked
        if asked.tool and tool and asked.agent_id == call.first.agent_id and (asked.tool.name, asked.tool.input_hash) == (tool.name, tool.input_hash):
            del work.session.permissions[uid]
            return evolve(call, asked=(*call.asked, asked))
    return call
