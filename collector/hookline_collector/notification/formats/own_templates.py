"""Templates of a person's own: the sandbox of the rules' templates, with a message in it.

    status, receiver, reason, external_url      texts
    labels, group_labels, annotations           what all alerts have alike, and what makes the group
    alerts, firing, resolved                    lists: status, labels, annotations, value, starts_at, ends_at, fingerprint, links
    title, text                                 the text that is sent without a template
    body                                        the body of Alertmanager's webhook; `{{ body | tojson }}` is all of it

A template that fails costs nobody a message: words then say why, and a body is Alertmanager's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from hookline_collector.alerts.alert import Alert, AlertState
from hookline_collector.alerts.templates import ERROR, render
from hookline_collector.notification.deciding.alert_message import AlertMessage, common
from hookline_collector.notification.formats.alert_links import links_of
from hookline_collector.notification.formats.alertmanager_body import go_time, webhook_body
from hookline_collector.notification.formats.message_text import MessageText, one_line, plain_text, words_of

MAX_BODY_CHARS = 1024 * 1024
MAX_TEXT_CHARS = 40_000


def own_words(message: AlertMessage, external_url: str, title: str, text: str) -> MessageText:
    """Return title and text, each by its template where there is one."""
    plain = words_of(message, external_url)
    if not (title or text):
        return plain
    given = _given(message, external_url, plain)
    return MessageText(
        one_line(_rendered(title, given, 2_000)) if title else plain.title,
        plain_text(_rendered(text, given, MAX_TEXT_CHARS), MAX_TEXT_CHARS) if text else plain.text,
    )


def own_body(message: AlertMessage, external_url: str, template: str) -> bytes:
    """Return a body by its template; Alertmanager's where that fails."""
    made = _rendered(template, _given(message, external_url, words_of(message, external_url)), MAX_BODY_CHARS)
    if ERROR in made:
        return orjson.dumps(webhook_body(message, external_url))
    return made.encode()


def _rendered(template: str, given: Mapping[str, Any], most: int) -> str:
    return render(template, given["labels"], given["value"], given, most)


def _given(message: AlertMessage, external_url: str, plain: MessageText) -> Mapping[str, Any]:
    alerts = [_alert(alert, external_url) for alert in message.alerts]
    return {
        "status": message.status,
        "receiver": message.receiver,
        "reason": message.reason,
        "external_url": external_url,
        "externalURL": external_url,
        "group_key": message.group_key,
        "group_labels": message.group_labels,
        "labels": common([alert.labels for alert in message.alerts]),
        "annotations": common([alert.annotations for alert in message.alerts]),
        "alerts": alerts,
        "firing": [alert for alert in alerts if alert["status"] == "firing"],
        "resolved": [alert for alert in alerts if alert["status"] == "resolved"],
        "title": plain.title,
        "text": plain.text,
        "value": message.alerts[0].value if message.alerts else 0.0,
        "body": webhook_body(message, external_url),
    }


def _alert(alert: Alert, external_url: str) -> Mapping[str, Any]:
    return {
        "status": "firing" if alert.state is AlertState.FIRING else "resolved",
        "labels": alert.labels,
        "annotations": alert.annotations,
        "value": alert.value,
        "starts_at": go_time(alert.fired_at_ns),
        "ends_at": go_time(alert.resolved_at_ns) if alert.resolved_at_ns else "",
        "fingerprint": alert.fingerprint,
        "links": links_of(alert, external_url),
    }
