"""One event into one session: pure, from a session and an event to the session after it and the spans that are finished.

Each kind of event has one function. Where it concerns more than one unit that function says in which order: what a call's event opens comes
before the call, the sign of life that it is after it. What then becomes of each unit is in its own module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.contract.events import EventKind
from hookline.fold import call, expiry, question, subagent, turn
from hookline.fold.model import Call, OpenSession
from hookline.fold.placing import runs_unmarked
from hookline.fold.transition import FoldRules, Transition
from hookline.records import SpanRecord

Handler = Callable[[Transition, AgentEvent, str], None]

ASKING_NOTIFICATIONS: Final = frozenset({"agent_needs_input"})  # a person is asked, and nothing else says so
SILENT: Final = frozenset({EventKind.NOTIFICATION, EventKind.STATUS, EventKind.OTHER, EventKind.SUSPENDED, EventKind.BACKGROUND_ENDED})
WAITING_NOTIFICATIONS: Final = frozenset({"permission_prompt", "elicitation_dialog", "elicitation_url_dialog"})


def advance(session: OpenSession, event: AgentEvent, rules: FoldRules) -> tuple[OpenSession, list[SpanRecord]]:
    """Return the session after an event, and the spans that it finished. The session given stays as it was."""
    work = Transition(session.copy(), rules)
    expiry.expire(work, event.time_ns)
    if event.kind is EventKind.TICK:
        expiry.time_out(work, event.time_ns)
    else:
        if event.kind is not EventKind.PROCESS_GONE:
            _note_process(work, event)
        if event.kind not in SILENT and (work.session.notice is None or event.time_ns > work.session.notice.time_ns):
            work.session.notice = None
        HANDLERS[event.kind](work, event, prompt_of(work.session, event))
    expiry.forget_past(work)
    return work.session, work.spans


def prompt_of(session: OpenSession, event: AgentEvent) -> str:
    """Return the prompt that an event belongs to.

    A subagent's events belong to the prompt that started it, however much later they come. Clients before 2.1.196 name no prompt: a
    submission then gets an id of its own, and what follows belongs to the latest turn.
    """
    if event.agent_id and (agent := session.agents.get(event.agent_id)) and event.kind is not EventKind.SUBAGENT_STARTED:
        return agent.prompt_id
    if event.is_beside and event.tool and (known := session.calls.get(event.tool.call_id)):
        return known.prompt_id
    if event.prompt_id:
        return event.prompt_id
    if event.kind is EventKind.PROMPT_SUBMITTED and not event.is_absorbed:
        return prompt_id_of(event)
    if event.kind in (EventKind.SESSION_STARTED, EventKind.PROCESS_GONE, EventKind.TICK):
        return ""
    begun = [known for known in session.turns.values() if known.first.time_ns <= event.time_ns or not event.is_beside]
    latest = max(begun, key=lambda known: (known.is_open, known.first.time_ns), default=None)
    return latest.prompt_id if latest else ""


def prompt_id_of(prompt: AgentEvent) -> str:
    """Return the id of a prompt that was submitted: the agent's own, or one made of it."""
    return prompt.prompt_id or f"prompt-{prompt.uid}"


