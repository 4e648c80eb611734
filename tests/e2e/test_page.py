"""The first page in a real browser, from the printed link on: it begins with the one command and fills by itself."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookline.system.invocation import own_command
from support.browser import launched
from support.person import Person, new_person
from support.running import FREE_PORTS
from support.template import furnish

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.long]
CAPTURES = Path(__file__).parents[1] / "fixtures" / "claude-code-2.1.329"
INSTALL = f"{own_command(from_anywhere=True)} install claude-code"  # looked up here: Playwright runs the tests inside its event loop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser."""
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def household() -> Iterator[tuple[Person, str]]:
    """Give a person for whom everything runs, with the link that was printed."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        person = new_person(Path(folder))
        furnish(person.data_dir)
        person.hookline("install", "claude-code")
        printed = person.hookline("up", "--detach", *FREE_PORTS).stdout
        yield person, next(line.split()[1] for line in printed.splitlines() if line.strip().startswith("pages"))
        person.hookline("down")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page that may not complain: what it writes to its console fails the test."""
    complaints: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def fire(person: Person, scenario: str) -> None:
    """Give the captured events of a session to the installed hook."""
    for path in sorted((CAPTURES / scenario / "hooks").iterdir()):
        payload = json.loads(path.read_text())["payload"]
        subprocess.run([person.data_dir / "hook.sh"], input=json.dumps(payload).encode(), env=person.environment, check=True)


def test_the_page_begins_empty_with_the_one_command_and_fills_by_itself(page: Page, household: tuple[Person, str]) -> None:
    """Nobody reloads: the link is opened, a session happens, the figures stand there."""
    person, link = household
    page.goto(link)
    assert "token" not in page.url
    page.wait_for_selector(".reach[data-state=live]")
    page.wait_for_selector(".empty .command")
    assert page.inner_text(".empty code") == INSTALL
    fire(person, "tools")
    page.wait_for_selector(".figures .tile .note:text-is('1 prompt')")
    page.wait_for_selector("section[aria-label='Slowest and failing'] tbody tr:has-text('Bash')")
    assert page.locator(".empty").count() == 0
    assert page.locator("section[aria-label=Projects] tbody a").first.inner_text() == "shop"
    page.wait_for_selector(".band table tr:has-text('shop')", state="attached")


def test_without_the_token_a_browser_sees_where_to_find_it(browser: Browser, household: tuple[Person, str]) -> None:
    """Another browser without the cookie gets no figures."""
    page = browser.new_page()
    answer = page.goto(household[1].partition("?")[0])
    assert answer is not None
    assert answer.status == 401
    assert "hookline status" in page.inner_text("main")
    page.close()


def test_the_link_of_a_message_leads_to_a_silence_of_just_its_alert(page: Page, household: tuple[Person, str]) -> None:
    """The form is filled; a reason is all that is left to say. The list below it ends what was silenced."""
    _, link = household
    page.goto(link)
    page.wait_for_selector(".reach[data-state=live]")
    page.goto(f"{link.partition('?')[0].rstrip('/')}/silence?matcher=tool%3D%22%3Cb%3EBash%22&matcher=project%3D%22shop%22")
    page.wait_for_selector("#matchers")
    assert page.input_value("#matchers") == 'tool="<b>Bash"\nproject="shop"'
    page.fill("#comment", "a deployment")
    page.click("#add")
    page.wait_for_selector("#said[data-state=good]")
    page.wait_for_selector("#silences code")
    assert page.inner_text("#silences code") == 'tool="<b>Bash", project="shop"'
    assert page.inner_text("#silences .note").startswith("a deployment, by somebody, until ")
    page.click("#silences button")
    page.wait_for_selector("#silences .none")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
