"""Counting the sub-messages of a request on its raw bytes, before protobuf makes memory of them.

Twenty megabytes of empty spans fit in 20 KB of gzip and cost 1.8 GB once parsed, so a request says how many sub-messages it
holds before it is parsed. A walk over every field in Python would cost more than all the rest, so three steps, cheap first:

1. An empty sub-message takes two bytes: a body of `2 * limit` bytes cannot hold more than `limit`. Nearly all requests end here.
2. Each sub-message has a tag, and its last byte is one of a few values (or NUL after a byte with the high bit, in an overlong
   tag). The number of such bytes in the body is an upper bound, taken at memory speed.
3. Only what is still in doubt is walked field by field, and only until the limit is passed.

Broken bytes are not judged here: the walk ends where they begin, as the parser will, having made no more than was counted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor

from hookline.errors import TooLarge
from hookline_collector.signal import Signal

_OVERLONG_TAG_END = re.compile(rb"[\x80-\xff]\x00")
_VARINT, _FIXED64, _BYTES, _GROUP, _GROUP_END, _FIXED32 = range(6)

Fields = Mapping[int, Any]  # number of a field that holds a message → the Fields of that message
_NONE: Fields = {}


def check_count(signal: Signal, body: bytes, limit: int) -> None:
    """Raise TooLarge when the request holds more than `limit` sub-messages."""
    if len(body) // 2 > limit and upper_bound(signal, body) > limit and count_messages(signal, body, limit) > limit:
        raise TooLarge(f"more than {limit} sub-messages (spans, attributes, values, ...); send smaller batches or raise limits.max_messages")


def upper_bound(signal: Signal, body: bytes) -> int:
    """Return a number of sub-messages that the body cannot exceed, at memory speed."""
    canonical = len(body) - len(body.translate(None, _tag_ends(signal)))
    return canonical + _OVERLONG_TAG_END.subn(b"", body)[1]


def count_messages(signal: Signal, body: bytes, limit: int) -> int:
    """Return how many sub-messages the body holds; past `limit` any number above it. Stops at the first broken byte."""
    return _Walk(body, limit).count(_fields(signal))


class _Walk:
    """One pass over a body, depth first, without recursion. A frame is (fields, end, number of the group it is or 0)."""

    def __init__(self, body: bytes, limit: int) -> None:
        self._body = body
        self._limit = limit
        self._at = 0
        self._frames: list[tuple[Fields, int, int]] = []

    def count(self, fields: Fields) -> int:
        """Count from the start of the body."""
        found = 0
        self._frames.append((fields, len(self._body), 0))
        try:
            while self._frames and found <= self._limit:
                found += self._step()
        except IndexError:  # a varint or a length runs past its end
            pass
        return found

    def _step(self) -> int:
        """Read one field of the innermost frame; return 1 when it is a sub-message."""
        fields, end, group = self._frames[-1]
        if self._at >= end:
            self._leave(group)
            return 0
        tag = self._varint()
        number, wire = tag >> 3, tag & 7
        if wire == _BYTES:
            return self._enter(fields.get(number), end)
        if wire == _VARINT:
            self._varint()
        elif wire in (_FIXED64, _FIXED32):
            self._at += 8 if wire == _FIXED64 else 4
        elif wire == _GROUP:
            self._frames.append((_NONE, end, number))
        elif wire == _GROUP_END and number == group:
            self._frames.pop()
        else:
            raise IndexError(self._at)
        return 0

    def _enter(self, fields: Fields | None, end: int) -> int:
        length = self._varint()
        if self._at + length > end:
            raise IndexError(self._at)
        if fields is None:
            self._at += length
            return 0
        if length:
            self._frames.append((fields, self._at + length, 0))
        return 1

    def _leave(self, group: int) -> None:
        """End the innermost frame, or the walk where a group is still open or a field ran over the end."""
        if group or self._at > self._frames[-1][1]:
            raise IndexError(self._at)
        self._frames.pop()

    def _varint(self) -> int:
        body, at = self._body, self._at
        byte = body[at]
        at += 1
        value, shift = byte & 0x7F, 7
        while byte > 0x7F:
            if shift > 63:
                raise IndexError(at)
            byte = body[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
        self._at = at
        return value


@cache
def _fields(signal: Signal) -> Fields:
    return _fields_of(signal.request_class.DESCRIPTOR, {})


def _fields_of(message: Descriptor, known: dict[str, dict[int, Any]]) -> Fields:
    """Return the table of a message type; types that hold themselves (AnyValue) share one table."""
    if message.full_name not in known:
        table = known[message.full_name] = {}
        for field in message.fields:
            if field.message_type is not None:
                table[field.number] = _fields_of(field.message_type, known)
    return known[message.full_name]


@cache
def _tag_ends(signal: Signal) -> bytes:
    """Return the last bytes of all tags that introduce a sub-message."""
    known: dict[str, dict[int, Any]] = {}
    _fields_of(signal.request_class.DESCRIPTOR, known)
    return bytes({_last_varint_byte(number << 3 | _BYTES) for table in known.values() for number in table})


def _last_varint_byte(value: int) -> int:
    while value > 0x7F:
        value >>= 7
    return value
