"""The semantics of alerts a second time, said differently: from the whole history of evaluations, each time from the beginning.

`state_machine.step` carries an alert along; this looks back. Where the two disagree, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hookline_collector.alerts.state_machine import RESOLVED_RETENTION_NS


@dataclass(frozen=True, slots=True)
class Look:
    """One evaluation: when, whether it was a breach, and what `for` and `keep_firing_for` were then."""

    at_ns: int
    is_breach: bool
    for_ns: int
    keep_ns: int


def state_after(looks: Sequence[Look]) -> tuple[str, int]:
    """Return the state after the last of some evaluations, whose moments never go back, and when its episode began (0 for none).

    An episode is a stretch of evaluations. It ends with an evaluation without a breach when it did not fire before, or when the first of the
    unbroken run of evaluations without one that this one is in lies `keep_firing_for` back or more.
    """
    begin = _begin(looks)
    if begin is None:
        return _after_episodes(looks)
    state = "firing" if _fires(looks[begin:]) else "pending"
    return state, looks[begin].at_ns


def _begin(looks: Sequence[Look]) -> int | None:
    begin: int | None = None
    for at, look in enumerate(looks):
        if begin is None:
            begin = at if look.is_breach else None
        elif not look.is_breach and _is_over(looks, begin, at):
            begin = None
    return begin


def _is_over(looks: Sequence[Look], begin: int, at: int) -> bool:
    if not _fires(looks[begin:at]):
        return True
    first = at
    while first - 1 > begin and not looks[first - 1].is_breach:
        first -= 1
    return looks[at].at_ns - looks[first].at_ns >= looks[at].keep_ns


def _fires(episode: Sequence[Look]) -> bool:
    """Whether an episode fires after its last evaluation: the last one in breach says whether it was long enough."""
    last = next(look for look in reversed(episode) if look.is_breach)
    return last.at_ns - episode[0].at_ns >= last.for_ns


def _after_episodes(looks: Sequence[Look]) -> tuple[str, int]:
    """Return resolved while the last episode that fired ended not too long ago, and no other began since; else inactive."""
    for at in range(len(looks) - 1, 0, -1):
        before = looks[:at]
        if (begin := _begin(before)) is None:
            continue
        ended_now = _begin(looks[: at + 1]) is None
        if not ended_now or not _fires(before[begin:]):
            return "inactive", 0
        if looks[-1].at_ns - looks[at].at_ns > RESOLVED_RETENTION_NS:
            return "inactive", 0
        return "resolved", before[begin].at_ns
    return "inactive", 0
