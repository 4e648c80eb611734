"""The browser that tests of pages run: Chromium's headless shell, which draws the same for half the work, or Chromium itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WHOLE = ("chromium", "chromium-browser", "google-chrome")
PROGRAMS = ("chromium-headless-shell", *WHOLE)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


@contextmanager
def launched() -> Iterator[Browser]:
    """Give a browser.

    Playwright keeps an event loop running meanwhile, which no other module may meet.
    """
    path = _found(PROGRAMS)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def whole(beside: Browser) -> Iterator[Browser]:
    """Give a browser that also has what is around a page, such as notices, under the same Playwright as another."""
    browser = beside.browser_type.launch(executable_path=_found(WHOLE), args=FLAGS)
    yield browser
    browser.close()


def _found(programs: tuple[str, ...]) -> str:
    """Return where the first of these is; skip where none is, unless CI says that there must be one."""
    path = next(filter(None, map(shutil.which, programs)), None)
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI must have Chromium")
        pytest.skip("no Chromium on the PATH")
    return path
