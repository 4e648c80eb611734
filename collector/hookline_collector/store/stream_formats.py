"""Formats whose blocks can be joined to one answer, because the engine writes each block of a stream as if it were the whole.

Those without a head are joined as they are. Of the others the head is cut off all blocks but the first: names and types in RowBinary, one or two
lines in texts. What has a frame around everything (JSON, Arrow, Parquet, XML) or is drawn (Pretty) cannot be joined and comes whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_PLAIN = """Native RowBinary TabSeparated TSV TabSeparatedRaw TSVRaw Raw CSV CustomSeparated JSONEachRow JSONLines JSONL NDJSON JSONStringsEachRow
JSONCompactEachRow JSONCompactStringsEachRow TSKV MsgPack BSONEachRow LineAsString RawBLOB"""
_LINED = "TabSeparated TSV JSONCompactEachRow JSONCompactStringsEachRow"


@dataclass(frozen=True, slots=True)
class StreamForm:
    """A format that can be joined; `head_bytes` is how long the head of a block is."""

    name: str
    head_bytes: Callable[[bytes], int] | None = None

    @property
    def has_head(self) -> bool:
        """Whether an answer without rows has something in it all the same."""
        return self.head_bytes is not None

    def without_head(self, block: bytes) -> bytes:
        """Return a block's rows."""
        return block if self.head_bytes is None else block[self.head_bytes(block) :]


def stream_form(name: str) -> StreamForm | None:
    """Return how the blocks of a format are joined, None where they cannot be."""
    return _FORMS.get(name.lower())


def _lines(count: int) -> Callable[[bytes], int]:
    def head_bytes(block: bytes) -> int:
        at = 0
        for _ in range(count):
            at = block.index(b"\n", at) + 1
        return at

    return head_bytes


def _quoted_lines(count: int) -> Callable[[bytes], int]:
    """Lines of CSV: a line end within quotes ends none."""

    def head_bytes(block: bytes) -> int:
        at, left, quoted = 0, count, False
        while left:
            byte = block[at]
            quoted ^= byte == ord('"')
            left -= byte == ord("\n") and not quoted
            at += 1
        return at

    return head_bytes


def _row_binary(texts_each: int) -> Callable[[bytes], int]:
    """A number of columns and as many texts for the names, and again for the types."""

    def head_bytes(block: bytes) -> int:
        columns, at = _variable(block, 0)
        for _ in range(columns * texts_each):
            length, at = _variable(block, at)
            at += length
        return at

    return head_bytes


def _variable(block: bytes, at: int) -> tuple[int, int]:
    """Read a number of seven bits a byte; return it and where it ends."""
    value = shift = 0
    while True:
        byte = block[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not byte & 0x80:
            return value, at


def _all_forms() -> dict[str, StreamForm]:
    forms = [StreamForm(name) for name in _PLAIN.split()]
    for suffix, count in (("WithNames", 1), ("WithNamesAndTypes", 2)):
        forms += [StreamForm(name + suffix, _lines(count)) for name in _LINED.split()]
        forms += [StreamForm("CSV" + suffix, _quoted_lines(count)), StreamForm("RowBinary" + suffix, _row_binary(count))]
    return {form.name.lower(): form for form in forms}


_FORMS = _all_forms()
