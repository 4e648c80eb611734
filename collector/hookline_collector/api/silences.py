"""`/api/v1/silences`: alerts of which nobody is notified for a while, and `/api/v1/alerts/{fingerprint}/acknowledgement`: somebody knows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from hookline.errors import Rejected
from hookline.system.clock import NS_PER_S
from hookline_collector.api.alerts import AcknowledgementRow, acknowledged_row
from hookline_collector.api.http.body import MAX_TEXT_CHARS, moment_in, read_object, text_in
from hookline_collector.api.http.endpoint import ApiEndpoint, InPath, Switch
from hookline_collector.api.http.json_answers import answer
from hookline_collector.notification.alerting import Alerting
from hookline_collector.notification.deciding.silence import Silence, SilenceState
from hookline_collector.notification.plan.label_matchers import BadMatcher, Matchers, parse_matchers

SILENCE_ID = InPath("silence_id", "The silence's id.")
FINGERPRINT = InPath("fingerprint", "The alert's fingerprint.")
EXPIRED = Switch("expired", "Whether to list those too that are over.")
MAX_MATCHERS: Final = 50


@dataclass(frozen=True, slots=True)
class SilenceRow:
    """A silence: which alerts, from when to when, who said so and why."""

    silence_id: str
    silence_state: SilenceState
    matchers: tuple[str, ...]
    start_ns: int
    end_ns: int
    created_by: str
    comment: str
    created_ns: int


@dataclass(frozen=True, slots=True)
class SilenceList:
    """The silences, the one that ends last first."""

    silences: tuple[SilenceRow, ...]


@dataclass(frozen=True, slots=True)
class SilenceForm:
    """What to silence. Without `start` it begins now; `end` or `duration_s` says until when."""

    matchers: tuple[str, ...]
    start_ns: int
    end_ns: int
    duration_s: float
    created_by: str
    comment: str


@dataclass(frozen=True, slots=True)
class AcknowledgementList:
    """Who knows of which alert."""

    acknowledgements: tuple[AcknowledgementRow, ...]


@dataclass(frozen=True, slots=True)
class AcknowledgementForm:
    """Who knows, and what they say."""

    created_by: str
    comment: str


class SilencesApi:
    """What people say while something fires."""

    def __init__(self, alerting: Alerting, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._alerting = alerting
        self._now_ns = now_ns
        path, by_id, one = "/api/v1/silences", (SILENCE_ID,), "/api/v1/alerts/{fingerprint}/acknowledgement"
        known = "Who knows of which alert that fires."
        self.routes = (
            ApiEndpoint("GET", path, self.list_silences, "The silences that count or will.", SilenceList, parameters=(EXPIRED,)),
            ApiEndpoint("POST", path, self.add, "Silence alerts by their labels.", SilenceRow, body=SilenceForm),
            ApiEndpoint("DELETE", f"{path}/{{silence_id}}", self.end, "End a silence now.", SilenceRow, parameters=by_id),
            ApiEndpoint("GET", "/api/v1/acknowledgements", self.list_acknowledgements, known, AcknowledgementList),
            ApiEndpoint(
                "POST", one, self.acknowledge, "Say that somebody knows: it is not repeated.", AcknowledgementRow, parameters=(FINGERPRINT,),
                body=AcknowledgementForm,
            ),
            ApiEndpoint("DELETE", one, self.forget, "Take that back; answers what is left.", AcknowledgementList, parameters=(FINGERPRINT,)),
        )  # fmt: skip

    async def list_silences(self, request: Request) -> Response:
        """Answer with the silences."""
        now_ns, with_expired = self._now_ns(), EXPIRED.of(request)
        rows = [self._row(silence) for silence in self._alerting.board.silences.values() if with_expired or silence.state(now_ns) != "expired"]
        return answer(SilenceList(tuple(sorted(rows, key=lambda row: (-row.end_ns, row.silence_id)))))

    async def add(self, request: Request) -> Response:
        """Add a silence."""
        body = await read_object(request)
        now_ns = self._now_ns()
        start_ns = moment_in(body, "start") if body.get("start") else now_ns
        end_ns = moment_in(body, "end") if body.get("end") else start_ns + _duration_ns(body)
        comment = text_in(body, "comment")
        if not comment:
            raise Rejected("a silence needs a reason: comment is empty")
        silence = await self._alerting.silence(_matchers(body), start_ns, end_ns, text_in(body, "created_by") or "somebody", comment)
        return answer(self._row(silence))

    async def end(self, request: Request) -> Response:
        """End a silence."""
        return answer(self._row(await self._alerting.end_silence(SILENCE_ID.of(request))))

    async def list_acknowledgements(self, _: Request) -> Response:
        """Answer with what is acknowledged."""
        return answer(AcknowledgementList(tuple(acknowledged_row(each) for each in self._alerting.board.acknowledged.values())))

    async def acknowledge(self, request: Request) -> Response:
        """Acknowledge an alert."""
        body = await read_object(request)
        by, comment = text_in(body, "created_by") or "somebody", text_in(body, "comment")
        return answer(acknowledged_row(await self._alerting.acknowledge(FINGERPRINT.of(request), by, comment)))

    async def forget(self, request: Request) -> Response:
        """Take an acknowledgement back."""
        await self._alerting.forget_acknowledgement(FINGERPRINT.of(request))
        return await self.list_acknowledgements(request)

    def _row(self, silence: Silence) -> SilenceRow:
        return SilenceRow(
            silence.id,
            silence.state(self._now_ns()),
            tuple(map(str, silence.matchers)),
            silence.starts_ns,
            silence.ends_ns,
            silence.created_by,
            silence.comment,
            silence.created_ns,
        )


def _matchers(body: Mapping[str, Any]) -> Matchers:
    given = body.get("matchers")
    if not isinstance(given, list) or not given or not all(isinstance(each, str) for each in given):
        raise Rejected("matchers must be a list of texts such as 'tool=\"Bash\"'")
    try:
        found = tuple(matcher for text in given[: MAX_MATCHERS + 1] for matcher in parse_matchers(text[:MAX_TEXT_CHARS]))
    except BadMatcher as why:
        raise Rejected(str(why)) from None
    if len(found) > MAX_MATCHERS:
        raise Rejected(f"a silence has at most {MAX_MATCHERS} matchers")
    return found


def _duration_ns(body: Mapping[str, Any]) -> int:
    found = body.get("duration_s")
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 < found < 10 * 365 * 86_400:
        raise Rejected("say until when: end as a moment, or duration_s as a number of seconds")
    return round(found * NS_PER_S)
