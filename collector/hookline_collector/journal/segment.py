"""Segments: files of records, each with an id that no other segment ever has.

The id is in every `insert_deduplication_token` of the segment. It is the time in milliseconds and 80 random bits, so ids are unique over
restarts and machines and sort by age. A sealed segment never changes: what ClickHouse has seen under a token is all that it
will ever be sent under it.

A segment is sent in parts of bounded size (`record`, `writer`), each under a token of its own: what one insert needs of memory
does not grow with the segment. A part that the store refuses is cut further, by ranges of bytes. How the segment is cut then stands beside
it in `<id>.parts`, durably, before any of it is sent: nothing is ever sent in two ways. What is stored stays in that list, as a power cut
may take it from the store again; what is set aside leaves it.
"""

import secrets
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from hookline.errors import Corrupt
from hookline_collector.journal import record
from hookline_collector.journal.disk import Disk, replace_file
from hookline_collector.journal.record import Damage, Record
from hookline_collector.serving.memory import LARGE_BYTES
from hookline_collector.signal import Signal
from hookline_collector.wire.insertion_units import cut_name, part_name, token

SEGMENT_SUFFIX = ".binpb"
PARTS_SUFFIX = ".parts"
DRAFT_SUFFIX = ".tmp"


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed segment: its first `size` bytes count. `items` are those still to be stored when it was sealed or found."""

    id: str
    signal: Signal
    path: Path
    size: int
    items: int
    since: float

    @property
    def parts_path(self) -> Path:
        """File of what is still to be sent, if a part of the segment was refused."""
        return self.path.with_suffix(PARTS_SUFFIX)


class Slice(NamedTuple):
    """Something to be sent: the records of a part that begin in a range of bytes."""

    part: int
    start: int
    end: int

    def holds(self, piece: Record | Damage) -> bool:
        """Whether a record, or what is left of one, is in it. Damage that does not say its part is everywhere."""
        return piece.part in (self.part, None) and self.start <= piece.start < self.end


@dataclass(frozen=True, slots=True)
class SegmentPart:
    """A slice and the intact records in it."""

    slice: Slice
    records: tuple[Record, ...]

    @property
    def items(self) -> int:
        """Items in the part."""
        return sum(r.items for r in self.records)

    def halves(self) -> tuple["SegmentPart", ...]:
        """Split between two records; a part of one record cannot be split and gives nothing."""
        if len(self.records) < 2:
            return ()
        middle = len(self.records) // 2
        cut = self.records[middle].start
        first, second = self.slice._replace(end=cut), self.slice._replace(start=cut)
        return SegmentPart(first, self.records[:middle]), SegmentPart(second, self.records[middle:])


@dataclass(frozen=True, slots=True)
class Contents:
    """A segment as read: its bytes, the parts still to be sent, and what of it is damaged."""

    segment: Segment
    buffer: bytes | bytearray
    parts: tuple[SegmentPart, ...]
    damages: tuple[Damage, ...]

    def payload(self, part: SegmentPart) -> bytes | bytearray:
        """Return the intact records of a part, end to end: one valid request."""
        if sum(r.end - r.start for r in part.records) == len(self.buffer):
            return self.buffer
        view = memoryview(self.buffer)
        return b"".join(view[r.start : r.end] for r in part.records)

    def token(self, part: SegmentPart) -> str:
        """Return the token under which a part is stored once (`wire.insertion_units`)."""
        number, start, end = part.slice
        cut = "" if (start, end) == (0, self.segment.size) else cut_name(start, end)
        return token(part_name(self.segment.id, number), cut)


class SegmentIds:
    """Makes segment ids that rise, also when the clock steps back. Not for several threads at once."""

    def __init__(self, clock_s: Callable[[], float] = time.time, random_hex: Callable[[int], str] = secrets.token_hex) -> None:
        self._clock_s = clock_s
        self._random_hex = random_hex
        self._last_ms = 0

    def follow(self, segment_id: str) -> None:
        """Make only ids after this one."""
        self._last_ms = max(self._last_ms, _millis(segment_id))

    def next(self) -> str:
        """Return a new id."""
        self._last_ms = max(int(self._clock_s() * 1000), self._last_ms + 1)
        return f"{self._last_ms:012x}-{self._random_hex(10)}"


def age_base(segment_id: str) -> float:
    """Return the Unix time at which an id was made."""
    return _millis(segment_id) / 1000


def _millis(segment_id: str) -> int:
    return int(segment_id.partition("-")[0], 16)


def is_segment(name: str) -> bool:
    """Whether a file name is that of a segment."""
    stem, dot, suffix = name.partition(".")
    time_hex, dash, random_hex = stem.partition("-")
    return dot + suffix == SEGMENT_SUFFIX and dash == "-" and _is_hex(time_hex, 12) and _is_hex(random_hex, 20)


def _is_hex(text: str, length: int) -> bool:
    return len(text) == length and all(c in "0123456789abcdef" for c in text)


def read(disk: Disk, segment: Segment, slices: tuple[Slice, ...] | None = None, room: bytearray | None = None) -> Contents:
    """Read and check a segment, or only `slices` of it where the caller knows better than the disk what is still to be sent.

    A large one is read into `room`, if there is one, which then is its contents' own until nobody looks at them any more.
    Raises OSError, and Corrupt where it cannot be known what is still to be sent.
    """
    buffer: bytes | bytearray
    if room is None or segment.size < LARGE_BYTES:
        buffer = disk.read(segment.path)
    else:
        disk.read_into(segment.path, room)
        buffer = room
    if len(buffer) > segment.size:
        buffer = buffer[: segment.size]
    found = record.scan(buffer, record.mark_of(segment.id))
    damages = found.damages if found.torn_at is None else (*found.damages, Damage(found.torn_at, segment.size))
    if slices is None:
        slices = read_slices(disk, segment)
    if slices is None:
        slices = first_slices(segment, found.records)
    parts = tuple(SegmentPart(one, tuple(r for r in found.records if one.holds(r))) for one in slices)
    return Contents(segment, buffer, parts, tuple(d for d in damages if any(one.holds(d) for one in slices)))


def first_slices(segment: Segment, records: Iterable[Record]) -> tuple[Slice, ...]:
    """Return the parts by which a segment is first sent, at least one."""
    return tuple(Slice(part, 0, segment.size) for part in sorted({found.part for found in records}) or [0])


def read_slices(disk: Disk, segment: Segment) -> tuple[Slice, ...] | None:
    """Return what is still to be sent of a segment of which a part was refused, None for any other. Raises OSError and Corrupt."""
    try:
        text = disk.read(segment.parts_path)
    except FileNotFoundError:
        return None
    return slices_of(text, segment)


def slices_of(text: bytes, segment: Segment) -> tuple[Slice, ...]:
    """Return what a list of parts says. Raises Corrupt."""
    check, _, lines = text.partition(b"\n")
    slices = _slices(lines) if check == b"%08x" % zlib.crc32(lines) else None
    if slices is None or not all(one.part >= 0 and 0 <= one.start < one.end <= segment.size for one in slices):
        raise Corrupt("the list of what is still to be sent is damaged", str(segment.parts_path))
    return slices


def _slices(lines: bytes) -> tuple[Slice, ...] | None:
    try:
        return tuple(Slice(*map(int, line.split())) for line in lines.splitlines())
    except (ValueError, TypeError):
        return None


def write_slices(disk: Disk, segment: Segment, slices: Iterable[Slice]) -> None:
    """Write down durably how a segment is sent from now on, without what is set aside of it."""
    replace_file(disk, segment.parts_path, text_of(slices))


def text_of(slices: Iterable[Slice]) -> bytes:
    """Return a list of parts as it is written down."""
    lines = b"".join(b"%d %d %d\n" % (one.part, one.start, one.end) for one in slices)
    return b"%08x\n" % zlib.crc32(lines) + lines
