"""What others build on changes only where it is meant to: the texts in `tests/fixtures/surface/` (`python -m support.surface` writes them anew)."""

from collections.abc import Callable

import pytest

from support import surface
from support.person import Person
from support.running import start_collector

HINT = "if the change is meant, write the text anew: cd tests && ../.venv/bin/python -m support.surface"


@pytest.mark.parametrize(("name", "told"), surface.ALONE.items())
def test_what_others_build_on_is_as_it_was(name: str, told: Callable[[], str]) -> None:
    """Tables, help of the commands, spans of the captures."""
    assert told() == (surface.FOLDER / name).read_text(), HINT


def test_the_description_of_the_api_is_as_it_was(person: Person) -> None:
    """As a client that was generated from it expects."""
    running = start_collector(person)
    try:
        assert surface.description(running) == (surface.FOLDER / "openapi.json").read_text(), HINT
    finally:
        running.kill()
