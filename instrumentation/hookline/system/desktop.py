"""A notice on the desktop: `notify-send` on Linux, `terminal-notifier` or `osascript` on macOS.

Taking it back: by D-Bus (`gdbus`) where that is there, else by a replacement that goes at once; `terminal-notifier` removes by group; a notice of
`osascript` cannot be taken back.
"""

from __future__ import annotations

import html
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from hookline.system.programs import Failed, run

Find = Callable[[str], str | None]
BUS = ("--session", "--dest", "org.freedesktop.Notifications", "--object-path", "/org/freedesktop/Notifications")
CLOSE = ("--method", "org.freedesktop.Notifications.CloseNotification")
SCRIPT = ("-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)", "-e", "end run")


class DesktopNotice(Protocol):
    """What is shown: an id by which it can be taken back, and its two lines."""

    @property
    def id(self) -> str:
        """Its identity."""

    @property
    def title(self) -> str:
        """Its first line."""

    @property
    def body(self) -> str:
        """What it says."""


class Desktop:
    """Shows notices, and remembers those that it can take back."""

    def __init__(self, platform: str = sys.platform, find: Find = shutil.which) -> None:
        self._is_mac = platform == "darwin"
        self._find = find
        self._shown: dict[str, str] = {}

    def show(self, notice: DesktopNotice) -> None:
        """Show a notice. Raises Failed, saying what is missing."""
        if self._is_mac:
            self._show_on_mac(notice)
        else:
            self._show_on_linux(notice)

    def take_back(self, notice: DesktopNotice) -> None:
        """Take a notice back that was shown, where that can be done. Raises Failed."""
        known = self._shown.pop(notice.id, "")
        if not known:
            return
        if self._is_mac:
            run([known, "-remove", group(notice)])
        elif self._find("gdbus"):
            run(["gdbus", "call", *BUS, *CLOSE, known], env=session_bus())
        else:
            run([*_notify_send("-r", known, "-t", "1"), notice.title, "Answered."], env=session_bus())

    def _show_on_linux(self, notice: DesktopNotice) -> None:
        if not self._find("notify-send"):
            raise Failed("notify-send is missing; install libnotify-bin (Debian, Ubuntu) or libnotify")
        words = [notice.title, html.escape(notice.body, quote=False)]
        try:
            said = run([*_notify_send("-p"), *words], env=session_bus()).strip()
        except Failed:  # older than 0.8: it has no -p, and what it shows stays until somebody closes it
            run([*_notify_send(), *words], env=session_bus())
            return
        if said.isdecimal():
            self._shown[notice.id] = said

    def _show_on_mac(self, notice: DesktopNotice) -> None:
        if notifier := self._find("terminal-notifier"):
            run([notifier, "-group", group(notice), "-title", notice.title, "-message", notice.body])
            self._shown[notice.id] = notifier
        elif self._find("osascript"):
            run(["osascript", *SCRIPT, notice.title, notice.body])
        else:
            raise Failed("terminal-notifier and osascript are both missing")


def group(notice: DesktopNotice) -> str:
    """Return the name under which macOS keeps a notice."""
    return f"hookline-{notice.id}"


def session_bus() -> dict[str, str]:
    """Return where the desktop's bus is, for a process that was started outside the desktop's session."""
    path = Path(f"/run/user/{os.getuid()}/bus")
    if "DBUS_SESSION_BUS_ADDRESS" in os.environ or not path.exists():
        return {}
    return {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"}


def _notify_send(*options: str) -> Sequence[str]:
    return ("notify-send", *options, "-a", "Hookline", "--")
