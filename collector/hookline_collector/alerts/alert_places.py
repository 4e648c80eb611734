"""Where an alert can be looked into: the page of its panels around the breach, its session, and what its rule names itself.

A path without a host is one of the collector's own pages; whoever tells people puts the host before it. A rule names its own panel or runbook by the
annotations `panel_url` and `runbook_url`.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from hookline.contract.databases import DATABASE_SCOPE, DB_NAME
from hookline.contract.services import HTTP_DURATION, RPC_SERVER_DURATION, SERVICES_SCOPE, SLOW_REQUEST_RECORD
from hookline_collector.alerts.alert import Alert, Evidence, Labels, Witness
from hookline_collector.alerts.rule import AlertRule, ItemKind, ItemMeasure, SessionMeasure, SqlMeasure

AROUND_NS = 3_600 * 1_000_000_000
SERVICE_NAME = "service.name"
_OF_COMPONENTS = {"collector": "/collector", "relay": "/collector", "database": "/databases", "service": "/services"}
_OF_SCOPES = {DATABASE_SCOPE: "/databases", SERVICES_SCOPE: "/services"}
_FILTERS = {"project": "project", "tool": "tool", DB_NAME: "database", SERVICE_NAME: "service"}
"""What a page can be narrowed down by: a label, or the attribute that it comes from, and the page's own word for it."""
_REQUESTS = frozenset({SLOW_REQUEST_RECORD, HTTP_DURATION.name, RPC_SERVER_DURATION.name})
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


def witness_path(witness: Witness) -> str:
    """Return the page of what an alert is about: a session, or a service's request; empty where there is none."""
    if witness.session_id:
        return session_path(witness.session_id)
    is_request = witness.name in _REQUESTS and witness.trace_id and witness.span_id
    return f"/requests/{witness.trace_id}:{witness.span_id}" if is_request else ""


def panel_path(rule: AlertRule, alert: Alert) -> str:
    """Return the page that shows what a rule measures, an hour around where the breach began."""
    begun_ns = alert.active_at_ns
    asked = {"from": (begun_ns - AROUND_NS) // 1_000_000, "to": (begun_ns + AROUND_NS) // 1_000_000}
    by = {} if isinstance(rule.measure, SqlMeasure) else dict(rule.measure.by)
    known = {_FILTERS.get(name) or _FILTERS.get(by.get(name, ""), ""): value for name, value in alert.labels.items() if value}
    filters = {f"var.{name}": known[name] for name in sorted(known) if name}
    return f"{_page(rule)}?{urlencode({**asked, **filters}, quote_via=quote)}"


def _page(rule: AlertRule) -> str:
    measure = rule.measure
    scopes = [each.values[0] for each in measure.filter if each.name == "scope"] if isinstance(measure, ItemMeasure) else []
    if page := _OF_COMPONENTS.get(rule.labels.get("component", "")) or next((_OF_SCOPES[each] for each in scopes if each in _OF_SCOPES), ""):
        return page
    if isinstance(measure, SessionMeasure):
        return "/live"
    if isinstance(measure, ItemMeasure) and measure.kind is ItemKind.SPAN:
        return "/latency"
    is_process = isinstance(measure, ItemMeasure) and measure.kind is ItemKind.METRIC and measure.name.startswith(_PROCESSES)
    return "/resources" if is_process else "/alerts"
