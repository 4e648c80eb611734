"""The wheel alone is enough: built, installed into an empty environment, and used from another folder without make."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.person import Person, new_person
from support.running import FREE_PORTS

pytestmark = pytest.mark.long
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def stranger(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    """Give somebody who has the wheel installed, and nothing of this working copy.

    Other packages come from this environment, as no test fetches anything; Hookline itself is not taken from there, as only files of its own
    folder would lead to it.
    """
    home = tmp_path_factory.mktemp("stranger")
    venv.create(home / "env", with_pip=False)
    python = home / "env" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--no-deps", "-q", str(wheel)], check=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(home / "env")}))
    (site / "packages_of_the_tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    person = new_person(home)
    yield Person(home, person.environment | {"PATH": f"/usr/bin:/bin:{Path(shutil.which('git') or '/').parent}"})
    subprocess.run([home / "env" / "bin" / "hookline", "down"], env=person.environment, check=False, capture_output=True)


def run(person: Person, line: str) -> str:
    """Type a line into a shell in the person's home folder and return what it prints; it must end well."""
    done = subprocess.run(line, shell=True, capture_output=True, text=True, cwd=person.home, env=person.environment, check=False)
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout


def test_the_wheel_starts_installs_shows_and_stops(stranger: Person) -> None:
    """`up` names the command that installs the hooks as it must be typed there; typed so, it works, and `status` finds everything well."""
    assert str(stranger.home) in run(stranger, "env/bin/python -c 'import hookline; print(hookline.__file__)'")
    printed = run(stranger, f"env/bin/hookline up --detach {' '.join(FREE_PORTS)}")
    named = re.search(r"^ +hooks +(.+)$", printed, re.MULTILINE)
    assert named is not None
    assert "Hooks installed in" in run(stranger, named[1])
    status = run(stranger, "env/bin/hookline status")
    assert re.search(r"^✓ hooks", status, re.MULTILINE)
    assert re.search(r"^✓ relay", status, re.MULTILINE)
    run(stranger, "env/bin/hookline uninstall claude-code")
    assert "Stopped" in run(stranger, "env/bin/hookline down")


def test_the_wheel_holds_what_is_not_python_too(stranger: Person) -> None:
    """Scripts, SQL, pages and prices: every file of the two packages that git knows is in it."""
    known = run(stranger, f"git -C '{ROOT}' ls-files instrumentation/hookline collector/hookline_collector").splitlines()
    site = Path(sysconfig.get_path("purelib", vars={"base": str(stranger.home / "env")}))
    assert [name for name in known if not (site / name.partition("/")[2]).is_file()] == []
