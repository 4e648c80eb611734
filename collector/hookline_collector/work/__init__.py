"""Work time: what is derived of raw telemetry, read as reports.

`today_summary(query, now_ns, timezone)` answers for today, `report(query, ReportRequest(...), now_ns)` for any period; `query` is `Store.query`. The
`render(report, format)` writes one; `usage_windows(query, now_ns)` answers for five-hour windows; `publish(load_prices(path), query, command)`
makes a price file count. The tables behind it are derived by `store/sql/migrations/001*.sql`; `docs/work-time.md` states the rules.
"""

from hookline.contract.groupings import GROUPINGS, MAX_BLOCKS, ROUNDINGS
from hookline_collector.work.accounts import AccountWindow, usage_windows, weekly_windows
from hookline_collector.work.blocks import MOST_PROMPTS, Block, BlockNames, BlockRow
from hookline_collector.work.conversation import conversations, root_of
from hookline_collector.work.prices import load_prices, prices_path, publish
from hookline_collector.work.rendering import FORMATS, render
from hookline_collector.work.report import Tool, ToolsOfKind, WorkReport, WorkTotals, block_row, report
from hookline_collector.work.request import ReportRequest
from hookline_collector.work.today import TodaySummary, today_summary
from hookline_collector.work.weeks import Week

__all__ = [
    "FORMATS",
    "GROUPINGS",
    "MAX_BLOCKS",
    "MOST_PROMPTS",
    "ROUNDINGS",
    "AccountWindow",
    "Block",
    "BlockNames",
    "BlockRow",
    "ReportRequest",
    "TodaySummary",
    "Tool",
    "ToolsOfKind",
    "Week",
    "WorkReport",
    "WorkTotals",
    "block_row",
    "conversations",
    "load_prices",
    "prices_path",
    "publish",
    "render",
    "report",
    "root_of",
    "today_summary",
    "usage_windows",
    "weekly_windows",
]
