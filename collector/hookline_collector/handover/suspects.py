"""Telling a store that is away from a segment that it will not take.

Both look alike: the insert is refused. So after three refusals in a row another segment is tried once in between. If the store
takes that one and refuses the first again, the first is a suspect and is held back, so that it does not hold up what follows.
While the store takes nothing at all nobody is a suspect, and segments keep their order.
"""

from dataclasses import dataclass, replace

PATIENCE = 3


@dataclass(frozen=True, slots=True)
class _Refusals:
    count: int
    successes_before: int
    is_suspect: bool
    is_compared: bool = False


class Suspects:
    """Refusals by segment id. All calls come from the event loop."""

    def __init__(self) -> None:
        self._successes = 0
        self._refusals: dict[str, _Refusals] = {}

    def refused(self, segment_id: str) -> None:
        """Note that the store refused a segment."""
        before = self._refusals.get(segment_id)
        count = before.count + 1 if before else 1
        others_went_in = before is not None and self._successes > before.successes_before
        self._refusals[segment_id] = _Refusals(count, self._successes, count > PATIENCE and others_went_in)

    def succeeded(self, segment_id: str) -> None:
        """Note that the store answered for a segment."""
        self._successes += 1
        self._refusals.pop(segment_id, None)

    def is_suspect(self, segment_id: str) -> bool:
        """Whether the store refuses this segment while it takes others."""
        found = self._refusals.get(segment_id)
        return found is not None and found.is_suspect

    def begin_comparison(self, segment_id: str) -> bool:
        """Whether another segment should be tried now, to see whom the refusals are about; true once after each refusal."""
        found = self._refusals.get(segment_id)
        if found is None or found.count < PATIENCE or found.is_compared:
            return False
        self._refusals[segment_id] = replace(found, is_compared=True)
        return True
