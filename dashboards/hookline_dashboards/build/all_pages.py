"""All dashboards, and where what is built goes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hookline_dashboards.build.collector_page import collector_page

HERE: Final = Path(__file__).parents[1]
BUILT: Final = HERE / "built"
MOUNTED: Final = HERE.parent / "grafana" / "dashboards" / "hookline"
"""In the folder that Grafana mounts; only in a working copy."""


def all_pages() -> Mapping[str, dict[str, Any]]:
    """Return every dashboard by its uid."""
    return {page["uid"]: page for page in (collector_page(),)}


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
