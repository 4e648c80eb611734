"""An alert, a change of its state, and who hears of it: the records that rules, notification, history and API share.

An alert is one series of one rule: its labels are its identity, `alertname` among them, and its fingerprint is the one that Prometheus and
Alertmanager compute. Names, states and timestamps follow Prometheus where it has a rule:

    inactive ──breach──▶ pending ──for──▶ firing ──over, and keep_firing_for──▶ resolved ──15 min──▶ forgotten
                 └────────for: 0s────────────▲ │
                                             └─┴── a longer `for` can send it back to pending

An episode begins at `active_at_ns`, with the first breach; a breach after the resolution is a new one. Labels do not change in an episode; value,
annotations, links and evidence are those of the newest evaluation, and, once resolved, of the last one that was in breach.

An `AlertTransition` says what changed. Its id is made of the fingerprint, the episode and the count of changes in it, so it is the same whenever
the same change is reported again, and two changes never share one. Whoever decides keeps the decision on disk before it reports to a
`TransitionSink`, and reports again after a restart what a sink may not have got: a sink that has seen the id does nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

ALERT_NAME = "alertname"
_OFFSET, _PRIME, _MASK = 0xCBF29CE484222325, 0x100000001B3, 0xFFFFFFFFFFFFFFFF
Labels = Mapping[str, str]


class AlertState(StrEnum):
    """The states of an alert."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class RuleOrigin:
    """Where the rule of an alert stands."""

    group: str
    name: str
    file: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A span, log record or session that shows what an alert is about, with the value that puts it among the worst."""

    kind: str
    name: str
    value: float
    at_ns: int
    session_id: str = ""
    trace_id: str = ""
    span_id: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an alert is what it is: the series around the breach as (Unix nanoseconds, value), the worst of what is behind it, and a
    statement that reproduces it."""

    points: tuple[tuple[int, float], ...] = ()
    worst: tuple[Witness, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Alert:
    """One series of a rule. Times are Unix nanoseconds, 0 where not yet; `labels` are sorted by name (`labels_of`).

    `kept_since_ns` is since when it fires only because of `keep_firing_for`, `keep_until_ns` until when a resolved one is sent again.
    `links` are by name: `session`, `panel`, `runbook`; a path without a host is one of the collector's own pages.
    """

    labels: Labels
    rule: RuleOrigin
    state: AlertState = AlertState.INACTIVE
    value: float = 0.0
    annotations: Labels = field(default_factory=dict)
    active_at_ns: int = 0
    fired_at_ns: int = 0
    resolved_at_ns: int = 0
    kept_since_ns: int = 0
    keep_until_ns: int = 0
    changes: int = 0
    links: Labels = field(default_factory=dict)
    evidence: Evidence = Evidence()

    @property
    def name(self) -> str:
        """The rule's name, as its label says it."""
        return self.labels.get(ALERT_NAME, "")

    @property
    def fingerprint(self) -> str:
        """Sixteen hex digits that stand for the labels."""
        return fingerprint_of(self.labels)

    @property
    def is_notified(self) -> bool:
        """Whether somebody was, or is to be, notified of it: it fires, or did in this episode."""
        return self.state is AlertState.FIRING or (self.state is AlertState.RESOLVED and self.fired_at_ns > 0)


@dataclass(frozen=True, slots=True)
class AlertTransition:
    """An alert that changed its state: the alert as it is now, what it was before, and when."""

    id: str
    alert: Alert
    from_state: AlertState
    to_state: AlertState
    at_ns: int


class TransitionSink(Protocol):
    """Who gets what changed."""

    async def changed(self, transitions: Sequence[AlertTransition]) -> None:
        """Take changes, each known by its id however often it is reported. They are kept safe when this returns; what it raises is tried again."""


class CurrentAlerts(Protocol):
    """Who knows the alerts as they are now."""

    def current(self) -> Sequence[Alert]:
        """Return every alert that is pending, firing, or resolved and not yet forgotten, sorted by fingerprint."""


def labels_of(*parts: Labels) -> Labels:
    """Return labels sorted by name, later parts over earlier ones; empty values are no labels, as in Prometheus."""
    joined = {name: value for part in parts for name, value in part.items()}
    return {name: joined[name] for name in sorted(joined) if joined[name]}


def fingerprint_of(labels: Labels) -> str:
    """Return the fingerprint of labels as Prometheus and Alertmanager compute it: FNV-1a over each sorted name, 0xFF, value, 0xFF."""
    digest = _OFFSET
    for byte in b"".join(name.encode() + b"\xff" + labels[name].encode() + b"\xff" for name in sorted(labels)):
        digest = ((digest ^ byte) * _PRIME) & _MASK
    return f"{digest:016x}"


def transition_of(alert: Alert, from_state: AlertState, at_ns: int) -> AlertTransition:
    """Return the change that led to an alert as it is now."""
    told = f"{alert.fingerprint} {alert.active_at_ns} {alert.changes} {alert.state.value}"
    return AlertTransition(hashlib.sha256(told.encode()).hexdigest()[:32], alert, from_state, alert.state, at_ns)


def alert_to_object(alert: Alert) -> dict[str, Any]:
    """Return an alert ready for JSON, to be kept in a file."""
    return asdict(alert)


def alert_from_object(found: Mapping[str, Any]) -> Alert:
    """Return the alert that was kept. Raises KeyError, TypeError or ValueError where it is none."""
    evidence = found["evidence"]
    return Alert(
        **{
            **found,
            "rule": RuleOrigin(**found["rule"]),
            "state": AlertState(found["state"]),
            "evidence": Evidence(
                tuple((int(at_ns), float(value)) for at_ns, value in evidence["points"]),
                tuple(Witness(**worst) for worst in evidence["worst"]),
                str(evidence["query"]),
            ),
        }
    )


def transition_to_object(transition: AlertTransition) -> dict[str, Any]:
    """Return a change ready for JSON, to be kept in a file."""
    return asdict(transition)


def transition_from_object(found: Mapping[str, Any]) -> AlertTransition:
    """Return the change that was kept. Raises KeyError, TypeError or ValueError where it is none."""
    return AlertTransition(
        str(found["id"]), alert_from_object(found["alert"]), AlertState(found["from_state"]), AlertState(found["to_state"]), int(found["at_ns"])
    )
