"""All dashboards, and where what is built goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hookline_dashboards.build.alerts_page import alerts_page
from hookline_dashboards.build.collector_page import collector_page
from hookline_dashboards.build.databases_page import databases_page
from hookline_dashboards.build.latency_page import latency_page
from hookline_dashboards.build.resources_page import resources_page
from hookline_dashboards.build.services_page import services_page
from hookline_dashboards.build.sessions_page import sessions_page
from hookline_dashboards.build.work_page import work_page

HERE: Final = Path(__file__).parents[1]
BUILT: Final = HERE / "built"
MOUNTED: Final = HERE.parent / "grafana" / "dashboards" / "hookline"
"""In the folder that Grafana mounts; only in a working copy."""


def all_pages() -> Mapping[str, dict[str, Any]]:
    """Return every dashboard by its uid."""
    pages = (latency_page, resources_page, work_page, sessions_page, services_page, databases_page, alerts_page, collector_page)
    return {page["uid"]: page for page in (make() for make in pages)}


def as_text(page: Mapping[str, Any]) -> str:
    """Return a dashboard as its file holds it."""
    return json.dumps(page, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def write_all() -> None:
    """Write every dashboard, and take away what is no dashboard any more."""
    pages = all_pages()
    for folder in (BUILT, MOUNTED):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.json"):
            if path.stem not in pages:
                path.unlink()
        for uid, page in pages.items():
            (folder / f"{uid}.json").write_text(as_text(page), encoding="utf-8")
