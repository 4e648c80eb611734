"""The history of alerts in the store: every change once, with what it said."""

from __future__ import annotations

from dataclasses import replace

from alerts.test_alert_keeper import ALERT
from hookline_collector.alerts.alert import AlertState, labels_of, transition_of
from hookline_collector.alerts.alert_history import record
from hookline_collector.store import Store
from hookline_collector.store.queries import load_query
from support.stores import emptied_store as store

__all__ = ["store"]
T = 1_790_000_000_000_000_000


def test_every_change_is_kept_once(store: Store) -> None:
    """Told again alone, with others, or twice in one telling; labels of any kind come back as they were."""
    labels = labels_of({"alertname": "A", "quote": 'it\'s "x" \\ {y}\n', "many": "ü" * 300})
    fired = replace(ALERT, labels=labels, active_at_ns=T - 5, fired_at_ns=T, annotations={"summary": "{{ 1 }} of 'x'"})
    first = transition_of(fired, AlertState.PENDING, T)
    second = transition_of(replace(fired, state=AlertState.RESOLVED, resolved_at_ns=T + 9, changes=2), AlertState.FIRING, T + 9)
    for told in ([first], [first, second], [first], [second, second]):
        record(told, store.command)
    rows = store.query(load_query("hookline_collector.api", "alert_history"), {"since": T - 10, "rule": "", "session_id": "", "limit": 10}).as_dicts()
    assert [(row["transition_id"], row["from_state"], row["to_state"]) for row in rows] == [
        (second.id, "firing", "resolved"),
        (first.id, "pending", "firing"),
    ]
    assert rows[0]["labels"] == dict(labels)
    assert rows[0]["annotations"] == {"summary": "{{ 1 }} of 'x'"}
    assert rows[0]["resolved"].startswith("2026-09-21T14:13:20.000000009")
    other = {"since": T - 10, "rule": "other", "session_id": "", "limit": 10}
    assert store.query(load_query("hookline_collector.api", "alert_history"), other).rows == ()


def test_changes_are_told_of_one_session(store: Store) -> None:
    """By the label that rules give it."""
    for session in ("s-1", "s-2"):
        fired = replace(ALERT, labels=labels_of({"alertname": "A", "session_id": session}), active_at_ns=T - 5, fired_at_ns=T)
        record([transition_of(fired, AlertState.PENDING, T)], store.command)
    asked = {"since": T - 10, "rule": "", "session_id": "s-2", "limit": 10}
    [row] = store.query(load_query("hookline_collector.api", "alert_history"), asked).as_dicts()
    assert row["labels"]["session_id"] == "s-2"
