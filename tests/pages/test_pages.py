"""Every page in a real browser, on what real hooks told: it draws, it answers to hand and key, and whatever a name says stays a text."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hookline.collector_client import Client, client_for, page_link
from hookline.settings import Settings
from support.readme import NOW, Played, events, play, running
from support.relaying.captures import write
from support.running import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
AXE = Path(__file__).parents[2] / ".cache" / "web" / "node_modules" / "axe-core" / "axe.min.js"
PATHS = ("/latency", "/resources", "/alerts", "/silence", "/explore", "/status", "/collector", "/nothing")
EXPECTED = r"status of 404|ERR_INTERNET_DISCONNECTED"
"""What Chromium itself says of a page that is not there, and of a network that is gone."""
CALM = "!document.querySelector('#main [aria-busy=true]')"
SQL = "SELECT tool, count() AS calls FROM tool_calls GROUP BY tool ORDER BY calls DESC"
STOPS = """[...document.querySelectorAll('a[href], button:not(:disabled), input, select, textarea')]
  .filter((element) => element.checkVisibility({visibilityProperty: true})).length"""
DRAWN = """() => [...document.querySelectorAll('.chart canvas')].filter((canvas) => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.some((value, place) => place % 4 === 3 && value > 0);
}).length"""
HOSTILE = "<img src=x onerror=document.title=1>"
"""The name of a tool. Where it became markup, the title of the page would change."""

PAST = (Played(-50, "subagent", "shop"), Played(-40, "resume", "billing"))


@dataclass(frozen=True, slots=True)
class Site:
    """Pages with something to show: the link that was printed, and who asks the API."""

    link: str
    client: Client

    @property
    def base(self) -> str:
        """The address of the pages."""
        return self.link.partition("/?")[0]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Give pages that show three sessions of the last hour, and those that go on now."""
    now = datetime.now(UTC).replace(microsecond=0)
    with running(tmp_path_factory.mktemp("home"), {"HOOKLINE_TIMEZONE": "UTC"}) as person:
        play(person, (*PAST, *NOW), now)
        for place, event in enumerate(events(Played(-20, "tools", "website"), now, person.home)):
            payload = event.payload.decode().replace('"Bash"', json.dumps(HOSTILE)).encode()
            write(person.data_dir / "spool", f"hostile-{place}", payload, event.after_ns, " host=laptop entrypoint=cli")
        client = client_for(Settings(data_dir=person.data_dir))
        asked = {"sql": "SELECT count() AS n FROM tool_calls WHERE tool LIKE '<img%'"}
        wait_for(lambda: client.get("/api/v1/live")["sessions"] and client.post("/api/v1/query?format=json", asked)[0]["n"] > 0, 60)
        yield Site(page_link(Settings(data_dir=Path(person.data_dir))), client)


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """Give a page that may not complain: what it writes to its console fails the test."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="UTC", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site.link)
    yield page
    context.close()
    assert [text for text in complaints if not re.search(EXPECTED, text)] == []


def until(page: Page, condition: str) -> None:
    """Wait for a condition. Playwright's own way needs `eval`, which the policy of the content forbids."""
    look = f"const look = () => ({condition}) ? done() : Date.now() > end ? fail('it did not happen in time') : setTimeout(look, 25)"
    page.evaluate(f"new Promise((done, fail) => {{ const end = Date.now() + 20_000; {look}; look(); }})")


def look_at(page: Page, site: Site, path: str) -> None:
    """Open a page and wait until all that it asks for is there."""
    page.goto(site.base + path)
    page.wait_for_selector("#main > *:not([aria-busy])")
    until(page, CALM)


def accuse(page: Page) -> list[str]:
    """Return what axe finds wrong with a page."""
    if not AXE.exists():
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have axe: make check fetches it")
        pytest.skip("axe is not here: make check fetches it")
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{each['id']}: {json.dumps([node['target'] for node in each['nodes']][:4])} {each['help']}" for each in found["violations"]]


