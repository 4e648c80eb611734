"""`/api/v1/reports/work`: work time of any period; the model and its other formats are `hookline_collector.work`'s."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.corrections import CorrectionRow, row_of
from hookline_collector.api.http.endpoint import JSON, ApiEndpoint, Choice, Switch, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.periods import TIMEZONE
from hookline_collector.api.questions import Questions
from hookline_collector.work import (
    FORMATS,
    GROUPINGS,
    MAX_BLOCKS,
    MOST_PROMPTS,
    ROUNDINGS,
    BlockNames,
    BlockRow,
    ReportRequest,
    Tool,
    ToolsOfKind,
    WorkReport,
    WorkTotals,
    block_row,
    render,
    report,
)
from hookline_collector.work.rendering import NAMING_ALL, OF_ROWS
from hookline_collector.work.report import ESTIMATES

MEDIA = {"json": JSON, "csv": "text/csv", "sheet": "text/csv", "ics": "text/calendar", "table": "text/plain", "timewarrior": "text/plain"}
PERIOD = Text("period", "today, yesterday, week, last-week, month, last-month, 7d, a date, or FROM..TO with dates or moments.", "today")
BY = Choice("by", "What a row stands for.", GROUPINGS, "project")
USER = Text("user", "One person only.")
PROJECT = Text("project", "One project only.")
AGENT = Text("agent", "One agent only.")
ROUND = Whole("round_s", "Round the length of each block to so many seconds, as an invoice has it; 0 leaves it.", 0, least=0)
ROUNDING = Choice("rounding", "Which way.", ROUNDINGS, "up")
MEASURED = Switch("as_measured", "true: sheet, ics and timewarrior without corrections by hand.")
WITHOUT_BLOCKS = Switch("without_blocks", "true: sums and rows alone, which a team's months answer in half the time.")
MOST_BLOCKS = Whole(
    "most_blocks", "As JSON: so many blocks at most, the first of the period. `has_more_blocks` says whether there are more.", 1_000, most=MAX_BLOCKS
)
ALL_PROMPTS = Switch("all_prompts", f"true: as JSON, too, blocks name their prompts where they have more than {MOST_PROMPTS:,} together.")
FORMAT = Choice("format", "json, or a text for other programs.", ("json", *FORMATS), "json")


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """The period of a report: its bounds, and the zone in which its days are cut."""

    start_ns: int
    end_ns: int
    timezone: str


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """What `/api/v1/reports/work` answers."""

    period: ReportPeriod
    by: str
    idle_s: int
    round_s: int
    rounding: str
    totals: WorkTotals
    ends_by_evidence: Mapping[str, Mapping[str, int]]
    estimates: Mapping[str, str]
    rows: tuple[WorkTotals, ...]
    tools: tuple[Tool, ...]
    tool_kinds: tuple[ToolsOfKind, ...]
    blocks: tuple[BlockRow, ...]
    has_more_blocks: bool
    corrected_blocks: tuple[BlockRow, ...]
    corrections: tuple[CorrectionRow, ...]
    is_fresh: bool


class ReportsApi:
    """Reports of work. `idle_s` and `timezone` count where a question names none."""

    def __init__(self, questions: Questions, idle_s: int, timezone: str) -> None:
        self._questions = questions
        self._idle = Whole("idle_s", "A gap longer than this ends a block; `work.idle_s` when not given.", idle_s, least=0)
        self._timezone = timezone
        of_blocks = (ROUND, ROUNDING, MEASURED, WITHOUT_BLOCKS, MOST_BLOCKS, ALL_PROMPTS)
        parameters = (PERIOD, BY, self._idle, TIMEZONE, USER, PROJECT, AGENT, *of_blocks, FORMAT)
        content = tuple(dict.fromkeys(MEDIA.values()))
        self.routes = (ApiEndpoint("GET", "/api/v1/reports/work", self.work, "Work time of a period.", ReportAnswer, content, parameters),)

    async def work(self, request: Request) -> Response:
        """Answer in the format asked for."""
        form = FORMAT.of(request)
        asked = self._asked(request, form)
        reading = await self._questions.begin(request)
        found = await reading.work_out(report, asked, time.time_ns())
        if form == "json":
            return answer(answer_of(found, is_fresh=reading.is_fresh))
        return Response(render(found, form), media_type=MEDIA[form])

    def _asked(self, request: Request, form: str) -> ReportRequest:
        return replace(
            asked_work(request, self._idle, self._timezone),
            by=BY.of(request),
            as_measured=MEASURED.of(request),
            without_blocks=WITHOUT_BLOCKS.of(request) or form in OF_ROWS,
            names=BlockNames.ALL if form in NAMING_ALL or ALL_PROMPTS.of(request) else BlockNames.FEW,
            most_blocks=MOST_BLOCKS.of(request) if form == "json" else MAX_BLOCKS,
        )


def asked_work(request: Request, idle: Whole, timezone: str) -> ReportRequest:
    """Return what every question about work time says: of when, of whom, and how blocks are made and rounded."""
    return ReportRequest(
        period=PERIOD.of(request),
        idle_s=idle.of(request),
        timezone=TIMEZONE.of(request) or timezone,
        user=USER.of(request),
        project=PROJECT.of(request),
        agent=AGENT.of(request),
        round_s=ROUND.of(request),
        rounding=ROUNDING.of(request),
    )


def answer_of(found: WorkReport, *, is_fresh: bool) -> ReportAnswer:
    """Return a report as the API tells it."""
    asked = found.request
    return ReportAnswer(
        period=ReportPeriod(found.period.start_ns, found.period.end_ns, asked.timezone),
        by=asked.by,
        idle_s=asked.idle_s,
        round_s=asked.round_s,
        rounding=asked.rounding,
        totals=found.totals,
        ends_by_evidence=found.totals.ends_by_evidence,
        estimates=ESTIMATES,
        rows=found.rows,
        tools=found.tools,
        tool_kinds=found.tool_kinds,
        blocks=tuple(block_row(found, block) for block in found.blocks),
        has_more_blocks=found.has_more_blocks,
        corrected_blocks=tuple(block_row(found, block) for block in found.corrected_blocks),
        corrections=tuple(map(row_of, found.corrections)),
        is_fresh=is_fresh,
    )
