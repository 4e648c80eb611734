"""`/api/v1/bands`: time as it is drawn: who worked when, what waited for whom, blocks, sleep, and what was corrected by hand.

Stretches are the same that reports add up, cut at the period's ends; blocks are the report's, of the local days that the period touches. A period has
`MAX_STRETCHES` at most; what lies behind them is left out and the answer says so. Who draws them names `columns` instead: of more than that the whole
period is told, added up by column and project, without blocks.

An answer is kept while nothing new is acknowledged: for a minute where all in it is over, for seconds where something goes on and grows.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from starlette.requests import Request
from starlette.responses import Response

from hookline.contract.told_records import to_iso
from hookline.errors import HooklineError
from hookline.system.clock import NS_PER_S
from hookline_collector.api.band_columns import column_ns, stretches_of
from hookline_collector.api.corrections import CorrectionRow, row_of
from hookline_collector.api.http.endpoint import ApiEndpoint, Switch, Text, Whole
from hookline_collector.api.http.json_answers import as_json
from hookline_collector.api.kept_answers import KeptAnswers, MadeAnswer, made
from hookline_collector.api.periods import TIMEZONE, asked_period
from hookline_collector.api.questions import Questions, Reading
from hookline_collector.api.reports import ReportPeriod
from hookline_collector.api.stored_rows import rows_of
from hookline_collector.store.queries import load_query
from hookline_collector.work import BlockNames, BlockRow, ReportRequest, WorkReport, block_row
from hookline_collector.work.period import Period
from hookline_collector.work.report import blocks_of
from hookline_collector.work.statements import statement

MAX_STRETCHES = 20_000
MAX_COLUMNS = 5_000
DRAWN, DRAWN_COLUMNS = 5_000, 720
"""What the page of today asks for, so that it can be begun before it does."""
OVER_S, GROWING_S = 60.0, 15.0
PERIOD = Text("period", "today, yesterday, week, last-week, month, last-month, 7d, a date, or FROM..TO with dates or moments.", "today")
USER = Text("user", "One person only.")
PROJECT = Text("project", "One project only.")
AGENT = Text("agent", "One agent only.")
SESSION = Text("session_id", "One session only; without blocks.")
WITHOUT_BLOCKS = Switch("without_blocks", "true: stretches and sleep alone.")
LIMIT = Whole("limit", f"At most so many stretches; {MAX_STRETCHES} by default.", MAX_STRETCHES, most=MAX_STRETCHES)
COLUMNS = Whole(
    "columns",
    "In how many columns it is drawn: more stretches than `limit` are added up by column, project and kind, without blocks; all are told then. "
    "0 leaves out what lies behind the limit.",
    0,
    least=0,
    most=MAX_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class StretchRow:
    """A stretch of time in which agents worked, a person worked (an estimate), or something waited for a person; open where it goes on.

    One that is added up is of everybody, `agents` how many worked at once, on average.
    """

    kind: Literal["agent", "human", "waiting"]
    waiting_for: str
    user: str
    project: str
    branch: str
    session_id: str
    prompt_id: str
    agents: int
    started: str
    ended: str | None
    evidence: str


@dataclass(frozen=True, slots=True)
class SleepRow:
    """A machine slept."""

    started_ns: int
    ended_ns: int
    session_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bands:
    """What `/api/v1/bands` answers."""

    period: ReportPeriod
    now_ns: int
    stretches: tuple[StretchRow, ...]
    has_more_stretches: bool
    column_s: float
    sleeps: tuple[SleepRow, ...]
    blocks: tuple[BlockRow, ...]
    corrected_blocks: tuple[BlockRow, ...]
    corrections: tuple[CorrectionRow, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class AskedBands:
    """A question for bands."""

    period: Period
    timezone: str
    idle_s: int
    user: str
    project: str
    agent: str
    session_id: str
    limit: int
    columns: int
    without_blocks: bool


class BandsApi:
    """Time as it is drawn. `idle_s` and `timezone` count where a question names none."""

    def __init__(self, questions: Questions, kept: KeptAnswers, idle_s: int, timezone: str) -> None:
        self._questions = questions
        self._kept = kept
        self._idle = Whole("idle_s", "A gap longer than this ends a block; `work.idle_s` when not given.", idle_s, least=0)
        self._timezone = self._zone_of_today = timezone
        self._expected: set[asyncio.Task[None]] = set()
        parameters = (PERIOD, TIMEZONE, USER, PROJECT, AGENT, SESSION, self._idle, LIMIT, COLUMNS, WITHOUT_BLOCKS)
        summary = "Who worked when, what waited for whom, and blocks: what is drawn as a band."
        self.routes = (ApiEndpoint("GET", "/api/v1/bands", self.bands, summary, Bands, parameters=parameters),)

    async def bands(self, request: Request) -> Response:
        """Answer with the bands of a period."""
        now_ns, timezone = time.time_ns(), TIMEZONE.of(request) or self._timezone
        asked = AskedBands(
            asked_period(PERIOD.of(request), timezone, now_ns),
            timezone,
            self._idle.of(request),
            USER.of(request),
            PROJECT.of(request),
            AGENT.of(request),
            SESSION.of(request),
            LIMIT.of(request),
            COLUMNS.of(request),
            WITHOUT_BLOCKS.of(request),
        )
        if asked == self._today(timezone, now_ns):
            self._zone_of_today = timezone
        return await self._kept.answer(request, ("bands", asked), lambda: self._work_out(request, asked, now_ns))

    def expect_today(self) -> None:
        """Begin to answer what the page of today will ask for when it is there: in the zone of who asked for it last."""
        task = asyncio.get_running_loop().create_task(self._prepare_today())
        self._expected.add(task)
        task.add_done_callback(self._expected.discard)

    async def _prepare_today(self) -> None:
        now_ns = time.time_ns()
        with contextlib.suppress(HooklineError):  # who asks hears of it
            asked = self._today(self._zone_of_today, now_ns)
            await self._kept.prepare(("bands", asked), lambda: self._work_out(None, asked, now_ns))

    def _today(self, timezone: str, now_ns: int) -> AskedBands:
        return AskedBands(
            asked_period(PERIOD.default, timezone, now_ns), timezone, self._idle.default, "", "", "", "", DRAWN, DRAWN_COLUMNS, without_blocks=False
        )

    async def _work_out(self, request: Request | None, asked: AskedBands, now_ns: int) -> MadeAnswer:
        period = asked.period
        of_whom = {"user": asked.user, "project": asked.project, "agent": asked.agent, "session_id": asked.session_id}
        days = ReportRequest(
            period=_whole_days(period),
            by="day",
            idle_s=asked.idle_s,
            timezone=asked.timezone,
            user=asked.user,
            project=asked.project,
            agent=asked.agent,
            names=BlockNames.FEW,
        )
        reading = await self._questions.begin(request)
        bound = {"start": period.start_ns, "end": period.end_ns, "since": period.since, "until": period.until, "now": now_ns}
        length_ns = await _column_ns(reading, asked, bound | of_whom)
        stretches, slept, report = await asyncio.gather(
            _stretches(reading, asked, bound | of_whom, length_ns),
            _nothing()
            if length_ns
            else reading.ask(load_query(__package__, "sleeps"), {name: bound[name] for name in ("start", "end", "since", "until")}),
            _nothing() if asked.session_id or asked.without_blocks or length_ns else reading.work_out(blocks_of, days, now_ns),
        )
        most, sessions = MAX_STRETCHES if length_ns else asked.limit, {row["session_id"] for row in stretches}
        # Rows as they are: twenty thousand of them are told without a record each, and written at once.
        plain: dict[str, Any] = {
            "stretches": orjson.Fragment(as_json(stretches[:most])),
            "has_more_stretches": len(stretches) > most,
            "column_s": length_ns / NS_PER_S,
        }
        slept_here = sleeps_of(slept or (), sessions)
        whole = answer_of(period, asked.timezone, now_ns, slept_here, report, is_fresh=reading.is_fresh)
        grows = any(row["ended"] is None for row in stretches) or any(block.end_ns >= now_ns for block in (report.blocks if report else ()))
        return made(whole | plain, GROWING_S if grows else OVER_S, is_fresh=reading.is_fresh)


def answer_of(period: Period, timezone: str, now_ns: int, sleeps: Iterable[SleepRow], report: WorkReport | None, *, is_fresh: bool) -> dict[str, Any]:
    """Return all but the stretches as the API tells it."""
    return {
        "period": ReportPeriod(period.start_ns, period.end_ns, timezone),
        "now": to_iso(now_ns),
        "sleeps": tuple(sleeps),
        "blocks": tuple(block_row(report, block) for block in report.blocks if _touches(period, block.start_ns, block.end_ns)) if report else (),
        "corrected_blocks": tuple(block_row(report, block) for block in report.corrected_blocks if _touches(period, block.start_ns, block.end_ns))
        if report
        else (),
        "corrections": tuple(map(row_of, report.corrections)) if report else (),
        "is_fresh": is_fresh,
    }


def sleeps_of(rows: Iterable[tuple[str, int, int]], sessions: set[str]) -> list[SleepRow]:
    """Return when machines slept under these sessions: what several tell of the same sleep is one."""
    found: list[SleepRow] = []
    for session_id, from_ns, to_ns in rows:
        if session_id not in sessions:
            continue
        if found and from_ns <= found[-1].ended_ns:
            last = found.pop()
            found.append(SleepRow(last.started_ns, max(last.ended_ns, to_ns), (*last.session_ids, session_id)))
        else:
            found.append(SleepRow(from_ns, to_ns, (session_id,)))
    return found


async def _column_ns(reading: Reading, asked: AskedBands, bound: dict[str, Any]) -> int:
    """Return how long a column is in which stretches are added up; 0 where they are told as they are."""
    if not asked.columns or (await reading.ask(load_query(__package__, "count_stretches"), bound | {"limit": asked.limit})).scalar() <= asked.limit:
        return 0
    return column_ns(asked.period.start_ns, asked.period.end_ns, asked.columns)


async def _stretches(reading: Reading, asked: AskedBands, bound: dict[str, Any], length_ns: int) -> list[dict[str, Any]]:
    """Return the stretches of a period in order, one more than the limit where there are more."""
    period = asked.period
    if length_ns:
        found = await reading.ask(statement("band_columns"), bound | {"column": length_ns})
        return stretches_of(found, period.start_ns, period.end_ns, length_ns, bound["now"])
    all_of_it = {"latest": period.end_ns, "latest_day": period.until, "limit": asked.limit + 1}
    return rows_of(StretchRow, await reading.ask(statement("bands"), bound | all_of_it))


async def _nothing() -> None:
    """Ask nothing."""


def _whole_days(period: Period) -> str:
    """Return the local days that a period touches, as a report is asked for them: a block is cut nowhere but at midnight."""
    return f"{period.local(period.start_ns):%Y-%m-%d}..{period.local(period.end_ns - 1):%Y-%m-%d}"


def _touches(period: Period, start_ns: int, end_ns: int) -> bool:
    return start_ns < period.end_ns and end_ns > period.start_ns