def test_every_page_draws_without_a_complaint_and_axe_finds_nothing(page: Page, site: Site) -> None:
    """In the light, as wide as a screen."""
    wrong: dict[str, list[str]] = {}
    for path in PATHS:
        look_at(page, site, path)
        assert page.inner_text("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
        if found := accuse(page):
            wrong[path] = found
    assert wrong == {}


@pytest.mark.long
def test_every_page_fits_a_phone_in_the_dark_and_axe_finds_nothing(browser: Browser, site: Site) -> None:
    """One column, nothing cut off at the side, colours told apart."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", reduced_motion="reduce")
    page = context.new_page()
    page.goto(site.link)
    wrong: dict[str, list[str]] = {}
    for path in PATHS:
        look_at(page, site, path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
        assert page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") < 60
        if found := accuse(page):
            wrong[path] = found
    context.close()
    assert wrong == {}


def test_a_statement_is_drawn_as_table_and_chart_and_its_address_shares_it(page: Page, site: Site) -> None:
    """And the name of a tool that looks like markup is a text in both."""
    look_at(page, site, f"/explore?sql={SQL.replace(' ', '%20')}")
    page.wait_for_selector("td")
    assert HOSTILE in page.locator("td").all_inner_texts()
    page.click("text=Chart")
    until(page, f"({DRAWN})() > 0")
    assert "view=chart" in page.url
    assert page.evaluate("document.images.length") == page.evaluate("document.querySelectorAll('.brand img').length")
    assert page.title() == "Explore · Hookline"
    page.go_back()
    until(page, "!location.search.includes('view=chart')")


def test_status_says_that_all_parts_work_and_what_came(page: Page, site: Site) -> None:
    """A part and a sum that are well need no command."""
    page.goto(f"{site.base}/status")
    page.wait_for_selector(".verdict[data-state=good]")
    assert page.inner_text(".verdict h2") == "All parts work"
    assert {"traces", "logs"} <= set(page.locator("tbody td:first-child").all_inner_texts())


def test_panels_are_drawn_and_a_range_and_a_drag_change_what_is_asked(page: Page, site: Site) -> None:
    """Pixels, not elements alone. Back leads to the range before."""
    look_at(page, site, "/collector")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.click(".range-now")
    page.click("text=Last hour")
    until(page, "location.search.includes('from=now-1h')")
    until(page, CALM)
    assert any("/panels/" in url for url in asked)
    page.go_back()
    until(page, "!location.search.includes('from=')")
    assert page.inner_text(".range-now") == "Last 6 hours"


def test_keys_alone_find_every_page(page: Page, site: Site) -> None:
    """The first stop leads past the navigation; Ctrl K finds a page and a project; g and a letter go."""
    look_at(page, site, "/status")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Control+k")
    page.wait_for_selector("dialog[open]")
    page.keyboard.type("explo")
    page.keyboard.press("Enter")
    until(page, "location.pathname === '/explore'")
    until(page, "document.activeElement.id === 'main'")
    page.keyboard.press("g")
    page.keyboard.press("u")
    until(page, "location.pathname === '/status'")
    page.keyboard.press("Control+k")
    page.keyboard.type("billing")
    page.wait_for_selector("[role=option]:has-text('project')")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


@pytest.mark.long
def test_tab_reaches_all_that_can_be_clicked_and_shows_where_it_is(page: Page, site: Site) -> None:
    """Each stop has an outline."""
    for path in ("/status", "/collector", "/silence"):
        look_at(page, site, path)
        wanted = page.evaluate(STOPS)
        page.evaluate("document.activeElement?.blur()")
        reached = 0
        for _ in range(wanted + 60):
            page.keyboard.press("Tab")
            at = page.evaluate("[document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]")
            if at[0] == "BODY":
                break
            assert at[1] != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
            reached += 1
        assert reached >= wanted, path


def test_a_theme_is_chosen_and_kept(page: Page, site: Site) -> None:
    """Also when the page is loaded again."""
    look_at(page, site, "/status")
    page.click("[aria-label=Dark]")
    page.reload()
    page.wait_for_selector("[aria-label=Dark][aria-pressed=true]")
    assert page.evaluate("parseInt(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])") < 60


def test_a_collector_that_stops_answering_is_said_with_the_age_of_the_figures(page: Page, site: Site) -> None:
    """And it is taken back when it answers again."""
    look_at(page, site, "/status")
    page.wait_for_selector(".reach[data-state=live]")
    page.context.set_offline(True)
    page.wait_for_selector(".reach[data-state=lost]")
    assert re.match(r"Not answering; as of \d\d:\d\d:\d\d", page.inner_text(".reach"))
    assert "hookline up --detach" in page.inner_text("#main .problem")
    page.context.set_offline(False)
    page.wait_for_selector(".reach[data-state=live]")
