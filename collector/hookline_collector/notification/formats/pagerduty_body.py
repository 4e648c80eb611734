"""An event of PagerDuty's Events API v2: one incident a group of alerts, opened, updated and resolved by the same key."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from hookline_collector.notification.deciding.alert_message import AlertMessage, common
from hookline_collector.notification.formats.alert_links import links_of
from hookline_collector.notification.formats.alertmanager_body import go_time
from hookline_collector.notification.formats.message_text import MessageText, one_line

MAX_SUMMARY_CHARS = 1_024
MAX_TEXT_CHARS = 32_000
SEVERITIES: Final = {"critical": "critical", "page": "critical", "error": "error", "warning": "warning", "info": "info"}


def pagerduty_body(message: AlertMessage, words: MessageText, external_url: str, routing_key: str, severity: str) -> dict[str, Any]:
    """Return the event."""
    event: dict[str, Any] = {
        "routing_key": routing_key,
        "event_action": "trigger" if message.firing else "resolve",
        "dedup_key": hashlib.sha256(message.group_key.encode()).hexdigest(),
    }
    labels = common([alert.labels for alert in message.alerts])
    links = links_of(message.alerts[0], external_url)
    return event | {
        "client": "Hookline",
        "client_url": external_url,
        "payload": {
            "summary": one_line(words.title, MAX_SUMMARY_CHARS),
            "source": labels.get("host") or labels.get("service") or labels.get("project") or "hookline",
            "severity": SEVERITIES.get(labels.get("severity", ""), severity),
            "timestamp": go_time(min(alert.fired_at_ns for alert in message.alerts)),
            "component": labels.get("tool", ""),
            "group": labels.get("project", ""),
            "class": labels.get("alertname", ""),
            "custom_details": {
                "firing": "\n".join(one_line(" ".join(f"{k}={v}" for k, v in alert.labels.items()), 1_000) for alert in message.firing[:50]),
                "resolved": "\n".join(one_line(" ".join(f"{k}={v}" for k, v in alert.labels.items()), 1_000) for alert in message.resolved[:50]),
                "num_firing": len(message.firing),
                "num_resolved": len(message.resolved),
                "text": words.text[:MAX_TEXT_CHARS],
            },
        },
        "links": [{"href": link, "text": name} for name, link in links.items() if link.startswith("http")],
    }
