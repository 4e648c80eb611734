"""The weekly limit of each account, as the client's status line reports it: how full, how far gone, how fast. Pure except for the query.

Pace is the share used over the share of time that has gone: 1 uses the limit up just when it resets. At the pace so far the window would be
`projected_percent` full at its reset; past 100 it hits the wall before. Nobody but the client knows how much a week holds, so without its word there
is no window.
"""

from dataclasses import dataclass
from typing import Any

from hookline.system.clock import NS_PER_S
from hookline_collector.work.statements import Query, statement

WEEK_NS = 7 * 86_400 * NS_PER_S


@dataclass(frozen=True, slots=True)
class Week:
    """One weekly window: [end_ns - 7 days, end_ns), and how full it was when it was last looked at."""

    account: str
    end_ns: int
    used_percent: float
    now_ns: int

    @property
    def start_ns(self) -> int:
        """When it began."""
        return self.end_ns - WEEK_NS

    @property
    def is_active(self) -> bool:
        """Whether it still runs."""
        return self.start_ns <= self.now_ns < self.end_ns

    @property
    def elapsed_percent(self) -> float:
        """How much of its time has gone."""
        return 100.0 * min(max(self.now_ns - self.start_ns, 0), WEEK_NS) / WEEK_NS

    @property
    def pace(self) -> float | None:
        """The share used over the share of time gone; None before any has."""
        return self.used_percent / self.elapsed_percent if self.elapsed_percent > 0 else None

    @property
    def projected_percent(self) -> float | None:
        """How full it is at its reset if it goes on like this."""
        return None if self.pace is None else 100.0 * self.pace

    @property
    def wall_ns(self) -> int:
        """When it is used up at this pace; 0 when not before it resets, or when it is over."""
        if not self.is_active or self.pace is None or self.pace <= 1:
            return 0
        return max(self.start_ns + round((self.now_ns - self.start_ns) * 100 / self.used_percent), self.now_ns if self.used_percent < 100 else 0)


def weeks(query: Query, parameters: dict[str, Any], now_ns: int) -> tuple[Week, ...]:
    """Return the weekly windows of a period, by account and in order."""
    rows = query(statement("limits"), {**parameters, "kind": "seven_day"})
    return tuple(Week(account, int(resets_at_s) * NS_PER_S, used_percent, now_ns) for account, resets_at_s, used_percent, _ in rows)
