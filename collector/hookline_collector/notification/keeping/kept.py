"""The records that are kept, and what is written together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hookline_collector.alerts.alert import Alert
from hookline_collector.notification.deciding.alert_groups import AlertGroup
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.deciding.silence import Acknowledgement, Silence

DeliveryOutcome = Literal["delivered", "retried", "refused", "dropped", "expired"]


@dataclass(frozen=True, slots=True)
class LoggedDelivery:
    """What came of one attempt to deliver to one target. `code` is the status of HTTP, SMTP or a program, 0 where there was none."""

    message_id: str
    target: str
    receiver: str
    group_key: str
    reason: str
    alerts_firing: int
    alerts_resolved: int
    attempt: int
    outcome: DeliveryOutcome
    code: int
    answer: str
    at_ns: int
    duration_ns: int
    after_breach_ns: int


@dataclass(frozen=True, slots=True)
class KeptChanges:
    """What is written in one transaction: all of it, or nothing. Alerts stand apart from their groups, so that a large group is not written anew for
    each change: `members` by the group's key, `members_over` by key and fingerprint."""

    taken: Sequence[str] = ()
    groups: Sequence[AlertGroup] = ()
    groups_over: Sequence[str] = ()
    members: Sequence[tuple[str, Alert]] = ()
    members_over: Sequence[tuple[str, str]] = ()
    queued: Sequence[AlertMessage] = ()
    attempts: Mapping[str, int] = field(default_factory=dict)
    done: Sequence[str] = ()
    logged: Sequence[LoggedDelivery] = ()
    silences: Sequence[Silence] = ()
    silences_over: Sequence[str] = ()
    acknowledged: Sequence[Acknowledgement] = ()
    acknowledged_over: Sequence[str] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not any(getattr(self, name) for name in KeptChanges.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Kept:
    """All that a former process left."""

    groups: tuple[AlertGroup, ...] = ()
    queue: tuple[tuple[AlertMessage, int], ...] = ()
    taken: tuple[str, ...] = ()
    silences: tuple[Silence, ...] = ()
    acknowledged: tuple[Acknowledgement, ...] = ()


def group_to_object(group: AlertGroup) -> dict[str, Any]:
    """Return a group without its alerts, ready for JSON."""
    return {
        "route_id": group.route_id,
        "receiver": group.receiver,
        "labels": dict(group.labels),
        "began_ns": group.began_ns,
        "told": dict(group.sent),
        "told_ns": group.sent_ns,
        "due_ns": group.due_ns,
    }


def group_from_object(found: Mapping[str, Any], members: Mapping[str, Alert]) -> AlertGroup:
    """Return the group that was kept, with its alerts."""
    return AlertGroup(
        route_id=found["route_id"],
        receiver=found["receiver"],
        labels=found["labels"],
        began_ns=found["began_ns"],
        members=members,
        sent=found["told"],
        sent_ns=found["told_ns"],
        due_ns=found["due_ns"],
    )
