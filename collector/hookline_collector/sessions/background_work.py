"""What goes on beside the conversation or after its turn's end: subagents, shells, monitors.

Something in the background goes on until its end is told, until the newest list of what goes on (a turn's end carries it) does not name it,
or until the process ended or began anew. A subagent in the foreground ends with the turn that a person stopped, unless it did something later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hookline_collector.sessions.evidence import KnownEnd
from hookline_collector.sessions.facts import Facts
from hookline_collector.sessions.spans import Span

SUBAGENT = "subagent"


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """Something that goes on in the background, and how much of the time since then the machine slept."""

    task_id: str
    task_type: str
    task_name: str
    started_ns: int
    call_id: str = ""
    asleep_ns: int = 0


def goes_on(facts: Facts, task_id: str, span: Span) -> bool:
    """Whether a subagent or something in the background goes on."""
    since_ns = _since_ns(facts, task_id, span)
    if not since_ns or since_ns < facts.fresh_ns or _end(facts, task_id).time_ns >= since_ns:
        return False
    listed_ns, ids = facts.listed
    return listed_ns <= since_ns or task_id in ids


def is_subagent_over(facts: Facts, agent_id: str, since_ns: int) -> bool:
    """Whether a subagent ended after a moment at which it was at work."""
    span = facts.subagents.get(agent_id, Span())
    if _end(facts, agent_id).time_ns >= max(since_ns, span.again_ns):
        return True
    listed_ns, ids = facts.listed
    if listed_ns > max(since_ns, span.again_ns) and agent_id not in ids:
        return True
    return _is_stopped_with_turn(facts, agent_id, max(since_ns, span.again_ns))


def open_subagents(facts: Facts) -> Iterator[tuple[str, Span]]:
    """Yield the subagents that go on, in the foreground or not."""
    for agent_id, span in facts.subagents.items():
        if span.started_ns and goes_on(facts, agent_id, span) and not is_subagent_over(facts, agent_id, span.started_ns):
            yield agent_id, span


def tasks(facts: Facts, turn_started_ns: int, is_turn_over: bool) -> tuple[BackgroundTask, ...]:
    """Return what goes on in the background, the oldest first."""
    found = {task.task_id: task for task in _reported(facts)}
    for agent_id, span in open_subagents(facts):
        if is_turn_over or span.started_ns < turn_started_ns:
            found.setdefault(agent_id, BackgroundTask(agent_id, SUBAGENT, span.label, span.started_ns))
    return tuple(sorted(found.values(), key=lambda task: (task.started_ns, task.task_id)))


def _reported(facts: Facts) -> Iterator[BackgroundTask]:
    listed_ns, ids = facts.listed
    for task_id in {*facts.background, *ids}:
        span = facts.background.get(task_id, Span())
        agent = facts.subagents.get(task_id, Span())
        if goes_on(facts, task_id, span):
            kind = span.kind or (SUBAGENT if agent.started_ns else "")
            label = span.label or agent.label or facts.calls.get(span.call_id, Span()).label
            yield BackgroundTask(task_id, kind, label, span.started_ns or agent.started_ns or listed_ns, span.call_id)


def _since_ns(facts: Facts, task_id: str, span: Span) -> int:
    """Return the latest moment at which it was said to go on."""
    listed_ns, ids = facts.listed
    return max(span.started_ns, span.again_ns, listed_ns if task_id in ids else 0)


def _end(facts: Facts, task_id: str) -> KnownEnd:
    """Return its end, as a subagent or as something in the background: both are told of one."""
    return max(facts.background.get(task_id, Span()).end, facts.subagents.get(task_id, Span()).end)


def _is_stopped_with_turn(facts: Facts, agent_id: str, since_ns: int) -> bool:
    if facts.interrupted_ns <= since_ns or agent_id in facts.background or agent_id in facts.listed[1]:
        return False
    return all(call.agent_id != agent_id or max(call.started_ns, call.again_ns) <= facts.interrupted_ns for call in facts.calls.values())
