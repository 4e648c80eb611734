"""The settings as text: effective values with their origin, a settings file, and the reference in `docs/`.

A secret that is set prints as ***, one that is not set prints as empty, so a stranger can use nothing printed here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookline.settings import schema
from hookline.settings.database_settings import DatabaseSettings, as_tables
from hookline.settings.load import Loaded, SettingRow, rows

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class Effective:
    """One setting as it counts now."""

    key: str
    shown: Any
    origin: str
    meaning: str


def effective(loaded: Loaded) -> Iterator[Effective]:
    """Yield every setting with the value that counts, fit to be shown."""
    for row in rows():
        yield Effective(row.key, _shown(row, _value(loaded, row.key)), loaded.origins[row.key], row.meaning)


def to_toml(loaded: Loaded) -> str:
    """Return a settings file that gives the same settings; secrets and defaults are comments in it."""
    lines: list[str] = []
    section = ""
    for entry in effective(loaded):
        head, dot, name = entry.key.rpartition(".")
        if dot and head != section:
            lines += ["", f"[{head}]"]
            section = head
        if entry.key == "databases.named" and entry.shown:
            lines += _tables(entry)
            continue
        quiet = entry.origin == "default" or HIDDEN in str(entry.shown)
        lines += [f"# {entry.meaning} (from {entry.origin})", f"{'# ' if quiet else ''}{name} = {_toml_value(entry.shown)}"]
    return "\n".join(lines).lstrip("\n") + "\n"


def _tables(entry: Effective) -> list[str]:
    """Return one database after another, each key with its whole name: a table here would take the rows that follow into it."""
    lines = [f"# {entry.meaning} (from {entry.origin})"]
    return lines + [f"{json.dumps(name)}.{key} = {_toml_value(value)}" for name, each in entry.shown.items() for key, value in each.items()]


def to_markdown() -> str:
    """Return the reference of all settings."""
    lines = [_INTRODUCTION]
    section = ""
    for row in rows():
        head, dot, _ = row.key.rpartition(".")
        if dot and head != section:
            lines += ["", f"## {head}", "", (_section_doc(head)), "", "| key | default | meaning |", "|---|---|---|"]
            section = head
        elif not dot:
            lines += ["", "| key | default | meaning |", "|---|---|---|"]
        lines.append(f"| `{row.key}` | {_default(row)} | {_meaning(row)} |")
    return "\n".join(lines) + "\n"


_INTRODUCTION = """# Settings

<!-- Made by `hookline config docs docs/configuration.md`; a test checks that it is current. -->

A flag overrides the environment, the environment overrides the file, the file overrides the default. The file is
`~/.config/hookline/config.toml` (`$XDG_CONFIG_HOME`, `HOOKLINE_CONFIG` or `--config` name another). The variable of
`section.key` is `HOOKLINE_SECTION_KEY`; `--set section.key=value` is its flag, and the addresses have flags of their own
(`--otlp-grpc`, `--otlp-http`, `--http`). In variables and flags, write lists as `a,b` and tables as `key=value,key=value`.

`hookline config` prints each value in force and where it came from; `hookline config --format toml` prints a settings file.
Hookline reports all wrong settings at once, each with its key."""


def _section_doc(name: str) -> str:
    kind = schema.Settings.__dataclass_fields__[name].default_factory
    return str(getattr(kind, "__doc__", "")).strip()


def _meaning(row: SettingRow) -> str:
    text = row.meaning + (" Secret." if row.secret else "")
    if row.choices:
        text += " One of " + ", ".join(f"`{choice}`" for choice in row.choices) + "."
    return text.replace("|", "\\|")


def _default(row: SettingRow) -> str:
    if row.key == "data_dir":
        return "`~/.local/state/hookline`"
    return f"`{_toml_value(_plain(row.default))}`"


def _value(loaded: Loaded, key: str) -> Any:
    value: Any = loaded.settings
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _shown(row: SettingRow, value: Any) -> Any:
    if row.secret and value:
        return dict.fromkeys(value, HIDDEN) if isinstance(value, dict) else HIDDEN
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return as_tables(value) if any(isinstance(each, DatabaseSettings) for each in value.values()) else value
    return list(value) if isinstance(value, tuple) else value


def _toml_value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_toml_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_toml_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False)
