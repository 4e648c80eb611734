"""`/api/v1/reports/calendar`: work time of a period as a calendar draws it, and its time sheet."""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.corrections import CorrectionRow, row_of
from hookline_collector.api.http.endpoint import ApiEndpoint, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.periods import TIMEZONE
from hookline_collector.api.questions import Questions
from hookline_collector.api.reports import AGENT, PERIOD, PROJECT, ROUND, ROUNDING, USER, ReportPeriod
from hookline_collector.work import ReportRequest
from hookline_collector.work.timesheet import CalendarBlock, SheetRow, SheetTotals, timesheet


@dataclass(frozen=True, slots=True)
class Calendar:
    """What `/api/v1/reports/calendar` answers."""

    period: ReportPeriod
    idle_s: int
    round_s: int
    rounding: str
    totals: SheetTotals
    rows: tuple[SheetRow, ...]
    blocks: tuple[CalendarBlock, ...]
    corrected_blocks: tuple[CalendarBlock, ...]
    corrections: tuple[CorrectionRow, ...]
    has_more_blocks: bool
    is_fresh: bool


class CalendarApi:
    """Calendars of work. `idle_s` and `timezone` count where a question names none."""

    def __init__(self, questions: Questions, idle_s: int, timezone: str) -> None:
        self._questions = questions
        self._idle = Whole("idle_s", "A gap longer than this ends a block; `work.idle_s` when not given.", idle_s, least=0)
        self._timezone = timezone
        parameters = (PERIOD, self._idle, TIMEZONE, USER, PROJECT, AGENT, ROUND, ROUNDING)
        summary = "Work time of a period as a calendar draws it, and its time sheet."
        self.routes = (ApiEndpoint("GET", "/api/v1/reports/calendar", self.calendar, summary, Calendar, parameters=parameters),)

    async def calendar(self, request: Request) -> Response:
        """Answer with the blocks of a period and what they come to."""
        asked = ReportRequest(
            period=PERIOD.of(request),
            idle_s=self._idle.of(request),
            timezone=TIMEZONE.of(request) or self._timezone,
            user=USER.of(request),
            project=PROJECT.of(request),
            agent=AGENT.of(request),
            round_s=ROUND.of(request),
            rounding=ROUNDING.of(request),
        )
        reading = await self._questions.begin(request)
        found = await reading.work_out(timesheet, asked, time.time_ns())
        return answer(
            Calendar(
                period=ReportPeriod(found.period.start_ns, found.period.end_ns, asked.timezone),
                idle_s=asked.idle_s,
                round_s=asked.round_s,
                rounding=asked.rounding,
                totals=found.totals,
                rows=found.rows,
                blocks=found.blocks,
                corrected_blocks=found.corrected_blocks,
                corrections=tuple(map(row_of, found.corrections)),
                has_more_blocks=found.has_more_blocks,
                is_fresh=reading.is_fresh,
            )
        )
