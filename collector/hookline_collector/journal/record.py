"""One record: a header that OTLP's schema does not know, then the request's bytes exactly as they came.

    B2 06 1C | mark 8 | body length 4 | items 4 | part 4 | CRC-32 of the body 4 | CRC-32 of the 24 bytes before 4 | body

The first three bytes say "field 102, 28 bytes", so a protobuf reader skips the header and finds the request: records laid
end to end are one valid Export request, for ClickHouse as for anybody. All integers are little-endian.

The header stands before the body, so records are walked without parsing them, and its own checksum says whether its length
can be trusted. Where something is damaged, reading goes on at the next header: three known bytes and the segment's mark,
which follows from the segment's random id. No sender knows the mark, so no body can pose as a record.

A segment goes into the store in parts. Each record says itself of which part it is, so the parts stay the same whatever is damaged.

- Damage costs the records that it touches and no other.
- A tail that a crash cut off (a part of a header, a body that runs past the end, zeros that were never written) is *torn*: it was
  never acknowledged. Any other unreadable bytes are *damage*, and counted.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

HEADER_BYTES = 31
_TAG = b"\xb2\x06\x1c"
_FACTS = struct.Struct("<8sIIII")
_CHECK = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class Record:
    """An intact record: `start` is its header's offset, `end` the offset after its body."""

    start: int
    end: int
    items: int
    part: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that hold no intact record; `items` is how many were lost, of which `part`, as far as an intact header tells: else one, of None."""

    start: int
    end: int
    items: int = 1
    part: int | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """What a segment's bytes hold. `torn_at` is the offset of a tail that was never completely written."""

    records: tuple[Record, ...]
    damages: tuple[Damage, ...]
    torn_at: int | None


class _Facts(NamedTuple):
    mark: bytes
    length: int
    items: int
    part: int
    crc: int


def mark_of(segment_id: str) -> bytes:
    """Return the eight bytes that every header of a segment carries."""
    return blake2b(segment_id.encode(), digest_size=8, person=b"hookline journal").digest()


def header(mark: bytes, body: bytes, items: int, part: int = 0) -> bytes:
    """Return the header that goes before `body`."""
    facts = _FACTS.pack(mark, len(body), items, part, zlib.crc32(body))
    return _TAG + facts + _CHECK.pack(zlib.crc32(facts))


def body_of(buffer: bytes | bytearray, record: Record) -> bytes:
    """Return the request's bytes."""
    return bytes(memoryview(buffer)[record.start + HEADER_BYTES : record.end])


def scan(buffer: bytes | bytearray, mark: bytes) -> Scan:
    """Find every intact record, what is damaged and what is torn."""
    records: list[Record] = []
    damages: list[Damage] = []
    at = 0
    while at < len(buffer):
        found = _intact(buffer, at, mark)
        if found is not None:
            records.append(found)
            at = found.end
            continue
        following = next(_headers(buffer, at + 1, mark), None)
        if following is None and _is_torn(buffer, at, mark):
            return Scan(tuple(records), tuple(damages), at)
        end = len(buffer) if following is None else following
        damages.append(_damage(buffer, at, end, mark))
        at = end
    return Scan(tuple(records), tuple(damages), None)


def _intact(buffer: bytes | bytearray, at: int, mark: bytes) -> Record | None:
    facts = _facts(buffer, at, mark)
    if facts is None:
        return None
    begin, end = at + HEADER_BYTES, at + HEADER_BYTES + facts.length
    if end > len(buffer) or zlib.crc32(memoryview(buffer)[begin:end]) != facts.crc:
        return None
    return Record(at, end, facts.items, facts.part)


def _facts(buffer: bytes | bytearray, at: int, mark: bytes) -> _Facts | None:
    """Return what the header at `at` says, None where there is no intact header."""
    if at + HEADER_BYTES > len(buffer) or not buffer.startswith(_TAG + mark, at):
        return None
    facts = buffer[at + len(_TAG) : at + len(_TAG) + _FACTS.size]
    if _CHECK.unpack_from(buffer, at + len(_TAG) + _FACTS.size)[0] != zlib.crc32(facts):
        return None
    return _Facts(*_FACTS.unpack(facts))


def _headers(buffer: bytes | bytearray, begin: int, mark: bytes) -> Iterator[int]:
    """Yield the offsets of intact headers from `begin` on."""
    at = buffer.find(_TAG + mark, begin)
    while at != -1:
        if _facts(buffer, at, mark) is not None:
            yield at
        at = buffer.find(_TAG + mark, at + 1)


def _is_torn(buffer: bytes | bytearray, at: int, mark: bytes) -> bool:
    rest = len(buffer) - at
    facts = _facts(buffer, at, mark)
    if facts is not None:
        return HEADER_BYTES + facts.length > rest
    return rest < HEADER_BYTES or buffer.count(0, at) == rest


def _damage(buffer: bytes | bytearray, at: int, end: int, mark: bytes) -> Damage:
    facts = _facts(buffer, at, mark)
    return Damage(at, end) if facts is None else Damage(at, end, facts.items, facts.part)
