"""Work time: what is derived of raw telemetry, read as reports.

`today_summary(query, now_ns, tz)` answers for today, `report(query, ReportRequest(...), now_ns)` for any period; `query` is `Store.query`. The
tables behind it are derived by `store/sql/migrations/001*.sql`; `docs/work-time.md` states the rules.
"""

from hookline_collector.work.report import Block, Figures, Report, Tool, report
from hookline_collector.work.request import GROUPINGS, ReportRequest
from hookline_collector.work.today import TodaySummary, today_summary

__all__ = ["GROUPINGS", "Block", "Figures", "Report", "ReportRequest", "TodaySummary", "Tool", "report", "today_summary"]
