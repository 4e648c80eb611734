"""Explore in a real browser: its tables and columns, what it completes, and the questions to begin with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support.page_walk import look_at, until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240), pytest.mark.long]
TABLES = ".schema > ul > li > details > summary"
EDITOR = ".sql-editor .cm-content"
OFFERED = ".cm-tooltip-autocomplete li"


def tables(page: Page) -> list[str]:
    """Return the tables at the side."""
    return page.locator(TABLES).all_inner_texts()


def test_tables_are_browsed_and_searched_and_their_rows_looked_at(page: Page) -> None:
    """Those for people first, with columns and types; a column is found in its table; what Hookline keeps for itself is shown when wanted."""
    look_at(page, "/explore")
    page.locator(TABLES).first.wait_for()
    first = tables(page)
    assert first[:4] == ["sessions", "turns", "tool_calls", "usage"]
    calls = page.locator(TABLES, has_text=re.compile("^tool_calls$"))
    calls.click()
    assert page.locator(".schema-columns li:visible", has_text="wait_s").inner_text().split("\n")[-1] == "Float64"
    page.click("text=Also what Hookline keeps for itself")
    assert set(first) < set(tables(page))
    page.click("text=Fewer")
    page.fill("[aria-label='Find a table or column']", "wait_s")
    until(page, f"document.querySelectorAll('{TABLES}').length < {len(first)}")
    assert "tool_calls" in tables(page)
    assert "usage" not in tables(page)
    page.fill("[aria-label='Find a table or column']", "tool_calls")
    calls.click()
    found = page.locator(".schema > ul > li", has=page.locator("summary", has_text=re.compile("^tool_calls$")))
    found.locator("text=Look at its rows").click()
    page.locator(EDITOR, has_text="SELECT *").wait_for()
    assert page.locator(EDITOR).inner_text().split("\n") == ["SELECT *", "FROM tool_calls", "LIMIT 100"]
    page.click(".editor-foot button")
    page.wait_for_selector("td")
    assert page.locator("#main .problem").count() == 0


def test_whoever_types_faster_than_the_page_is_drawn_loses_no_letter(page: Page) -> None:
    """Two letters within one turn of the browser, many times: the editor has both, and stays as it is."""
    look_at(page, "/explore")
    page.locator(EDITOR).click()
    page.keyboard.press("Control+End")
    letters = "for (const letter of 'ab') document.execCommand('insertText', false, letter)"
    twice = f"new Promise((done) => {{ let left = 20; const go = () => {{ {letters}; left -= 1; left ? setTimeout(go, 3) : done(); }}; go(); }})"
    page.evaluate(twice)
    page.wait_for_timeout(300)
    assert page.locator(EDITOR).inner_text().endswith("LIMIT 20" + "ab" * 20)


def test_tables_columns_and_functions_are_completed(page: Page, complaints: list[str]) -> None:
    """Tables by their name, columns of the tables that are read from, and functions; Tab takes what is chosen."""
    look_at(page, "/explore")
    page.locator(TABLES).first.wait_for()
    editor = page.locator(EDITOR)
    editor.click()
    page.keyboard.press("Control+a")
    for typed, offered in (("SELECT 1 FROM tool_c", "tool_calls"), (" WHERE outco", "outcome"), (" = 'failure' AND toStartOfH", "toStartOfHour")):
        page.keyboard.type(typed)
        page.locator(f"{OFFERED}[aria-selected=true]", has_text=offered).wait_for()
        page.wait_for_timeout(150)  # what has only just come is not taken yet: somebody may still be typing
        page.keyboard.press("Tab")
        until(page, f"document.querySelector('.sql-editor').shadowRoot.querySelector('.cm-content').innerText.includes('{offered}')")
    assert editor.inner_text().startswith("SELECT 1 FROM tool_calls WHERE outcome = 'failure' AND toStartOfHour(")
    page.keyboard.press("Control+a")
    page.keyboard.type("SELECT model FROM usage WHERE outco")
    page.wait_for_timeout(400)
    assert page.locator(OFFERED, has_text="outcome").count() == 0
    assert all("inline style" in each for each in complaints)  # Chromium's own, where it deletes coloured text that is selected
    complaints.clear()


def test_each_question_to_begin_with_has_an_answer(page: Page) -> None:
    """From the list beside the editor, and on the page where nothing was asked yet; the address holds the statement."""
    look_at(page, "/explore")
    questions = page.locator(".questions button")
    assert questions.count() == page.locator("#examples option").count() - 1
    questions.first.click()
    page.wait_for_selector("td")
    for number in range(page.locator("#examples option").count() - 1):
        page.select_option("#examples", str(number))
        until(page, "new URLSearchParams(location.search).get('sql').length > 20")
        until(page, "document.querySelector('.explore-main h2') && !document.querySelector('.old-result')")
        assert page.locator("#main .problem").count() == 0
        assert page.locator(".explore-main tbody tr").count() > 0, page.url
