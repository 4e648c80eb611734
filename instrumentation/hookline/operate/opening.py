"""Opening a link that holds the token.

Everyone on a machine can read the arguments of its processes, so the browser is given a file of this user alone that leads to the link.
"""

from __future__ import annotations

import html
import os
import sys
import webbrowser
from collections.abc import Mapping
from pathlib import Path

FILE = "open.html"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Hookline</title>
<meta http-equiv="refresh" content="0; url={link}"><p><a href="{link}">Hookline</a></p></html>
"""


def open_link(link: str, folder: Path) -> bool:
    """Open a link in the person's browser, by way of a file in `folder`; False where no browser would be visible."""
    if not has_screen(os.environ, sys.platform):
        return False
    path = folder / FILE
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123 - the mode must hold from the first moment
        file.write(PAGE.format(link=html.escape(link)))
    try:
        return webbrowser.open(path.absolute().as_uri())
    except webbrowser.Error:
        return False


def has_screen(environment: Mapping[str, str], platform: str) -> bool:
    """Whether a browser would be visible: not over SSH, and not without a display."""
    if environment.get("BROWSER"):
        return True
    if environment.get("SSH_CONNECTION") and not environment.get("DISPLAY"):
        return False
    return platform == "darwin" or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))
