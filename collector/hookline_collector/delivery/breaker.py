"""When the store may be tried: a circuit breaker as a value.

    closed ──failure──▶ open ──pause over──▶ half open ──success──▶ closed
                         ▲────────────failure────┘

Half open, one insert is tried and the others wait for what becomes of it (`shared_breaker`).
"""

from dataclasses import dataclass
from typing import Literal

BreakerState = Literal["closed", "open", "half_open"]
FIRST_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Breaker:
    """Failures in a row and until when nothing is tried."""

    failures: int = 0
    open_until: float = 0.0

    def state(self, now: float) -> BreakerState:
        """Return the state at a moment."""
        if not self.failures:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def failed(self, now: float, pause_s: float) -> "Breaker":
        """Open for a pause."""
        return Breaker(self.failures + 1, max(self.open_until, now + pause_s))
