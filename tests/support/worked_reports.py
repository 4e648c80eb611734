"""What is asked of the store by reports and pages, all of it, so that answers from facts and from what was worked out can be compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from hookline.errors import Rejected
from hookline.system.clock import NS_PER_DAY, NS_PER_S
from hookline_collector.api.sessions import ANY_SESSION
from hookline_collector.store import Rows
from hookline_collector.store.queries import load_query
from hookline_collector.work import ReportRequest, report, usage_windows, weekly_windows
from hookline_collector.work.period import moment
from hookline_collector.work.statements import statement
from hookline_collector.work.timesheet import timesheet

Query = Callable[[str, Mapping[str, Any]], Rows]
API = "hookline_collector.api"
ZONE = "Europe/Berlin"
PERIODS = ("2026-09-21..2026-09-25", "2026-09-22", "2026-09-21T18:10..2026-09-22T09:33")


def requests() -> list[ReportRequest]:
    """Return questions that differ in everything a question can differ in."""
    groupings = ("project", "branch", "user", "agent", "day", "session", "hour", "tool", "kind", "model")
    whole = [ReportRequest(PERIODS[0], by, timezone=ZONE) for by in groupings]
    whole += [ReportRequest(PERIODS[0], by, timezone=ZONE, without_blocks=True) for by in ("project", "day")]
    narrow = [ReportRequest(PERIODS[1], by, timezone=ZONE, user="ana") for by in ("project", "hour")]
    of_agent = [*(ReportRequest(PERIODS[0], by, timezone=ZONE, agent="codex") for by in ("project", "day")), *requests_by_agent()]
    placed = [ReportRequest(PERIODS[0], by, timezone="UTC", project="shop") for by in ("branch", "session", "day", "user")]
    idle = [ReportRequest(PERIODS[0], "project", idle_s=60, timezone=ZONE), ReportRequest(PERIODS[2], "branch", timezone="Asia/Kathmandu")]
    return [*whole, *narrow, *of_agent, *placed, *idle]


def requests_by_agent() -> list[ReportRequest]:
    """Return questions by agent or of one, together with everything that can narrow them."""
    of_one = [ReportRequest(PERIODS[0], by, timezone=ZONE, agent="codex") for by in ("branch", "session", "agent", "hour")]
    placed = [ReportRequest(PERIODS[0], by, timezone=ZONE, project="shop", agent="codex") for by in ("branch", "session", "project")]
    return [*of_one, *placed, ReportRequest(PERIODS[0], "agent", timezone="UTC", project="shop"), ReportRequest(PERIODS[1], "agent", user="ana")]


def answers(query: Query, now_ns: int, asked: Sequence[ReportRequest], sessions: int = 5) -> dict[str, Any]:
    """Return the answers to some reports and to all else, by what was asked; amounts to the microsecond."""
    found: dict[str, Any] = {str(request): _told(query, request, now_ns) for request in asked}
    found["time sheet"] = rounded(asdict(timesheet(query, ReportRequest(PERIODS[0], timezone=ZONE), now_ns)))
    found["windows"] = [rounded(asdict(each)) for each in usage_windows(query, now_ns, 5)]
    found["weeks"] = [str(each) for each in weekly_windows(query, now_ns, 9)]
    listed = ANY_SESSION | {"limit": 1000}
    found["sessions"] = sorted(map(rounded, query(load_query(API, "sessions"), listed).as_dicts()), key=lambda row: str(row["session_id"]))
    for row in found["sessions"][:sessions]:
        of_session = {"session_id": row["session_id"], "limit": 5000, "since": "2020-01-01", "until": "2040-12-31"}
        for name in ("turns", "calls", "session_requests", "session_files"):
            rows = query(load_query(API, name), of_session).as_dicts()
            found[f"{name} of {row['session_id']}"] = sorted(str(rounded(each)) for each in rows)
    found["bands"] = sorted(map(str, map(rounded, query(statement("bands"), drawn(now_ns)).as_dicts())))
    in_columns = query(statement("band_columns"), drawn(now_ns) | {"column": 900 * NS_PER_S})
    found["columns of bands"] = [rounded(row) for row in in_columns]
    found["conversation"] = sorted(map(tuple, query(load_query(API, "conversation"), {}).rows))
    return found


def _told(query: Query, request: ReportRequest, now_ns: int) -> Any:
    """Return a report, or that it knows no such name: worlds differ in who works."""
    try:
        return rounded(asdict(report(query, request, now_ns)))
    except Rejected as why:
        return str(why)


def rounded(value: Any) -> Any:
    """Return a value with its amounts rounded, and without the order of what has none."""
    if isinstance(value, float):
        return round(value, 6) + 0.0
    if isinstance(value, dict):
        return {name: rounded(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return value


def drawn(now_ns: int) -> dict[str, Any]:
    """Return what the statement of the bands binds for the ten days up to now."""
    start_ns = now_ns - 10 * NS_PER_DAY
    days = {name: moment(at_ns).date().isoformat() for name, at_ns in (("since", start_ns), ("until", now_ns))}
    return {
        "start": start_ns,
        "end": now_ns,
        **days,
        "latest": now_ns,
        "latest_day": days["until"],
        "now": now_ns,
        "user": "",
        "project": "",
        "agent": "",
        "session_id": "",
        "limit": 20_000,
    }
