"""`/api/v1/usual`: what is usual on this day of the week, so that today can be told from it.

Worked out once in a while: days gone by seldom change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline.system.clock import NS_PER_S
from hookline_collector.api.http.endpoint import ApiEndpoint, Text
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.periods import TIMEZONE
from hookline_collector.api.questions import Questions
from hookline_collector.work import ReportRequest
from hookline_collector.work.usual import UsualDay, UsualFigures, usual_day

USER = Text("user", "One person only.")
PROJECT = Text("project", "One project only.")
AGENT = Text("agent", "One agent only.")
KEPT_NS = 600 * NS_PER_S
MOST_KEPT = 32


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual on this weekday: of which days, up to this time of the day, and whole."""

    weekday: str
    compared_days: tuple[str, ...]
    so_far: UsualFigures
    whole_day: UsualFigures
    is_fresh: bool


class UsualApi:
    """What is usual."""

    def __init__(self, questions: Questions, timezone: str, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._questions = questions
        self._timezone = timezone
        self._now_ns = now_ns
        self._lock = asyncio.Lock()
        self._kept: dict[ReportRequest, tuple[int, UsualDay]] = {}
        summary = "What is usual on this day of the week: medians of the eight before, up to now and whole."
        self.routes = (ApiEndpoint("GET", "/api/v1/usual", self.usual, summary, Usual, parameters=(TIMEZONE, USER, PROJECT, AGENT)),)

    async def usual(self, request: Request) -> Response:
        """Answer with the medians."""
        asked = ReportRequest(
            timezone=TIMEZONE.of(request) or self._timezone, user=USER.of(request), project=PROJECT.of(request), agent=AGENT.of(request)
        )
        now_ns = self._now_ns()
        async with self._lock:
            at_ns, found = self._kept.get(asked, (0, None))
            reading = None
            if found is None or not 0 <= now_ns - at_ns < KEPT_NS:
                reading = await self._questions.begin(request)
                found = await reading.work_out(usual_day, asked, now_ns)
                self._kept.pop(asked, None)
                if reading.is_fresh:  # what is kept is told as fresh
                    self._kept[asked] = (now_ns, found)
                for oldest in list(self._kept)[: max(0, len(self._kept) - MOST_KEPT)]:
                    del self._kept[oldest]
        is_fresh = reading is None or reading.is_fresh
        return answer(Usual(found.weekday, found.compared_days, found.so_far, found.whole_day, is_fresh))
