"""How fast a window is used up, where that leads, and when it hits the wall. Pure.

Burn rates are the public rule's: tokens of the window over the time from its first to its last request. The time to the wall is an
interval, because burn is uneven: the last hour is cut into slots of ten minutes, and the rate is their mean, give or take two standard
errors. Percent comes from the client's own figure where it is observed, so that use which no request here explains (another machine, the
web page) is in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from hookline.system.clock import NS_PER_S
from hookline_collector.work.windows import Window

MINUTE_NS = 60 * NS_PER_S
SLOT_NS = 10 * MINUTE_NS
SLOTS = 6


@dataclass(frozen=True, slots=True)
class Burn:
    """The rates of a window. `indicator` leaves the caches out."""

    tokens_per_min: float
    indicator_per_min: float
    cost_per_h: float | None


@dataclass(frozen=True, slots=True)
class WindowProjection:
    """What the window holds at its end if it goes on like this."""

    tokens: int
    cost_usd: float | None
    remaining_min: float


@dataclass(frozen=True, slots=True)
class Wall:
    """When a limit is reached at the present rate: the likely moment, and the interval around it. None: not before the window resets."""

    expected_ns: int | None
    earliest_ns: int | None
    latest_ns: int | None


def burn_of(window: Window) -> Burn | None:
    """Return the rates of a window; None when its requests span no time."""
    if not window.requests:
        return None
    minutes = (window.last_ns - window.requests[0].time_ns) / MINUTE_NS
    if minutes <= 0:
        return None
    indicator = sum(request.input_tokens + request.output_tokens for request in window.requests)
    cost = window.cost_usd
    return Burn(window.tokens / minutes, indicator / minutes, None if cost is None else cost / minutes * 60)


def projection_of(window: Window, now_ns: int) -> WindowProjection | None:
    """Return where an active window leads; None when it is over or its rate is unknown."""
    burn = burn_of(window)
    if burn is None or not window.is_active(now_ns):
        return None
    minutes = (window.end_ns - now_ns) / MINUTE_NS
    cost = None if window.cost_usd is None or burn.cost_per_h is None else window.cost_usd + burn.cost_per_h / 60 * minutes
    return WindowProjection(round(window.tokens + burn.tokens_per_min * minutes), cost, minutes)


def wall_of(window: Window, now_ns: int, token_limit: int | None = None) -> Wall | None:
    """Return when the window is used up: by the client's percentage where it is observed, else against `token_limit`.

    None when the window is over, or neither is known.
    """
    if not window.is_active(now_ns):
        return None
    if window.observation is not None:
        course = _since_start(window)
        return _wall(100 - window.observation.used_percent, _slots_of_course(course, now_ns), now_ns, window.end_ns)
    if token_limit is None:
        return None
    return _wall(token_limit - window.tokens, _slots_of_requests(window, now_ns), now_ns, window.end_ns)


def _since_start(window: Window) -> list[tuple[int, float]]:
    course = window.observation.course if window.observation else ()
    return [(window.start_ns, 0.0), *((at, percent) for at, percent in course if at >= window.start_ns)]


def _slots_of_course(course: Sequence[tuple[int, float]], now_ns: int) -> list[float]:
    slots = [0.0] * SLOTS
    for (earlier, before), (later, after) in pairwise(course):
        for slot in range(SLOTS):
            start = now_ns - (SLOTS - slot) * SLOT_NS
            shared = min(later, start + SLOT_NS) - max(earlier, start)
            if shared > 0 and later > earlier:
                slots[slot] += max(0.0, after - before) * shared / (later - earlier)
    return slots[_first_slot(course[0][0], now_ns) :]


def _slots_of_requests(window: Window, now_ns: int) -> list[float]:
    slots = [0.0] * SLOTS
    for request in window.requests:
        slot = SLOTS - 1 - (now_ns - request.time_ns) // SLOT_NS
        if 0 <= slot < SLOTS:
            slots[slot] += request.tokens
    return slots[_first_slot(window.requests[0].time_ns if window.requests else window.start_ns, now_ns) :]


def _first_slot(begun_ns: int, now_ns: int) -> int:
    """Leave out the slots before anything was used, but keep two."""
    return max(0, min(SLOTS - 2, SLOTS - 1 - (now_ns - begun_ns) // SLOT_NS))


def _wall(left: float, slots: Sequence[float], now_ns: int, end_ns: int) -> Wall:
    if left <= 0:
        return Wall(now_ns, now_ns, now_ns)
    mean = sum(slots) / len(slots)
    error = 2 * sqrt(sum((slot - mean) ** 2 for slot in slots) / (len(slots) - 1) / len(slots))

    def reached(rate: float) -> int | None:
        at = now_ns + left / rate * SLOT_NS if rate > 0 else float("inf")
        return int(at) if at < end_ns else None

    return Wall(reached(mean), reached(mean + error), reached(mean - error))
