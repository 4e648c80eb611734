"""What every dashboard has: a uid, a range, filters, and links to the others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import dashboard as model

from hookline_dashboards.build.panel_kinds import statement
from hookline_dashboards.build.plugin_query import PLUGIN

TAG: Final = "hookline"
FILTERS: Final = "filters"
"""The folder of the filters' statements."""
LABELS: Final = {
    "person": "Person",
    "project": "Project",
    "agent": "Agent",
    "tool": "Tool",
    "model": "Model",
    "rule": "Rule",
    "signal": "Signal",
    "service": "Service",
    "database": "Database",
}


@dataclass(frozen=True, slots=True)
class PageFrame:
    """A dashboard without its panels."""

    page: str
    title: str
    says: str
    filters: tuple[str, ...]
    since: str = "now-24h"
    refresh: str = "1m"
    has_days: bool = False

    @property
    def uid(self) -> str:
        """Its name in addresses."""
        return f"hookline-{self.page}"


def built(frame: PageFrame, panels: Sequence[Any]) -> dict[str, Any]:
    """Return a dashboard as JSON has it."""
    whole = (
        dashboard.Dashboard(frame.title)
        .uid(frame.uid)
        .description(frame.says)
        .tags([TAG])
        .timezone("browser")
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .time(frame.since, "now")
        .refresh(frame.refresh)
        .editable()
        .link(dashboard.DashboardLink("Hookline").type(model.DashboardLinkType.DASHBOARDS).tags([TAG]).keep_time(True).include_vars(True))
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type(PLUGIN))
    )
    for name in frame.filters:
        whole = whole.with_variable(_filter(name))
    if frame.has_days:
        says = "In which time zone days are cut, such as Europe/Berlin."
        whole = whole.with_variable(dashboard.TextBoxVariable("timezone").label("Time zone of days").description(says).default_value("UTC"))
    for panel in panels:
        whole = whole.with_row(panel) if isinstance(panel, dashboard.Row) else whole.with_panel(panel)
    found: dict[str, Any] = json.loads(json.dumps(whole.build(), cls=JSONEncoder))
    return found


def _filter(name: str) -> Any:
    """Return a filter whose values come from the data: several, or all."""
    return (
        dashboard.QueryVariable(name)
        .label(LABELS[name])
        .datasource(model.DataSourceRef(type_val=PLUGIN, uid="${datasource}"))
        .query({"editorType": "sql", "rawSql": statement(FILTERS, name)})
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .current(model.VariableOption(selected=True, text="All", value="$__all"))
    )
