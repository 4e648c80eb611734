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
STATEMENT = re.compile(r"""^([A-Z_]+)(?:: [\w\[\]]+)? = \(?\s*["']+\s*(?:SELECT|INSERT|ALTER|DELETE|UPDATE|WITH|DROP)\b""", re.MULTILINE)
FILLED = {  # statements of one line that are filled with words of our own, where nothing can be bound
    "dirt.py": {"_SESSIONS_IN"},  # names of tables, from a list of ours, as in the next
    "flat_tables.py": {"_HASHES"},
    "migrations.py": {"_APPLIED", "_RECORD"},  # the database's name, checked, and what a file of ours is called
    "people_streams.py": {"_EMPTY"},  # a statement that went through the gate
}


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


def test_what_is_asked_for_is_bound_and_not_put_into_a_statement() -> None:
    """A statement in a module's constant is what the engine gets; ruff (S608) sees only those that are put together where they stand."""
    found = defaultdict(set)
    for path, text in texts().items():
        for name in STATEMENT.findall(text):
            if re.search(rf"\b{name}(?:\.(?:format|replace)\(| %)", text):
                found[path.name].add(name)
    assert found == FILLED


def test_a_private_name_in_a_docstring_is_one_of_its_module() -> None:
    """What was renamed is called by its new name in the text above it too. An ending of names, as of units, is one where a name has it."""
    unknown = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, text in texts().items()
        for name in re.findall(r"`(_[a-z]\w*)(?:\(\))?`", text)
        if not re.search(rf"(?<!`)\w*{name}\b", text)
    ]
    assert unknown == []


def _name_of(path: Path) -> str:
    agent = path.relative_to(AGENTS).parts[0] if path.is_relative_to(AGENTS) and path.parent != AGENTS else ""
    return f"{agent}/{path.name}" if agent else path.name
