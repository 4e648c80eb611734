"""Time in which the machine slept: nobody's time, so no state, call or silence lasts for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def asleep_ns(suspends: Mapping[int, int], since_ns: int, until_ns: int) -> int:
    """Return how long the machine slept between two moments; `suspends` says by the moment of waking how long."""
    if not suspends:
        return 0
    return sum(max(0, min(woke_ns, until_ns) - max(slept_ns, since_ns)) for slept_ns, woke_ns in _merged(suspends))


def awake_ns(suspends: Mapping[int, int], since_ns: int, until_ns: int) -> int:
    """Return how long the machine was awake between two moments; negative where the second is before the first."""
    return until_ns - since_ns - asleep_ns(suspends, since_ns, until_ns)


def after_ns(suspends: Mapping[int, int], since_ns: int, lasting_ns: int) -> int:
    """Return the moment at which the machine has been awake for so long."""
    at_ns = since_ns + lasting_ns
    for slept_ns, woke_ns in _merged(suspends):
        if woke_ns > since_ns and slept_ns < at_ns:
            at_ns += woke_ns - max(slept_ns, since_ns)
    return at_ns


def _merged(suspends: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield when the machine fell asleep and woke, in order, what two told of once."""
    begun_ns = ended_ns = 0
    for slept_ns, woke_ns in sorted((woke - slept, woke) for woke, slept in suspends.items()):
        if slept_ns > ended_ns:
            if ended_ns:
                yield begun_ns, ended_ns
            begun_ns = slept_ns
        ended_ns = max(ended_ns, woke_ns)
    if ended_ns:
        yield begun_ns, ended_ns
