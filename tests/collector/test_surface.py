"""What others build on changes only where it is meant to: the texts in `tests/fixtures/surface/` (`python -m support.surface` writes them anew)."""

from collections.abc import Callable

import pytest

from support import surface

HINT = "if the change is meant, write the text anew: cd tests && ../.venv/bin/python -m support.surface"


OF_LONG = ("tables.sql", "help.txt")
ALONE = [pytest.param(name, told, id=name, marks=pytest.mark.long if name in OF_LONG else ()) for name, told in surface.ALONE.items()]


@pytest.mark.parametrize(("name", "told"), ALONE)
def test_what_others_build_on_is_as_it_was(name: str, told: Callable[[], str]) -> None:
    """Tables, help of the commands, spans of the captures."""
    assert told() == (surface.FOLDER / name).read_text(), HINT
