"""What a report is asked for."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from hookline.errors import Rejected
from hookline_collector.work.period import Period, period_of, zone_named

By = Literal["project", "branch", "user", "day", "session"]
GROUPINGS: tuple[str, ...] = get_args(By)
MAX_IDLE_S = 86_400


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """`period` as `period_of` reads it, `tz` an IANA name. `user` and `project` narrow the report; empty takes all."""

    period: str = "today"
    by: str = "project"
    idle_s: int = 300
    tz: str = "UTC"
    user: str = ""
    project: str = ""

    def resolve(self, now_ns: int) -> Period:
        """Return the period asked for. Raises Rejected, with what to give instead, on anything that cannot be."""
        if self.by not in GROUPINGS:
            raise Rejected(f"A report is grouped by one of {', '.join(GROUPINGS)}, not {self.by!r}.")
        if not 0 <= self.idle_s <= MAX_IDLE_S:
            raise Rejected(f"The idle gap must lie between 0 and {MAX_IDLE_S} seconds, not {self.idle_s}.")
        return period_of(self.period, zone_named(self.tz), now_ns)

    def parameters(self, period: Period) -> dict[str, Any]:
        """Return what the report queries bind."""
        is_cut = self.by == "day"
        return {
            "by": self.by,
            "cuts": period.edges_ns if is_cut else [period.start_ns, period.end_ns],
            "since": period.since,
            "until": period.until,
            "days": [day.name for day in period.days],
            "edges": period.edges_ns,
            "user": self.user,
            "project": self.project,
        }
