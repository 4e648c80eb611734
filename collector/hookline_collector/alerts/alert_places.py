"""Where an alert can be looked into: the page of its panels around the breach, its session, and what its rule names itself.

A path without a host is one of the collector's own pages; whoever tells people puts the host before it. A rule names its own panel or runbook by the
annotations `panel_url` and `runbook_url`.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from hookline_collector.alerts.alert import Alert, Evidence, Labels
from hookline_collector.alerts.rule import AlertRule, ItemKind, ItemMeasure, SessionMeasure

AROUND_NS = 3_600 * 1_000_000_000
_OF_OURS = {"collector": "/collector", "relay": "/collector"}
_PROCESSES = ("process.", "system.")


def places_of(rule: AlertRule, alert: Alert, texts: Labels, evidence: Evidence) -> Labels:
    """Return the links of an alert by name."""
    session_id = alert.labels.get("session_id") or next((worst.session_id for worst in evidence.worst if worst.session_id), "")
    found = {
        "session": session_path(session_id) if session_id else "",
        "panel": texts.get("panel_url") or panel_path(rule, alert),
        "runbook": texts.get("runbook_url", ""),
    }
    return {name: link for name, link in found.items() if link}


def session_path(session_id: str) -> str:
    """Return the page of a session."""
    return f"/sessions/{quote(session_id, safe='')}"


def panel_path(rule: AlertRule, alert: Alert) -> str:
    """Return the page that shows what a rule measures, an hour around where the breach began."""
    begun_ns = alert.active_at_ns
    asked = {"from": (begun_ns - AROUND_NS) // 1_000_000, "to": (begun_ns + AROUND_NS) // 1_000_000}
    filters = {f"var.{name}": alert.labels[name] for name in ("project", "tool") if alert.labels.get(name)}
    return f"{_page(rule)}?{urlencode({**asked, **filters}, quote_via=quote)}"


def _page(rule: AlertRule) -> str:
    if page := _OF_OURS.get(rule.labels.get("component", "")):
        return page
    measure = rule.measure
    if isinstance(measure, SessionMeasure):
        return "/live"
    if isinstance(measure, ItemMeasure) and measure.kind is ItemKind.SPAN:
        return "/latency"
    is_process = isinstance(measure, ItemMeasure) and measure.kind is ItemKind.METRIC and measure.name.startswith(_PROCESSES)
    return "/resources" if is_process else "/alerts"
