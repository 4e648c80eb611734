"""ClickHouse's RowBinary: how a value of each type is written. An encoder appends a value's bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hookline_collector.store.insert.direct.marks import Hashes, mark

Encoder = Callable[[bytearray, Any], None]
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowLayout:
    """A table's columns, in the order in which a row is written, and, where its rows are marked, those that the mark is made of."""

    table: str
    columns: Mapping[str, Encoder]
    marked_by: Mapping[str, Hashes] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns' names."""
        return [*self.columns, "mark"] if self.marked_by else list(self.columns)

    def encoded(self, rows: Iterable[Values]) -> bytes:
        """Return the rows' bytes. Raises KeyError for a row without one of the columns."""
        out = bytearray()
        columns = tuple(self.columns.items())
        for row in rows:
            for name, encode in columns:
                encode(out, row[name])
            if self.marked_by:
                uint64(out, mark(row, self.marked_by))
        return bytes(out)


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Rows for one table."""

    layout: RowLayout
    rows: Sequence[Values]


def length(out: bytearray, number: int) -> None:
    """Append a length."""
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def text(out: bytearray, value: str) -> None:
    """String, also LowCardinality."""
    data = value.encode()
    length(out, len(data))
    out += data


def _number(code: str) -> Encoder:
    pack = struct.Struct(f"<{code}").pack

    def encode(out: bytearray, value: Any) -> None:
        out += pack(value)

    return encode


uint8, uint16, uint32, uint64 = _number("B"), _number("H"), _number("I"), _number("Q")
int32, int64, float64 = _number("i"), _number("q"), _number("d")
moment = int64
"""DateTime64(9): nanoseconds since 1970."""
second = uint32
"""DateTime: seconds since 1970."""
date = uint16
"""Date: days since 1970."""


def array(of: Encoder) -> Encoder:
    """Array."""

    def encode(out: bytearray, values: Sequence[Any]) -> None:
        length(out, len(values))
        for value in values:
            of(out, value)

    return encode


def record(*of: Encoder) -> Encoder:
    """Tuple."""

    def encode(out: bytearray, values: Sequence[Any]) -> None:
        for one, value in zip(of, values, strict=True):
            one(out, value)

    return encode


pairs = array(record(text, text))
"""Map(String, String), from (key, value) in their order: a key that a sender repeats is there twice."""
