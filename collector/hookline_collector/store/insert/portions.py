"""A payload in portions that the engine takes in bounded memory.

An insert needs about ten times its bytes in the engine, and a segment may be of any size. So it is cut between the entries of its
only field, and an entry that is too large by itself (one resource with a hundred thousand spans) between its scopes and between
their items, with the resource and the scope repeated in front of each piece. An item is never cut.

A portion carries where it begins and ends, which makes its insert token: the same payload gives the same portions and tokens, so a
payload that was stored in part before a crash is completed, not stored twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hookline_collector.wire.insertion_units import PART_BYTES, portion_name
from hookline_collector.wire.protobuf import Field, fields, framed

_CONTENT = 2  # scope_spans of a resource, spans of a scope; the same number for logs and metrics


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a payload that is itself a valid request; `name` tells it from the other parts."""

    name: str
    body: bytes


def portions(payload: bytes, limit: int = PART_BYTES) -> Iterator[Portion]:
    """Yield the payload in portions of about `limit` bytes, in order; a small one as it is.

    Bytes that are no request come as they are: it is for ClickHouse to refuse them.
    """
    if len(payload) <= limit:
        yield Portion("", payload)
        return
    try:
        entries = list(fields(payload, 0, len(payload)))
    except (IndexError, ValueError):
        yield Portion("", payload)
        return
    for start, end in _runs(entries, limit):
        first = entries[start]
        if end - start == 1 and first.stop - first.at > limit and first.number == 1:
            yield from _pieces(payload, first, limit)
        else:
            yield Portion(portion_name(first.at, entries[end - 1].stop), payload[first.at : entries[end - 1].stop])


def _pieces(data: bytes, entry: Field, limit: int, depth: int = 2) -> Iterator[Portion]:
    """Yield a resource's entry, or a scope's, as several entries that repeat what is not cut."""
    inner = list(fields(data, entry.begin, entry.stop))
    content = [field for field in inner if field.number == _CONTENT]
    head = b"".join(data[field.at : field.stop] for field in inner if field.number != _CONTENT)
    for start, end in _runs(content, limit):
        first, last = content[start], content[end - 1]
        if depth > 1 and end - start == 1 and first.stop - first.at > limit:
            for piece in _pieces(data, first, limit, depth - 1):
                yield Portion(piece.name, framed(entry.number, head + piece.body))
        else:
            body = head + b"".join(data[field.at : field.stop] for field in content[start:end])
            yield Portion(portion_name(first.at, last.stop), framed(entry.number, body))


def _runs(entries: list[Field], limit: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of neighbours that together stay within `limit`, at least one each."""
    start, size = 0, 0
    for at, entry in enumerate(entries):
        length = entry.stop - entry.at
        if at > start and size + length > limit:
            yield start, at
            start, size = at, 0
        size += length
    if entries:
        yield start, len(entries)
