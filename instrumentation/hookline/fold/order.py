"""The order in which events are folded.

A file clock ticks in steps of up to 4 ms, and hooks of parallel calls run at the same time, so the order of events within a tick
says nothing. It comes from what they mean: within one tick and session, a prompt comes before what it brings about, a request before its
permission before its end, a subagent's events between its start and its end, a turn's end after everything in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from hookline.agent_event import AgentEvent
from hookline.contract.events import EventKind

TICK_NS: Final = 4_000_000

_RANKS: Final = {
    EventKind.SESSION_STARTED: 0,
    EventKind.PROMPT_SUBMITTED: 1,
    EventKind.TOOL_STARTED: 2,
    EventKind.SUBAGENT_STARTED: 3,
    EventKind.PERMISSION_REQUESTED: 5,
    EventKind.ELICITATION_REQUESTED: 5,
    EventKind.COMPACTION_STARTED: 5,
    EventKind.PERMISSION_DENIED: 7,
    EventKind.TOOL_INTERRUPTED: 7,
    EventKind.TOOL_ENDED: 7,
    EventKind.TOOL_FAILED: 7,
    EventKind.ELICITATION_ANSWERED: 7,
    EventKind.COMPACTION_ENDED: 7,
    EventKind.TOOL_BATCH_ENDED: 8,
    EventKind.SUBAGENT_ENDED: 9,
    EventKind.TURN_ENDED: 12,
    EventKind.TURN_FAILED: 12,
    EventKind.TURN_INTERRUPTED: 12,
    EventKind.SESSION_ENDED: 13,
    EventKind.PROCESS_GONE: 14,
    EventKind.TICK: 15,
}
_ELSEWHERE: Final = 6
_IN_SUBAGENT: Final = 4  # a subagent's call begins after the subagent
_AFTER_SUBAGENT: Final = 10  # an Agent call and its batch end after the subagent


def order(events: Iterable[AgentEvent]) -> list[AgentEvent]:
    """Return events in the order in which they are to be folded: by time, and by meaning within a tick."""
    ordered: list[AgentEvent] = []
    for cluster in _clusters(sorted(events, key=lambda event: (event.time_ns, event.uid))):
        ordered += cluster if len(cluster) == 1 else _by_meaning(cluster)
    return ordered


def _clusters(events: list[AgentEvent]) -> Iterator[list[AgentEvent]]:
    """Yield runs of events that lie within one tick of the run's first."""
    cluster: list[AgentEvent] = []
    for event in events:
        if cluster and event.time_ns - cluster[0].time_ns >= TICK_NS:
            yield cluster
            cluster = []
        cluster.append(event)
    if cluster:
        yield cluster


def _by_meaning(cluster: list[AgentEvent]) -> list[AgentEvent]:
    submitted = [event for event in cluster if event.kind is EventKind.PROMPT_SUBMITTED and event.prompt_id and not event.is_absorbed]
    fresh = {(event.session_id, prompt_id) for event in submitted for prompt_id in (event.prompt_id, "")}
    switched = {
        event.session_id for event in cluster if event.kind is EventKind.SESSION_STARTED and event.start_source in ("clear", "fork", "resume")
    }
    return sorted(cluster, key=lambda event: _meaning(event, fresh, switched))


def _meaning(event: AgentEvent, fresh: set[tuple[str, str]], switched: set[str]) -> tuple[int, int, int, int, str]:
    """Return the key within a tick: sessions that others gave way to come last, and so do prompts that are submitted in it.

    A notification names no prompt; it belongs to the new one.
    """
    is_fresh = (event.session_id, event.prompt_id) in fresh
    is_last = event.kind in (EventKind.SESSION_ENDED, EventKind.PROCESS_GONE, EventKind.TICK)
    return (event.session_id in switched, 2 if is_last else is_fresh, _rank(event), event.time_ns, event.uid)


def _rank(event: AgentEvent) -> int:
    rank = _RANKS.get(event.kind, _ELSEWHERE)
    if event.kind is EventKind.TOOL_STARTED and event.agent_id:
        return _IN_SUBAGENT
    if event.kind in (EventKind.TOOL_ENDED, EventKind.TOOL_FAILED) and event.tool and event.tool.starts_agent and not event.tool.is_launch:
        return _AFTER_SUBAGENT
    if event.kind is EventKind.TOOL_BATCH_ENDED and not event.agent_id:
        return _AFTER_SUBAGENT + 1
    return rank
