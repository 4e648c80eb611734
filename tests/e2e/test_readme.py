"""README shows what the commands print; it and the pages link to and name only what exists."""

import re
import subprocess
from pathlib import Path

import pytest

from support.cases import with_each
from support.readme import README, ROOT, shown, texts

EXAMPLE = "agents/toy/"  # what a page lets a reader write
HINT = "make readme writes the outputs anew"
PAGES = [README, *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.long
def test_the_outputs_in_the_readme_are_what_the_commands_print() -> None:
    """A recorded day is played to the real parts; report, live view and status line come out as README has them."""
    found = shown(README.read_text())
    assert found == texts(), HINT


@with_each("page", PAGES)
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    """Pages, pictures and files of the repository are where the links say."""
    links = re.findall(r"\]\((?!http|#)([^)#\s]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


@with_each("page", PAGES)
def test_every_source_file_that_a_page_names_exists(page: Path) -> None:
    """A file that was moved is not looked for where it was."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    named = re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|sql|proto))`", page.read_text())
    assert [name for name in named if EXAMPLE not in name and not any(f"/{path}".endswith(f"/{name}") for path in listed)] == []
