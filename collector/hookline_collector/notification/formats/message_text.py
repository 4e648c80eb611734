"""A message in plain words: a title of one line and a text, for mail, chat and the desktop. Templates of a person's own may take their place.

What people and repositories choose is kept from steering what shows it: titles have no control characters and one line.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.alert import Alert, AlertState
from hookline_collector.notification.deciding.alert_message import AlertMessage, common
from hookline_collector.notification.formats.alert_links import links_of

BARS = "▁▂▃▄▅▆▇█"
MAX_TITLE_CHARS = 250
MAX_ALERTS = 20
MAX_POINTS = 40
MAX_WORST = 3


@dataclass(frozen=True, slots=True)
class MessageText:
    """A title and a text."""

    title: str
    text: str


def words_of(message: AlertMessage, external_url: str) -> MessageText:
    """Return a message in words."""
    shown = message.alerts[:MAX_ALERTS]
    parts = ["\n".join(about(alert, external_url)) for alert in shown]
    if left := message.left_out + len(message.alerts) - len(shown):
        parts.append(f"and {left} more")
    return MessageText(title_of(message), "\n\n".join(parts))


def title_of(message: AlertMessage) -> str:
    """Return `[FIRING:2] SlowTool Bash`: how many fire, what the group is, what its alerts have alike."""
    both = common([alert.labels for alert in message.alerts])
    group = [*message.group_labels.values()]
    alike = [value for name, value in both.items() if name not in message.group_labels]
    count = f"FIRING:{len(message.firing)}" if message.firing else "RESOLVED"
    test = "TEST " if message.reason == "test" else ""
    return one_line(f"[{test}{count}] {' '.join(group or [alert.name for alert in message.alerts[:1]])}" + (f" ({' '.join(alike)})" if alike else ""))


def about(alert: Alert, external_url: str) -> Iterator[str]:
    """Yield the lines about one alert: what it says, since when, its series, the worst behind it, its statement and links."""
    yield f"{'firing' if alert.state is AlertState.FIRING else 'resolved'}: {summary_of(alert)}"
    if description := alert.annotations.get("description", ""):
        yield plain_text(description)
    end = f", over since {clock_of(alert.resolved_at_ns)}" if alert.resolved_at_ns else ""
    yield f"since {clock_of(alert.fired_at_ns)}{end}, value {alert.value:g}"
    if alert.evidence.points:
        yield f"series {bars([value for _, value in alert.evidence.points][-MAX_POINTS:])} {alert.evidence.points[-1][1]:g}"
    for worst in alert.evidence.worst[:MAX_WORST]:
        session = f", session {one_line(worst.session_id)[:8]}" if worst.session_id else ""
        yield f"worst  {worst.value:g} {one_line(worst.name)} at {clock_of(worst.at_ns)}{session}"
    if alert.evidence.query:
        yield f"query  {one_line(alert.evidence.query, 2_000)}"
    for name, link in links_of(alert, external_url).items():
        yield f"{name}: {one_line(link, 2_000)}"


def summary_of(alert: Alert) -> str:
    """Return an alert in one line: its own summary, else its labels."""
    said = alert.annotations.get("summary", "") or " ".join(alert.labels.values())
    return one_line(said)


def bars(values: Sequence[float]) -> str:
    """Return a series as small bars, from its least to its largest value; a gap for what is no number."""
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return ""
    least, size = min(known) / 2, (max(known) / 2 - min(known) / 2) or 1.0  # halves, since the whole range may be past what a number holds
    return "".join(BARS[round(min(1.0, (value / 2 - least) / size) * 7)] if math.isfinite(value) else " " for value in values)


def clock_of(time_ns: int) -> str:
    """Return a moment as people read it, in UTC."""
    return f"{datetime.fromtimestamp(time_ns / NS_PER_S, UTC):%Y-%m-%d %H:%M:%S} UTC"


def one_line(text: str, most: int = MAX_TITLE_CHARS) -> str:
    """Return a text without control characters, on one line, cut."""
    shown = " ".join("".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text).split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def plain_text(text: str, most: int = 2_000) -> str:
    """Return a text without control characters but its ends of lines, cut."""
    shown = "".join(char for char in text if char == "\n" or unicodedata.category(char)[0] != "C")
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
