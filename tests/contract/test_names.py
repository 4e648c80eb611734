"""Names that a reader can search for: one class, one name; one file, one name; few loose modules."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from contract.wire_names import ROOT

HALVES = (ROOT / "instrumentation/hookline", ROOT / "collector/hookline_collector", ROOT / "dashboards/hookline_dashboards")
BARE = {"Kind", "Outcome", "State", "Entry", "Part", "Gate", "Step", "Answer"}  # of what?
COMMANDS = HALVES[0] / "cli"  # its files are named by the command that they hold, whatever does the work
AGENTS = HALVES[0] / "agents"  # each agent's folder has the same layout
MAX_LOOSE_MODULES = 6


@cache
def texts() -> dict[Path, str]:
    """Return every module of both halves; to parse them takes seconds."""
    return {path: path.read_text() for half in HALVES for path in sorted(half.rglob("*.py"))}


def classes() -> Iterator[tuple[str, Path]]:
    """Yield the public classes of both halves, and other names for types that look like one."""
    for path, text in texts().items():
        for name in re.findall(r"^class ([^\W_]\w*)", text, re.MULTILINE):
            yield name, path.relative_to(ROOT)


def aliases() -> Iterator[tuple[str, Path]]:
    """Yield the public names of modules that are written as a class's is, but stand for a type of another."""
    for path, text in texts().items():
        for name in re.findall(r"^([A-Z]\w*) = (?!TypeVar\(|ParamSpec\()", text, re.MULTILINE):
            if not name.isupper():
                yield name, path.relative_to(ROOT)


def test_a_class_name_exists_once() -> None:
    """Whoever searches for a name finds one thing."""
    found = defaultdict(list)
    for name, path in classes():
        found[name].append(str(path))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_another_name_for_a_type_is_no_class_s() -> None:
    """Nor may a short name of one module be a class of another."""
    known = {name for name, _ in classes()}
    assert [(name, str(path)) for name, path in aliases() if name in known] == []


def test_no_name_leaves_open_of_what() -> None:
    """A name without its domain is four things before long."""
    assert [(name, str(path)) for name, path in (*classes(), *aliases()) if name in BARE] == []


@pytest.mark.parametrize("half", HALVES, ids=lambda half: half.name)
def test_a_file_name_exists_once_in_a_half(half: Path) -> None:
    """An editor's quick open shows names."""
    found = defaultdict(list)
    for path in sorted(half.rglob("*.py")):
        is_one_of_many = path.name in {"__init__.py", "__main__.py"} or path.is_relative_to(COMMANDS)
        if not is_one_of_many:
            found[_name_of(path)].append(str(path.relative_to(half)))
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("half", HALVES, ids=lambda half: half.name)
def test_few_modules_lie_loose_in_a_root(half: Path) -> None:
    """A cupboard without a label fills up."""
    loose = {path.name for path in half.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert len(loose) <= MAX_LOOSE_MODULES, loose


def _name_of(path: Path) -> str:
    agent = path.relative_to(AGENTS).parts[0] if path.is_relative_to(AGENTS) and path.parent != AGENTS else ""
    return f"{agent}/{path.name}" if agent else path.name
