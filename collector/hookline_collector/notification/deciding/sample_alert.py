"""A test alert: what a target is sent when somebody tries it."""

from __future__ import annotations

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState, Evidence, RuleOrigin, Witness, labels_of


def sample_alert(now_ns: int) -> Alert:
    """Return an alert with everything that one can have."""
    points = tuple((now_ns - back * 10 * NS_PER_S, 10.0 - back) for back in range(9, -1, -1))
    return Alert(
        labels=labels_of({"alertname": "HooklineTest", "severity": "info", "tool": "Bash", "project": "a test"}),
        rule=RuleOrigin("test", "HooklineTest", ""),
        state=AlertState.FIRING,
        value=10.0,
        annotations={"summary": "This is a test of Hookline's notification.", "description": "Nothing is wrong: somebody asked for this message."},
        active_at_ns=now_ns - 90 * NS_PER_S,
        fired_at_ns=now_ns,
        links={"session": "/"},
        evidence=Evidence(points, (Witness("span", "tool Bash", 10.0, now_ns),), "SELECT 10 AS value"),
    )
