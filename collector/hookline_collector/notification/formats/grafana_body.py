"""The body of Grafana's webhook contact point: Alertmanager's keys with version 1, and Grafana's own beside them."""

from __future__ import annotations

from typing import Any

from hookline_collector.alerts.alert import Alert, AlertState
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.formats.alert_links import absolute, silence_link
from hookline_collector.notification.formats.alertmanager_body import explained, webhook_body
from hookline_collector.notification.formats.message_text import title_of, words_of

ORG_ID = 1


def grafana_body(message: AlertMessage, external_url: str, max_alerts: int = 0, *, explain: bool = True) -> dict[str, Any]:
    """Return the body."""
    body = webhook_body(message, external_url, max_alerts, explain=False)
    shown = message.alerts[:max_alerts] if max_alerts else message.alerts
    alerts = [
        each | _own(alert, external_url) | (explained(alert, external_url) if explain else {})
        for each, alert in zip(body["alerts"], shown, strict=True)
    ]
    return body | {
        "version": "1",
        "orgId": ORG_ID,
        "alerts": alerts,
        "title": title_of(message),
        "state": "alerting" if body["status"] == "firing" else "ok",
        "message": words_of(message, external_url).text,
    }


def _own(alert: Alert, external_url: str) -> dict[str, Any]:
    value = {} if alert.state is not AlertState.FIRING else {"A": alert.value}
    labels = ", ".join(f"{name}={label}" for name, label in alert.labels.items())
    return {
        "values": value,
        "valueString": f"[ var='A' labels={{{labels}}} value={alert.value:g} ]",
        "silenceURL": silence_link(alert.labels, external_url),
        "dashboardURL": absolute(alert.links.get("session", ""), external_url),
        "panelURL": absolute(alert.links.get("panel", ""), external_url),
        "ruleUID": f"{alert.rule.group}/{alert.rule.name}",
        "orgId": ORG_ID,
    }
