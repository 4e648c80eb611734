"""Changing one section of the settings file: what a person wrote beside it stays."""

from __future__ import annotations

import tomllib

import pytest

from hookline.errors import Rejected
from hookline.settings.section import with_section

WRITTEN = """# mine
[relay]
user = "dev"  # me

[notify]  # how I want it
# a note
after_s = 5

[store]
url = "http://db:8123"
"""


def test_keys_are_set_and_all_else_stays() -> None:
    """Comments, order and other sections."""
    text = with_section(WRITTEN, "notify", {"how": ["desktop", "bell"], "after_s": 30.0})
    assert text == WRITTEN.replace("after_s = 5\n", 'after_s = 30.0\nhow = ["desktop", "bell"]\n')


@pytest.mark.parametrize("before", ["", "# nothing\n", "data_dir = '/x'\n", '[relay]\nuser = "dev"\n'])
def test_a_section_that_is_not_there_is_added(before: str) -> None:
    """At the end."""
    text = with_section(before, "notify", {"how": ["off"]})
    assert text.startswith(before)
    assert tomllib.loads(text)["notify"] == {"how": ["off"]}


def test_a_value_that_would_end_its_string_does_not() -> None:
    """Quotes, backslashes and new lines of a command."""
    words = ["sh", "-c", 'echo "\\n"\n\t\x7f']
    assert tomllib.loads(with_section("", "notify", {"command": words}))["notify"]["command"] == words


@pytest.mark.parametrize("before", ['notify = { how = ["bell"] }\n', '[notify]\nhow = [\n  "bell",\n]\n', "how = \n", "notify.after_s = 3\n"])
def test_what_cannot_be_changed_safely_is_refused(before: str) -> None:
    """The person is told what to set."""
    with pytest.raises(Rejected):
        with_section(before, "notify", {"how": ["off"]})
