"""JSON text that is changed in place: what is not changed keeps its bytes, comments and trailing commas among them (`json_comments`).

`parse` gives the places of objects, arrays and their members; each edit is a pure function from text to text that writes
as the text around it is written: indentation, line ends, one line or many, a comma behind the last member or none. Removing what was appended
gives the text back. A comment stays with what it stands behind: a new member comes after the comments of the last one's line, and
takes none with it when it goes.

Written here, since what there is for Python (json-five, json5-document) gives a model that is written anew, or places without edits.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from hookline.install.json_comments import OpenComment, after_gap, after_line, ends_in_line_comment, has_comment, without_comments

_SPACE = re.compile(r"[ \t\r\n]*")
_LINE_ENDS = re.compile(r"[ \t]*(\r?\n|//)")
_BLANK = " \t\r\n"
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
    """The text is not JSON that can be edited: `place` says where, such as `line 3, column 5`."""

    def __init__(self, why: str, place: str) -> None:
        self.place = place
        super().__init__(why)


@lru_cache(maxsize=4)
def parse(text: str) -> Node:
    """Return the root's node, which nobody changes: steps of an edit ask for the same text again and again. Raises NotJson."""
    try:
        plain = _plain(text)
        node = _parse_value(plain, _skip(plain, 0))
    except json.JSONDecodeError as error:
        raise NotJson(error.msg[:1].lower() + error.msg[1:], place_of(text, error.pos)) from None
    except OpenComment as error:
        raise NotJson(str(error), place_of(text, error.offset)) from None
    except RecursionError:
        raise NotJson("nested too deeply", place_of(text, 0)) from None
    return node


def _plain(text: str) -> str:
    """Return the text as JSON of the same length; most files have no comments to look for."""
    with contextlib.suppress(json.JSONDecodeError):
        json.loads(text)
        return text
    plain = without_comments(text)
    json.loads(plain)
    return plain


def place_of(text: str, offset: int) -> str:
    """Return the line and column of an offset, counted from 1."""
    return f"line {text.count(chr(10), 0, offset) + 1}, column {offset - text.rfind(chr(10), 0, offset)}"


def append(text: str, container: Node, value: Any, key: str = "") -> str:
    """Add a last member, with a key to an object and without to an array."""
    label = f"{_dump(key)}: " if text[container.start] == "{" else ""
    if not container.members:
        return _fill(text, container, label, value)
    last = container.members[-1].node.end
    comma = _comma(text, last)
    behind = last if comma is None else comma + 1
    end = after_line(text, behind)
    kept, after = text[behind:end], "" if comma is None else ","
    head = f"{text[:last]}," if comma is None else text[:behind]
    if _is_inline(text, container) and not ends_in_line_comment(kept):
        return f"{head}{kept} {label}{_dump(value)}{after}{text[end:]}"
    margin = _margin(text, container.members[-1].start)
    return f"{head}{kept}{_newline(text)}{margin}{label}{_dump_lines(text, value, margin)}{after}{text[end:]}"


def remove(text: str, container: Node, index: int, filling: str = "") -> str:
    """Take a member out, with its comma; a container that held nothing else is closed up, around `filling`."""
    members, member = container.members, container.members[index]
    comma = _comma(text, member.node.end)
    if len(members) == 1:
        return _close(text, container, member.node.end if comma is None else comma + 1, filling)
    if comma is None:
        return _remove_last(text, members[-2].node.end, member)
    before = _comma(text, members[index - 1].node.end) if index else container.start
    return _remove_with_comma(text, (before or 0) + 1, member, comma + 1, is_last=index == len(members) - 1)


def replace(text: str, node: Node, value: Any) -> str:
    """Put another value in a value's place, escaped as that is."""
    escaped = text[node.start : node.end].isascii()
    return text[: node.start] + json.dumps(value, ensure_ascii=escaped) + text[node.end :]


def new_document(value: Any) -> str:
    """Return a text as agents themselves write their settings."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _fill(text: str, container: Node, label: str, value: Any) -> str:
    gap = text[container.start + 1 : container.end - 1]
    kept = gap.rstrip(_BLANK) if has_comment(gap) else ""
    inner, rest = text[: container.start + 1] + kept, text[container.end - 1 :]
    if _is_one_line(text):
        return f"{inner}{' ' if kept else ''}{label}{_dump(value)}{rest}"
    outer = _margin(text, container.start)
    margin = outer + _indent(text)
    return f"{inner}{_newline(text)}{margin}{label}{_dump_lines(text, value, margin)}{_newline(text)}{outer}{rest}"


def _close(text: str, container: Node, end: int, filling: str) -> str:
    """Take the only member out, which ends at `end` with its comma; comments around it stay."""
    before, start = container.start + 1, container.members[0].start
    if filling or not has_comment(text[before:start] + text[end : container.end - 1]):
        return text[:before] + filling + text[container.end - 1 :]
    return _cut(text, before, start, end)


def _remove_with_comma(text: str, before: int, member: Member, end: int, *, is_last: bool) -> str:
    """Take out a member that ends at `end` with its comma; the gap in front of it begins at `before`."""
    if _ends_line(text, end):
        return _cut(text, before, member.start, end)
    return _cut(text, before, member.start, end) if is_last else text[: member.start] + text[_skip(text, end) :]


def _remove_last(text: str, before: int, member: Member) -> str:
    """Take out the last member and the comma in front of it; what is before that ends at `before`."""
    comma, end = after_gap(text, before), member.node.end
    if has_comment(text[comma + 1 : member.start]):
        return text[:comma] + _cut(text, comma + 1, member.start, end)[comma + 1 :]
    return _cut(text, before, comma, end) if "\n" in text[before:comma] else text[:comma] + text[end:]


def _cut(text: str, before: int, start: int, end: int) -> str:
    """Take out what stands from `start` to `end` and the white space in front of it, which ends a comment where one needs an end."""
    gap = text[before:start]
    kept = gap.rstrip(_BLANK) if has_comment(gap) else ""
    is_in_comment = ends_in_line_comment(kept) and not _ends_line(text, end)
    return text[:before] + (gap if is_in_comment else kept) + text[end:]


def _comma(text: str, offset: int) -> int | None:
    """Return where the comma is that comes next, None if something else does."""
    end = after_gap(text, offset)
    return end if text[end] == "," else None


def _ends_line(text: str, offset: int) -> bool:
    """Whether nothing but a comment follows on the line."""
    return bool(_LINE_ENDS.match(text, offset))


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
    found = re.search(r"^([ \t]+)[^ \t\r\n]", without_comments(text), re.MULTILINE)
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
            raise NotJson(f"the key {member.key!r} stands there twice", place_of(text, member.start))
        seen.add(member.key)
