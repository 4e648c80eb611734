"""The first thing a person reads: today's prompts, tools, waits, and agents' time by project."""

from dataclasses import dataclass, replace

from hookline_collector.work.period import Period
from hookline_collector.work.report import Tool, WorkTotals, totals_in_time, with_time
from hookline_collector.work.request import ReportRequest
from hookline_collector.work.statements import Query


@dataclass(frozen=True, slots=True)
class TodaySummary:
    """The figures of the day so far."""

    period: Period
    totals: WorkTotals
    projects: tuple[WorkTotals, ...]
    tools: tuple[Tool, ...]


def today_summary(query: Query, now_ns: int, timezone: str = "UTC", agent: str = "") -> TodaySummary:
    """Answer for the local day that holds `now_ns`, of one agent or of all. Raises Rejected for an unknown time zone."""
    request = ReportRequest(timezone=timezone, agent=agent, without_blocks=True)
    period = request.resolve(now_ns)
    found, time = totals_in_time(query, request, period, request.parameters(period, now_ns))
    totals = replace(found.totals, worked_s=time.measured_total, corrected_s=time.corrected_total)
    return TodaySummary(period, totals, with_time(found.rows, time, request.by), found.tools)
