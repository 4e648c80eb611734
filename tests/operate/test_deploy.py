"""What lies in `deploy/` can be read by what it is for, and calls commands that exist."""

from __future__ import annotations

import configparser
import plistlib
import re
import runpy
import shlex
import tomllib
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


ROOT = DEPLOY.parent
PINNED = re.compile(r"([A-Za-z0-9_.-]+)==([^\s;\\]+)")


def pins(path: Path) -> dict[str, str]:
    """Return the versions that a file of requirements pins, by name."""
    lines = [PINNED.match(line) for line in path.read_text().splitlines()]
    return {plain_name(found[1]): found[2] for found in lines if found}


def plain_name(name: str) -> str:
    """Return a package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_package_is_pinned_and_has_hashes() -> None:
    """The lock holds what `pyproject.toml` asks for, in the versions of the constraints, and no address that it came from."""
    text = (ROOT / "requirements.lock").read_text()
    locked = pins(ROOT / "requirements.lock")
    assert {name: locked.get(name) for name in pins(ROOT / "constraints.txt")} == pins(ROOT / "constraints.txt")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in ("collector", "apprise", "dev") for one in project["optional-dependencies"][extra])]
    assert {plain_name(re.split(r"[<>=~!; \[]", one)[0]) for one in asked} <= set(locked)
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[A-Za-z])", text) if PINNED.match(entry))
    assert "://" not in text
    assert "index-url" not in text


SPOKEN = [
    "Collecting anyio==4.16.0 (from -r requirements.lock (line 1))",
    "  Downloading anyio-4.16.0-py3-none-any.whl (110 kB)",
    "Collecting chdb-core==26.9.0 (from -r requirements.lock (line 9))",
    "  Downloading chdb_core-26.9.0-cp39-abi3-manylinux2014_x86_64.whl (181.5 MB)",
    "Installing collected packages: anyio, chdb-core",
]


def test_making_the_environment_says_how_far_it_is() -> None:
    """Each package is counted, and what takes long is named with its size."""
    progress = runpy.run_path(str(DEPLOY / "make_environment.py"))["progress"]
    assert list(progress(SPOKEN, 2)) == [
        ("     [1/2] anyio==4.16.0", False),
        ("     [2/2] chdb-core==26.9.0", False),
        ("     [2/2] fetching chdb_core-26.9.0-cp39-abi3-manylinux2014_x86_64.whl (181.5 MB) ...", True),
        ("     putting them in place ...", True),
    ]
