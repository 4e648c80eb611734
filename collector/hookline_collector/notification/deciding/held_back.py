"""What holds an alert back now: silences by their ids, other alerts by their fingerprints; and who knows of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hookline_collector.alerts.alert import Alert, fingerprint_of
from hookline_collector.notification.deciding.inhibition import inhibitors
from hookline_collector.notification.deciding.noticeboard import Noticeboard
from hookline_collector.notification.deciding.silence import Acknowledgement, is_acknowledged


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Which silences and which other alerts hold an alert back, and who said that they know of it."""

    silenced_by: tuple[str, ...] = ()
    inhibited_by: tuple[str, ...] = ()
    acknowledged: Acknowledgement | None = None


NOT_HELD = HeldBack()


def held_back(board: Noticeboard, alerts: Iterable[Alert], now_ns: int) -> Mapping[str, HeldBack]:
    """Return what holds back each alert that something does, by its fingerprint."""
    firing = [alert.labels for alert in board.firing().values()]
    found = {}
    for alert in alerts:
        silences = tuple(sorted(silence.id for silence in board.silences.values() if silence.silences(alert.labels, now_ns)))
        others = tuple(sorted({fingerprint_of(labels) for labels in inhibitors(alert.labels, board.plan.inhibit_rules, firing)}))
        known = board.acknowledged.get(alert.fingerprint) if is_acknowledged(alert, board.acknowledged) else None
        held = HeldBack(silences, others, known)
        if held != NOT_HELD:
            found[alert.fingerprint] = held
    return found
