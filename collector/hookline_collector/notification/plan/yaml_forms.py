"""Forms: what may stand at a place of a YAML file. One form reads it, checks it and describes it as JSON Schema, so the three cannot drift.

FileReading collects every problem with file, line and key, and goes on; whoever asks looks at the problems before using what was read. Where a
problem was found, what is read there is None or left out. `yaml_files` reads the file itself.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hookline.system.clock import NS_PER_S
from hookline_collector.alerts.quantities import DURATION, NS
from hookline_collector.notification.plan.secret import Secret
from hookline_collector.yaml_files import FileProblem, Spot, read_yaml

MAX_SECRET_BYTES: Final = 64 * 1024
Schema = dict[str, Any]
LENGTH_PATTERN: Final = "^(0|" + "".join(f"(\\d+{unit})?" for unit in NS) + ")$"


@dataclass(slots=True)
class FileReading:
    """One reading of one file: its problems so far, and what secrets may come from."""

    file: str
    folder: Path
    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    problems: list[FileProblem] = field(default_factory=list)

    def add(self, node: Spot | None, key: str, why: str) -> Any:
        """Note a problem at a place, and return None, which stands for what is not there."""
        line, column = (node.line, node.column) if node is not None else (0, 0)
        self.problems.append(FileProblem(self.file, line, column, key, why))


class YamlForm(ABC):
    """What may stand at one place."""

    @abstractmethod
    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        """Return what stands there; None after a problem."""

    @abstractmethod
    def schema(self) -> Schema:
        """Describe it as JSON Schema."""


class TextForm(YamlForm):
    """A text, turned by `turn` into what it stands for; what `turn` raises as ValueError is a problem."""

    def __init__(self, turn: Callable[[str], Any] = str, *, choices: tuple[str, ...] = (), pattern: str = "") -> None:
        self._turn = turn
        self._choices = choices
        self._pattern = pattern

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        if not isinstance(node.value, str) or node.flag is not None:
            return reading.add(node, key, "it must be a text")
        if self._choices and node.value not in self._choices:
            return reading.add(node, key, f"it must be one of {', '.join(self._choices)}")
        try:
            return self._turn(node.value)
        except ValueError as why:
            return reading.add(node, key, str(why))

    def schema(self) -> Schema:
        limits = ({"enum": list(self._choices)} if self._choices else {}) | ({"pattern": self._pattern} if self._pattern else {})
        return {"type": "string"} | limits


class FlagForm(YamlForm):
    """true or false."""

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        if node.flag is None:
            return reading.add(node, key, "it must be true or false")
        return node.flag

    def schema(self) -> Schema:
        return {"type": "boolean"}


class WholeForm(YamlForm):
    """A whole number within bounds."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        text = node.value if isinstance(node.value, str) else ""
        if not text.isascii() or not text.isdecimal() or not self._least <= int(text[:12]) <= self._most:
            return reading.add(node, key, f"it must be a whole number from {self._least} to {self._most}")
        return int(text)

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self._least, "maximum": self._most}


class LengthForm(YamlForm):
    """A length of time as Prometheus writes it (`1h30m`), in nanoseconds."""

    def __init__(self, least_s: float = 0.0) -> None:
        self._least_s = least_s

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        length_ns = length_of(node.value) if isinstance(node.value, str) else None
        if length_ns is None:
            return reading.add(node, key, "it must be a length of time such as 30s, 5m or 1h30m")
        if length_ns < self._least_s * NS_PER_S:
            return reading.add(node, key, f"it must be {self._least_s:g}s or more")
        return length_ns

    def schema(self) -> Schema:
        return {"type": "string", "pattern": LENGTH_PATTERN}


class ListForm(YamlForm):
    """A list; one item alone stands for a list of it where `lone` says so."""

    def __init__(self, item: YamlForm, *, lone: bool = False, least: int = 0) -> None:
        self._item, self._lone, self._least = item, lone, least

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        if self._lone and isinstance(node.value, str):
            return tuple(each for each in (self._item.read(node, key, reading),) if each is not None)
        if not isinstance(node.value, list):
            return reading.add(node, key, "it must be a list")
        if len(node.value) < self._least:
            return reading.add(node, key, f"it needs at least {self._least}")
        found = (self._item.read(item, f"{key}[{at}]", reading) for at, item in enumerate(node.value))
        return tuple(each for each in found if each is not None)

    def schema(self) -> Schema:
        many: Schema = {"type": "array", "items": self._item.schema()} | ({"minItems": self._least} if self._least else {})
        return {"anyOf": [self._item.schema(), many]} if self._lone else many


class MapForm(YamlForm):
    """A mapping of names that the writer chooses."""

    def __init__(self, value: YamlForm) -> None:
        self._value = value

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        found = {name: self._value.read(value, f"{key}.{name}", reading) for name, _, value in pairs(node, key, reading)}
        return {name: value for name, value in found.items() if value is not None}

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self._value.schema()}


class HiddenForm(YamlForm):
    """A secret that stands in the file itself."""

    def __init__(self, check: Callable[[str], object] = str) -> None:
        self.check = check

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        if not isinstance(node.value, str):
            return reading.add(node, key, "it must be a text")
        return self.checked(node.value, node, key, reading)

    def checked(self, text: str, node: Spot, key: str, reading: FileReading) -> Any:
        """Return a secret, wherever it came from; a problem does not repeat it."""
        try:
            self.check(text)
        except ValueError as why:
            return reading.add(node, key, str(why))
        return Secret(text)

    def schema(self) -> Schema:
        return {"type": "string"}


