"""What a report is asked for."""

from dataclasses import dataclass
from typing import Any

from hookline.contract.groupings import GROUPINGS, MAX_BLOCKS, ROUNDINGS
from hookline.errors import Rejected
from hookline_collector.work.blocks import BlockNames
from hookline_collector.work.period import Period, period_of, zone_named

MAX_IDLE_S = 86_400
MAX_ROUND_S = 86_400
MAX_HOURS = 24 * 93


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """`period` as `period_of` reads it, `timezone` an IANA name. `user`, `project` and `agent` narrow the report; empty takes all.

    `round_s` rounds the length of each block for an invoice, up or to the nearest; 0 leaves it. `as_measured` leaves corrections by hand out of
    sheets and calendars. `without_blocks` is for who wants sums alone. At most `most_blocks` are told, the first; `names` says what they name.
    """

    period: str = "today"
    by: str = "project"
    idle_s: int = 300
    timezone: str = "UTC"
    user: str = ""
    project: str = ""
    round_s: int = 0
    rounding: str = "up"
    as_measured: bool = False
    agent: str = ""
    without_blocks: bool = False
    names: BlockNames = BlockNames.ALL
    most_blocks: int = MAX_BLOCKS

    def resolve(self, now_ns: int) -> Period:
        """Return the period asked for. Raises Rejected, with what to give instead, on anything that cannot be."""
        if self.by not in GROUPINGS:
            raise Rejected(f"unknown grouping {self.by!r}; use {', '.join(GROUPINGS)}.")
        if not 0 <= self.idle_s <= MAX_IDLE_S:
            raise Rejected(f"The idle gap must be between 0 and {MAX_IDLE_S} seconds, not {self.idle_s}.")
        if not 0 <= self.round_s <= MAX_ROUND_S:
            raise Rejected(f"The rounding step must be between 0 and {MAX_ROUND_S} seconds, not {self.round_s}.")
        if self.rounding not in ROUNDINGS:
            raise Rejected(f"unknown rounding {self.rounding!r}; use {' or '.join(ROUNDINGS)}.")
        period = period_of(self.period, zone_named(self.timezone), now_ns)
        if self.by == "hour" and period.end_ns - period.start_ns > MAX_HOURS * 3_600_000_000_000:
            raise Rejected("A report by hour covers at most 93 days.")
        return period

    def parameters(self, period: Period, now_ns: int) -> dict[str, Any]:
        """Return what the report queries bind. What goes on counts to `now_ns`."""
        slots = period.hours if self.by == "hour" else period.days
        edges = [slot.start_ns for slot in slots] + [period.end_ns]
        return {
            "by": self.by,
            "cuts": edges if self.by in ("day", "hour") else [period.start_ns, period.end_ns],
            "since": period.since,
            "until": period.until,
            "days": [slot.name for slot in slots],
            "edges": edges,
            "user": self.user,
            "project": self.project,
            "agent": self.agent,
            "idle_s": self.idle_s,
            "now": now_ns,
            "names": BlockNames.NONE if self.without_blocks else self.names,
        }

    def rounded_s(self, duration_s: float) -> float:
        """Return the length of a block as an invoice has it."""
        if not self.round_s:
            return duration_s
        whole, rest = divmod(duration_s, self.round_s)
        is_up = rest > 0 if self.rounding == "up" else rest * 2 >= self.round_s
        return (whole + is_up) * self.round_s
