"""What ends or is forgotten without an end event of its own: with its session or process, or as time passes.

A unit is forgotten when nothing can come any more that would change or extend its spans, and so that what stays remembered can be known
again from its own events: it stays as long as another one that stays needs any of its events, and as long as it is a parent (a turn
outlives its calls, subagents and questions, a subagent its calls). Otherwise a replay of what is held would meet half a unit, and close it by a rule.
"""

from __future__ import annotations

from collections.abc import Iterable

from hookline.agent_event import AgentEvent
from hookline.contract.events import SpanOutcome
from hookline.fold import subagent, turn
from hookline.fold.call import close_call, send_call
from hookline.fold.liveness import marked_alive
from hookline.fold.model import Call, Question, RuleClosing, Subagent, Turn, Unit
from hookline.fold.placing import unmarked_id
from hookline.fold.question import close_questions
from hookline.fold.transition import FoldRules, Transition


def close_all(work: Transition, event: AgentEvent, by: str, outcome: SpanOutcome) -> None:
    """Close everything by a rule: the session has ended or its process is gone. Forget what had ended by itself."""
    session = work.session
    closing = RuleClosing(by, event.time_ns, 0, outcome, (event.uid,), is_seen=event.is_seen)
    for known in list(session.turns.values()):
        if known.is_open:
            turn.close(work, known, closing)
    for agent in list(session.agents.values()):
        subagent.close(work, agent, closing)
    for call in list(session.calls.values()):
        close_call(work, call, closing)
    questions = (*session.permissions.values(), *session.elicitations.values(), *session.compactions.values())
    for prompt_id in {question.prompt_id for question in questions}:
        close_questions(work, prompt_id, closing)
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
            subagent.close(work, agent, RuleClosing("timed_out", now_ns, 0, SpanOutcome.UNKNOWN, ()))
    is_over = session.ended is not None
    if over := [unit for unit in _closable(work) if (unit.ended or unit.closing) and _is_over(unit, now_ns, rules, is_over)]:
        forget(work, over)


def time_out(work: Transition, now_ns: int) -> None:
    """Close the turns and subagents of which nothing was heard for too long, and turns whose last request failed and was not repeated."""
    limit_ns = now_ns - work.rules.turn_timeout_ns
    closing = RuleClosing("timed_out", now_ns, 0, SpanOutcome.UNKNOWN, ())
    for known in list(work.session.turns.values()):
        if known.is_open and turn.last_sign(work, known).time_ns < limit_ns:
            turn.close(work, known, closing)
        elif known.is_open and known.is_failing and now_ns - known.last.time_ns > work.rules.failed_ns and turn.is_thinking(work.session, known):
            turn.close(work, known, RuleClosing("request_failed", now_ns, 0, SpanOutcome.FAILURE, ()))
    for agent in list(work.session.agents.values()):
        if agent.is_open and agent.last.time_ns < limit_ns:
            subagent.close(work, agent, closing)
    if work.session.notice and work.session.notice.time_ns < limit_ns:
        work.session.notice = None
    started = work.session.started
    if started and work.session.pid is None and not work.session.has_units and started.time_ns < limit_ns:
        work.session.started = None


def _is_over(unit: Call | Subagent | Turn, now_ns: int, rules: FoldRules, is_over: bool) -> bool:
    """Answer whether a unit has been closed for long enough, by its own end or by a rule; less is enough where its session is over."""
    if unit.ended and (unit.sent or isinstance(unit, Turn)):
        return now_ns - unit.ended.time_ns > (rules.late_ns if isinstance(unit, Call) or is_over else rules.continue_ns)
    return bool(unit.sent) and unit.closing is not None and now_ns - unit.closing.seen_ns > (rules.late_ns if is_over else rules.beside_ns)


def _closable(work: Transition) -> list[Call | Subagent | Turn]:
    session = work.session
    return [*session.calls.values(), *session.agents.values(), *session.turns.values()]


def end_session(work: Transition, event: AgentEvent) -> None:
    """The session says that it has ended. What it had open is closed; that is remembered a while, the rest forgotten.

    A client whose terminal is taken from it ends its session in the middle of its work and says no more than that: what ran had run until then.
    """
    _mark_at_work(work, event, is_seen=True)
    close_all(work, event, "session_end", SpanOutcome.INTERRUPTED)
    work.session.ended = event
    _forget_if_over(work)