def _start_session(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A session starts or goes on; a start that does not say the model leaves the one known."""
    known = work.session.started
    keeps_known = known is not None and bool(known.model) and not event.model and known.pid == event.pid
    work.session.started = known if keeps_known else event
    work.session.ended = None


def _end_session(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    expiry.end_session(work, event)


def _end_process(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    expiry.end_process(work, event)


def _suspend(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """The machine slept: what a call that is open now ran is less by that. Kept as long as a call is open."""
    work.session.suspends = (*work.session.suspends, event)


def _end_turn(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    if turn.end(work, event, prompt_id):
        expiry.forget_ended_agents(work, prompt_id)


def _request_call(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    if requested := call.requested(work.session, event, prompt_id):
        _open_for(work, event, prompt_id)
        call.let_orphan_go(work, requested)
        begun = call.with_waiting_permission(work, requested)
        _finish_call(work, begun)
        if begun.is_open and runs_unmarked(begun):
            subagent.start_unmarked(work, begun)
    elif placed := call.taken_over(work.session, event):
        call.store_call(work, placed)
        _mark_alive(work, event, placed.prompt_id, placed.uids)


def _end_call(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    ended = call.ended(work.session, event, prompt_id)
    if ended is None:
        return
    if ended.first is event:  # nothing was seen of it before
        _open_for(work, event, prompt_id)
        ended = call.with_waiting_permission(work, ended)
    _mark_alive(work, event, ended.prompt_id, ended.uids, opens=not event.is_beside)
    _finish_call(work, ended)


def _ask_permission(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """A permission is asked for: of an open call, else of one that is yet to be seen; none of a call, or of a session, that is over."""
    known = call.asked_about(work.session, event)
    is_over = work.session.ended is not None and not any(turn.is_open for turn in work.session.turns.values())
    if known is None and (event.is_beside or is_over):
        return
    _open_for(work, event, prompt_id)
    if known:
        asked = call.asked(known, event)
        call.store_call(work, asked)
        _mark_alive(work, event, asked.prompt_id, tuple(dict.fromkeys((*asked.uids, event.uid))), opens=True)
    else:
        _mark_alive(work, event, prompt_id, question.ask_permission(work, event, prompt_id), opens=True)


def _run_call(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    if running := call.running(work.session, event):
        call.store_call(work, running)
        _mark_alive(work, event, running.prompt_id, running.uids)


def _end_batch(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """All calls of a batch are resolved: those without an end of their own were denied or never ran."""
    for named in event.batch:
        if call.resolve(work, event, named):
            continue
        if named.is_unannounced and named.is_denied:
            _open_for(work, event, prompt_id)
            call.deny_unannounced(work, event, named, prompt_id)
        else:
            question.deny_unseen(work, event, named)
    _mark_alive(work, event, prompt_id, (event.uid,))


def _end_request(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    if event.agent_id:
        subagent.mark_alive(work, event, (event.uid,), opens=False)
    else:
        turn.end_request(work, event, prompt_id)


def _elicit(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    _mark_alive(work, event, prompt_id, question.elicit(work, event, prompt_id), opens=True)


def _answer(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    _mark_alive(work, event, prompt_id, question.answer(work, event))


def _start_compaction(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    _mark_alive(work, event, prompt_id, question.start_compaction(work, event, prompt_id))


def _end_compaction(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    _mark_alive(work, event, prompt_id, question.end_compaction(work, event))


def _notify(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    if event.notification_type == "idle_prompt":
        turn.notice_idle(work, event)
    elif event.notification_type in ASKING_NOTIFICATIONS:
        work.session.notice = event
        _mark_alive(work, event, prompt_id, (event.uid,))
    elif event.notification_type in WAITING_NOTIFICATIONS:
        _mark_alive(work, event, prompt_id, (event.uid,))


def _change_folder(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    _mark_alive(work, event, prompt_id, (event.uid,))


def _report_only(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """No span is made of it."""


def _note_process(work: Transition, event: AgentEvent) -> None:
    """Remember the process that the session runs in."""
    if event.pid is not None and event.pid != work.session.pid:
        work.session.pid = event.pid
        work.session.process_created = event.process_created
    elif event.process_created and not work.session.process_created:
        work.session.process_created = event.process_created


def _open_for(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """Make sure that the turn and the subagent of an event are known."""
    turn.open_for(work, event, prompt_id, (event.uid,))
    subagent.open_for(work, event, prompt_id, (event.uid,))


def _finish_call(work: Transition, known: Call) -> None:
    """Send a call that is whole, and let the subagent that it ran know its call."""
    subagent.link_call(work, call.finish_call(work, known))


def _mark_alive(work: Transition, event: AgentEvent, prompt_id: str, uids: tuple[str, ...], opens: bool = False) -> None:
    """Note a sign of life of the turn or subagent that an event belongs to; `opens` it also where it had ended."""
    if event.agent_id:
        subagent.mark_alive(work, event, uids, opens)
    else:
        turn.mark_alive(work, event, prompt_id, uids, opens)


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.SESSION_STARTED: _start_session,
    EventKind.SESSION_ENDED: _end_session,
    EventKind.PROCESS_GONE: _end_process,
    EventKind.PROMPT_SUBMITTED: turn.submit,
    EventKind.TURN_ENDED: _end_turn,
    EventKind.TURN_FAILED: _end_turn,
    EventKind.TURN_INTERRUPTED: turn.interrupt,
    EventKind.TURN_QUIET: turn.fall_quiet,
    EventKind.TOOL_STARTED: _request_call,
    EventKind.TOOL_RUNNING: _run_call,
    EventKind.TOOL_INTERRUPTED: _end_call,
    EventKind.PERMISSION_REQUESTED: _ask_permission,
    EventKind.PERMISSION_DENIED: _end_call,
    EventKind.TOOL_ENDED: _end_call,
    EventKind.TOOL_FAILED: _end_call,
    EventKind.TOOL_BATCH_ENDED: _end_batch,
    EventKind.SUBAGENT_STARTED: subagent.start,
    EventKind.SUBAGENT_ENDED: subagent.end,
    EventKind.COMPACTION_STARTED: _start_compaction,
    EventKind.COMPACTION_ENDED: _end_compaction,
    EventKind.ELICITATION_REQUESTED: _elicit,
    EventKind.ELICITATION_ANSWERED: _answer,
    EventKind.NOTIFICATION: _notify,
    EventKind.CWD_CHANGED: _change_folder,
    EventKind.SUSPENDED: _suspend,
    EventKind.REQUEST_ENDED: _end_request,
    EventKind.BACKGROUND_STARTED: _report_only,
    EventKind.BACKGROUND_ENDED: _report_only,
    EventKind.STATUS: _report_only,
    EventKind.OTHER: _report_only,
}
