"""The body of Alertmanager's webhook, version 4, key by key; and what is posted to an Alertmanager (`/api/v2/alerts`).

`evidence` and `links` stand in each alert beside Alertmanager's keys, unless the target says `explain: false`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState
from hookline_collector.alerts.alert_places import witness_path
from hookline_collector.notification.deciding.alert_message import AlertMessage, common
from hookline_collector.notification.formats.alert_links import absolute, generator_url, links_of

NEVER = "0001-01-01T00:00:00Z"


def webhook_body(message: AlertMessage, external_url: str, max_alerts: int = 0, *, explain: bool = True) -> dict[str, Any]:
    """Return the body, with at most `max_alerts` of its alerts (0: all of them)."""
    alerts = message.alerts[:max_alerts] if max_alerts else message.alerts
    return {
        "receiver": message.receiver,
        "status": "firing" if any(alert.state is AlertState.FIRING for alert in alerts) else "resolved",
        "alerts": [webhook_alert(alert, external_url) | (explained(alert, external_url) if explain else {}) for alert in alerts],
        "groupLabels": dict(message.group_labels),
        "commonLabels": dict(common([alert.labels for alert in alerts])),
        "commonAnnotations": dict(common([alert.annotations for alert in alerts])),
        "externalURL": external_url,
        "version": "4",
        "groupKey": message.group_key,
        "truncatedAlerts": message.left_out + len(message.alerts) - len(alerts),
    }


def webhook_alert(alert: Alert, external_url: str) -> dict[str, Any]:
    """Return one alert of the body."""
    is_firing = alert.state is AlertState.FIRING
    return {
        "status": "firing" if is_firing else "resolved",
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": go_time(alert.fired_at_ns),
        "endsAt": NEVER if is_firing else go_time(alert.resolved_at_ns),
        "generatorURL": generator_url(alert, external_url),
        "fingerprint": alert.fingerprint,
    }


def explained(alert: Alert, external_url: str) -> dict[str, Any]:
    """Return why an alert is what it is: its value, the series around the breach, the worst of what is behind it, the statement, and links."""
    return {
        "value": alert.value,
        "evidence": {
            "points": [[go_time(at_ns), value] for at_ns, value in alert.evidence.points],
            "worst": [
                {
                    "kind": worst.kind,
                    "name": worst.name,
                    "value": worst.value,
                    "at": go_time(worst.at_ns),
                    "session_id": worst.session_id,
                    "trace_id": worst.trace_id,
                    "span_id": worst.span_id,
                    "link": absolute(witness_path(worst), external_url),
                }
                for worst in alert.evidence.worst
            ],
            "query": alert.evidence.query,
        },
        "links": dict(links_of(alert, external_url)),
    }


def posted_alerts(message: AlertMessage, external_url: str, now_ns: int, valid_ns: int) -> list[Mapping[str, Any]]:
    """Return what an Alertmanager is posted: what fires ends by itself after `valid_ns`, unless it is posted again."""
    return [
        {
            "labels": dict(alert.labels),
            "annotations": dict(alert.annotations),
            "startsAt": go_time(alert.fired_at_ns),
            "endsAt": go_time(now_ns + valid_ns if alert.state is AlertState.FIRING else alert.resolved_at_ns),
        }
        | ({"generatorURL": link} if (link := generator_url(alert, external_url)).startswith("http") else {})
        for alert in message.alerts
    ]


def go_time(time_ns: int) -> str:
    """Return a moment as Go writes it: RFC 3339 in UTC, with as many digits as it has."""
    seconds, rest = divmod(time_ns, NS_PER_S)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{fraction}Z"
