"""What a person's half hours were added up of, remembered: those in which something goes on are added up again and again.

Only for a process that writes alone. What is taken is forgotten until it is kept again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hookline_collector.worked_out.clock_rules import Stretch

MOST_STRETCHES = 20_000


class RememberedStretches:
    """Stretches by person and by the half hours in which they count. What was kept longest ago is forgotten first."""

    def __init__(self, most: int = MOST_STRETCHES) -> None:
        self._most = most
        self._count = 0
        self._kept: dict[tuple[str, int], Sequence[Stretch]] = {}

    def take(self, user: str, slots: Collection[int]) -> Mapping[int, Sequence[Stretch]] | None:
        """Return what a person did in each of these half hours and forget it; None where one is not known."""
        found = {at_ns: stretches for at_ns in slots if (stretches := self._forget(user, at_ns)) is not None}
        return found if len(found) == len(slots) else None

    def keep(self, user: str, of_slots: Mapping[int, Sequence[Stretch]]) -> None:
        """Remember that this is all that a person did in these half hours."""
        for at_ns, stretches in of_slots.items():
            self._forget(user, at_ns)
            self._kept[user, at_ns] = stretches
            self._count += len(stretches)
        while self._count > self._most:
            self._forget(*next(iter(self._kept)))

    def _forget(self, user: str, at_ns: int) -> Sequence[Stretch] | None:
        found = self._kept.pop((user, at_ns), None)
        self._count -= len(found or ())
        return found
