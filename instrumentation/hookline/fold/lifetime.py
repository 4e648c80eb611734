"""What is forgotten, and when: the end of a session or process, and the passing of time.

A unit is forgotten when nothing can come any more that would change or extend its spans. A turn outlives its calls and subagents: folding
again what is left of them must find the same turn.
"""

from __future__ import annotations

from hookline.agents.event import AgentEvent
from hookline.contract.events import SpanOutcome
from hookline.fold import agents, pending, turns
from hookline.fold.closing import close_call, send_call
from hookline.fold.forgetting import forget
from hookline.fold.model import Call, RuleClosing, Subagent, Turn
from hookline.fold.signs import last_sign, later, touch
from hookline.fold.transition import FoldRules, Transition
from hookline.system.evolve import evolve


def close_all(work: Transition, event: AgentEvent, by: str, outcome: SpanOutcome) -> None:
    """Close everything by a rule: the session has ended or its process is gone. Forget what had ended by itself."""
    session = work.session
    closing = RuleClosing(by, event.time_ns, 0, outcome, (event.uid,), is_seen=event.is_seen)
    for turn in list(session.turns.values()):
        if turn.is_open:
            turns.close(work, turn, closing)
    for agent in list(session.agents.values()):
        agents.close(work, agent, closing)
    for call in list(session.calls.values()):
        close_call(work, call, closing)
    for prompt_id in {known.prompt_id for known in (*session.permissions.values(), *session.elicitations.values(), *session.compactions.values())}:
        pending.close(work, prompt_id, closing)
    forget(work, [unit for unit in _closable(work) if unit.closing is None])
    expire(work, event.time_ns)


def expire(work: Transition, now_ns: int) -> None:
    """Send what has waited long enough and forget what nothing can change any more."""
    session, rules = work.session, work.rules
    for call in list(session.calls.values()):
        if call.ended and not call.sent and now_ns - call.ended.time_ns > rules.orphan_ns:
            send_call(work, call)
    for agent in list(session.agents.values()):
        if agent.ended and not agent.sent and now_ns - agent.ended.time_ns > rules.late_ns:
            agents.close(work, agent, RuleClosing("timed_out", now_ns, 0, SpanOutcome.UNKNOWN, ()))
    is_over = session.ended is not None
    if over := [unit for unit in _closable(work) if (unit.ended or unit.closing) and _is_settled(unit, now_ns, rules, is_over)]:
        forget(work, over)


def time_out(work: Transition, now_ns: int) -> None:
    """Close the turns and subagents of which nothing was heard for too long."""
    limit_ns = now_ns - work.rules.turn_timeout_ns
    closing = RuleClosing("timed_out", now_ns, 0, SpanOutcome.UNKNOWN, ())
    for turn in list(work.session.turns.values()):
        if turn.is_open and last_sign(work, turn).time_ns < limit_ns:
            turns.close(work, turn, closing)
    for agent in list(work.session.agents.values()):
        if agent.is_open and agent.last.time_ns < limit_ns:
            agents.close(work, agent, closing)
    if work.session.notice and work.session.notice.time_ns < limit_ns:
        work.session.notice = None
    started = work.session.started
    if started and work.session.pid is None and not work.session.has_units and started.time_ns < limit_ns:
        work.session.started = None


def _is_settled(unit: Call | Subagent | Turn, now_ns: int, rules: FoldRules, is_over: bool) -> bool:
    """Answer whether a unit has been closed for long enough, by its own end or by a rule; less is enough where its session is over."""
    if unit.ended and (unit.sent or isinstance(unit, Turn)):
        return now_ns - unit.ended.time_ns > (rules.late_ns if isinstance(unit, Call) or is_over else rules.continue_ns)
    return bool(unit.sent) and unit.closing is not None and now_ns - unit.closing.seen_ns > (rules.late_ns if is_over else rules.beside_ns)


def _closable(work: Transition) -> list[Call | Subagent | Turn]:
    session = work.session
    return [*session.calls.values(), *session.agents.values(), *session.turns.values()]


def end_session(work: Transition, event: AgentEvent) -> None:
    """The session says that it has ended. What it had open is closed; that is remembered a while, the rest forgotten."""
    close_all(work, event, "session_end", SpanOutcome.INTERRUPTED)
    work.session.ended = event
    forget_if_over(work)


def end_process(work: Transition, event: AgentEvent) -> None:
    """The session's process is gone; another process that goes on with the session is left alone.

    The event's time is when the process ended, where the kernel told (`is_seen`), else when it was last known to live. A tool that was running ran
    until then: that is the turn's last sign of life. So was an agent that had been thinking not long before.
    """
    if work.session.pid is not None and event.pid is not None and work.session.pid != event.pid:
        return
    running = {(call.first.agent_id or call.prompt_id) for call in work.session.calls.values() if call.is_open}
    for turn in list(work.session.turns.values()):
        if turn.is_open and (turn.prompt_id in running or _was_thinking(work, event, last_sign(work, turn).time_ns)):
            touch(work, event, turn.prompt_id, (event.uid,), opens=False)
    for agent in list(work.session.agents.values()):
        if agent.is_open and (agent.id in running or _was_thinking(work, event, agent.last.time_ns)):
            work.session.agents[agent.id] = evolve(agent, last=later(agent.last, event, (event.uid,)))
    close_all(work, event, "process_gone", SpanOutcome.INTERRUPTED)
    work.session.ended = event
    forget_if_over(work)


def _was_thinking(work: Transition, event: AgentEvent, heard_ns: int) -> bool:
    """Whether something that was heard of at a time went on until its process was seen to end."""
    return event.is_seen and event.time_ns - heard_ns < work.rules.thinking_ns


def suspend(work: Transition, event: AgentEvent) -> None:
    """The machine slept: what a call that is open now ran is less by that. Kept as long as a call is open."""
    work.session.suspends = (*work.session.suspends, event)


def forget_suspends(work: Transition) -> None:
    """Forget sleeps that lie behind every open call."""
    if not work.session.suspends:
        return
    first_ns = min((call.first.time_ns for call in work.session.calls.values() if call.is_open), default=None)
    work.session.suspends = tuple(event for event in work.session.suspends if first_ns is not None and event.time_ns >= first_ns)


def forget_if_over(work: Transition) -> None:
    """Forget the session itself once it has ended and nothing of it is remembered."""
    if work.session.ended and not work.session.has_units:
        work.session.started = None
        work.session.ended = None


def start_session(work: Transition, event: AgentEvent) -> None:
    """A session starts or goes on; a start that does not say the model leaves the one known."""
    known = work.session.started
    keeps_known = known is not None and bool(known.model) and not event.model and known.pid == event.pid
    work.session.started = known if keeps_known else event
    work.session.ended = None


def note_process(work: Transition, event: AgentEvent) -> None:
    """Remember the process that the session runs in."""
    if event.pid is not None and event.pid != work.session.pid:
        work.session.pid = event.pid
        work.session.process_created = event.process_created
    elif event.process_created and not work.session.process_created:
        work.session.process_created = event.process_created
