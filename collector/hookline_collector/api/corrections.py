"""`/api/v1/corrections`: what people say by hand of their work; `hookline_collector.corrections` says what it means."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.http.body import moment_in, read_object, text_in
from hookline_collector.api.http.endpoint import ApiEndpoint, InPath, Switch, Text
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.periods import TIMEZONE, asked_period
from hookline_collector.api.questions import Questions
from hookline_collector.corrections.correction import Correction, CorrectionKind
from hookline_collector.corrections.correction_book import CorrectionBook, corrections_between
from hookline_collector.store.patient_store import PatientStore

PERIOD = Text("period", "Corrections about this time; as reports read it.", "month")
USER = Text("user", "One person only.")
WITHDRAWN = Switch("withdrawn", "true: also those that were taken back.")
CORRECTION_ID = InPath("correction_id", "The correction's name.")


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A correction: what of whose time, who said so and when."""

    correction_id: str
    correction_kind: CorrectionKind
    user: str
    start_ns: int
    end_ns: int
    project: str
    from_project: str
    created_by: str
    comment: str
    created_ns: int
    withdrawn_ns: int


@dataclass(frozen=True, slots=True)
class CorrectionList:
    """Corrections, the first said first."""

    corrections: tuple[CorrectionRow, ...]
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class CorrectionForm:
    """What to say. Without `correction_id` it is named by what it says."""

    correction_id: str
    correction_kind: CorrectionKind
    user: str
    start_ns: int
    end_ns: int
    project: str
    from_project: str
    created_by: str
    comment: str


class CorrectionsApi:
    """Corrections by hand. `changed` is called when figures may be others than they were."""

    def __init__(
        self, questions: Questions, book: CorrectionBook, store: PatientStore, changed: Callable[[], None], timezone: str,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:  # fmt: skip
        self._questions = questions
        self._book = book
        self._store = store
        self._changed = changed
        self._timezone = timezone
        self._now_ns = now_ns
        path, by_id, listing = "/api/v1/corrections", (CORRECTION_ID,), (PERIOD, TIMEZONE, USER, WITHDRAWN)
        self.routes = (
            ApiEndpoint("GET", path, self.list_corrections, "What was said by hand of some time.", CorrectionList, parameters=listing),
            ApiEndpoint("POST", path, self.add, "Correct work by hand; the same twice is once.", CorrectionRow, body=CorrectionForm),
            ApiEndpoint("DELETE", f"{path}/{{correction_id}}", self.withdraw, "Take a correction back.", CorrectionRow, parameters=by_id),
        )  # fmt: skip

    async def list_corrections(self, request: Request) -> Response:
        """Answer with the corrections about a period."""
        period = asked_period(PERIOD.of(request), TIMEZONE.of(request) or self._timezone, self._now_ns())
        reading = await self._questions.begin(request)
        asked: dict[str, Any] = {"user": USER.of(request), "with_withdrawn": WITHDRAWN.of(request)}
        found = await reading.work_out(corrections_between, period.start_ns, period.end_ns, **asked)
        return answer(CorrectionList(tuple(map(row_of, found)), reading.is_fresh))

    async def add(self, request: Request) -> Response:
        """Write a correction down."""
        given = _correction(await read_object(request), self._now_ns())
        written = await self._store.run(partial(self._book.add, given))
        self._changed()
        return answer(row_of(written))

    async def withdraw(self, request: Request) -> Response:
        """Take one back."""
        correction_id = CORRECTION_ID.of(request)
        taken_back = await self._store.run(partial(self._book.withdraw, correction_id, self._now_ns()))
        if taken_back is None:
            raise HTTPException(404, f"no correction {correction_id}; GET /api/v1/corrections lists them")
        self._changed()
        return answer(row_of(taken_back))


def row_of(said: Correction) -> CorrectionRow:
    """Return a correction as the API tells it."""
    kind: Any = said.correction_kind
    return CorrectionRow(
        said.correction_id, kind, said.user, said.start_ns, said.end_ns, said.project, said.from_project, said.created_by, said.comment,
        said.created_ns, said.withdrawn_ns,
    )  # fmt: skip


def _correction(body: Mapping[str, Any], now_ns: int) -> Correction:
    texts: dict[str, Any] = {
        name: text_in(body, name) for name in ("correction_id", "correction_kind", "user", "project", "from_project", "created_by", "comment")
    }
    texts["created_by"] = texts["created_by"] or texts["user"] or "somebody"
    return Correction(**texts, start_ns=moment_in(body, "start"), end_ns=moment_in(body, "end"), created_ns=now_ns)
