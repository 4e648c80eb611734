"""The records of alerts: identity as Prometheus has it, ids that stay, and the way into a file and back."""

from __future__ import annotations

import json
from dataclasses import replace

from hookline_collector.alerts.alert import (
    Alert,
    AlertState,
    Evidence,
    RuleOrigin,
    Witness,
    fingerprint_of,
    labels_of,
    transition_from_object,
    transition_of,
    transition_to_object,
)

ALERT = Alert(
    labels=labels_of({"alertname": "Slow", "tool": "Bash"}),
    rule=RuleOrigin("agents", "Slow", "default.yaml"),
    state=AlertState.FIRING,
    value=2.5,
    active_at_ns=5,
    fired_at_ns=9,
    changes=2,
    links={"session": "/#session/1"},
    evidence=Evidence(((1, 2.0),), (Witness("span", "Bash", 2.5, 7, "s", "t", "p"),), "SELECT 1"),
)


def test_a_fingerprint_is_fnv_1a_over_sorted_names_and_values() -> None:
    """No labels are the hash's own beginning, as in Prometheus; the order in which labels come says nothing."""
    assert fingerprint_of({}) == "cbf29ce484222325"
    assert fingerprint_of({"b": "2", "a": "1"}) == fingerprint_of({"a": "1", "b": "2"})
    assert fingerprint_of({"a": "12"}) != fingerprint_of({"a1": "2"})


def test_labels_are_sorted_and_an_empty_one_is_none() -> None:
    """Later parts win, and may take a label away."""
    assert list(labels_of({"b": "1", "a": "2", "c": "3"}, {"b": "4", "c": ""}).items()) == [("a", "2"), ("b", "4")]


def test_a_change_has_the_same_id_whenever_it_is_told_and_no_other_has_it() -> None:
    """The moment of telling and what changed beside the state say nothing; the episode and the count of changes do."""
    fired = transition_of(ALERT, AlertState.PENDING, 9)
    assert transition_of(replace(ALERT, value=3.0), AlertState.PENDING, 11).id == fired.id
    others = (replace(ALERT, active_at_ns=6), replace(ALERT, changes=4), replace(ALERT, state=AlertState.RESOLVED))
    assert len({fired.id, *(transition_of(other, AlertState.PENDING, 9).id for other in others)}) == 4


def test_somebody_is_notified_of_what_fires_and_of_its_end() -> None:
    """Not of what waits to fire, nor of an end of what never fired."""
    for state, fired_at_ns, is_notified in (
        (AlertState.PENDING, 0, False),
        (AlertState.PENDING, 9, False),
        (AlertState.FIRING, 9, True),
        (AlertState.RESOLVED, 9, True),
        (AlertState.RESOLVED, 0, False),
        (AlertState.INACTIVE, 9, False),
    ):
        assert replace(ALERT, state=state, fired_at_ns=fired_at_ns).is_notified is is_notified, (state, fired_at_ns)


def test_a_change_survives_a_file() -> None:
    """What was kept as JSON is the same again."""
    change = transition_of(ALERT, AlertState.PENDING, 9)
    assert transition_from_object(json.loads(json.dumps(transition_to_object(change)))) == change
