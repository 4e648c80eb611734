"""Bytes that are sent one behind the other, without a copy of all of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

BLOCK_BYTES = 256 * 1024
"""A copy of so many stays in the processor's cache, and in memory that the C library has at hand: a larger one has pages that the kernel zeroes."""


@dataclass(frozen=True, slots=True)
class BlockBody:
    """A body of so many bytes, which are those of `pieces`; each walk over it gives it from its beginning, in blocks."""

    pieces: Sequence[bytes | memoryview]
    size: int

    def __iter__(self) -> Iterator[bytes]:
        gathered: list[memoryview] = []
        room = BLOCK_BYTES
        for piece in self.pieces:
            rest = memoryview(piece)
            while len(rest) >= room:
                yield b"".join((*gathered, rest[:room]))
                rest, gathered, room = rest[room:], [], BLOCK_BYTES
            gathered.append(rest)
            room -= len(rest)
        if room < BLOCK_BYTES:
            yield b"".join(gathered)
