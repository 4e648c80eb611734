"""Telling a store that is away from a segment that it will not take.

Both look alike: the insert is refused. So after a refusal another segment, one that was never refused, is tried once in between; it waits for
no pause while no other segment was refused. If the store takes that one and refuses the first again, the first is a suspect and is
held back, so that it does not hold up what follows; it stays a suspect until the store takes it. Another part of the same segment serves
as well. A suspect that was refused `MOST_TRIES` times,
each time after the store had taken something else, is hopeless: it is set aside. While the store takes nothing at all nobody is a suspect,
and segments keep their order.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

PATIENCE = 1
MOST_TRIES = 20
"""With pauses that double up to half a minute: about seven minutes."""
FEW = 8
"""So many segments may be bad one after the other before the store is taken to be away for long."""


@dataclass(frozen=True, slots=True)
class _Refusals:
    count: int
    successes_before: int
    suspicions: int = 0
    is_compared: bool = False


class Suspects:
    """Refusals by segment id. All calls come from the event loop."""

    def __init__(self) -> None:
        self._successes = 0
        self._refusals: dict[str, _Refusals] = {}
        self._in_a_row: set[str] = set()

    def refused(self, segment_id: str) -> None:
        """Note that the store refused a segment."""
        before = self._refusals.get(segment_id)
        count = before.count + 1 if before else 1
        suspicions = before.suspicions if before else 0
        others_went_in = before is not None and self._successes > before.successes_before
        self._refusals[segment_id] = _Refusals(count, self._successes, suspicions + (count > PATIENCE and others_went_in))
        self._in_a_row.add(segment_id)

    def succeeded(self) -> None:
        """Note that the store answered for something, which may be another part of a segment that it refuses."""
        self._successes += 1
        self._in_a_row.clear()

    def forget(self, segment_id: str) -> None:
        """A segment is stored or set aside."""
        self._refusals.pop(segment_id, None)
        self._in_a_row.discard(segment_id)

    def is_known(self, segment_id: str) -> bool:
        """Whether a segment was refused and not taken since."""
        return segment_id in self._refusals

    @property
    def known(self) -> Collection[str]:
        """The segments that were refused and not taken since."""
        return self._refusals.keys()

    @property
    def in_a_row(self) -> int:
        """How many segments were refused since the store last took one."""
        return len(self._in_a_row)

    def is_suspect(self, segment_id: str) -> bool:
        """Whether the store refuses this segment while it takes others."""
        return self.suspicions(segment_id) > 0

    def suspicions(self, segment_id: str) -> int:
        """How often the store refused this segment after it had taken others in between."""
        found = self._refusals.get(segment_id)
        return found.suspicions if found else 0

    def is_hopeless(self, segment_id: str) -> bool:
        """Whether a suspect was tried often enough."""
        return self.suspicions(segment_id) >= MOST_TRIES

    def may_pass(self, segment_id: str) -> bool:
        """Whether a segment may be tried while the breaker is open: it was never refused, and at most one other was."""
        return segment_id not in self._refusals and self.in_a_row <= 1

    def begin_comparison(self, segment_id: str) -> bool:
        """Whether another segment should be tried now, to see whom the refusals are about; true once after each refusal."""
        found = self._refusals.get(segment_id)
        if found is None or found.count < PATIENCE or found.is_compared:
            return False
        self._refusals[segment_id] = replace(found, is_compared=True)
        return True
