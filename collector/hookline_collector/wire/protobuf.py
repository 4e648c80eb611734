"""Protobuf's wire form, as far as a message is walked without being parsed.

The one reader and writer of it: counting before parsing, cutting a payload, finding nested values. A walk does not judge what it
passes over, but it never leaves the message: where the bytes are no message it raises ValueError or IndexError, and whoever walks decides.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

_VARINT, _FIXED64, _LENGTH, _GROUP, _GROUP_END, _FIXED32 = range(6)
_MAX_SHIFT = 63  # a varint has at most ten bytes
_ONE_BYTE = tuple(bytes((value,)) for value in range(0x80))


class Field(NamedTuple):
    """A length-delimited field: its number, where its tag stands, where its content begins and where it stops."""

    number: int
    at: int
    begin: int
    stop: int


def fields(data: bytes | bytearray, start: int, end: int) -> Iterator[Field]:
    """Yield the length-delimited fields of the message in data[start:end]; others are passed over.

    Raises ValueError or IndexError where the bytes are no message.
    """
    at = start
    while at < end:
        tag, begin = read_varint(data, at)
        wire = tag & 7
        if wire == _LENGTH:
            length, begin = read_varint(data, begin)
            if begin + length > end:
                raise ValueError("a field runs past its message")
            yield Field(tag >> 3, at, begin, begin + length)
            at = begin + length
        else:
            at = _past(data, begin, end, tag)
    if at != end:
        raise ValueError("a field runs past its message")


Table = Mapping[int, Any]
"""The fields of a message that hold messages: by its number, a field's own table."""


def count_nested(data: bytes, table: Table, limit: int) -> int:
    """Return how many messages a message holds, at any depth; past `limit` any number above it. Stops where the bytes are no message.

    Fields are read as `fields` reads them, but here, without a step of an iterator for each: of a large request there are a million.
    """
    found, at, end = 0, 0, len(data)
    outer: list[tuple[Table, int]] = []  # depth first, without recursion: as the parser goes
    try:
        while found <= limit:
            if at >= end:
                if at > end or not outer:
                    break
                table, end = outer.pop()
                continue
            tag, at = data[at], at + 1
            if tag >= 0x80:
                tag, at = read_varint(data, at - 1)
            if tag & 7 != _LENGTH:
                at = _past(data, at, end, tag)
                continue
            length, at = data[at], at + 1
            if length >= 0x80:
                length, at = read_varint(data, at - 1)
            if at + length > end:
                break
            inner = table.get(tag >> 3)
            if inner is None:
                at += length
                continue
            found += 1
            if length:
                outer.append((table, end))
                table, end = inner, at + length
    except (IndexError, ValueError):
        pass
    return found


def _past(data: bytes | bytearray, at: int, end: int, tag: int) -> int:
    """Return where a field ends that has no length, and whose content begins at `at`."""
    wire = tag & 7
    if wire == _VARINT:
        return read_varint(data, at)[1]
    if wire in (_FIXED64, _FIXED32):
        return at + (8 if wire == _FIXED64 else 4)
    if wire == _GROUP:
        return _group_end(data, at, end, tag >> 3)
    raise ValueError("no field begins like this")


def _group_end(data: bytes | bytearray, start: int, end: int, number: int) -> int:
    """Return where a group ends whose fields begin at `start`; groups may hold groups, so no recursion."""
    at, open_groups = start, [number]
    while at < end:
        tag, at = read_varint(data, at)
        wire = tag & 7
        if wire == _LENGTH:
            length, at = read_varint(data, at)
            at += length
        elif wire == _VARINT:
            at = read_varint(data, at)[1]
        elif wire in (_FIXED64, _FIXED32):
            at += 8 if wire == _FIXED64 else 4
        elif wire == _GROUP:
            open_groups.append(tag >> 3)
        elif wire == _GROUP_END and tag >> 3 == open_groups.pop():
            if not open_groups:
                return at
        else:
            raise ValueError("no field begins like this")
    raise ValueError("a group runs past its message")


def framed(number: int, content: bytes) -> bytes:
    """Return a length-delimited field."""
    return head(number, len(content)) + content


def head(number: int, length: int) -> bytes:
    """Return what stands before the content of a length-delimited field."""
    return _head_tag(number) + varint(length)


@cache
def _head_tag(number: int) -> bytes:
    return varint(tag_of(number))


def tag_of(number: int) -> int:
    """Return the tag of a length-delimited field."""
    return number << 3 | _LENGTH


def read_varint(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """Return the value and where what follows it begins."""
    byte = data[at]
    if byte < 0x80:
        return byte, at + 1
    value, shift = byte & 0x7F, 7
    while True:
        at += 1
        byte = data[at]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at + 1
        shift += 7
        if shift > _MAX_SHIFT:
            raise ValueError("a number of more than ten bytes")


def varint(value: int) -> bytes:
    """Return the value's bytes."""
    if value <= 0x7F:
        return _ONE_BYTE[value]
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
