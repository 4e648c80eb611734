"""Things done every so often, by the monotonic clock."""

from dataclasses import dataclass


@dataclass(slots=True)
class Periodic:
    """Something due `every_s`; the first time at once."""

    every_s: float
    next_s: float = 0.0

    def take(self, now_s: float) -> bool:
        """Whether it is due; if so, it is taken as done and due again after `every_s`."""
        if now_s < self.next_s:
            return False
        self.next_s = now_s + self.every_s
        return True

    def in_s(self, now_s: float) -> float:
        """Return how long until it is due."""
        return max(0.0, self.next_s - now_s)

    def hurry(self, now_s: float, within_s: float) -> None:
        """Make it due no later than that."""
        self.next_s = min(self.next_s, now_s + within_s)
