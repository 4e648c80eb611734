"""`/api/v1/live`: who works and who waits for whom, now; as one answer or as a stream of server-sent events.

The stream begins with an event `sessions` that holds all of them, sends an event `changed` with those that changed, at most five times a second, and
repeats `sessions` after `REFRESH_S` without a change. Time alone makes a session idle, and a process may die unheard: such changes come within a
second or two. Streams are bounded in number; one more is refused. When the collector stops a stream ends as one that has said everything.

No answer and no event holds more than `limit` sessions; `sessions_total` says how many there are. Where they are more, those that wait come first,
then those that work, each the most recently active first.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from hookline.contract.told_records import told
from hookline.errors import Refused
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Switch, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.sessions import LiveSessions, SessionState, SessionView

EVENTS = "text/event-stream"
REFRESH_S = 10.0
MAX_STREAMS = 64
SHOWN, MAX_SHOWN = 200, 1_000
URGENCY = {SessionState.WAITING: 0, SessionState.WORKING: 1}
ENDED = Switch("ended", "true: also the ended sessions that are still in memory.")
AGENT = Text("agent", "Only sessions of this agent.")
LIMIT = Whole("limit", f"At most so many; {SHOWN} by default, {MAX_SHOWN} at most.", SHOWN, most=MAX_SHOWN)


@dataclass(frozen=True, slots=True)
class Live:
    """Live sessions, the most recently heard of first, and how many there are in all."""

    sessions: tuple[SessionView, ...]
    sessions_total: int


class LiveApi:
    """Live sessions, as one answer or as a stream."""

    def __init__(self, live: LiveSessions) -> None:
        self._live = live
        self._places = StreamPlaces(MAX_STREAMS)
        summary = "What every session does now; with `Accept: text/event-stream` as a stream of changes."
        self.routes = (ApiEndpoint("GET", "/api/v1/live", self.now, summary, Live, (JSON, EVENTS), (ENDED, AGENT, LIMIT)),)

    async def now(self, request: Request) -> Response:
        """Answer with all sessions, or begin a stream of them."""
        look = Look(everything=ENDED.of(request), limit=LIMIT.of(request), agent=AGENT.of(request))
        if EVENTS not in request.headers.get("accept", ""):
            return answer(_all(self._live, look))
        self._places.take()
        return LiveStream(_stream(self._live, look), self._places)


@dataclass(frozen=True, slots=True)
class Look:
    """What one asker wants to see."""

    everything: bool
    limit: int
    agent: str = ""

    def shows(self, view: SessionView) -> bool:
        """Whether a session is of the agent that is looked at."""
        return self.agent in ("", view.agent)


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
            views = [view for session_id in changed if (view := live.get(session_id)) and look.shows(view)] if len(changed) <= look.limit else []
            yield _event("changed", Live(tuple(views), len(views))) if views else _event("sessions", _all(live, look))


def _event(name: str, data: Live) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + orjson.dumps(told(data)) + b"\n\n"


def _all(live: LiveSessions, look: Look) -> Live:
    views = [view for view in live.snapshot() if look.shows(view) and (look.everything or view.state is not SessionState.ENDED)]
    return Live(tuple(most_urgent(views, look.limit)), len(views))


def most_urgent(views: Sequence[SessionView], limit: int) -> Sequence[SessionView]:
    """Return at most `limit` of them: where they are more, those that wait before those that work before the rest, each in the order given."""
    return views if len(views) <= limit else sorted(views, key=lambda view: URGENCY.get(view.state, 2))[:limit]
