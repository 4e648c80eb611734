"""What one target is sent: a decision about a group with all that its words need. It is made once and stays as it is, on every attempt."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hookline_collector.alerts.alert import Alert, AlertState, Labels, alert_from_object, alert_to_object

MAX_ALERTS = 500
MessageReason = Literal["firing", "resolved", "repeat", "test"]


@dataclass(frozen=True, slots=True)
class AlertMessage:
    """One message to one target. `since_ns` is when what is new in it became so, 0 where nothing is; `left_out` counts alerts past MAX_ALERTS."""

    id: str
    target: str
    receiver: str
    group_key: str
    group_labels: Labels
    alerts: tuple[Alert, ...]
    reason: MessageReason
    since_ns: int
    decided_ns: int
    left_out: int = 0

    @property
    def firing(self) -> tuple[Alert, ...]:
        """The alerts that fire."""
        return tuple(alert for alert in self.alerts if alert.state is AlertState.FIRING)

    @property
    def resolved(self) -> tuple[Alert, ...]:
        """The alerts that are over."""
        return tuple(alert for alert in self.alerts if alert.state is not AlertState.FIRING)

    @property
    def status(self) -> Literal["firing", "resolved"]:
        """firing while any of its alerts does."""
        return "firing" if self.firing else "resolved"


def message_id(target: str, group_key: str, alerts: Sequence[Alert], decided_ns: int) -> str:
    """Return the id of a message: the same for the same decision."""
    parts = [target, group_key, str(decided_ns), *(f"{alert.fingerprint} {alert.state.value} {alert.fired_at_ns}" for alert in alerts)]
    return "msg_" + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def common(maps: Sequence[Labels]) -> Labels:
    """Return what all of them have alike."""
    if not maps:
        return {}
    first, *others = maps
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def message_to_object(message: AlertMessage) -> dict[str, Any]:
    """Return a message ready for JSON, to be kept."""
    return {
        **{name: getattr(message, name) for name in AlertMessage.__dataclass_fields__},
        "group_labels": dict(message.group_labels),
        "alerts": [alert_to_object(alert) for alert in message.alerts],
    }


def message_from_object(found: Mapping[str, Any]) -> AlertMessage:
    """Return the message that was kept."""
    return AlertMessage(**{**found, "alerts": tuple(alert_from_object(alert) for alert in found["alerts"])})
