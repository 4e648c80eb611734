"""`/api/v1/reports/work`: work time of any period; the model and its formats are `hookline_collector.work`'s."""

from __future__ import annotations

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from hookline.errors import Rejected
from hookline.system.timezone import zone_of
from hookline_collector.api.context import Context
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Parameter
from hookline_collector.api.http.json_answers import answer
from hookline_collector.work import FORMATS, GROUPINGS, ROUNDINGS, ReportRequest, as_dict, render, report

MEDIA = {"json": JSON, "csv": "text/csv", "sheet": "text/csv", "ics": "text/calendar", "table": "text/plain", "timewarrior": "text/plain"}
WHOLE: dict[str, Any] = {"type": "integer", "minimum": 0}


def endpoints(context: Context) -> tuple[ApiEndpoint, ...]:
    """Return the routes of this module."""

    async def work(request: Request) -> Response:
        asked = _request(request, context)
        form = request.query_params.get("format", "json")
        if form not in FORMATS:
            raise Rejected(f"{form!r} is no format of a report: give one of {', '.join(FORMATS)}")
        found = await context.work_out(report, asked, time.time_ns())
        if form == "json":
            return answer(as_dict(found))
        return Response(render(found, form), media_type=MEDIA[form])

    return (ApiEndpoint("GET", "/api/v1/reports/work", work, "Work time of a period.", None, tuple(dict.fromkeys(MEDIA.values())), _WORK_PARAMETERS),)


_WORK_PARAMETERS = (
    Parameter("period", "today, yesterday, week, last-week, month, last-month, 7d, a date, or FROM..TO with dates or moments; today when not given."),
    Parameter("by", "What the rows are; project when not given.", schema={"enum": list(GROUPINGS)}),
    Parameter("idle_s", "A gap longer than this ends a block; work.idle_s when not given.", schema=WHOLE),
    Parameter("tz", "IANA zone in which days are cut; work.timezone or the machine's when not given."),
    Parameter("user", "One person only."),
    Parameter("project", "One project only."),
    Parameter("round_s", "Round the length of each block to so many seconds, as an invoice has it.", schema=WHOLE),
    Parameter("rounding", "Which way; up when not given.", schema={"enum": list(ROUNDINGS)}),
    Parameter("format", "json when not given.", schema={"enum": list(FORMATS)}),
)


def _request(request: Request, context: Context) -> ReportRequest:
    given = request.query_params
    return ReportRequest(
        period=given.get("period", "today"),
        by=given.get("by", "project"),
        idle_s=_whole(request, "idle_s", context.settings.work.idle_s),
        tz=given.get("tz") or zone_of(context.settings.work.timezone),
        user=given.get("user", ""),
        project=given.get("project", ""),
        round_s=_whole(request, "round_s", 0),
        rounding=given.get("rounding", "up"),
    )


def _whole(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdecimal() or len(text) > 9:
        raise Rejected(f"{name} must be a whole number, not {text!r}")
    return int(text)
