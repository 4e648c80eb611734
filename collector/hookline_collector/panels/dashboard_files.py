"""The built dashboards, read once: each as it is served, and its panels' statements by their ids."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import orjson

PACKAGE: Final = "hookline_dashboards"
FORMATS: Final[Mapping[int, str]] = {0: "time_series", 1: "table"}
"""What the plugin calls the shape of an answer."""


@dataclass(frozen=True, slots=True)
class PanelStatement:
    """One question of a panel."""

    ref: str
    format: str
    sql: str


@dataclass(frozen=True, slots=True)
class DashboardPanel:
    """A panel that asks something. `least_interval_ms` is the shortest interval that means something to it."""

    panel_id: int
    title: str
    statements: tuple[PanelStatement, ...]
    least_interval_ms: int
    most_points: int


@dataclass(frozen=True, slots=True)
class DashboardVariable:
    """A filter. Its values come from a statement, or are typed; then `default` holds while nobody does."""

    name: str
    label: str
    sql: str
    is_multi: bool
    has_all: bool
    default: str = ""


@dataclass(frozen=True, slots=True)
class BuiltDashboard:
    """A dashboard as it was built."""

    uid: str
    title: str
    description: str
    tags: tuple[str, ...]
    text: bytes
    etag: str
    panels: Mapping[int, DashboardPanel]
    variables: tuple[DashboardVariable, ...]


@cache
def built_dashboards() -> Mapping[str, BuiltDashboard]:
    """Return the dashboards by uid, in the order in which they are shown."""
    folder = built_folder()
    found = [read_dashboard(path.read_bytes()) for path in sorted(folder.glob("*.json"))] if folder else []
    return {each.uid: each for each in found}


def built_folder() -> Path | None:
    """Return where they are; None where the package is not installed."""
    found = importlib.util.find_spec(PACKAGE)
    return Path(found.submodule_search_locations[0]) / "built" if found and found.submodule_search_locations else None


def read_dashboard(text: bytes) -> BuiltDashboard:
    """Return a dashboard from its JSON."""
    content = orjson.loads(text)
    return BuiltDashboard(
        uid=content["uid"],
        title=content["title"],
        description=content["description"],
        tags=tuple(content["tags"]),
        text=text,
        etag=f'"{hashlib.sha256(text).hexdigest()[:16]}"',
        panels={panel["id"]: _panel(panel) for panel in content["panels"] if panel.get("targets")},
        variables=tuple(_variables(content["templating"]["list"])),
    )


def _panel(panel: Mapping[str, Any]) -> DashboardPanel:
    statements = tuple(PanelStatement(target["refId"], FORMATS[target["format"]], target["rawSql"]) for target in panel["targets"])
    return DashboardPanel(panel["id"], panel["title"], statements, milliseconds(panel.get("interval", "1s")), panel.get("maxDataPoints", 300))


def _variables(variables: list[dict[str, Any]]) -> Iterator[DashboardVariable]:
    for each in variables:
        if each["type"] == "query":
            yield DashboardVariable(each["name"], each["label"], each["query"]["rawSql"], bool(each.get("multi")), bool(each.get("includeAll")))
        elif each["type"] == "textbox":
            yield DashboardVariable(each["name"], each["label"], "", is_multi=False, has_all=False, default=str(each["query"]))


def milliseconds(length: str) -> int:
    """Return a length as Grafana writes it (`30s`, `5m`, `1h`, `1d`) in milliseconds."""
    return int(length[:-1]) * {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}[length[-1]]
