"""Fixtures that tests of several parts share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from person import Person, new_person


@pytest.fixture
def person(tmp_path: Path) -> Person:
    """Give a person with an empty home, no settings and no data."""
    return new_person(tmp_path)


@pytest.fixture
def settings_file(person: Person) -> Callable[[str], Path]:
    """Give a function that writes the person's settings file."""

    def write(text: str) -> Path:
        path = person.home / ".config" / "hookline" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write
