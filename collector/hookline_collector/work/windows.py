"""Five-hour usage windows of one account: observed where the client reports when a window resets, else estimated by the public rule.

The rule (ccusage's): a window begins at the full UTC hour of its first request and lasts five hours. The first request more than five
hours after a window's beginning, or more than five hours after the request before it, begins the next; after such a silence there is a gap
from five hours after the last request to the next one. A request exactly five hours after the beginning still belongs to the window.

Where the client's status line said when a window resets, the window is [resets_at - 5 h, resets_at), and the requests in it are not
estimated about. Pure: requests, observations and `now` are arguments. Times are Unix nanoseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hookline.system.clock import NS_PER_S

HOUR_NS = 3_600 * NS_PER_S
WINDOW_NS = 5 * HOUR_NS
WindowSource = Literal["observed", "estimated", "gap"]


@dataclass(frozen=True, slots=True, order=True)
class ModelRequest:
    """API requests to one model that no window parts, the last at `last_ns`; mostly one. `cost_usd` is None when it is unknown."""

    time_ns: int
    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_tokens: int = 0
    cache_read_tokens: int = 0
    cost_usd: float | None = None
    model: str = ""
    requests: int = 1
    last_ns: int = 0

    @property
    def ended_ns(self) -> int:
        """When the last of them was."""
        return max(self.time_ns, self.last_ns)

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.input_tokens + self.output_tokens + self.cache_creation_tokens + self.cache_read_tokens


@dataclass(frozen=True, slots=True, order=True)
class LimitReading:
    """What the client said of the window that resets at `resets_at_ns`: how full it was, when. `course` holds (time, percent) in order."""

    resets_at_ns: int
    used_percent: float
    course: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """One window, or the gap between two. Gaps hold no requests."""

    start_ns: int
    end_ns: int
    source: WindowSource
    requests: tuple[ModelRequest, ...] = ()
    observation: LimitReading | None = field(default=None)

    @property
    def tokens(self) -> int:
        """All tokens of its requests."""
        return sum(request.tokens for request in self.requests)

    @property
    def cost_usd(self) -> float | None:
        """The known cost of its requests; None when none is known."""
        known = [request.cost_usd for request in self.requests if request.cost_usd is not None]
        return sum(known) if known else None

    @property
    def models(self) -> tuple[str, ...]:
        """The models, in the order in which they were first used."""
        return tuple(dict.fromkeys(request.model for request in self.requests))

    @property
    def last_ns(self) -> int:
        """When its last request ended; its start when there is none."""
        return max((request.ended_ns for request in self.requests), default=self.start_ns)

    def is_active(self, now_ns: int) -> bool:
        """Whether the window still runs: not past its end, and for an estimated one with a request within the last five hours."""
        if self.source == "gap" or now_ns >= self.end_ns or now_ns < self.start_ns:
            return False
        return self.source == "observed" or now_ns - self.last_ns < WINDOW_NS


def windows(requests: Iterable[ModelRequest], observations: Iterable[LimitReading] = ()) -> list[Window]:
    """Return an account's windows and gaps in order. Repeated observations of one window count once, the fullest."""
    ordered = sorted(requests)
    observed = _observed(ordered, observations)
    rest = [request for request in ordered if not any(window.start_ns <= request.time_ns < window.end_ns for window in observed)]
    found = [_ended_by(window, observed) for window in _between(rest, observed)]
    return sorted([*observed, *found], key=_begun)


def _begun(window: Window) -> tuple[int, int]:
    """An estimated window is as old as its first request: its full hour may lie within the gap before it."""
    begun = window.requests[0].time_ns if window.source == "estimated" else window.start_ns
    return begun, window.end_ns


def estimated(requests: Sequence[ModelRequest]) -> list[Window]:
    """Return the windows and gaps that the public rule makes of requests in order of time."""
    found: list[Window] = []
    current: list[ModelRequest] = []
    start_ns = last_ns = 0
    for request in requests:
        if current and (request.time_ns - start_ns > WINDOW_NS or request.time_ns - last_ns > WINDOW_NS):
            found.append(Window(start_ns, start_ns + WINDOW_NS, "estimated", tuple(current)))
            if request.time_ns - last_ns > WINDOW_NS:
                found.append(Window(last_ns + WINDOW_NS, request.time_ns, "gap"))
            current = []
        if not current:
            start_ns = request.time_ns - request.time_ns % HOUR_NS
        current.append(request)
        last_ns = max(last_ns, request.ended_ns)
    if current:
        found.append(Window(start_ns, start_ns + WINDOW_NS, "estimated", tuple(current)))
    return found


def _observed(requests: Sequence[ModelRequest], observations: Iterable[LimitReading]) -> list[Window]:
    fullest: dict[int, LimitReading] = {}
    for observation in sorted(observations, key=lambda o: (o.resets_at_ns, o.used_percent, o.course)):
        fullest[observation.resets_at_ns] = observation
    return [
        Window(at - WINDOW_NS, at, "observed", tuple(r for r in requests if at - WINDOW_NS <= r.time_ns < at), observation)
        for at, observation in sorted(fullest.items())
    ]


def _between(requests: Sequence[ModelRequest], observed: Sequence[Window]) -> list[Window]:
    """Estimate each stretch between observed windows on its own: no estimated window spans an observed one."""
    edges = sorted(window.start_ns for window in observed)
    stretches: dict[int, list[ModelRequest]] = {}
    for request in requests:
        stretches.setdefault(sum(edge <= request.time_ns for edge in edges), []).append(request)
    return [window for _, stretch in sorted(stretches.items()) for window in estimated(stretch)]


def _ended_by(window: Window, observed: Sequence[Window]) -> Window:
    """Let an estimated window begin no earlier than the observed one before it ends, and end no later than the next begins."""
    start = max([window.start_ns, *(o.end_ns for o in observed if o.start_ns < window.start_ns < o.end_ns)])
    end = min([window.end_ns, *(o.start_ns for o in observed if start < o.start_ns < window.end_ns)])
    return Window(start, end, window.source, window.requests)
