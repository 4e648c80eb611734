"""What lies in `deploy/` can be read by what it is for, and calls commands that exist."""

from __future__ import annotations

import configparser
import plistlib
import shlex
from pathlib import Path

import click
import pytest

from hookline.cli.group import hookline

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*.service"))


def check_command(words: list[str]) -> None:
    """Fail unless the words call a command of ours with options that it has."""
    assert Path(words[0]).name == "hookline"
    command = hookline.get_command(click.Context(hookline), words[1])
    assert command is not None
    command.make_context(words[1], words[2:], resilient_parsing=False).close()


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_systemd_unit_starts_a_command_that_exists(path: Path) -> None:
    """Each unit is well formed and its ExecStart parses as our command line does."""
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text())
    check_command(shlex.split(unit["Service"]["ExecStart"]))
    assert unit["Service"]["NoNewPrivileges"] == "true"


def test_the_launchd_agent_starts_a_command_that_exists() -> None:
    """The property list can be read, and starts `hookline up`."""
    agent = plistlib.loads((DEPLOY / "launchd" / "hookline.plist").read_bytes())
    check_command(agent["ProgramArguments"])
    assert agent["RunAtLoad"] is True
