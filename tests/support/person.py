"""A person who uses Hookline: a home of their own, and the real command run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from support import warm

NOT_OURS = ("HOOKLINE_", "XDG_", "CLAUDE", "OTEL_", "NO_COLOR")


@dataclass(frozen=True, slots=True)
class Person:
    """A home folder and the environment of somebody who has never used Hookline."""

    home: Path
    environment: dict[str, str]

    @property
    def data_dir(self) -> Path:
        """Where Hookline keeps this person's data."""
        return self.home / ".local" / "state" / "hookline"

    def hookline(self, *arguments: str, env: Mapping[str, str] | None = None, within_s: float = 60) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return warm.run(warm.HOOKLINE, arguments, env={**self.environment, **(env or {})}, within_s=within_s)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start the command and return at once; the caller ends it."""
        return warm.start(warm.HOOKLINE, arguments, env={**self.environment, **(env or {})})


def new_person(home: Path) -> Person:
    """Return a person with an empty home, no settings and no data."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    return Person(home, kept | {"HOME": str(home), "COLUMNS": "120"})


def command(arguments: tuple[str, ...]) -> list[str]:
    """Return the command line that runs hookline with these arguments."""
    return [sys.executable, "-m", "hookline", *arguments]
