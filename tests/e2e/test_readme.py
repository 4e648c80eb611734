"""README shows what the commands print: its outputs are those that `support.readme` makes, and what it links to is there."""

import re

from support.readme import README, ROOT, shown, texts

HINT = "make readme writes the outputs anew"


def test_the_outputs_in_the_readme_are_what_the_commands_print() -> None:
    """A recorded day is played to the real parts; report, live view and status line come out as README has them."""
    found = shown(README.read_text())
    assert found == texts(), HINT


def test_every_page_and_picture_that_the_readme_names_is_there() -> None:
    """No link leads nowhere."""
    links = re.findall(r"\]\((?!http)([^)#]+)", README.read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
