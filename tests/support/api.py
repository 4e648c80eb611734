"""The description of the API without a collector, and its table of fields as `docs/api.md` prints it: `python -m support.api` writes that anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

from hookline.contract.fields import GROUPS, FieldUnit
from hookline_collector.api.alerts import AlertsApi
from hookline_collector.api.bands import BandsApi
from hookline_collector.api.calendars import CalendarApi
from hookline_collector.api.cleanups import CleanupApi
from hookline_collector.api.corrections import CorrectionsApi
from hookline_collector.api.dashboards import DashboardsApi
from hookline_collector.api.databases import DatabasesApi
from hookline_collector.api.deliveries import DeliveriesApi
from hookline_collector.api.http.endpoint import ApiResource
from hookline_collector.api.http.openapi import describe
from hookline_collector.api.live import LiveApi
from hookline_collector.api.quarantined import QuarantineApi
from hookline_collector.api.query import QueryApi
from hookline_collector.api.reports import ReportsApi
from hookline_collector.api.rules import RulesApi
from hookline_collector.api.services import ServicesApi
from hookline_collector.api.session_detail import SessionDetailApi
from hookline_collector.api.sessions import SessionsApi
from hookline_collector.api.silences import SilencesApi
from hookline_collector.api.standing import StandingApi
from hookline_collector.api.summary import SummaryApi
from hookline_collector.api.usage_windows import WindowsApi
from hookline_collector.api.usual_days import UsualApi

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
BEGIN, END = "<!-- fields: begin -->\n", "<!-- fields: end -->\n"
TYPES = {
    FieldUnit.MOMENT: "moment",
    FieldUnit.COUNT: "number",
    FieldUnit.ID: "text",
    FieldUnit.IDS: "list of texts",
    FieldUnit.TEXTS: "list of texts",
    FieldUnit.FLAG: "true, false",
    FieldUnit.RECORDS: "object or list",
    FieldUnit.RATIO: "number",
    FieldUnit.SECONDS: "seconds",
}


def resources() -> tuple[ApiResource, ...]:
    """Return every resource of the API, with nothing behind it."""
    nothing = Mock()
    return (
        StandingApi(nothing, nothing, metrics_open=True),
        SummaryApi(nothing, nothing, nothing, nothing),
        LiveApi(nothing),
        SessionsApi(nothing, nothing),
        SessionDetailApi(nothing),
        ServicesApi(nothing, "UTC"),
        DatabasesApi(nothing, nothing, "UTC"),
        AlertsApi(nothing, nothing, nothing),
        RulesApi(nothing, nothing),
        CleanupApi(nothing),
        ReportsApi(nothing, 300, "UTC"),
        CalendarApi(nothing, nothing, 300, "UTC"),
        BandsApi(nothing, nothing, 300, "UTC"),
        CorrectionsApi(nothing, nothing, nothing, nothing, "UTC"),
        WindowsApi(nothing, nothing),
        UsualApi(nothing, "UTC"),
        QueryApi(nothing),
        DashboardsApi(nothing, "UTC"),
        QuarantineApi(nothing, nothing),
        SilencesApi(nothing),
        DeliveriesApi(nothing, str),
    )


def described() -> dict[str, Any]:
    """Return the OpenAPI description."""
    return describe((endpoint for resource in resources() for endpoint in resource.routes), "hookline_4319")


def with_table(text: str) -> str:
    """Return the page with the table of fields as it is now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + "".join(_table()) + END + rest.partition(END)[2]


def _table() -> Iterator[str]:
    for title, fields in GROUPS.items():
        yield f"\n### {title}\n\n| Field | Type | Meaning | From |\n| --- | --- | --- | --- |\n"
        for field in fields:
            yield f"| `{field.name}` | {TYPES.get(field.unit, field.unit.value)} | {field.meaning} | {field.source} |\n"
    yield "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text()))