class FromFileForm(YamlForm):
    """A secret that a file holds, without the space around it; a path is relative to the folder of the YAML file."""

    def __init__(self, hidden: HiddenForm) -> None:
        self._hidden = hidden

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        path = reading.folder / Path(str(node.value)).expanduser()
        try:
            with path.open("rb") as file:
                return self._hidden.checked(file.read(MAX_SECRET_BYTES).decode().strip(), node, key, reading)
        except (OSError, UnicodeDecodeError) as why:
            return reading.add(node, key, f"cannot read {path}: {getattr(why, 'strerror', None) or 'it is not UTF-8'}")

    def schema(self) -> Schema:
        return {"type": "string"}


class FromEnvForm(YamlForm):
    """A secret that a variable of the environment holds."""

    def __init__(self, hidden: HiddenForm) -> None:
        self._hidden = hidden

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        name = str(node.value)
        if not (text := reading.env.get(name, "")):
            return reading.add(node, key, f"the variable {name[:100]} is not set")
        return self._hidden.checked(text, node, key, reading)

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_]*$"}


@dataclass(frozen=True, slots=True)
class YamlKey:
    """One key of a record: its form, its meaning, and what stands for it when it is not there."""

    name: str
    form: YamlForm
    meaning: str
    default: Any = None
    required: bool = False


def secret_keys(name: str, meaning: str, check: Callable[[str], object] = str) -> tuple[YamlKey, ...]:
    """Return the three keys of a secret: in the file, in a file of its own, in a variable."""
    hidden = HiddenForm(check)
    return (
        YamlKey(name, hidden, meaning),
        YamlKey(f"{name}_file", FromFileForm(hidden), f"A file that holds `{name}`."),
        YamlKey(f"{name}_env", FromEnvForm(hidden), f"A variable of the environment that holds `{name}`."),
    )


Make = Callable[[dict[str, Any], Spot, str, FileReading], Any]


class RecordForm(YamlForm):
    """A mapping with known keys; `make` gets the values (defaults filled in), the node, the key and the reading."""

    def __init__(self, meaning: str, keys: tuple[YamlKey, ...], make: Make, name: str = "") -> None:
        self.meaning, self._keys, self._make = meaning, {key.name: key for key in keys}, make
        self.name = name

    @property
    def keys(self) -> Mapping[str, YamlKey]:
        """The keys by name."""
        return self._keys

    def read(self, node: Spot, key: str, reading: FileReading) -> Any:
        if not isinstance(node.value, dict):
            return reading.add(node, key, f"it must be a mapping: {self.meaning.rstrip('.')}")
        before, values = len(reading.problems), {name: known.default for name, known in self._keys.items()}
        given: dict[str, Spot] = {}
        for name, name_node, value in pairs(node, key, reading):
            at = f"{key}.{name}" if key else name
            if name not in self._keys:
                reading.add(name_node, at, self._unknown(name))
                continue
            given[name] = value
            values[name] = self._keys[name].form.read(value, at, reading)
        for known in self._keys.values():
            if known.required and known.name not in given:
                reading.add(node, key, f"{known.name} is missing: {known.meaning}")
        self._join_secrets(values, given, key, reading)
        return self._make(values, node, key, reading) if len(reading.problems) == before else None

    def schema(self) -> Schema:
        if self.name:
            return {"$ref": f"#/$defs/{self.name}"}
        return self.body()

    def body(self) -> Schema:
        """Describe it where it stands."""
        told = {known.name: {**known.form.schema(), "description": known.meaning} for known in self._keys.values()}
        required = [known.name for known in self._keys.values() if known.required]
        shape: Schema = {"type": "object", "description": self.meaning, "additionalProperties": False, "properties": told}
        return shape | ({"required": required} if required else {})

    def _unknown(self, name: str) -> str:
        near = next((known for known in self._keys if known.replace("_", "") == name.replace("-", "").replace("_", "").lower()), "")
        return f"there is no such key; did you mean {near}?" if near else f"there is no such key; known are {', '.join(self._keys)}"

    def _join_secrets(self, values: dict[str, Any], given: Mapping[str, Spot], key: str, reading: FileReading) -> None:
        """Put a secret under its one name, wherever it came from."""
        for name in [name for name, known in self._keys.items() if isinstance(known.form, HiddenForm)]:
            ways = [way for way in (name, f"{name}_file", f"{name}_env") if way in given]
            if len(ways) > 1:
                reading.add(given[ways[1]], f"{key}.{ways[1]}", f"give only one of {', '.join(ways)}")
            read = {way: values.pop(way) for way in (name, f"{name}_file", f"{name}_env")}
            values[name] = next((read[way] for way in ways), None)


def pairs(node: Spot, key: str, reading: FileReading) -> Iterator[tuple[str, Spot, Spot]]:
    """Yield each name, its place and its value."""
    if not isinstance(node.value, dict):
        reading.add(node, key, "it must be a mapping")
        return
    for name, value in node.value.items():
        yield name, node.names[name], value


def read_text(form: YamlForm, text: str, reading: FileReading) -> Any:
    """Read a whole document; None, and a problem, where it is no YAML."""
    tree, problems = read_yaml(reading.file, text)
    reading.problems += problems
    if tree is None:
        return None if problems else reading.add(None, "", "it is empty")
    return form.read(tree, "", reading)


def length_of(text: str) -> int | None:
    """Return a length of time in nanoseconds; None for what is none."""
    if text == "0":
        return 0
    found = DURATION.fullmatch(text)
    if not text or found is None or any(len(part) > 9 for part in found.groups(default="")):
        return None
    return sum(int(count) * NS[unit] for unit, count in found.groupdict("0").items())
