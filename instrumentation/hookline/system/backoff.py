"""How long to pause before the next attempt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double from `first_s` up to `longest_s`. What the other side asks for is kept, up to `longest_asked_s` (`longest_s` if None)."""

    first_s: float
    longest_s: float
    longest_asked_s: float | None = None

    def pause(self, failures: int, asked_s: float | None = None, chance: float = 1.0) -> float:
        """Return the pause in seconds after so many failures in a row (1 is the first).

        `chance` (0-1) spreads it over its upper half, so that many that lost the same endpoint do not come back in step.
        """
        doubled = min(self.longest_s, self.first_s * 2.0 ** min(max(failures, 1) - 1, 30))
        longest_asked_s = self.longest_s if self.longest_asked_s is None else self.longest_asked_s
        return max(doubled * (0.5 + chance / 2), min(asked_s or 0.0, longest_asked_s))
