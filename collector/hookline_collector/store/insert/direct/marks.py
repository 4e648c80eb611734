"""The marks of rows (`0030_marks.sql`): ClickHouse's `bitShiftRight(cityHash64(…), 8) + 1` of some of a row's columns.

The tables work a mark out themselves where an insert has none, but to plan that costs each statement a third of a millisecond.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import chain
from typing import Any

from clickhouse_cityhash.cityhash import CityHash64

Hashes = Callable[[Any], tuple[int, ...]]
"""What a value adds to the hash of several: an array's length and its elements are joined one after the other."""
_MASK = (1 << 64) - 1
_FACTOR = 0x9DDFEA08EB382D69
_pack = struct.Struct("<q").pack


def of_text(value: str) -> tuple[int, ...]:
    """Return what a String adds."""
    return (CityHash64(value.encode()),)


def of_moment(value: int) -> tuple[int, ...]:
    """Return what a DateTime64(9), nanoseconds since 1970, adds."""
    return (CityHash64(_pack(value)),)


def of_number(value: int) -> tuple[int, ...]:
    """Return what an unsigned number adds."""
    value ^= 0x4CF2D2BAAE6DA887
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & _MASK
    return (value ^ value >> 33,)


def of_moments(values: Sequence[int]) -> tuple[int, ...]:
    """Return what an Array(DateTime64(9)) adds."""
    return (*of_number(len(values)), *(CityHash64(_pack(value)) for value in values))


def mark(row: Mapping[str, Any], marked_by: Mapping[str, Hashes]) -> int:
    """Return a row's mark, never 0, of columns and what each adds, in the order in which the table names them."""
    return (reduce(_joined, chain.from_iterable(added(row[name]) for name, added in marked_by.items())) >> 8) + 1


def _joined(low: int, high: int) -> int:
    one = (low ^ high) * _FACTOR & _MASK
    two = (high ^ one ^ one >> 47) * _FACTOR & _MASK
    return (two ^ two >> 47) * _FACTOR & _MASK
