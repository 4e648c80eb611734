"""What stands still for a test of questions: nothing waits to be stored, or working out never gets done."""

from __future__ import annotations

from hookline_collector.delivery.freshness import FRESH, FreshnessNote
from hookline_collector.worked_out.worked_store import WorkedStore


class AllStored:
    """Where nothing waits to be stored."""

    async def catch_up(self) -> FreshnessNote:
        """Wait for nothing."""
        return FRESH

    def mark(self) -> int:
        """Nothing is acknowledged meanwhile."""
        return 0


class NeverDone(WorkedStore):
    """One that has always more to do."""

    def catch_up(self, now_ns: int, most: int = 0) -> bool:
        """Do nothing."""
        return False
