"""YAML with the place of everything: a tree of spots, each with its line and column, so that a problem names where it stands.

It reads the files that people write: rules, and receivers and routes. What may stand in them is for those who know to say. Aliases, merges and tags
are not taken: such a file needs none of them, and a small one could otherwise stand for a huge one.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 20
DEEPEST = 100
"""A file that is nested deeper is not read further: the parsers take ever longer, or run out of stack."""
TOO_DEEP = "nested too deep"
FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong with a file, and where: lines and columns count from 1; `key` is the way to it, as `groups[0].rules[2].for`."""

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where}: {self.key}: {self.message}" if self.key else f"{where}: {self.message}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a file: a text as it was written, a list of spots, or spots by key; None where nothing was written. `names`: where keys stand."""

    value: str | list[Spot] | dict[str, Spot] | None
    line: int
    column: int
    key: str
    is_quoted: bool = False
    names: Mapping[str, Spot] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What it is, for people."""
        kinds: dict[type, str] = {str: "a text", list: "a list", dict: "a mapping", type(None): "nothing"}
        return kinds[type(self.value)]

    @property
    def flag(self) -> bool | None:
        """Whether it is true or false; None where it is neither."""
        return FLAGS.get(self.value.lower()) if isinstance(self.value, str) and not self.is_quoted else None


class FileProblems:
    """The problems of a file, gathered."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[FileProblem] = []

    def add(self, spot: Spot, message: str) -> None:
        """Note a problem at a spot."""
        self.found.append(FileProblem(self.file, spot.line, spot.column, spot.key, message))


def read_yaml(file: str, text: str) -> tuple[Spot | None, list[FileProblem]]:
    """Return the tree of a file, None where it has none, and what is wrong with it as YAML."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return None, [FileProblem(file, 0, 0, "", f"larger than {MAX_BYTES} bytes")]
    try:
        node = _composed(text)
    except _NotTaken as found:
        return None, [FileProblem(file, found.line, found.column, "", str(found))]
    except yaml.MarkedYAMLError as why:
        mark = why.problem_mark or why.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        return None, [FileProblem(file, *place, "", f"not YAML: {why.problem or why.context}")]
    except (yaml.YAMLError, RecursionError, ValueError) as why:
        return None, [FileProblem(file, 0, 0, "", f"not YAML: {' '.join(str(why).split())[:200]}")]
    if node is None:
        return None, []
    problems = FileProblems(file)
    return _spot(node, "", problems, 0), problems.found


class _NotTaken(Exception):
    """Something stands there that is not taken, and why."""

    def __init__(self, mark: Any, why: str) -> None:
        self.line, self.column = mark.line + 1, mark.column + 1
        super().__init__(why)


def _composed(text: str) -> Any:
    """Return the root's node; raises _NotTaken, and what the library raises.

    In C where that is here, in a tenth of the time (each collector reads its rules at its start); where that refuses something, in Python, which
    says better what is wrong.
    """
    with suppress(yaml.YAMLError, ValueError):
        if (quick := getattr(yaml, "CSafeLoader", None)) is not None:
            _look_through(text, quick)
            return yaml.compose(text, Loader=quick)
    _look_through(text, yaml.SafeLoader)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _look_through(text: str, loader: Any) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _NotTaken(event.start_mark, "anchors and aliases are not taken: write the value out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _NotTaken(event.start_mark, TOO_DEEP)


def _spot(node: Any, key: str, problems: FileProblems, depth: int) -> Spot:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    here = Spot(None, line, column, key)
    if depth > MAX_DEPTH:
        problems.add(here, TOO_DEEP)
        return here
    if isinstance(node, yaml.MappingNode):
        found, names = _entries(node, key, problems, depth)
        return Spot(found, line, column, key, names=names)
    if isinstance(node, yaml.SequenceNode):
        return Spot([_spot(each, f"{key}[{at}]", problems, depth + 1) for at, each in enumerate(node.value)], line, column, key)
    if node.tag == "tag:yaml.org,2002:null":
        return here
    return Spot(str(node.value), line, column, key, is_quoted=node.style in ("'", '"', "|", ">"))


def _entries(node: Any, key: str, problems: FileProblems, depth: int) -> tuple[dict[str, Spot], dict[str, Spot]]:
    """Return the values of a mapping by their keys, and the places of these."""
    found: dict[str, Spot] = {}
    names: dict[str, Spot] = {}
    for name_node, value_node in node.value:
        is_text = isinstance(name_node, yaml.ScalarNode)
        name = str(name_node.value) if is_text else "?"
        way = f"{key}.{name}" if key else name
        here = Spot(None, name_node.start_mark.line + 1, name_node.start_mark.column + 1, way)
        if not is_text:
            problems.add(here, "a key must be a text")
        elif name in found:
            problems.add(here, "stands here twice")
        else:
            found[name], names[name] = _spot(value_node, way, problems, depth + 1), here
    return found, names
