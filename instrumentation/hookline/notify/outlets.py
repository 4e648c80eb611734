"""The ways out of a notice. Each has `tell(notice)` and `resolve(notice)`; both raise Failed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from hookline.notify.bell import ring
from hookline.notify.words import Notice
from hookline.settings.schema import NotifySettings
from hookline.system.desktop import Desktop
from hookline.system.programs import Failed, run

PidOf = Callable[[str], int | None]


class Outlet(Protocol):
    """One way out."""

    def tell(self, notice: Notice) -> None:
        """Tell of a wait."""

    def resolve(self, notice: Notice) -> None:
        """Report that it is over, or withdraw the notice."""


class DesktopOutlet:
    """A notice on the desktop, taken back when the wait is over."""

    def __init__(self, desktop: Desktop | None = None) -> None:
        self._desktop = desktop or Desktop()

    def tell(self, notice: Notice) -> None:
        """Show it."""
        self._desktop.show(notice)

    def resolve(self, notice: Notice) -> None:
        """Take it back."""
        self._desktop.take_back(notice)


class BellOutlet:
    """A bell in the terminal of the session's process. What has rung cannot be taken back."""

    def __init__(self, pid_of: PidOf) -> None:
        self._pid_of = pid_of

    def tell(self, notice: Notice) -> None:
        """Ring."""
        pid = self._pid_of(notice.session_id)
        if pid is None:
            raise Failed(f"found no living process of session {notice.session_id[:8]}")
        ring(pid)

    def resolve(self, notice: Notice) -> None:
        """Nothing: it has rung."""


class CommandOutlet:
    """A command of the person's own: facts as JSON on its standard input and as variables, `waiting` and later `resolved`."""

    def __init__(self, words: tuple[str, ...], timeout_s: float) -> None:
        self._words = words
        self._timeout_s = timeout_s

    def tell(self, notice: Notice) -> None:
        """Run it for a wait."""
        self._run("waiting", notice)

    def resolve(self, notice: Notice) -> None:
        """Run it for the wait's end."""
        self._run("resolved", notice)

    def _run(self, what: str, notice: Notice) -> None:
        if not self._words:
            raise Failed("notify.command is empty; name the program to run")
        told = {"what": what, "title": notice.title, "body": notice.body, **notice.facts, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        run(self._words, self._timeout_s, json.dumps(told, ensure_ascii=False) + "\n", variables(told))


def variables(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts as a command finds them in its environment; no setting has such a name."""
    return {f"HOOKLINE_WAIT_{name.upper()}": str(value) for name, value in told.items()}


def outlets(rules: NotifySettings, pid_of: PidOf) -> dict[str, Outlet]:
    """Return the outlets that are switched on, by their names in `notify.how`."""
    made: dict[str, Callable[[], Outlet]] = {
        "desktop": DesktopOutlet,
        "bell": lambda: BellOutlet(pid_of),
        "command": lambda: CommandOutlet(rules.command, rules.command_timeout_s),
    }
    return {name: made[name]() for name in rules.how if name in made}
