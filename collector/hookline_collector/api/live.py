"""`/api/v1/live`: who works and who waits for whom, now; as one answer or as a stream of server-sent events.

The stream begins with an event `sessions` that holds all of them, sends an event `changed` with those that changed, at most five times a second, and
repeats `sessions` after `REFRESH_S` without a change. Time alone makes a session idle, and a process may die unheard: such changes come within a
second or two. Streams are bounded in number; one more is refused. When the collector stops a stream ends as one that has said everything.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from hookline.errors import Refused
from hookline_collector.api.answer import answer
from hookline_collector.api.context import Context
from hookline_collector.api.endpoint import JSON, Endpoint, Parameter
from hookline_collector.api.times import to_iso
from hookline_collector.sessions import LiveSessions, SessionView, State

EVENTS = "text/event-stream"
REFRESH_S = 10.0
MAX_STREAMS = 64


@dataclass(frozen=True, slots=True)
class RunningCall:
    """A call or a subagent under way."""

    id: str
    name: str
    since: str
    agent_id: str


@dataclass(frozen=True, slots=True)
class WaitingOn:
    """Who waits for a person: the conversation itself (no `agent_id`) or a subagent, for what, for which tool's call, since when."""

    reason: str
    agent: str
    agent_id: str
    tool: str
    call_id: str
    since: str


@dataclass(frozen=True, slots=True)
class BackgroundTask:
    """What goes on in the background: a `shell`, a `subagent`, a `monitor`, what is known of its name, and since when."""

    id: str
    type: str
    name: str
    call_id: str
    since: str


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One session now. `since` is the moment of the change into the state; times are ISO 8601 in UTC, empty where unknown.

    `asleep_s` is how much of the time since then the machine slept, `evidence` how the beginning of the state is known (observed, derived, inferred),
    `in_background` whether it works although its turn is over, `turn_error` why the turn that ended last failed. `interactive` is null where nobody
    said whether a person sits at the session.
    """

    session_id: str
    state: State
    waiting_for: str
    waiting_on: WaitingOn | None
    since: str
    asleep_s: float
    evidence: str
    in_background: bool
    background: tuple[BackgroundTask, ...]
    turn_outcome: str
    turn_error: str
    interactive: bool | None
    entrypoint: str
    started: str
    last: str
    ended: str
    end_reason: str
    agent: str
    project: str
    branch: str
    user: str
    host: str
    model: str
    previous_id: str
    sources: tuple[str, ...]
    prompt_id: str
    prompts: int
    tool_calls: int
    failures: int
    current_tool: str
    running: tuple[RunningCall, ...]
    subagents: tuple[RunningCall, ...]
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_creation_tokens: int
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Live:
    """All live sessions, the most recently heard of first."""

    sessions: tuple[LiveSession, ...]


def endpoints(context: Context) -> tuple[Endpoint, ...]:
    """Return the routes of this module."""
    live = context.live
    streams = asyncio.Semaphore(MAX_STREAMS)

    async def now(request: Request) -> Response:
        everything = request.query_params.get("ended") == "true"
        if EVENTS not in request.headers.get("accept", ""):
            return answer(_all(live, everything))
        if streams.locked():
            raise Refused(f"{MAX_STREAMS} streams are open already", retry_after_s=REFRESH_S)
        return StreamingResponse(_stream(live, streams, everything), media_type=EVENTS, headers={"Cache-Control": "no-store"})

    parameters = (Parameter("ended", "true: also the ended sessions that are still in memory.", schema={"type": "boolean"}),)
    summary = "What every session does now; with `Accept: text/event-stream` as a stream of changes."
    return (Endpoint("GET", "/api/v1/live", now, summary, Live, (JSON, EVENTS), parameters),)


async def _stream(live: LiveSessions, streams: asyncio.Semaphore, everything: bool) -> AsyncIterator[bytes]:
    if streams.locked():
        return  # another took the last place between its question and its first byte
    async with streams:
        with live.listening() as listener:
            yield _event("sessions", _all(live, everything))
            async for changed in listener.changes(at_least_every_s=REFRESH_S):
                views = [view for session_id in changed if (view := live.get(session_id))]
                yield _event("changed", Live(tuple(map(shown, views)))) if views else _event("sessions", _all(live, everything))


def _event(name: str, data: Live) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


def _all(live: LiveSessions, everything: bool) -> Live:
    return Live(tuple(shown(view) for view in live.snapshot() if everything or view.state is not State.ENDED))


def shown(view: SessionView) -> LiveSession:
    """Return a session as the API tells it."""
    return LiveSession(
        session_id=view.session_id,
        state=view.state,
        waiting_for=view.waiting_for,
        waiting_on=_waiting_on(view),
        since=to_iso(view.since_ns),
        asleep_s=view.asleep_ns / 1e9,
        evidence=view.evidence,
        in_background=view.is_in_background,
        background=tuple(BackgroundTask(t.id, t.kind, t.label, t.call_id, to_iso(t.started_ns)) for t in view.background),
        turn_outcome=view.turn_outcome,
        turn_error=view.turn_error,
        interactive=view.interactive,
        entrypoint=view.entrypoint,
        started=to_iso(view.started_ns),
        last=to_iso(view.last_ns),
        ended=to_iso(view.ended_ns),
        end_reason=view.end_reason,
        agent=view.agent,
        project=view.project,
        branch=view.branch,
        user=view.user,
        host=view.host,
        model=view.model,
        previous_id=view.previous_id,
        sources=view.sources,
        prompt_id=view.prompt_id,
        prompts=view.prompts,
        tool_calls=view.tool_calls,
        failures=view.failures,
        current_tool=view.current_tool,
        running=tuple(RunningCall(call.id, call.label, to_iso(call.started_ns), call.agent_id) for call in view.running),
        subagents=tuple(RunningCall(agent.id, agent.label, to_iso(agent.started_ns), "") for agent in view.subagents),
        input_tokens=view.input_tokens,
        output_tokens=view.output_tokens,
        cache_read_tokens=view.cache_read_tokens,
        cache_creation_tokens=view.cache_creation_tokens,
        cost_usd=view.cost_usd,
    )


def _waiting_on(view: SessionView) -> WaitingOn | None:
    asked = view.waiting_on
    if asked is None:
        return None
    agent = asked.agent_name if asked.agent_id else view.agent
    return WaitingOn(asked.reason, agent, asked.agent_id, asked.tool, asked.call_id, to_iso(asked.started_ns))
