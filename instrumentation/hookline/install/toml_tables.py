"""Tables of an array (`[[hooks]]`) put into a TOML text and taken out again; every other byte stays.

    text = append_tables(text, "hooks", [{"event": "Stop", "command": "…", "timeout": 5}])
    text = remove_tables(text, "hooks", lambda table: is_ours(table.get("command")))

Tables are appended at the end of the text, where they belong to nothing else. What is found of a table in a text is its header and the lines of its
keys; comments and blank lines behind them belong to what follows. Each edit is checked against Python's own reader: the text has to mean
afterwards what it meant before, but for our tables. A text of which that cannot be said is refused.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hookline.install.hook_groups import UnexpectedShape

TomlTable = Mapping[str, Any]
_AT_LINE: Final = re.compile(r"at line (\d+)")
_TOKEN: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|' + r"'''.*?'''(?:'{0,2})|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'|#[^\n]*|[\[\]{}]|\n|[^\"'#\[\]{}\n]+|.",
    re.DOTALL,
)
_HEADER: Final = re.compile(r"[ \t]*\[")


@dataclass(frozen=True, slots=True)
class TablePlace:
    """One table of an array: where its header's line begins, and where the line of its last key ends."""

    start: int
    end: int
    value: TomlTable


def parse_toml(text: str) -> dict[str, Any]:
    """Return the text's value; raises UnexpectedShape with the line."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        raise UnexpectedShape(f"is not valid TOML: {error}", f"line {found[1] if found else text.count(chr(10)) + 1}") from None


def append_tables(text: str, name: str, rows: Sequence[TomlTable]) -> str:
    """Return the text with tables behind it, a blank line before them."""
    before = parse_toml(text)
    if not isinstance(before.get(name, []), list) or (before.get(name) and not find_tables(text, name)):
        raise UnexpectedShape(f"{name} is not written as [[{name}]] tables, and more of them cannot be added", "line 1")
    line_end = "\r\n" if "\r\n" in text else "\n"
    made = text + gap_before(text) + line_end.join(line for row in rows for line in _lines(name, row)) + line_end
    _demand_same(parse_toml(made), {**before, name: [*before.get(name, []), *rows]})
    return made


def gap_before(text: str) -> str:
    """Return what stands between a text and tables behind it."""
    line_end = "\r\n" if "\r\n" in text else "\n"
    if not text.strip():
        return "" if not text or text.endswith("\n") else line_end
    return line_end if text.endswith("\n") else 2 * line_end


def remove_tables(text: str, name: str, is_ours: Callable[[TomlTable], bool], gap: str = "") -> str:
    """Return the text without the tables that are ours; `gap` is what install put before the first of them."""
    before = parse_toml(text)
    places = [place for place in find_tables(text, name) if is_ours(place.value)]
    left = text
    for number, place in reversed(list(enumerate(places))):
        start = place.start
        if number == 0 and gap and left[:start].endswith(gap):
            start -= len(gap)
        left = left[:start] + left[place.end :]
    kept = [table for table in before.get(name, []) if not is_ours(table)]
    _demand_same(parse_toml(left), {**before, name: kept} if kept else {key: value for key, value in before.items() if key != name})
    return left


def find_tables(text: str, name: str) -> list[TablePlace]:
    """Return the tables of an array, in their order."""
    header = re.compile(rf"[ \t]*\[\[[ \t]*(?:{re.escape(name)}|\"{re.escape(name)}\"|'{re.escape(name)}')[ \t]*\]\]")
    parsed = parse_toml(text).get(name, [])
    values = iter(parsed if isinstance(parsed, list) else [])
    lines = list(_statements(text))
    found = []
    for number, start in enumerate(lines):
        if not header.match(text, start):
            continue
        end = _line_end(text, start)
        for at, following in enumerate(lines[number + 1 :], number + 1):
            if _HEADER.match(text, following):
                break
            if text[following : _line_end(text, following)].lstrip(" \t")[:1] not in ("#", "\r", "\n", ""):
                end = lines[at + 1] if at + 1 < len(lines) else len(text)
        found.append(TablePlace(start, end, next(values, {})))
    return found


def _statements(text: str) -> Iterator[int]:
    """Yield where each line begins that is not the inside of a value."""
    depth, is_start = 0, True
    for token in _TOKEN.finditer(text):
        if is_start and depth == 0:
            yield token.start()
        said = token[0]
        if said in "[{":
            depth += 1
        elif said in "]}":
            depth -= 1
        is_start = said == "\n"


def _line_end(text: str, offset: int) -> int:
    found = text.find("\n", offset)
    return len(text) if found < 0 else found + 1


def _lines(name: str, row: TomlTable) -> list[str]:
    """Return a table as lines. A text is written as JSON writes it, which TOML reads too."""
    return [f"[[{name}]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in row.items())]


def _demand_same(made: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    if made != wanted:
        raise UnexpectedShape("cannot be changed without changing what else it says", "line 1")
