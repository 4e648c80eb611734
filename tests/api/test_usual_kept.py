"""What is usual is kept for a while, so that a page which is open does not work it out again and again."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from starlette.requests import Request

from hookline_collector.api.questions import Questions
from hookline_collector.api.usual_days import UsualApi
from hookline_collector.work.usual import UsualDay, UsualFigures


class AskedTwice:
    """Questions and readings in one: counts, and says whether what it knows is all."""

    def __init__(self, *fresh: bool) -> None:
        self.fresh = list(fresh)
        self.is_fresh = True

    async def begin(self, _: Request) -> AskedTwice:
        """Begin the next reading."""
        self.is_fresh = self.fresh.pop(0)
        return self

    async def work_out(self, *_: Any) -> UsualDay:
        """Answer with nothing usual."""
        return UsualDay("Monday", (), UsualFigures(), UsualFigures())


@pytest.mark.parametrize(("fresh", "told", "left"), [((True, True), [True, True], 1), ((False, True), [False, True], 0)])
async def test_only_what_was_whole_is_kept(fresh: tuple[bool, ...], told: list[bool], left: int) -> None:
    """An answer that lacks something says so, and the next question asks again instead of calling it whole."""
    questions = AskedTwice(*fresh)
    api = UsualApi(cast(Questions, questions), "UTC", now_ns=lambda: 1_800_000_000_000_000_000)
    request = Request({"type": "http", "query_string": b"", "headers": []})
    assert [json.loads(bytes((await api.usual(request)).body))["is_fresh"] for _ in told] == told
    assert len(questions.fresh) == left
