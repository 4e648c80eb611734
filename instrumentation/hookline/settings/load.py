"""Reading the settings: flags over environment over file over defaults.

`load` gathers raw values from each layer as `{dotted key: (value, origin)}`, converts them by the row's type, and
reports all problems at once, each with its key.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hookline.errors import ConfigInvalid
from hookline.settings import schema
from hookline.settings.database_settings import named_databases
from hookline.settings.schema import Settings

Problems = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting as it is: its dotted key, type, meaning and default."""

    key: str
    type: Any
    meaning: str
    default: Any
    secret: bool
    choices: tuple[str, ...]

    @property
    def variable(self) -> str:
        """Name in the environment."""
        return "HOOKLINE_" + self.key.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class Loaded:
    """The effective settings and, by dotted key, where each came from."""

    settings: Settings
    origins: Mapping[str, str]


def rows() -> Iterator[SettingRow]:
    """Yield every setting in the order of the schema."""
    hints = typing.get_type_hints(Settings)
    for top in dataclasses.fields(Settings):
        if top.name in schema.SECTIONS:
            yield from _section_rows(top.name, hints[top.name])
        else:
            yield _row(top.name, hints[top.name], top)


def _section_rows(name: str, section: Any) -> Iterator[SettingRow]:
    hints = typing.get_type_hints(section)
    for item in dataclasses.fields(section):
        yield _row(f"{name}.{item.name}", hints[item.name], item)


def _row(key: str, hint: Any, item: dataclasses.Field[Any]) -> SettingRow:
    default = item.default if item.default is not dataclasses.MISSING else {}
    meta = item.metadata
    return SettingRow(key, hint, meta["meaning"], default, meta["secret"], meta["choices"])


def config_path(env: Mapping[str, str]) -> Path:
    """Return the path of the settings file."""
    if given := env.get("HOOKLINE_CONFIG"):
        return Path(given)
    base = env.get("XDG_CONFIG_HOME") or str(home(env) / ".config")
    return Path(base) / "hookline" / "config.toml"


def default_data_dir(env: Mapping[str, str]) -> Path:
    """Return `$XDG_STATE_HOME/hookline`, by default under the home folder."""
    return Path(env.get("XDG_STATE_HOME") or home(env) / ".local" / "state") / "hookline"


def home(env: Mapping[str, str]) -> Path:
    """Return the home folder, also where HOME is not set."""
    return Path(env.get("HOME") or os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where no home is known


def load(flags: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None) -> Loaded:
    """Return the effective settings.

    `flags` maps dotted keys to values from the command line; None values are as if not given.
    Raises ConfigInvalid with every problem found.
    """
    env = os.environ if env is None else env
    problems: Problems = []
    known = {row.key: row for row in rows()}
    layers = [_from_file(config_path(env), known, problems), _from_environment(env, known)]
    layers.append({key: (value, "flag") for key, value in (flags or {}).items() if value is not None})
    values: dict[str, Any] = {"data_dir": default_data_dir(env)}
    origins = dict.fromkeys(known, "default")
    for layer in layers:
        for key, (raw, origin) in layer.items():
            _take(known[key], raw, origin, values, origins, problems)
    if problems:
        raise ConfigInvalid(problems)
    return Loaded(_build(values), origins)


def _take(row: SettingRow, raw: Any, origin: str, values: dict[str, Any], origins: dict[str, str], problems: Problems) -> None:
    try:
        values[row.key] = _convert(row, raw)
        origins[row.key] = origin
    except ValueError as why:
        problems.append((row.key, f"{why} (from {origin})"))


def _from_file(path: Path, known: Mapping[str, SettingRow], problems: Problems) -> dict[str, tuple[Any, str]]:
    try:
        tree = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as why:
        problems.append((str(path), f"cannot read the file: {why}"))
        return {}
    found: dict[str, tuple[Any, str]] = {}
    for key, value in _flatten(tree, known):
        if key in known:
            found[key] = (value, str(path))
        else:
            problems.append((key, f"no such setting (in {path}); `hookline config` lists them"))
    return found


def _flatten(tree: Mapping[str, Any], known: Mapping[str, SettingRow], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key not in known and not prefix:
            yield from _flatten(_gathered(key, value), known, f"{key}.")
        else:
            yield key, value


def _gathered(section: str, tree: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the tables of single databases, `[databases.shop]`, under one key."""
    if section != "databases":
        return tree
    tables = {name: value for name, value in tree.items() if isinstance(value, dict) and name != "named"}
    rest = {name: value for name, value in tree.items() if name not in tables}
    return rest | ({"named": {**rest.get("named", {}), **tables}} if tables else {})


def _from_environment(env: Mapping[str, str], known: Mapping[str, SettingRow]) -> dict[str, tuple[Any, str]]:
    return {key: (env[row.variable], row.variable) for key, row in known.items() if row.variable in env}


def _convert(row: SettingRow, raw: Any) -> Any:
    value = named_databases(raw) if row.key == "databases.named" else _to_type(row.type, raw)
    for part in value if isinstance(value, tuple) else (value,):
        if row.choices and part not in row.choices:
            raise ValueError(f"{part!r} is not one of {', '.join(row.choices)}")
    if isinstance(value, int | float) and not isinstance(value, bool) and value < 0:
        raise ValueError(f"must not be negative (is {value})")
    return value


def _to_type(kind: Any, raw: Any) -> Any:
    origin = typing.get_origin(kind) or kind
    if origin is bool:
        return _to_bool(raw)
    if origin in (int, float):
        return _to_number(origin, raw)
    if origin is Path:
        return Path(str(raw)).expanduser().absolute()
    if origin is tuple:
        return tuple(raw) if isinstance(raw, list | tuple) else tuple(part.strip() for part in str(raw).split(",") if part.strip())
    if origin is dict:
        return _to_dict(raw)
    if origin in (str, typing.Literal, types.UnionType):
        return str(raw)
    raise TypeError(f"no conversion for {kind}")


def _to_bool(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(f"{raw!r} is not true or false")


def _to_number(kind: Any, raw: Any) -> Any:
    try:
        value = kind(raw)
    except (TypeError, ValueError):
        raise ValueError(f"{raw!r} is not a number") from None
    if not math.isfinite(value):
        raise ValueError(f"{raw!r} is not a finite number")
    return value


def _to_dict(raw: Any) -> dict[str, str]:
    if isinstance(raw, dict):
        return {str(key): str(value) for key, value in raw.items()}
    pairs = [part.partition("=") for part in str(raw).split(",") if part.strip()]
    if any(not separator for _, separator, _ in pairs):
        raise ValueError("must be key=value,key=value")
    return {key.strip(): value.strip() for key, _, value in pairs}


def _build(values: Mapping[str, Any]) -> Settings:
    hints = typing.get_type_hints(Settings)
    sections = {name: hints[name](**{k.split(".", 1)[1]: v for k, v in values.items() if k.startswith(f"{name}.")}) for name in schema.SECTIONS}
    return Settings(data_dir=values["data_dir"], **sections)
