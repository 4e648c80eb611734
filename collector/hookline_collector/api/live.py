"""`/api/v1/live`: who works and who waits for whom, now; as one answer or as a stream of server-sent events.

The stream begins with an event `sessions` that holds all of them, sends an event `changed` with those that changed, at most five times a second, and
repeats `sessions` after `REFRESH_S` without a change. Time alone makes a session idle, and a process may die unheard: such changes come within a
second or two. Streams are bounded in number; one more is refused. When the collector stops a stream ends as one that has said everything.

No answer and no event holds more than `limit` sessions; `total` says how many there are. Where they are more, those that wait come first, then those
that work, each the most recently heard of first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from hookline.errors import Refused
from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Parameter, number
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.http.times import to_iso
from hookline_collector.sessions import LiveSessions, Running, SessionState, SessionView

EVENTS = "text/event-stream"
REFRESH_S = 10.0
MAX_STREAMS = 64
SHOWN, MAX_SHOWN = 200, 1_000
URGENCY = {SessionState.WAITING: 0, SessionState.WORKING: 1}


@dataclass(frozen=True, slots=True)
class RunningCall:
    """A call or a subagent under way."""

    id: str
    name: str
    since: str
    asleep_s: float
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
    asleep_s: float


@dataclass(frozen=True, slots=True)
class LiveSession:
    """One session now. `since` is the moment of the change into the state; times are ISO 8601 in UTC, empty where unknown.

    `asleep_s` is how much of the time since then the machine slept (of a call or task likewise), `evidence` how the beginning of the state is known
    (observed, derived, inferred), `in_background` whether it works although its turn is over, `turn_error` why the turn that ended last failed.
    `interactive` is null where nobody said whether a person sits at the session.
    """

    session_id: str
    state: SessionState
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
    """Live sessions, the most recently heard of first, and how many there are in all."""

    sessions: tuple[LiveSession, ...]
    total: int


def endpoints(context: Context) -> tuple[ApiEndpoint, ...]:
    """Return the routes of this module."""
    live = context.live
    places = StreamPlaces(MAX_STREAMS)

    async def now(request: Request) -> Response:
        look = Look(everything=request.query_params.get("ended") == "true", limit=number(request, "limit", SHOWN, MAX_SHOWN))
        if EVENTS not in request.headers.get("accept", ""):
            return answer(_all(live, look))
        places.take()
        return LiveStream(_stream(live, look), places)

    parameters = (
        Parameter("ended", "true: also the ended sessions that are still in memory.", schema={"type": "boolean"}),
        Parameter("limit", f"At most so many; {SHOWN} by default, {MAX_SHOWN} at most.", schema={"type": "integer"}),
    )
    summary = "What every session does now; with `Accept: text/event-stream` as a stream of changes."
    return (ApiEndpoint("GET", "/api/v1/live", now, summary, Live, (JSON, EVENTS), parameters),)


@dataclass(frozen=True, slots=True)
class Look:
    """What one asker wants to see."""

    everything: bool
    limit: int


class StreamPlaces:
    """Places of streams. One is taken before the answer begins, so that one stream too many is refused and never answered with nothing."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken = 0

    def take(self) -> None:
        """Take one. Raises Refused when there is none."""
        if self._taken >= self._most:
            raise Refused(f"{self._most} streams are open already", retry_after_s=REFRESH_S)
        self._taken += 1

    def give_up(self) -> None:
        """Free one."""
        self._taken -= 1


class LiveStream(StreamingResponse):
    """A stream that has a place for as long as it is answered."""

    def __init__(self, content: AsyncIterator[bytes], places: StreamPlaces) -> None:
        super().__init__(content, media_type=EVENTS, headers={"Cache-Control": "no-store"})
        self._places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then free the place."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._places.give_up()


async def _stream(live: LiveSessions, look: Look) -> AsyncIterator[bytes]:
    with live.listening() as listener:
        yield _event("sessions", _all(live, look))
        async for changed in listener.changes(at_least_every_s=REFRESH_S):
            views = [view for session_id in changed if (view := live.get(session_id))] if len(changed) <= look.limit else []
            yield _event("changed", Live(tuple(map(shown, views)), len(views))) if views else _event("sessions", _all(live, look))


def _event(name: str, data: Live) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(data) + b"\n\n"


def _all(live: LiveSessions, look: Look) -> Live:
    views = [view for view in live.snapshot() if look.everything or view.state is not SessionState.ENDED]
    return Live(tuple(map(shown, most_urgent(views, look.limit))), len(views))


def most_urgent(views: Sequence[SessionView], limit: int) -> Sequence[SessionView]:
    """Return at most `limit` of them: where they are more, those that wait before those that work before the rest, each in the order given."""
    return views if len(views) <= limit else sorted(views, key=lambda view: URGENCY.get(view.state, 2))[:limit]


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
        background=tuple(BackgroundTask(t.id, t.kind, t.label, t.call_id, to_iso(t.started_ns), t.asleep_ns / 1e9) for t in view.background),
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
        running=tuple(map(_running, view.running)),
        subagents=tuple(map(_running, view.subagents)),
        input_tokens=view.input_tokens,
        output_tokens=view.output_tokens,
        cache_read_tokens=view.cache_read_tokens,
        cache_creation_tokens=view.cache_creation_tokens,
        cost_usd=view.cost_usd,
    )


def _running(call: Running) -> RunningCall:
    return RunningCall(call.id, call.label, to_iso(call.started_ns), call.asleep_ns / 1e9, call.agent_id)


def _waiting_on(view: SessionView) -> WaitingOn | None:
    asked = view.waiting_on
    if asked is None:
        return None
    agent = asked.agent_name if asked.agent_id else view.agent
    return WaitingOn(asked.reason, agent, asked.agent_id, asked.tool, asked.call_id, to_iso(asked.started_ns))
