"""One event into one session: pure, from a session and an event to the session after it and the spans that are finished."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from hookline.agents.event import AgentEvent
from hookline.contract.events import EventKind
from hookline.fold import agents, calls, lifetime, pending, turns
from hookline.fold.model import OpenSession
from hookline.fold.signs import touch
from hookline.fold.transition import FoldRules, Transition
from hookline.records import SpanRecord

Handler = Callable[[Transition, AgentEvent, str], None]

ASKING_NOTIFICATIONS: Final = frozenset({"agent_needs_input"})  # a person is asked, and nothing else tells so
SILENT: Final = frozenset({EventKind.NOTIFICATION, EventKind.STATUS, EventKind.OTHER, EventKind.SUSPENDED, EventKind.BACKGROUND_ENDED})
WAITING_NOTIFICATIONS: Final = frozenset({"permission_prompt", "elicitation_dialog", "elicitation_url_dialog"})


def advance(session: OpenSession, event: AgentEvent, rules: FoldRules) -> tuple[OpenSession, list[SpanRecord]]:
    """Return the session after an event, and the spans that it finished. The session given stays as it was."""
    work = Transition(session.copy(), rules)
    lifetime.expire(work, event.time_ns)
    if event.kind is EventKind.TICK:
        lifetime.time_out(work, event.time_ns)
    else:
        if event.kind is not EventKind.PROCESS_GONE:
            lifetime.note_process(work, event)
        if event.kind not in SILENT and (work.session.notice is None or event.time_ns > work.session.notice.time_ns):
            work.session.notice = None
        HANDLERS[event.kind](work, event, prompt_of(work.session, event))
    lifetime.forget_suspends(work)
    lifetime.forget_if_over(work)
    return work.session, work.spans


def prompt_of(session: OpenSession, event: AgentEvent) -> str:
    """Return the prompt that an event belongs to.

    A subagent's events belong to the prompt that started it, however much later they come. Clients before 2.1.196 name no prompt: a
    submission then gets an id of its own, and what follows belongs to the latest turn.
    """
    if event.agent_id and (agent := session.agents.get(event.agent_id)) and event.kind is not EventKind.SUBAGENT_STARTED:
        return agent.prompt_id
    if event.is_beside and event.tool and (call := session.calls.get(event.tool.call_id)):
        return call.prompt_id
    if event.prompt_id:
        return event.prompt_id
    if event.kind is EventKind.PROMPT_SUBMITTED and not event.is_absorbed:
        return f"prompt-{event.uid}"
    if event.kind in (EventKind.SESSION_STARTED, EventKind.PROCESS_GONE, EventKind.TICK):
        return ""
    begun = [turn for turn in session.turns.values() if turn.first.time_ns <= event.time_ns or not event.is_beside]
    latest = max(begun, key=lambda turn: (turn.is_open, turn.first.time_ns), default=None)
    return latest.prompt_id if latest else ""


def _start_session(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    lifetime.start_session(work, event)


def _end_session(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    lifetime.end_session(work, event)


def _end_process(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    lifetime.end_process(work, event)


def _suspend(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    lifetime.suspend(work, event)


def _notify(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    if event.notification_type == "idle_prompt":
        turns.notice_idle(work, event)
    elif event.notification_type in ASKING_NOTIFICATIONS:
        work.session.notice = event
        touch(work, event, prompt_id, (event.uid,), opens=False)
    elif event.notification_type in WAITING_NOTIFICATIONS:
        touch(work, event, prompt_id, (event.uid,), opens=False)


def _change_folder(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    touch(work, event, prompt_id, (event.uid,), opens=False)


def _tell(work: Transition, event: AgentEvent, prompt_id: str) -> None:
    """No span is made of it."""


HANDLERS: Final[Mapping[EventKind, Handler]] = {
    EventKind.SESSION_STARTED: _start_session,
    EventKind.SESSION_ENDED: _end_session,
    EventKind.PROCESS_GONE: _end_process,
    EventKind.PROMPT_SUBMITTED: turns.submit,
    EventKind.TURN_ENDED: turns.end,
    EventKind.TURN_FAILED: turns.end,
    EventKind.TURN_INTERRUPTED: turns.interrupt,
    EventKind.TURN_QUIET: turns.fall_quiet,
    EventKind.TOOL_STARTED: calls.start,
    EventKind.TOOL_RUNNING: calls.run,
    EventKind.TOOL_INTERRUPTED: calls.end,
    EventKind.PERMISSION_REQUESTED: calls.ask,
    EventKind.PERMISSION_DENIED: calls.end,
    EventKind.TOOL_ENDED: calls.end,
    EventKind.TOOL_FAILED: calls.end,
    EventKind.TOOL_BATCH_ENDED: calls.end_batch,
    EventKind.SUBAGENT_STARTED: agents.start,
    EventKind.SUBAGENT_ENDED: agents.end,
    EventKind.COMPACTION_STARTED: pending.start_compaction,
    EventKind.COMPACTION_ENDED: pending.end_compaction,
    EventKind.ELICITATION_REQUESTED: pending.elicit,
    EventKind.ELICITATION_ANSWERED: pending.answer,
    EventKind.NOTIFICATION: _notify,
    EventKind.CWD_CHANGED: _change_folder,
    EventKind.SUSPENDED: _suspend,
    EventKind.BACKGROUND_STARTED: _tell,
    EventKind.BACKGROUND_ENDED: _tell,
    EventKind.STATUS: _tell,
    EventKind.OTHER: _tell,
}
