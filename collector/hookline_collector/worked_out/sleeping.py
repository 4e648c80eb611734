"""The time in which a machine slept under a session. Pure."""

from collections import defaultdict
from collections.abc import Iterable

END_OF_TIME = 9_223_372_036_854_775_807
Spell = tuple[int, int]


def sleeps_of(suspends: Iterable[tuple[str, int, int, int]]) -> dict[str, list[Spell]]:
    """Return each session's sleeps as they were told, each once."""
    found: defaultdict[str, set[Spell]] = defaultdict(set)
    for session_id, slept, woke, _ in suspends:
        found[session_id].add((slept, woke))
    return {session_id: sorted(spells) for session_id, spells in found.items()}


def slept_ns(sleeps: Iterable[Spell], from_ns: int, to_ns: int) -> int:
    """Return how much of a stretch the machine slept."""
    return sum(max(0, min(to_ns, woke) - max(from_ns, slept)) for slept, woke in sleeps)


def awake_of(sleeps: Iterable[Spell]) -> list[Spell]:
    """Return the stretches between sleeps."""
    found, awake_from, latest = [], 0, 0
    for slept, woke in sleeps:
        begun = max(slept, latest)
        latest = max(latest, woke)
        if woke > begun:
            found.append((awake_from, begun))
            awake_from = woke
    return [*found, (awake_from, END_OF_TIME)]