def end_process(work: Transition, event: AgentEvent) -> None:
    """The session's process is gone; another process that goes on with the session is left alone.

    The event's time is when the process ended, where the kernel reported it (`is_seen`), else when it was last known to live. A tool that was
    running ran until then: that is the turn's last sign of life. So was an agent that had been thinking not long before.
    """
    if work.session.pid is not None and event.pid is not None and work.session.pid != event.pid:
        return
    _mark_at_work(work, event, is_seen=event.is_seen)
    close_all(work, event, "process_gone", SpanOutcome.INTERRUPTED)
    work.session.ended = event
    _forget_if_over(work)


def _mark_at_work(work: Transition, event: AgentEvent, *, is_seen: bool) -> None:
    """Note that what worked lived until an event that ended it: what ran a tool, and, where the end was seen, what was heard of not long before.

    A turn that had failed was at work no longer.
    """
    since_ns = event.time_ns - work.rules.thinking_ns if is_seen else event.time_ns
    running = {(call.first.agent_id or call.prompt_id) for call in work.session.calls.values() if call.is_open}
    for known in list(work.session.turns.values()):
        was_thinking = not known.is_failing and turn.last_sign(work, known).time_ns > since_ns
        if known.is_open and (known.prompt_id in running or was_thinking):
            turn.mark_alive(work, event, known.prompt_id, (event.uid,), opens=False)
    for agent in list(work.session.agents.values()):
        if agent.is_open and (agent.id in running or agent.last.time_ns > since_ns):
            work.session.agents[agent.id] = marked_alive(agent, event, (event.uid,))


def forget_past(work: Transition) -> None:
    """Forget what only matters while something else is remembered: sleeps behind every open call, a session that is over."""
    if work.session.suspends:
        _forget_suspends(work)
    if work.session.ended:
        _forget_if_over(work)


def _forget_suspends(work: Transition) -> None:
    first_ns = min((call.first.time_ns for call in work.session.calls.values() if call.is_open), default=None)
    work.session.suspends = tuple(event for event in work.session.suspends if first_ns is not None and event.time_ns >= first_ns)


def forget_ended_agents(work: Transition, prompt_id: str) -> None:
    """After a turn's own end nothing more is heard of the subagents that had ended."""
    forget(work, [agent for agent in work.session.agents.values() if agent.prompt_id == prompt_id and agent.ended and agent.sent])


def _forget_if_over(work: Transition) -> None:
    if not work.session.has_units:
        work.session.started = None
        work.session.ended = None


def forget(work: Transition, units: Iterable[Unit]) -> None:
    """Forget those of the units that nothing needs."""
    leaving = {_key(unit): unit for unit in units}
    while leaving:
        staying = [unit for unit in _all(work) if _key(unit) not in leaving]
        needed = {uid for unit in staying for uid in unit.uids}
        parents = {parent for unit in staying for parent in _parents(unit)}
        kept = [key for key, unit in leaving.items() if key in parents or not needed.isdisjoint(unit.uids)]
        if not kept:
            break
        for key in kept:
            del leaving[key]
    for unit in leaving.values():
        _remove(work, unit)


def _all(work: Transition) -> list[Unit]:
    session = work.session
    parts = (session.turns, session.calls, session.agents, session.permissions, session.elicitations, session.compactions)
    return [unit for part in parts for unit in part.values()]


def _key(unit: Unit) -> tuple[str, str]:
    if isinstance(unit, Turn):
        return "turn", unit.prompt_id
    if isinstance(unit, Question):
        return "pending", unit.asked.uid
    return ("call" if isinstance(unit, Call) else "agent"), unit.id


def _parents(unit: Unit) -> Iterable[tuple[str, str]]:
    """Yield the keys of the units under which a unit stands, and of the subagent without a mark that a call runs: it is made of the call."""
    if isinstance(unit, Turn):
        return
    yield "turn", unit.prompt_id
    if isinstance(unit, Call):
        yield "agent", unit.first.agent_id
        yield "agent", unmarked_id(unit)
    elif isinstance(unit, Question):
        yield "agent", unit.asked.agent_id
    elif unit.call:
        yield "agent", unit.call.first.agent_id


def _remove(work: Transition, unit: Unit) -> None:
    session = work.session
    if isinstance(unit, Turn):
        del session.turns[unit.prompt_id]
    elif isinstance(unit, Call):
        del session.calls[unit.id]
    elif isinstance(unit, Subagent):
        del session.agents[unit.id]
