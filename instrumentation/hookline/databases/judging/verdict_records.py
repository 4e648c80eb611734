"""Incidents as log events."""

from __future__ import annotations

import json
from typing import Any

from hookline.contract import databases as names
from hookline.contract.databases import DatabaseEvent
from hookline.databases.database_events import DatabaseName, event, shown
from hookline.databases.judging.incident_book import Incident
from hookline.records import LogRecord

MAX_TEXT = 1_000


def verdict_record(where: DatabaseName, incident: Incident, at_ns: int) -> LogRecord:
    """Return what is told of an incident."""
    finding = incident.finding
    culprit = finding.culprit
    attributes: dict[str, Any] = {
        names.VERDICT_ID: incident.id,
        names.VERDICT_PHASE: incident.phase,
        names.VERDICT_CLASS: str(finding.kind),
        names.VERDICT_SHARE: round(finding.share, 4),
        names.VERDICT_SHARE_LOW: round(finding.low, 4),
        names.VERDICT_SHARE_HIGH: round(finding.high, 4),
        names.VERDICT_SINCE: incident.since_ns,
        names.VERDICT_UNTIL: incident.until_ns,
        names.VERDICT_CERTAINTY: finding.certainty,
        names.VERDICT_SAMPLES: incident.samples,
        names.VERDICT_CULPRIT: shown(culprit.name, 255) if culprit else "",
        names.VERDICT_CULPRIT_KIND: culprit.kind if culprit else "",
        names.VERDICT_TEXT: shown(finding.text, MAX_TEXT),
        names.VERDICT_NEXT: shown(finding.next_step, MAX_TEXT),
        names.VERDICT_EXCLUDED: json.dumps({str(kind): shown(why, 255) for kind, why in incident.excluded.items()}, separators=(",", ":")),
        names.VERDICT_STATEMENTS: json.dumps([each.hash for each in finding.statements], separators=(",", ":")),
    }
    if finding.statements:
        attributes[names.STATEMENT_HASH] = finding.statements[0].hash
        attributes[names.QUERY_SUMMARY] = shown(finding.statements[0].summary, 255)
    return event(where, DatabaseEvent.VERDICT, at_ns, incident.id + incident.phase, attributes)
