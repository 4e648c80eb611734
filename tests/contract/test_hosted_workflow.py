"""The hosted workflow, which no machine here runs: what its steps name is there, and what it promises to try is what the package promises."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from hookline.cli.group import COMMANDS

ROOT = Path(__file__).parents[2]
JOBS: dict[str, Any] = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text())["jobs"]
MAKEFILE = (ROOT / "Makefile").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
STEPS = [step for job in JOBS.values() for step in job["steps"]]
LINES = [line.strip() for step in STEPS for line in step.get("run", "").splitlines()]


def extras_of(text: str) -> set[str]:
    """Return the extras in brackets, as pip takes them."""
    return {name for found in re.findall(r"\[([a-z,]+)\]", text) for name in found.split(",")}


def test_every_target_of_make_and_its_variables_are_in_the_makefile() -> None:
    """Also that there are some."""
    asked = [line.split()[1:] for line in LINES if line.startswith("make ")]
    assert {target for target, *_ in asked} >= {"check", "test", "middle", "coverage", "mutants"}
    assert [target for target, *_ in asked if not re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)] == []
    variables = {word.partition("=")[0] for _, *words in asked for word in words if re.match(r"[A-Z]+=", word)}
    assert [name for name in variables if not re.search(rf"^{name} \?=", MAKEFILE, re.MULTILINE)] == []


def test_every_command_is_one_of_the_command_line() -> None:
    """What a person installs is tried by them."""
    named = [found[1] for line in LINES if (found := re.search(r"bin/hookline ([a-z]+)", line))]
    assert {"up", "install", "doctor", "down"} <= set(named)
    assert set(named) <= COMMANDS.keys()


def test_the_newest_of_all_is_of_every_extra_that_is_pinned() -> None:
    """Tests need what `make env` brings, and every extra that is named is one of the package."""
    (newest,) = (line for line in LINES if "--upgrade" in line)
    assert extras_of(newest) == set(re.findall(r"--extra ([a-z]+)", MAKEFILE)) == PROJECT["optional-dependencies"].keys()
    assert {name for line in LINES if "pip install" in line for name in extras_of(line)} <= PROJECT["optional-dependencies"].keys()


def test_every_python_of_the_package_is_tried() -> None:
    """Tests run on each, and the wheel is installed on each."""
    promised = {found[1] for text in PROJECT["classifiers"] if (found := re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text))}
    assert set(JOBS["installed"]["strategy"]["matrix"]["python"]) == promised
    assert {each["python"] for each in JOBS["test"]["strategy"]["matrix"]["include"]} == promised


def test_actions_are_pinned_by_a_hash() -> None:
    """A tag may be moved by whoever owns it."""
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert [name for name in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", name)] == []
