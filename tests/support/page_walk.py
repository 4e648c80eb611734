"""Walks the pages in a real browser: waits until they are drawn, scrolls through them, and looks at what stands there, pixels and all."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import pytest

from support.readme import ZONES
from support.shop_telemetry import STATEMENTS

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE: Final = Path(__file__).parents[2] / ".cache" / "web" / "node_modules" / "axe-core" / "axe.min.js"
ZONE: Final = next(name for name in ZONES if 14 <= datetime.now(ZoneInfo(name)).hour < 20)
"""Where it is late afternoon: a whole day of work lies in today, whenever the tests run."""
REQUEST: Final = f"{1:032x}:{1:016x}"
"""The first slow request of `shop_world`."""
DASHBOARDS: Final = {
    "/latency": "hookline-latency",
    "/resources": "hookline-resources",
    "/work?view=charts": "hookline-work",
    "/sessions?view=charts": "hookline-sessions",
    "/services?from=now-1h": "hookline-services",
    "/databases?from=now-1h": "hookline-databases",
    "/alerts": "hookline-alerts",
    "/collector": "hookline-collector",
}
OTHERS: Final = (
    "/",
    "/live",
    "/work",
    "/sessions",
    "/sessions/shop-afternoon",
    "/silence",
    "/explore?sql=SELECT%20tool,%20count()%20AS%20calls%20FROM%20tool_calls%20GROUP%20BY%20tool",
    "/status",
    f"/requests/{REQUEST}",
    "/databases/shop-db",
    f"/statements/{STATEMENTS[0][0]}",
)
_CALM: Final = """![...document.querySelectorAll('#main [aria-busy=true], #main .skeleton')].some((each) => {
  const {top, bottom} = each.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
})"""
_COLOURED: Final = """(canvases) => canvases.map((canvas) => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [most, least] = [Math.max(data[at], data[at + 1], data[at + 2]), Math.min(data[at], data[at + 1], data[at + 2])];
    if (data[at + 3] > 60 && most - least > 30) found += 1;
  }
  const panel = canvas.closest('section');
  return [panel?.getAttribute('aria-label') ?? panel?.className ?? '', found];
})"""
"""How many pixels of each canvas have a colour: axes, grids and texts are grey."""


def until(page: Page, condition: str, within_ms: int = 60_000) -> None:
    """Wait for a condition. Playwright's own way needs `eval`, which the policy of the content forbids."""
    look = f"const look = () => ({condition}) ? done() : Date.now() > end ? fail('it did not happen in time') : setTimeout(look, 25)"
    page.evaluate(f"new Promise((done, fail) => {{ const end = Date.now() + {within_ms}; {look}; look(); }})")


def look_at(page: Page, path: str) -> None:
    """Open a page and wait until all of it that can be seen is there."""
    page.goto(path)
    page.wait_for_selector("#main > *:not([aria-busy])")
    until(page, _CALM)


def walk_through(page: Page) -> None:
    """Scroll to the end of a page, so that everything on it was asked for and drawn."""
    height = page.evaluate("innerHeight")
    at = 0
    while at < page.evaluate("document.documentElement.scrollHeight"):
        page.evaluate(f"scrollTo(0, {at})")
        until(page, _CALM)
        at += height
    until(page, "document.querySelectorAll('#main [aria-busy=true]').length === 0")
    page.evaluate("scrollTo(0, 0)")


def coloured(page: Page) -> dict[str, int]:
    """Return for each canvas, by what it is in, how many pixels are neither background nor axis nor text."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return {str(name): int(found) for name, found in page.eval_on_selector_all("#main canvas", _COLOURED)}


def accuse(page: Page) -> list[str]:
    """Return what axe finds wrong with a page."""
    if not AXE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have axe: make check fetches it")
        pytest.skip("axe is not here: make check fetches it")
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {json.dumps([node['target'] for node in each['nodes']][:4])} {each['help']}" for each in found["violations"]]
