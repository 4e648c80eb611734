"""Silences and acknowledgements: what people say while something fires.

A silence holds back every alert that its matchers meet, until it ends. An acknowledgement is of one episode of one alert: somebody knows, so it is
not sent again and again; its end is sent as always.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from hookline_collector.alerts.alert import Alert, Labels
from hookline_collector.notification.plan.label_matchers import Matchers, match_all

SilenceState = Literal["pending", "active", "expired"]


@dataclass(frozen=True, slots=True)
class Silence:
    """Alerts with these labels are not sent from one moment to another, and why."""

    id: str
    matchers: Matchers
    starts_ns: int
    ends_ns: int
    created_by: str
    comment: str
    created_ns: int

    def state(self, now_ns: int) -> SilenceState:
        """Return how it stands."""
        if now_ns < self.starts_ns:
            return "pending"
        return "active" if now_ns < self.ends_ns else "expired"

    def silences(self, labels: Labels, now_ns: int) -> bool:
        """Whether it holds back an alert now."""
        return self.starts_ns <= now_ns < self.ends_ns and match_all(self.matchers, labels)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody knows of one episode of an alert."""

    fingerprint: str
    fired_ns: int
    created_by: str
    comment: str
    created_ns: int


def is_silenced(labels: Labels, silences: Iterable[Silence], now_ns: int) -> bool:
    """Whether one of the silences holds an alert back now."""
    return any(silence.silences(labels, now_ns) for silence in silences)


def is_acknowledged(alert: Alert, known: Mapping[str, Acknowledgement]) -> bool:
    """Whether somebody knows of this episode."""
    found = known.get(alert.fingerprint)
    return found is not None and found.fired_ns == alert.fired_at_ns
