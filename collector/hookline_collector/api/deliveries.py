"""`/api/v1/deliveries`: what went where, when, with which answer; `/api/v1/receivers`: how each target stands, and trying one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from hookline_collector.api.http.endpoint import ApiEndpoint, InPath, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.delivery.breaker import BreakerState
from hookline_collector.notification.alerting import Alerting
from hookline_collector.notification.keeping.kept import DeliveryOutcome, LoggedDelivery
from hookline_collector.notification.target_queue import TargetStanding

TARGET = Text("target", "Only what went to this target.")
LIMIT = Whole("limit", "How many at most.", 100, most=10_000)
NAME = InPath("target", "The target's name.")


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One attempt to deliver to one target."""

    message_id: str
    target: str
    receiver: str
    group_key: str
    occasion: str
    alerts_firing: int
    alerts_resolved: int
    attempt: int
    result: DeliveryOutcome
    status_code: int
    answer: str
    attempted_ns: int
    duration_s: float
    after_breach_s: float | None


@dataclass(frozen=True, slots=True)
class DeliveryList:
    """Attempts, the newest first."""

    deliveries: tuple[DeliveryRow, ...]


@dataclass(frozen=True, slots=True)
class TargetRow:
    """A target and how it stands."""

    target: str
    receiver: str
    target_kind: str
    waiting_messages: int
    delivered_messages: int
    dropped_messages: int
    breaker: BreakerState
    failures_in_a_row: int
    error: str


@dataclass(frozen=True, slots=True)
class TargetList:
    """Every target, the file that names them, and what is wrong with it."""

    file: str
    problems: tuple[str, ...]
    targets: tuple[TargetRow, ...]


@dataclass(frozen=True, slots=True)
class TargetTried:
    """What came of a test message to a target."""

    target: str
    delivered: bool
    status_code: int
    answer: str
    duration_s: float


class DeliveriesApi:
    """Who was notified, and who can be."""

    def __init__(self, alerting: Alerting, file: Callable[[], str]) -> None:
        self._alerting = alerting
        self._file = file
        tried = "Send a test alert to a target, now and once."
        self.routes = (
            ApiEndpoint(
                "GET",
                "/api/v1/deliveries",
                self.list_deliveries,
                "The messages about alerts: to whom, when, and with which answer.",
                DeliveryList,
                parameters=(TARGET, LIMIT),
            ),
            ApiEndpoint("GET", "/api/v1/receivers", self.list_targets, "Who is notified of alerts, and the state of each target.", TargetList),
            ApiEndpoint("POST", "/api/v1/receivers/{target}/test", self.try_target, tried, TargetTried, parameters=(NAME,)),
        )

    async def list_deliveries(self, request: Request) -> Response:
        """Answer with the log."""
        found = await self._alerting.deliveries(TARGET.of(request), LIMIT.of(request))
        return answer(DeliveryList(tuple(map(row_of, found))))

    async def list_targets(self, _: Request) -> Response:
        """Answer with the targets."""
        rows = tuple(map(standing_of, self._alerting.standings()))
        return answer(TargetList(self._file(), tuple(map(str, self._alerting.problems)), rows))

    async def try_target(self, request: Request) -> Response:
        """Try a target."""
        tried = await self._alerting.try_target(NAME.of(request))
        return answer(TargetTried(tried.target, tried.delivered, tried.code, tried.answer, tried.duration_s))


def row_of(entry: LoggedDelivery) -> DeliveryRow:
    """Return an entry of the log as the API has it."""
    return DeliveryRow(
        message_id=entry.message_id,
        target=entry.target,
        receiver=entry.receiver,
        group_key=entry.group_key,
        occasion=entry.reason,
        alerts_firing=entry.alerts_firing,
        alerts_resolved=entry.alerts_resolved,
        attempt=entry.attempt,
        result=entry.outcome,
        status_code=entry.code,
        answer=entry.answer,
        attempted_ns=entry.at_ns,
        duration_s=entry.duration_ns / 1e9,
        after_breach_s=entry.after_breach_ns / 1e9 if entry.after_breach_ns else None,
    )


def standing_of(standing: TargetStanding) -> TargetRow:
    """Return how a target stands as the API has it."""
    return TargetRow(
        target=standing.target,
        receiver=standing.receiver,
        target_kind=standing.kind,
        waiting_messages=standing.waiting,
        delivered_messages=standing.delivered,
        dropped_messages=standing.dropped,
        breaker=standing.breaker,
        failures_in_a_row=standing.failures,
        error=standing.error,
    )
