"""The walk over unparsed messages, and the names of what is inserted."""

from __future__ import annotations

import pytest

from hookline_collector.wire.insertion_units import cut_name, days_name, part_name, portion_name, token
from hookline_collector.wire.protobuf import Field, fields, framed, read_varint, varint
from support.cases import with_each

GROUP = b"\x0b" + varint(8) + b"\x01" + b"\x1b\x1c" + b"\x0c"  # field 1, with a number and a group in it


def test_a_walk_yields_what_has_a_length_and_passes_over_the_rest() -> None:
    """Numbers, fixed sizes and groups stand between; each field says where it is."""
    message = varint(8) + b"\x05" + framed(2, b"ab") + b"\x09" + bytes(8) + GROUP + b"\x0d" + bytes(4) + framed(300, b"")
    found = list(fields(message, 0, len(message)))
    assert [field.number for field in found] == [2, 300]
    assert message[found[0].begin : found[0].stop] == b"ab"
    assert found[0] == Field(2, 2, 4, 6)


@with_each(
    "broken",
    [
        b"\x0a\x05ab",  # longer than its message
        b"\x0a",  # a tag alone
        b"\x09\x00",  # eight bytes, of which one is there
        b"\x0b\x08",  # a group that nothing ends
        b"\x0b\x14",  # a group that another ends
        b"\x0c",  # an end without a beginning
        b"\x0f",  # no type of field
        b"\x08" + b"\xff" * 11,  # a number of more than ten bytes
    ],
)
def test_bytes_that_are_no_message_are_said_so(broken: bytes) -> None:
    """Whoever walks decides what that means: the walk never leaves the message."""
    with pytest.raises((ValueError, IndexError)):
        list(fields(broken, 0, len(broken)))
    with pytest.raises((ValueError, IndexError)):
        list(fields(broken + bytes(20), 0, len(broken)))


@with_each("value", [0, 1, 127, 128, 300, 2**32, 2**63 - 1, 2**64 - 1])
def test_a_number_is_read_as_it_was_written(value: int) -> None:
    """With what follows it left alone."""
    assert read_varint(b"x" + varint(value) + b"y", 1) == (value, 1 + len(varint(value)))


def test_tokens_are_written_as_ever() -> None:
    """A store that was filled by an older collector knows its tokens again."""
    part = part_name("0193-ab", 3)
    assert token(part, "") == "0193-ab/3"
    assert token(part, cut_name(31, 400)) == "0193-ab/3/31-400"
    assert token(token(part, cut_name(31, 400)), portion_name(0, 99), days_name(18_300, 18_427)) == "0193-ab/3/31-400:0-99:days 18300-18427"
