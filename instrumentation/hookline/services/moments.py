"""What held up the whole process for a moment: pauses for garbage collection, a blocked event loop. The last few hundred are remembered.

Nothing of this costs a request anything: who is kept is compared with the moments afterwards.
"""

from __future__ import annotations

from collections import deque
from typing import Final

MAX_MOMENTS: Final = 512


class Moments:
    """Stretches of time on the clock of `time.perf_counter_ns`."""

    def __init__(self) -> None:
        self._stretches: deque[tuple[int, int]] = deque(maxlen=MAX_MOMENTS)

    def add(self, started_ns: int, ended_ns: int) -> None:
        """Remember one."""
        self._stretches.append((started_ns, ended_ns))

    def within(self, started_ns: int, ended_ns: int) -> tuple[int, int]:
        """Return the sum and the longest of what lay within a time."""
        cut = [min(end, ended_ns) - max(start, started_ns) for start, end in list(self._stretches) if end > started_ns and start < ended_ns]
        return sum(cut), max(cut, default=0)
