"""One browser and one collector for all tests of pages: the collector was told, over OTLP, of a week and a full today, of a shop's service and
databases, and of names that look like markup."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.browser import launched, whole
from support.hostile_names import hostile_names, hostile_request
from support.page_walk import ZONE
from support.person import new_person
from support.running import Running, start_collector
from support.shop_world import tell_hour
from support.shown_days import curves, shown_days, tell, tell_metrics

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser to a module."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Give a collector that knows what pages show."""
    running = start_collector(new_person(tmp_path_factory.mktemp("shown")), {"HOOKLINE_WORK_TIMEZONE": ZONE})
    now_ns = time.time_ns()
    where = f"http://{running.found.otlp_http}"
    tell(where, [*shown_days(now_ns, weeks=1), *hostile_names(now_ns)])
    tell_metrics(where, curves(now_ns))
    tell_hour(where, now_ns, minutes=10)
    hostile_request(where, now_ns)
    yield running
    running.kill()


@pytest.fixture
def complaints() -> list[str]:
    """Give what a page wrote to its console; a test that makes it complain takes away what it expects."""
    return []


@pytest.fixture
def page(browser: Browser, shown: Running, complaints: list[str]) -> Iterator[Page]:
    """Give a page that has the token and may not complain: what it writes to its console fails the test."""
    yield from _watched(browser, shown, complaints)


@pytest.fixture
def page_with_notices(browser: Browser, shown: Running, complaints: list[str]) -> Iterator[Page]:
    """Give one in a browser that can show notices."""
    with whole(browser) as another:
        yield from _watched(another, shown, complaints)


def _watched(browser: Browser, shown: Running, complaints: list[str]) -> Iterator[Page]:
    """Give a page. What is still to come does not shimmer on it: to draw that sixty times a second is a third of what the browser does."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, timezone_id=ZONE, locale="en-GB", base_url=shown.found.url, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(90_000)
    page.on("console", lambda message: complaints.append(f"{message.text} {message.location.get('url', '')}".strip()))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    context.request.get(f"/?token={shown.client.token}")
    yield page
    page.unroute_all(behavior="ignoreErrors")  # what a test answers in the collector's place may be asked for again as it ends
    context.close()
    assert complaints == []
