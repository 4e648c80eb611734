"""What became of alerts, in the store: a sink that keeps every change once, in the table behind the view `alerts`.

A store that is away refuses, and gets it again from the keeper. A change that is there already is left out by its id, and where two reports cross,
the table keeps one of them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from hookline_collector.alerts.alert import AlertTransition
from hookline_collector.store.patient_store import PatientStore
from hookline_collector.store.queries import load_query
from hookline_collector.work.statements import RunCommand

PORTION = 500


class AlertHistory:
    """The store as a sink of changes."""

    def __init__(self, store: PatientStore) -> None:
        self._store = store

    async def changed(self, transitions: Sequence[AlertTransition]) -> None:
        """Keep changes. Raises Refused while the store is away."""
        await self._store.run(partial(record, transitions, self._store.store.command))


def record(transitions: Sequence[AlertTransition], command: RunCommand) -> None:
    """Keep changes, some hundred at a time; blocks."""
    sql = load_query(__package__, "record_alerts")
    for begin in range(0, len(transitions), PORTION):
        command(sql, parameters_of(transitions[begin : begin + PORTION]))


def parameters_of(transitions: Sequence[AlertTransition]) -> dict[str, Any]:
    """Return changes as the statement takes them: a list a column."""
    alerts = [each.alert for each in transitions]
    return {
        "ids": [each.id for each in transitions],
        "changed": [each.at_ns for each in transitions],
        "rules": [alert.rule.name for alert in alerts],
        "groups": [alert.rule.group for alert in alerts],
        "files": [alert.rule.file for alert in alerts],
        "fingerprints": [alert.fingerprint for alert in alerts],
        "from_states": [each.from_state.value for each in transitions],
        "to_states": [each.to_state.value for each in transitions],
        "values": [alert.value for alert in alerts],
        "labels": [json.dumps(dict(alert.labels)) for alert in alerts],
        "annotations": [json.dumps(dict(alert.annotations)) for alert in alerts],
        "active": [alert.active_at_ns for alert in alerts],
        "fired": [alert.fired_at_ns for alert in alerts],
        "resolved": [alert.resolved_at_ns for alert in alerts],
        "since": min(each.at_ns for each in transitions),
    }
