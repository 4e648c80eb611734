"""Protobuf's wire form, as far as a message is walked without being parsed."""

from collections.abc import Iterator
from typing import NamedTuple

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


class Field(NamedTuple):
    """A length-delimited field: its number, where its tag stands, where its content begins and where it stops."""

    number: int
    at: int
    begin: int
    stop: int


def fields(data: bytes, start: int, end: int) -> Iterator[Field]:
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
        elif wire == _VARINT:
            at = read_varint(data, begin)[1]
        elif wire in (_FIXED64, _FIXED32):
            at = begin + (8 if wire == _FIXED64 else 4)
        else:
            raise ValueError("a group, which OTLP has none of")


def framed(number: int, content: bytes) -> bytes:
    """Return a length-delimited field."""
    return varint(number << 3 | _LENGTH) + varint(len(content)) + content


def read_varint(data: bytes, at: int) -> tuple[int, int]:
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


def varint(value: int) -> bytes:
    """Return the value's bytes."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
