"""The whole walk, too long for every time: to the end of each page, light and dark, wide and narrow, by keyboard, with much on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from support.many_stretches import as_bands, as_report
from support.page_walk import DASHBOARDS, OTHERS, accuse, coloured, look_at, until, walk_through
from support.soaking import share

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(600)]
PATHS = (*OTHERS, *DASHBOARDS)
FOUR = [(scheme, width, PATHS) for scheme in ("light", "dark") for width in (1280, 390)]
LOOKS = share([("light", 1280, PATHS[::2]), ("dark", 390, PATHS[1::2])], FOUR, FOUR)
BY_KEYS = share((*OTHERS, "/latency"), PATHS, PATHS)
"""Where each stop of the keyboard is looked at, too. Dashboards are made of the same parts: one stands for all in the sample."""
STOPS = """[...document.querySelectorAll('a[href], button:not(:disabled), input, select, textarea, summary')]
  .filter((element) => element.checkVisibility({visibilityProperty: true}) && element.tabIndex >= 0).length"""
CUT_LEGENDS = """[...document.querySelectorAll('#main .legend-scroll')].filter((each) => each.clientHeight < Math.min(40, each.scrollHeight))
  .map((each) => each.closest('section').getAttribute('aria-label'))"""
"""Panels whose legend does not show a row beneath its head."""
AT = """((at) => [at.tagName, getComputedStyle(at).outlineStyle, Boolean(at.closest('.sql-editor'))])(document.activeElement)"""


@pytest.mark.parametrize(("scheme", "width", "paths"), LOOKS, ids=lambda each: "" if isinstance(each, tuple) else str(each))
def test_every_page_is_drawn_to_its_end_for_eyes_keys_and_axe(page: Page, scheme: Any, width: int, paths: Sequence[str]) -> None:
    """Nothing is cut off at the side, each chart has more than its axes, each panel says something, no name is markup, and the theme is kept to.

    Tab reaches all that can be clicked, and shows where it is.
    """
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    wrong: dict[str, list[str]] = {}
    for path in paths:
        look_at(page, path)
        walk_through(page)
        assert page.inner_text("h1"), path
        assert page.locator("#main .problem").count() == 0, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert (page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") < 60) == (scheme == "dark")
        faults = [f"{name or 'a canvas'} is empty" for name, found in coloured(page).items() if found < 10]
        faults += [f"{text} says nothing" for text in _silent(page)]
        faults += [f"{name} has no room for its legend" for name in page.evaluate(CUT_LEGENDS)]
        faults += accuse(page)
        faults += _unreached(page) if path in BY_KEYS else []
        assert page.title().endswith(" · Hookline"), path
        assert page.evaluate("[...document.images].filter((each) => !each.closest('.brand')).length") == 0, path
        if faults:
            wrong[path] = faults
    assert wrong == {}


def _silent(page: Page) -> list[str]:
    """Return the panels that show neither figures nor rows nor a chart, and do not say why."""
    said = "canvas, svg, td, .figure, .bars li, .panel-said, .markdown"
    silent: list[str] = page.eval_on_selector_all(
        "#main .panel", f"(panels) => panels.filter((each) => !each.querySelector('{said}')).map((each) => each.getAttribute('aria-label'))"
    )
    return silent


def _unreached(page: Page) -> list[str]:
    """Return the stops that have no outline, and whether some are not reached. From the editor of Explore Escape and Tab lead on."""
    wanted = page.evaluate(STOPS)
    page.evaluate("document.activeElement?.blur(); scrollTo(0, 0)")
    hidden: list[str] = []
    reached = 0
    for _ in range(wanted + 120):
        page.keyboard.press("Tab")
        tag, outline, editor = page.evaluate(AT)
        if tag == "BODY":
            break
        if editor:
            page.keyboard.press("Escape")
        elif outline == "none":
            hidden.append(f"Tab does not show {page.evaluate('document.activeElement.outerHTML.slice(0, 200)')}")
        reached += 1
    return hidden if reached >= wanted else [*hidden, f"Tab reaches {reached} of {wanted}"]


def test_twenty_thousand_stretches_cost_what_the_width_of_a_screen_costs(page: Page) -> None:
    """The band paints columns; the calendar has no more marks than its height has pixels."""
    page.route("**/api/v1/bands*", lambda route: route.fulfill(json=as_bands(page.request.get(route.request.url).json())))
    page.route("**/api/v1/reports/calendar*", lambda route: route.fulfill(json=as_report(page.request.get(route.request.url).json())))
    look_at(page, "/work")
    page.wait_for_selector(".block-strips i", state="attached")
    assert page.locator(".work-block").count() == 7
    assert 7 <= page.locator(".block-strips i").count() < 7 * 2 * 24 * 44
    look_at(page, "/?from=now/w&to=now")
    until(page, "document.querySelector('.band canvas')")
    assert min(coloured(page).values()) > 3_000
    assert page.evaluate("document.querySelectorAll('.band *').length") < 2_000
