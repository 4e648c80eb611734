"""An interval that is under way or over, as it is kept of a session: whatever is told of it, in any order, any number of times, gives the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from hookline_collector.sessions.evidence import NO_END, KnownEnd

MAX_OPEN = 512
MAX_TEXT = 200


@dataclass(slots=True)
class Span:
    """A turn, a call, a subagent or what goes on in the background: the earliest beginning and the best told end (0 is unknown).

    `again_ns` is the latest sign that it goes on: for a turn the last call asked for in it, for a subagent its last start, for a call the moment
    from which the client lets it run. `seen_ns` is the latest that was seen of a turn's work, be it an end: it belies a mere guess.
    `kind` says what a call's tool does or what goes on in the background, `about` the extension of the file that a call is about.
    """

    started_ns: int = 0
    end: KnownEnd = NO_END
    label: str = ""
    agent_id: str = ""
    again_ns: int = 0
    seen_ns: int = 0
    kind: str = ""
    call_id: str = ""
    about: str = ""

    def begin(self, time_ns: int) -> None:
        """Take an earlier beginning."""
        self.started_ns = min(self.started_ns, time_ns) if self.started_ns else time_ns

    def finish(self, end: KnownEnd) -> None:
        """Take a better told end."""
        self.end = max(self.end, end)

    def goes_on(self, time_ns: int) -> None:
        """Take a later sign that it goes on."""
        self.again_ns = max(self.again_ns, time_ns)

    def call_it(self, label: object) -> None:
        """Take a name; of several the same one counts whichever came first."""
        self.label = max(self.label, text(label))

    @property
    def is_open(self) -> bool:
        """Whether no end is known at or after the beginning."""
        return self.end.time_ns < self.started_ns or not self.end.time_ns


@dataclass(slots=True)
class KnownWait:
    """One time that somebody was asked for something. Which call it is for is often not said: `waits` finds it."""

    started_ns: int
    reason: str = ""
    tool: str = ""
    agent_id: str = ""
    agent_name: str = ""
    end: KnownEnd = NO_END
    ids: set[str] = field(default_factory=set)
    call_ids: set[str] = field(default_factory=set)

    @property
    def is_open(self) -> bool:
        """Whether nobody told of its end itself."""
        return self.end.time_ns < self.started_ns


def text(value: object) -> str:
    """Return a short text: what anybody may send is not kept at any length."""
    return str(value or "")[:MAX_TEXT]


def span_of(spans: dict[str, Span], key: str) -> Span:
    """Return the interval of an id, a new one where it is not known. Bounded: finished ones make room."""
    span = spans.get(key)
    if span is None:
        make_room(spans)
        span = spans[key] = Span()
    return span


def make_room(spans: dict[str, Span] | dict[str, KnownWait]) -> None:
    """Let the oldest half of the finished ones go where there are too many; where none is finished, the first."""
    if len(spans) < MAX_OPEN:
        return
    closed = sorted((span.end.time_ns, key) for key, span in spans.items() if not span.is_open)
    for _, key in closed[: MAX_OPEN // 2] or [(0, next(iter(spans)))]:
        del spans[key]
