"""A message of Slack in blocks, for an incoming webhook, within Slack's limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hookline_collector.alerts.alert import Alert, AlertState
from hookline_collector.notification.deciding.alert_message import AlertMessage
from hookline_collector.notification.formats.alert_links import links_of
from hookline_collector.notification.formats.message_text import MAX_POINTS, MAX_WORST, MessageText, bars, clock_of, one_line, plain_text, summary_of

MAX_HEADER_CHARS = 150
MAX_SECTION_CHARS = 3_000
MAX_SHOWN = 10


def slack_body(message: AlertMessage, words: MessageText, external_url: str, *, is_own_text: bool) -> dict[str, Any]:
    """Return the message: a header, a section an alert with its evidence and links. A text of the person's own takes the sections' place."""
    sections = [_section(escaped(words.text))] if is_own_text else [_section(_alert(alert, external_url)) for alert in message.alerts[:MAX_SHOWN]]
    if not is_own_text and (left := len(message.alerts) - MAX_SHOWN) > 0:
        sections.append({"type": "context", "elements": [{"type": "mrkdwn", "text": f"and {left} more"}]})
    header = {"type": "header", "text": {"type": "plain_text", "text": one_line(words.title, MAX_HEADER_CHARS), "emoji": False}}
    return {"text": escaped(one_line(words.title)), "blocks": [header, *sections]}


def escaped(text: str) -> str:
    """Return a text in which nothing is a link, a mention or markup of Slack's own."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(text: str) -> dict[str, Any]:
    shown = text if len(text) <= MAX_SECTION_CHARS else text[: MAX_SECTION_CHARS - 1] + "…"
    return {"type": "section", "text": {"type": "mrkdwn", "text": shown or "(no text)"}}


def _alert(alert: Alert, external_url: str) -> str:
    return "\n".join(_lines(alert, external_url))


def _lines(alert: Alert, external_url: str) -> Iterator[str]:
    mark = ":rotating_light:" if alert.state is AlertState.FIRING else ":white_check_mark:"
    yield f"{mark} *{escaped(summary_of(alert))}*"
    if description := alert.annotations.get("description", ""):
        yield escaped(plain_text(description, 1_000))
    end = f", over since {clock_of(alert.resolved_at_ns)}" if alert.resolved_at_ns else ""
    yield f"since {clock_of(alert.fired_at_ns)}{end}, value {alert.value:g}"
    if alert.evidence.points:
        yield f"`{bars([value for _, value in alert.evidence.points][-MAX_POINTS:])}`"
    for worst in alert.evidence.worst[:MAX_WORST]:
        yield f"• {worst.value:g} {escaped(one_line(worst.name, 100))} at {clock_of(worst.at_ns)}"
    found = [
        f"<{escaped(link)}|{escaped(name)}>" for name, link in links_of(alert, external_url).items() if link.startswith("http") and "|" not in link
    ]
    if found:
        yield " · ".join(found)
