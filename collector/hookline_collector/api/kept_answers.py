"""Answers that are shown again while they cannot have changed: nothing was acknowledged since that figures of work may come from.

An open page asks the same every few seconds. What it is told then costs nothing while nobody works, is the same to the byte, and is so not even sent
again. An answer that time alone changes says for how long it can be shown. Those who ask the same at once wait for one answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from starlette.requests import Request
from starlette.responses import Response

from hookline.contract.told_records import told
from hookline.system.clock import NS_PER_S
from hookline_collector.api.http.endpoint import JSON
from hookline_collector.api.http.fresh_header import tell_freshness
from hookline_collector.api.http.json_answers import as_json

MOST_KEPT = 32
MOST_BYTES = 512 * 1024
"""A larger answer is not kept."""


@dataclass(frozen=True, slots=True)
class MadeAnswer:
    """An answer as it was worked out, and for how long it holds if nothing is acknowledged; 0 where it is not fresh."""

    body: bytes
    holds_s: float


def made(content: Any, holds_s: float, *, is_fresh: bool) -> MadeAnswer:
    """Return records as an answer. Raises Rejected as `as_json` does."""
    return MadeAnswer(as_json(told(content)), holds_s if is_fresh else 0)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer that holds until then, if so much (`mark`) was acknowledged and no more."""

    body: bytes
    mark: int
    until_ns: int


class KeptAnswers:
    """What was answered lately. `mark` is another number once something was acknowledged that changes figures."""

    def __init__(self, mark: Callable[[], int], now_ns: Callable[[], int] = time.time_ns) -> None:
        self._mark = mark
        self._now_ns = now_ns
        self._kept: dict[Hashable, KeptAnswer] = {}
        self._forgotten = 0
        self._asked: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, request: Request, question: Hashable, work_out: Callable[[], Awaitable[MadeAnswer]]) -> Response:
        """Answer a question; `work_out` is asked where no answer holds. An error is shared with nobody."""
        body, is_kept = await self._find(question, work_out)
        if is_kept:
            tell_freshness(request.scope, "")
        return Response(body, media_type=JSON)

    async def prepare(self, question: Hashable, work_out: Callable[[], Awaitable[MadeAnswer]]) -> None:
        """Have an answer ready for who will ask in a moment; who asks before it is ready waits for it."""
        await self._find(question, work_out)

    async def _find(self, question: Hashable, work_out: Callable[[], Awaitable[MadeAnswer]]) -> tuple[bytes, bool]:
        """Return the answer, and whether it was there already."""
        lock = self._asked.setdefault(question, asyncio.Lock())
        async with lock:
            mark, now_ns = self._mark(), self._now_ns()
            kept = self._kept.get(question)
            if kept and kept.mark == mark and now_ns < kept.until_ns:
                return kept.body, True
            forgotten = self._forgotten
            made = await work_out()
            self._kept.pop(question, None)
            if made.holds_s > 0 and forgotten == self._forgotten and len(made.body) <= MOST_BYTES:
                self._kept[question] = KeptAnswer(made.body, mark, now_ns + int(made.holds_s * NS_PER_S))
            for oldest in list(self._kept)[: max(0, len(self._kept) - MOST_KEPT)]:
                del self._kept[oldest]
            return made.body, False

    def forget(self) -> None:
        """Work everything out anew the next time: something changed it that was not acknowledged telemetry."""
        self._kept.clear()
        self._forgotten += 1
