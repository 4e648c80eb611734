"""Alerts, transitions and messages for the tests of notification."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hookline_collector.alerts.alert import (
    Alert,
    AlertState,
    AlertTransition,
    Evidence,
    Labels,
    RuleOrigin,
    Witness,
    labels_of,
    transition_of,
)
from hookline_collector.notification.deciding.alert_message import AlertMessage, message_id

S: Final = 1_000_000_000
T0: Final = 1_790_000_000 * S + 250_000_000
RULE: Final = RuleOrigin("agents", "SlowTool", "rules.yaml")


def firing(at_ns: int = T0, **labels: str) -> Alert:
    """Return an alert that fires since a moment."""
    return Alert(
        labels=labels_of({"alertname": "SlowTool"}, labels),
        rule=RULE,
        state=AlertState.FIRING,
        value=8.5,
        annotations={"summary": f"{labels.get('tool', 'a tool')} is slow", "description": "p95 is over its baseline"},
        active_at_ns=at_ns,
        fired_at_ns=at_ns,
        changes=1,
        links={"session": "/session/abc", "panel": "/panel?x=1"},
        evidence=Evidence(
            ((at_ns - 2 * S, 1.0), (at_ns - S, 4.0), (at_ns, 8.5)),
            (Witness("span", "tool Bash", 12.5, at_ns, "0f3a", "a" * 32, "b" * 16),),
            "SELECT quantile(0.95)(run_s) FROM tool_calls",
        ),
    )


def over(alert: Alert, at_ns: int) -> Alert:
    """Return the same alert once it is over."""
    return replace(alert, state=AlertState.RESOLVED, resolved_at_ns=at_ns, changes=alert.changes + 1)


def fired(at_ns: int = T0, **labels: str) -> AlertTransition:
    """Return the change by which an alert fires."""
    return transition_of(firing(at_ns, **labels), AlertState.PENDING, at_ns)


def resolved(alert: Alert, at_ns: int) -> AlertTransition:
    """Return the change by which it is over."""
    return transition_of(over(alert, at_ns), AlertState.FIRING, at_ns)


def message(*alerts: Alert, target: str = "team-webhook-1", group_labels: Labels | None = None, decided_ns: int = T0 + S) -> AlertMessage:
    """Return a message about alerts."""
    key = '{}:{alertname="SlowTool"}'
    known = message_id(target, key, alerts, decided_ns)
    labels = {"alertname": "SlowTool"} if group_labels is None else group_labels
    return AlertMessage(known, target, "team", key, labels, alerts, "firing", alerts[0].fired_at_ns, decided_ns)
