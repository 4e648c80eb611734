"""A request while it is served: what is noted of it costs less than it could hide, and its tree is made only when it is kept.

A context variable has the request, so that calls find it, in tasks and threads too. Ids are made when somebody asks for them: a call to another
service, or keeping it. Where the process has a tracer of its own, that starts the span, and OpenTelemetry's context holds it as ever.

Clocks are `time.perf_counter_ns`. Attributes have their defaults in the class: an instance is made in the time of its few own values.
"""

from __future__ import annotations

import random
import time
import traceback
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opentelemetry.context import Context

    from hookline.services.calls import ServiceCall
    from hookline.services.durations import DurationSeries
    from hookline.services.recent_routes import RouteTimes

MAX_CALLS: Final = 200
MAX_FRAMES: Final = 50
MAX_STACK_CHARS: Final = 8_000
_chance = random.Random()  # noqa: S311 - ids of traces, no secrets


def draw_again() -> None:
    """Begin another row of ids: a process that was forked must not repeat its parent's."""
    _chance.seed()


def new_trace_id() -> int:
    """Return an id of a trace."""
    return _chance.getrandbits(128) or 1


def new_span_id() -> int:
    """Return an id of a span."""
    return _chance.getrandbits(64) or 1


@dataclass(frozen=True, slots=True)
class NotedException:
    """An exception as text: kept as it is, it would keep every frame that it went through."""

    kind: str
    message: str
    stack: str

    @classmethod
    def of(cls, error: BaseException) -> NotedException:
        """Note one."""
        kind = type(error)
        name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
        stack = "".join(traceback.format_exception(kind, error, error.__traceback__, limit=-MAX_FRAMES))
        return cls(name, str(error)[:MAX_STACK_CHARS], stack[-MAX_STACK_CHARS:])


class ServedRequest:
    """One request. Subclasses know its protocol: they say route, labels and attributes."""

    ended_ns = 0  # the last byte of the answer has gone
    first_byte_ns = 0
    is_finished = False
    is_counted = False
    is_disconnected = False
    is_sampled = False  # one in N, or the caller's trace is sampled
    is_odd = False  # worth a second look however long it took: drawn, failed, left alone, traced by the process itself
    has_sampled_parent = False
    is_kept = False
    can_be_slow = True
    error: BaseException | None = None
    exception: NotedException | None = None  # what became of it
    error_type = ""
    status: Any = 0
    calls: list[ServiceCall] | None = None
    calls_left_out = 0
    trace_id = 0
    span_id = 0
    parent_id = 0
    reason = ""
    threshold_ns = 0
    sdk_span: Any = None
    context: Context | None = None  # with the span of the process's own tracer
    series: DurationSeries | None = None
    route: RouteTimes | None = None

    def __init__(self) -> None:
        self.started_ns = time.perf_counter_ns()

    # What the protocol knows

    def parent_header(self) -> str:
        """Return the caller's `traceparent`; empty without one."""
        raise NotImplementedError

    def headers(self) -> dict[str, str]:
        """Return what came with it, for a propagator."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The span's name."""
        raise NotImplementedError

    def own_attributes(self) -> dict[str, Any]:
        """Return the attributes of its span."""
        raise NotImplementedError

    @property
    def is_answered(self) -> bool:
        """Whether something was answered before it ended."""
        return not self.is_disconnected

    @property
    def is_servers_fault(self) -> bool:
        """Whether it failed and the server is to blame."""
        raise NotImplementedError

    # What is noted

    def add_call(self, call: ServiceCall) -> None:
        """Note a call."""
        calls = self.calls
        if calls is None:
            self.calls = [call]
        elif len(calls) < MAX_CALLS:
            calls.append(call)
        else:
            self.calls_left_out += 1

    def let_go(self) -> None:
        """Give up what only a request under way needs, for it is kept."""
        self.is_kept = True
        error, self.error = self.error, None
        if error is not None:
            self.exception = NotedException.of(error)

    @property
    def ns(self) -> int:
        """How long it took, or has taken until now."""
        return (self.ended_ns or time.perf_counter_ns()) - self.started_ns

    def identify(self) -> None:
        """Give it its ids, those of the caller's trace where there is one."""
        if self.span_id:
            return
        self.span_id = new_span_id()
        if self.sdk_span is not None:
            context = self.sdk_span.get_span_context()
            self.trace_id, self.span_id = context.trace_id, context.span_id
            return
        found = parsed_parent(self.parent_header())
        if found is None:
            self.trace_id = new_trace_id()
        else:
            self.trace_id, self.parent_id, is_sampled = found
            self.has_sampled_parent = is_sampled
            self.is_sampled = self.is_sampled or is_sampled

    @property
    def traceparent(self) -> str:
        """What a call to another service says of its trace."""
        self.identify()
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{'01' if self.is_sampled else '00'}"


def parsed_parent(header: str) -> tuple[int, int, bool] | None:
    """Read a `traceparent`: ids of trace and span, and whether it is sampled; None for none and for nonsense."""
    parts = header.strip().split("-")
    if len(parts) < 4 or len(parts[0]) != 2 or parts[0] == "ff" or len(parts[1]) != 32 or len(parts[2]) != 16 or len(parts[3]) != 2:
        return None
    try:
        trace_id, span_id, flags = int(parts[1], 16), int(parts[2], 16), int(parts[3], 16)
    except ValueError:
        return None
    return (trace_id, span_id, bool(flags & 1)) if trace_id and span_id else None


CURRENT: Final[ContextVar[ServedRequest | None]] = ContextVar("hookline_request", default=None)
"""The request that is being served here; None outside of one. Its answer may have gone already (`is_finished`)."""
