"""Writes one section of the settings file and leaves everything else as a person wrote it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from hookline.errors import Rejected

Value = str | float | int | bool | list[str]


def with_section(text: str, section: str, values: Mapping[str, Value]) -> str:
    """Return the file's text in which the section's keys have these values.

    Raises Rejected where the text is not TOML, or written in a way (an inline table, a value over several lines) that only a person can change.
    """
    before = _read(text)
    lines = text.splitlines()
    begin, end = _bounds(lines, section)
    if begin is None:
        lines += [*([""] if lines and lines[-1].strip() else []), f"[{section}]"]
        begin, end = len(lines), len(lines)
    for key, value in values.items():
        line = f"{key} = {toml(value)}"
        found = next((n for n in range(begin, end) if re.match(rf"\s*{re.escape(key)}\s*=", lines[n])), None)
        if found is None:
            place = _after_content(lines, begin, end)
            lines.insert(place, line)
            end += 1
        else:
            lines[found] = line
    after = "\n".join(lines) + "\n"
    wanted = {**before, section: {**before.get(section, {}), **values}}
    try:
        is_as_wanted = tomllib.loads(after) == wanted
    except tomllib.TOMLDecodeError:
        is_as_wanted = False
    if not is_as_wanted:
        raise Rejected(f"Hookline cannot edit the section [{section}] as it is written; set {', '.join(values)} by hand")
    return after


def toml(value: Value) -> str:
    """Return a value as TOML."""
    return f"[{', '.join(map(json.dumps, value))}]" if isinstance(value, list) else json.dumps(value)


def _read(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise Rejected(f"the settings file is not valid TOML ({why}); correct it first") from None


def _bounds(lines: list[str], section: str) -> tuple[int | None, int]:
    """Return where the section's content begins, and where the next section does."""
    heads = [n for n, line in enumerate(lines) if re.match(r"\s*\[", line)]
    own = next((n for n in heads if re.match(rf"\s*\[\s*{re.escape(section)}\s*\]\s*(#.*)?$", lines[n])), None)
    if own is None:
        return None, len(lines)
    return own + 1, next((n for n in heads if n > own), len(lines))


def _after_content(lines: list[str], begin: int, end: int) -> int:
    return next((n + 1 for n in range(end - 1, begin - 1, -1) if lines[n].strip()), begin)
