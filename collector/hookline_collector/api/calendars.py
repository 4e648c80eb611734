"""`/api/v1/reports/calendar`: work time of a period as a calendar draws it, and its time sheet.

An answer is kept as one about bands is: an open page asks every half minute.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.bands import GROWING_S, OVER_S
from hookline_collector.api.corrections import CorrectionRow, row_of
from hookline_collector.api.http.endpoint import ApiEndpoint, Whole
from hookline_collector.api.kept_answers import KeptAnswers, MadeAnswer, made
from hookline_collector.api.periods import TIMEZONE
from hookline_collector.api.questions import Questions
from hookline_collector.api.reports import AGENT, PERIOD, PROJECT, ROUND, ROUNDING, USER, ReportPeriod, asked_work
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

    def __init__(self, questions: Questions, kept: KeptAnswers, idle_s: int, timezone: str) -> None:
        self._questions = questions
        self._kept = kept
        self._idle = Whole("idle_s", "A gap longer than this ends a block; `work.idle_s` when not given.", idle_s, least=0)
        self._timezone = timezone
        parameters = (PERIOD, self._idle, TIMEZONE, USER, PROJECT, AGENT, ROUND, ROUNDING)
        summary = "Work time of a period as a calendar draws it, and its time sheet."
        self.routes = (ApiEndpoint("GET", "/api/v1/reports/calendar", self.calendar, summary, Calendar, parameters=parameters),)

    async def calendar(self, request: Request) -> Response:
        """Answer with the blocks of a period and what they come to."""
        asked = asked_work(request, self._idle, self._timezone)
        now_ns = time.time_ns()
        period = asked.resolve(now_ns)
        question = "calendar", asked, period.start_ns, period.end_ns
        return await self._kept.answer(request, question, lambda: self._work_out(request, asked, now_ns))

    async def _work_out(self, request: Request, asked: ReportRequest, now_ns: int) -> MadeAnswer:
        reading = await self._questions.begin(request)
        found = await reading.work_out(timesheet, asked, now_ns)
        whole = Calendar(
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
        grows = any(block.ended_ns >= now_ns for block in found.blocks)
        return made(whole, GROWING_S if grows else OVER_S, is_fresh=reading.is_fresh)
