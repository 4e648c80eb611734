"""JSON text that is changed in place: what is not changed keeps its bytes.

`parse` gives the places of objects, arrays and their members; each edit is a pure function from text to text that writes
as the text around it is written: indentation, line ends, one line or many. Removing what was appended gives the text back.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Node:
    """A value's place in the text. `members` are those of an object or array; `value` is the value itself."""

    start: int
    end: int
    value: Any
    members: tuple["Member", ...] = ()

    def member(self, key: str) -> "Member | None":
        """Return the member of that key."""
        return next((member for member in self.members if member.key == key), None)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an object (with its key) or an array (without). It begins at its key."""

    key: str
    start: int
    node: Node


class NotJson(Exception):
    """The text is not JSON that can be edited: `line` says where, counted from 1."""

    def __init__(self, why: str, line: int) -> None:
        self.line = line
        super().__init__(why)


def parse(text: str) -> Node:
    """Return the root's node; raises NotJson."""
    try:
        json.loads(text)
        node = _parse_value(text, _skip(text, 0))
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.lineno) from None
    except RecursionError:
        raise NotJson("nested too deeply", 1) from None
    return node


def line_of(text: str, offset: int) -> int:
    """Return the line of an offset, counted from 1."""
    return text.count("\n", 0, offset) + 1


def append(text: str, container: Node, value: Any, key: str = "") -> str:
    """Add a last member, with a key to an object and without to an array."""
    label = f"{_dump(key)}: " if text[container.start] == "{" else ""
    if not container.members:
        return _fill(text, container, label, value)
    last = container.members[-1].node.end
    if _is_inline(text, container):
        return f"{text[:last]}, {label}{_dump(value)}{text[last:]}"
    margin = _margin(text, container.members[-1].start)
    return f"{text[:last]},{_newline(text)}{margin}{label}{_dump_lines(text, value, margin)}{text[last:]}"


def remove(text: str, container: Node, index: int, filling: str = "") -> str:
    """Take a member out, with its comma; a container that held nothing else is closed up, around `filling`."""
    members = container.members
    if len(members) == 1:
        return text[: container.start + 1] + filling + text[container.end - 1 :]
    if index == 0:
        comma = text.index(",", members[0].node.end) + 1
        has_own_line = "\n" in text[comma : members[1].start]
        return text[: container.start + 1] + text[comma:] if has_own_line else text[: members[0].start] + text[members[1].start :]
    before = members[index - 1].node.end
    comma = text.index(",", before)
    return text[: before if "\n" in text[before:comma] else comma] + text[members[index].node.end :]


def replace(text: str, node: Node, value: Any) -> str:
    """Put another value in a value's place, escaped as that is."""
    escaped = text[node.start : node.end].isascii()
    return text[: node.start] + json.dumps(value, ensure_ascii=escaped) + text[node.end :]


def new_document(value: Any) -> str:
    """Return a text as agents themselves write their settings."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _fill(text: str, container: Node, label: str, value: Any) -> str:
    inner, rest = text[: container.start + 1], text[container.end - 1 :]
    if _is_one_line(text):
        return f"{inner}{label}{_dump(value)}{rest}"
    outer = _margin(text, container.start)
    margin = outer + _indent(text)
    return f"{inner}{_newline(text)}{margin}{label}{_dump_lines(text, value, margin)}{_newline(text)}{outer}{rest}"


def _is_inline(text: str, container: Node) -> bool:
    return "\n" not in text[container.start : container.members[0].start]


def _is_one_line(text: str) -> bool:
    """Answer whether the document is written on one line and holds something."""
    return "\n" not in text.strip() and text.strip() not in ("{}", "[]")


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _margin(text: str, offset: int) -> str:
    """Return the white space that begins the offset's line."""
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _indent(text: str) -> str:
    """Return one step of indentation: that of the first line that has any."""
    found = re.search(r"^([ \t]+)[^ \t\r\n]", text, re.MULTILINE)
    return found[1] if found else "  "


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _dump_lines(text: str, value: Any, margin: str) -> str:
    lines = json.dumps(value, ensure_ascii=False, indent=_indent(text)).split("\n")
    return (_newline(text) + margin).join(lines)


def _skip(text: str, offset: int) -> int:
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def _parse_value(text: str, offset: int) -> Node:
    if text[offset] not in "{[":
        value, end = _DECODER.raw_decode(text, offset)
        return Node(offset, end, value)
    members = tuple(_parse_members(text, offset))
    end = text.index("}" if text[offset] == "{" else "]", members[-1].node.end if members else offset) + 1
    if text[offset] == "[":
        return Node(offset, end, [member.node.value for member in members], members)
    _refuse_doubles(text, members)
    return Node(offset, end, {member.key: member.node.value for member in members}, members)


def _parse_members(text: str, opening: int) -> Iterator[Member]:
    offset = _skip(text, opening + 1)
    while text[offset] not in "}]":
        start, key = offset, ""
        if text[opening] == "{":
            key, end = _DECODER.raw_decode(text, offset)
            offset = _skip(text, text.index(":", end) + 1)
        node = _parse_value(text, offset)
        yield Member(key, start, node)
        offset = _skip(text, node.end)
        if text[offset] == ",":
            offset = _skip(text, offset + 1)


def _refuse_doubles(text: str, members: tuple[Member, ...]) -> None:
    seen: set[str] = set()
    for member in members:
        if member.key in seen:
            raise NotJson(f"the key {member.key!r} stands there twice", line_of(text, member.start))
        seen.add(member.key)
