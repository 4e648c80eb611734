"""Fixtures that tests of several parts share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from person import Person, new_person
from running import Running, start_collector


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


@pytest.fixture
def collectors(person: Person) -> Iterator[Callable[..., Running]]:
    """Give a function that starts a collector for the person, with more environment as keywords; all are ended."""
    started: list[Running] = []

    def start(**environment: str) -> Running:
        started.append(start_collector(person, environment))
        return started[-1]

    yield start
    for running in started:
        running.kill()


@pytest.fixture
def collector(collectors: Callable[..., Running]) -> Running:
    """Give a running collector."""
    return collectors()
