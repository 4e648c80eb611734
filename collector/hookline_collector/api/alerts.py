"""`/api/v1/alerts`: what is pending, firing or lately resolved, from memory; and what became of alerts, from the store."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response

from hookline.system.clock import NS_PER_DAY, parse_iso
from hookline_collector.alerts.alert import Alert, CurrentAlerts, Witness
from hookline_collector.api.http.endpoint import ApiEndpoint, Choice, Text, Whole
from hookline_collector.api.http.json_answers import answer
from hookline_collector.api.questions import Questions
from hookline_collector.notification.deciding.held_back import NOT_HELD, HeldBack
from hookline_collector.notification.deciding.silence import Acknowledgement
from hookline_collector.store.queries import load_query

STATE = Choice("state", "Only alerts in this state.", ("all", "pending", "firing", "resolved"), "all")
DAYS = Whole("days", "How far back, in days.", 7, most=3_660)
RULE = Text("rule", "The alerts of one rule only.")
SESSION = Text("session_id", "The alerts on one session only.")
LIMIT = Whole("limit", "At most so many changes.", 500, most=10_000)


@dataclass(frozen=True, slots=True)
class WitnessRow:
    """One of the worst behind an alert."""

    kind: str
    name: str
    value: float
    at_ns: int
    session_id: str
    trace_id: str
    span_id: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What shows why an alert is as it is."""

    points: tuple[tuple[int, float], ...]
    worst: tuple[WitnessRow, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class AcknowledgementRow:
    """Somebody knows of an alert that has been firing since then."""

    fingerprint: str
    fired_ns: int
    created_by: str
    comment: str
    created_ns: int


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert as it is now, and what holds it back."""

    alert: str
    alert_state: str
    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    value: float
    active_ns: int
    fired_ns: int
    resolved_ns: int
    rule: str
    rule_group: str
    rule_file: str
    links: Mapping[str, str]
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    acknowledged: AcknowledgementRow | None
    shown_by: EvidenceRow


@dataclass(frozen=True, slots=True)
class AlertList:
    """Alerts, those that fire first, each state with the newest first."""

    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """One change of an alert's state."""

    transition_id: str
    changed_ns: int
    rule: str
    rule_group: str
    rule_file: str
    fingerprint: str
    from_state: str
    to_state: str
    value: float
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    active_ns: int
    fired_ns: int
    resolved_ns: int


@dataclass(frozen=True, slots=True)
class TransitionList:
    """Changes, the newest first."""

    transitions: tuple[TransitionRow, ...]


class Holding(Protocol):
    """Who knows what holds alerts back."""

    def held_back(self, alerts: Iterable[Alert]) -> Mapping[str, HeldBack]:
        """Return what holds back each alert that something does, by its fingerprint."""


class AlertsApi:
    """Alerts now and before."""

    def __init__(self, alerts: CurrentAlerts, holding: Holding, questions: Questions) -> None:
        self._alerts = alerts
        self._holding = holding
        self._questions = questions
        now, before = "Alerts that are pending, firing or lately resolved.", "What became of alerts: every change of a state."
        self.routes = (
            ApiEndpoint("GET", "/api/v1/alerts", self.now, now, AlertList, parameters=(STATE,)),
            ApiEndpoint("GET", "/api/v1/alerts/history", self.history, before, TransitionList, parameters=(DAYS, RULE, SESSION, LIMIT)),
        )

    async def now(self, request: Request) -> Response:
        """Answer with the alerts as they are."""
        wanted = STATE.of(request)
        alerts = [alert for alert in self._alerts.current() if wanted in ("all", alert.state.value)]
        return answer(AlertList(rows_of(alerts, self._holding)))

    async def history(self, request: Request) -> Response:
        """Answer with what the store knows."""
        since = time.time_ns() - DAYS.of(request) * NS_PER_DAY
        parameters = {"since": since, "rule": RULE.of(request), "session_id": SESSION.of(request), "limit": LIMIT.of(request)}
        reading = await self._questions.begin(request)
        rows = await reading.ask(load_query(__package__, "alert_history"), parameters)
        return answer(TransitionList(tuple(map(_transition, rows.as_dicts()))))


def rows_of(alerts: Sequence[Alert], holding: Holding) -> tuple[AlertRow, ...]:
    """Return alerts as the API has them."""
    order, held = {"firing": 0, "pending": 1}, holding.held_back(alerts)
    ranked = sorted(alerts, key=lambda alert: (order.get(alert.state.value, 2), -alert.active_at_ns, alert.fingerprint))
    return tuple(row_of(alert, held.get(alert.fingerprint, NOT_HELD)) for alert in ranked)


def acknowledged_row(found: Acknowledgement) -> AcknowledgementRow:
    """Return an acknowledgement as the API has it."""
    return AcknowledgementRow(found.fingerprint, found.fired_ns, found.created_by, found.comment, found.created_ns)


def row_of(alert: Alert, held: HeldBack = NOT_HELD) -> AlertRow:
    """Return an alert as the API has it."""
    evidence = EvidenceRow(alert.evidence.points, tuple(map(_witness, alert.evidence.worst)), alert.evidence.query)
    return AlertRow(
        alert=alert.name,
        alert_state=alert.state.value,
        fingerprint=alert.fingerprint,
        labels=alert.labels,
        annotations=alert.annotations,
        value=alert.value,
        active_ns=alert.active_at_ns,
        fired_ns=alert.fired_at_ns,
        resolved_ns=alert.resolved_at_ns,
        rule=alert.rule.name,
        rule_group=alert.rule.group,
        rule_file=alert.rule.file,
        links=alert.links,
        silenced_by=held.silenced_by,
        inhibited_by=held.inhibited_by,
        acknowledged=acknowledged_row(held.acknowledged) if held.acknowledged else None,
        shown_by=evidence,
    )


def _witness(witness: Witness) -> WitnessRow:
    return WitnessRow(witness.kind, witness.name, witness.value, witness.at_ns, witness.session_id, witness.trace_id, witness.span_id)


def _transition(row: Mapping[str, Any]) -> TransitionRow:
    moments: dict[str, Any] = {f"{name}_ns": (parse_iso(row[name]) or 0) for name in ("changed", "active", "fired", "resolved")}
    return TransitionRow(**{name: value for name, value in row.items() if f"{name}_ns" not in moments}, **moments)
